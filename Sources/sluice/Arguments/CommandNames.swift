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
}
