import App
import ArgumentParser
import Model

/// The names of commands, for who mistypes one.
enum CommandNames {
    /// What is wrong with the command that the arguments name; nil where there is one of that name.
    static func complaint(
        _ arguments: some Sequence<String>, _ root: any ParsableCommand.Type
    ) -> String? {
        var command = root
        var path: [String] = []
        for argument in arguments {
            let below = command.configuration.subcommands
            guard !below.isEmpty, !argument.hasPrefix("-") else { return nil }
            if argument == "help" { return nil }
            if let next = below.first(where: { $0._commandName == argument }) {
                command = next
                path.append(argument)
                continue
            }
            // Who names nothing below it may mean the command that runs by itself.
            guard command.configuration.defaultSubcommand == nil else { return nil }
            let names = below.map { $0._commandName }
            let near = Suggestion.nearest(to: argument, among: names)
            let whole = (["sluice"] + path).joined(separator: " ")
            return "there is no command '\(whole) \(argument)'."
                + (near.map { " Did you mean '\(whole) \($0)'?" } ?? " `\(whole) --help` lists them.")
        }
        return nil
    }

    /// What is wrong with `sluice help WORD`, which would show the help of the program itself; nil where it names a
    /// command or a topic.
    static func helpComplaint(
        _ arguments: some Collection<String>, _ root: any ParsableCommand.Type
    ) -> String? {
        guard arguments.first == "help", let word = arguments.dropFirst().first, !word.hasPrefix("-")
        else { return nil }
        let names =
            root.configuration.subcommands.map { $0._commandName } + ["help"]
            + HelpTopic.allCases.map(\.rawValue)
        guard !names.contains(word) else { return nil }
        let near = Suggestion.nearest(to: word, among: names)
        return "there is no command or topic '\(word)'."
            + (near.map { " Did you mean 'sluice help \($0)'?" } ?? " `sluice help` lists them.")
    }
}
