import App
import ArgumentParser
import Foundation
import Reports

/// The manual page, made of what the commands say about themselves and of the help topics.
///
/// `sluice --generate-manual-page` prints it; it is kept nowhere else.
enum ManualPage {
    /// What ArgumentParser tells about a command.
    private struct Tool: Decodable { var command: Command }

    private struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var shouldDisplay: Bool?
        var arguments: [Argument]?
        var subcommands: [Command]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
            var text: String { (kind == "long" ? "--" : "-") + name }
        }
        var kind: String
        var names: [Name]?
        var valueName: String?
        var abstract: String?
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool
        var sectionTitle: String?
        var defaultValue: String?

        /// Those of every command are described once.
        var isCommon: Bool {
            sectionTitle == "Common options"
                || names?.contains { ["help", "version"].contains($0.name) } == true
        }
    }

    /// In the language of `man`.
    static func roff() throws -> String {
        let dump = Data(Sluice._dumpHelp().utf8)
        let root = try JSONDecoder().decode(Tool.self, from: dump).command
        var page = Roff()
        page.macro("TH", "SLUICE", "1", "", "sluice " + Version.current, "User Commands")
        page.section("NAME")
        page.text("sluice - import records in bulk into the Capillary loyalty API")
        page.section("SYNOPSIS")
        page.text("**sluice** *COMMAND* [*options*]")
        page.section("DESCRIPTION")
        page.text(root.abstract ?? "")
        page.preformatted(Sluice.firstSteps)
        page.section("COMMANDS")
        for command in root.subcommands ?? [] where command.shouldDisplay != false {
            add(command, as: "sluice", to: &page)
        }
        page.section("COMMON OPTIONS")
        var known: Set<String> = []
        for argument in all(root).flatMap({ $0.arguments ?? [] }).filter(\.isCommon)
        where known.insert(argument.names?.first?.text ?? "").inserted {
            add(argument, to: &page)
        }
        for topic in [HelpTopic.exitCodes, .outcomes, .limits] {
            page.markdown(topic.markdown)
        }
        page.section("SEE ALSO")
        page.text("`sluice help job-file`, `sluice help security`, `sluice endpoints`")
        return page.lines.joined(separator: "\n") + "\n"
    }

    private static func all(_ command: Command) -> [Command] {
        [command] + (command.subcommands ?? []).flatMap(all)
    }

    private static func add(_ command: Command, as parent: String, to page: inout Roff) {
        guard command.commandName != "help" else { return }
        let name = parent + " " + command.commandName
        let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
        let arguments = (command.arguments ?? []).filter { $0.shouldDisplay && !$0.isCommon }
        if below.isEmpty {
            let positional = arguments.filter { $0.kind == "positional" }.map { argument in
                let word = "*" + (argument.valueName ?? "").uppercased() + "*"
                let several = argument.isRepeating ? word + " ..." : word
                return argument.isOptional ? "[" + several + "]" : several
            }
            page.subsection(([name] + positional).joined(separator: " "))
        } else {
            page.subsection(name)
        }
        if let abstract = command.abstract { page.text(abstract) }
        for (index, block) in (command.discussion ?? "").components(separatedBy: "\n\n").enumerated()
        where !block.isEmpty {
            // Examples and tables keep their lines; sentences are filled again.
            let isAsWritten =
                block.hasPrefix("Exit status")
                || block.split(separator: "\n").contains { $0.hasPrefix("  ") }
            if isAsWritten { page.preformatted(block) } else { page.paragraph(block, index) }
        }
        for argument in arguments { add(argument, to: &page) }
        for command in below { add(command, as: name, to: &page) }
    }

    private static func add(_ argument: Argument, to page: inout Roff) {
        let value = "*" + (argument.valueName ?? "").uppercased() + "*"
        let names = (argument.names ?? []).map { "**" + $0.text + "**" }
        let head =
            switch argument.kind {
            case "positional": value
            case "option": names.joined(separator: ", ") + " " + value
            default: names.joined(separator: ", ")
            }
        let usual = argument.kind == "option" ? argument.defaultValue.map { " (default: \($0))" } : nil
        page.item(head, (argument.abstract ?? "") + (usual ?? ""))
    }
}

/// Lines for `man`, from text with the marks of Markdown.
private struct Roff {
    private(set) var lines: [String] = []

    mutating func macro(_ name: String, _ arguments: String...) {
        lines.append(
            "." + ([name] + arguments.map { "\"" + Self.quoted($0) + "\"" }).joined(separator: " "))
    }

    mutating func section(_ name: String) { macro("SH", name) }
    mutating func subsection(_ name: String) { lines.append(".SS \"" + Self.inline(name) + "\"") }
    mutating func text(_ text: String) { lines.append(Self.line(text)) }

    mutating func paragraph(_ text: String, _ index: Int) {
        lines.append(".PP")
        self.text(text)
    }

    mutating func preformatted(_ text: String) {
        lines += [".PP", ".nf"]
        lines += text.split(separator: "\n", omittingEmptySubsequences: false).map {
            Self.line(String($0))
        }
        lines.append(".fi")
    }

    mutating func item(_ head: String, _ text: String) {
        lines += [".TP", Self.inline(head), Self.line(text)]
    }

    mutating func markdown(_ text: String) {
        for block in MarkdownText.blocks(of: text) {
            switch block {
            case .heading(let text, let level):
                level <= 2 ? section(text.uppercased()) : subsection(text)
            case .paragraph(let text): paragraph(text, 0)
            case .list(let items):
                for item in items { lines += [".IP \\(bu 3", Self.line(item)] }
            case .code(let text): preformatted(text)
            case .table(let table):
                for row in table.rows {
                    let rest = zip(table.head, row).dropFirst().enumerated().map { index, cell in
                        index == 0 ? cell.1 : cell.0 + ": " + cell.1
                    }
                    item("**" + (row.first ?? "") + "**", rest.joined(separator: ". "))
                }
            }
        }
    }

    /// One line of running text: nothing at its start is taken for a macro.
    private static func line(_ text: String) -> String {
        let text = inline(text.split(separator: "\n").joined(separator: "\n"))
        return text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : $0
        }.joined(separator: "\n")
    }

    /// Bold, italics and code as fonts.
    private static func inline(_ text: String) -> String {
        var result = ""
        for run in MarkdownText.runs(of: text) {
            switch run.style {
            case .plain: result += quoted(run.text)
            case .strong, .code: result += "\\fB" + quoted(run.text) + "\\fR"
            case .emphasis: result += "\\fI" + quoted(run.text) + "\\fR"
            }
        }
        return result
    }

    /// What is not ASCII goes by its number, so that no reader has to guess the encoding.
    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\e"
            case "-": "\\-"
            case "\"": "\\(dq"
            case _ where scalar.isASCII: String(scalar)
            default: "\\[u" + String(format: "%04X", scalar.value) + "]"
            }
        }.joined()
    }
}
