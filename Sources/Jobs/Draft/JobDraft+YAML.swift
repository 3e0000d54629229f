extension JobDraft {
    /// The job file, with comments. What is missing is a line `# TODO …`.
    package var yaml: String {
        var text = DraftText()
        for note in notes { text.comment(note) }
        text.line("job: \(DraftText.scalar(name))")
        if let endpoint {
            text.line("endpoint: \(endpoint)")
        } else {
            text.line("# TODO endpoint: which call: `sluice endpoints` lists them")
        }
        text.line("connection: \(DraftText.scalar(connection))")
        if !parameters.isEmpty {
            let members = parameters.map { "\($0.key): \(DraftText.scalar($0.value))" }
            text.line("parameters: { \(members.joined(separator: ", ")) }")
        }
        text.line("")
        writeInput(&text)
        if hasRecord {
            text.line("")
            writeRecord(&text)
        }
        if let attribution {
            text.line("")
            text.line("send:")
            text.line("  # Where a record is booked; one whose column is empty is invalid.")
            text.line(
                "  attribution: { type: \(attribution.type), from: \(DraftText.scalar(attribution.column)) }"
            )
        }
        text.line("")
        text.line("stop:")
        text.line("  errors: { share: 5%, after: 1000 }")
        return text.text
    }

    private func writeInput(_ text: inout DraftText) {
        text.line("input:")
        for gap in inputGaps { text.line("  # TODO " + gap) }
        let names = files.map(DraftText.scalar)
        text.line("  files: " + (names.count == 1 ? names[0] : "[\(names.joined(separator: ", "))]"))
        if let encoding { text.line("  encoding: \(encoding)") }
        if let delimiter { text.line("  delimiter: \(DraftText.scalar(delimiter))") }
        if !hasHeader { text.line("  header: false") }
        if skip > 0 { text.line("  skip: \(skip)", "lines above the names of the columns") }
        if footer > 0 {
            text.line(
                "  footer: \(footer)", "rows at the end of every file that are no records: totals")
        }
        guard !nulls.isEmpty else { return }
        let members = nulls.map { column, words in
            "\(DraftText.scalar(column)): [\(words.map(DraftText.quoted).joined(separator: ", "))]"
        }
        text.line("  null: { \(members.joined(separator: ", ")) }", "these words mean no value")
    }

    private func writeRecord(_ text: inout DraftText) {
        text.line("record:")
        if !groupGap.isEmpty { text.line("  # TODO " + groupGap) }
        if !group.isEmpty {
            let names = group.map(DraftText.scalar).joined(separator: ", ")
            text.line("  group: [\(names)]", "rows with the same values are one record")
        }
        if let filter { text.line("  where: \(DraftText.quoted(filter))", "without total rows") }
        if !numberGap.isEmpty { text.line("  # TODO " + numberGap) }
        if let decimal { text.line("  decimal: \(DraftText.quoted(decimal))") }
        if let thousands { text.line("  thousands: \(DraftText.quoted(thousands))") }
        if isAccounting { text.line("  accounting: true", "12- and (12) are negative") }
        if !currencies.isEmpty {
            text.line("  currency: [\(currencies.map(DraftText.scalar).joined(separator: ", "))]")
        }
        text.line("  fields:")
        if fields.allSatisfy({ $0.rule == nil }) {
            // The key needs a value, whatever is missing.
            text.line("    {}")
        }
        for field in fields { text.field(field, indent: 4) }
        guard !branches.isEmpty else { return }
        text.line("  when:")
        for branch in branches {
            if !branch.comment.isEmpty { text.line("    # " + branch.comment) }
            if let condition = branch.condition {
                text.line("    - if: \(DraftText.quoted(condition))")
                text.line("      fields:")
            } else {
                text.line("    - fields:")
            }
            for field in branch.fields { text.field(field, indent: 8) }
        }
    }
}

/// Lines of YAML.
struct DraftText {
    private(set) var text = ""

    /// Names of columns may have line ends; here they would end the comment.
    mutating func line(_ line: String, _ comment: String = "") {
        let whole = line + (comment.isEmpty ? "" : "  # " + comment)
        text += whole.map { $0.isNewline ? " " : String($0) }.joined() + "\n"
    }

    /// A comment of any length, broken at spaces.
    mutating func comment(_ comment: String) {
        var line = "#"
        for word in comment.split(whereSeparator: \.isWhitespace) {
            if line.count + 1 + word.count > 100 {
                self.line(line)
                line = "#"
            }
            line += " " + word
        }
        self.line(line)
    }

    mutating func field(_ field: JobDraft.Field, indent: Int) {
        let space = String(repeating: " ", count: indent)
        if !field.gap.isEmpty { line("\(space)# TODO \(field.name): \(field.gap)") }
        guard let rule = field.rule else { return }
        switch rule {
        case .object(let fields):
            line("\(space)\(field.name):", field.comment)
            line("\(space)  fields:")
            for field in fields { self.field(field, indent: indent + 4) }
        case .eachRow(let fields):
            line("\(space)\(field.name):", field.comment)
            line("\(space)  each: row")
            line("\(space)  fields:")
            for field in fields { self.field(field, indent: indent + 4) }
        case .list(let rules) where !rules.allSatisfy(\.isPlain):
            line("\(space)\(field.name):", field.comment)
            for rule in rules { element(rule, indent: indent + 2) }
        default: line("\(space)\(field.name): \(Self.inline(rule))", field.comment)
        }
    }

    private mutating func element(_ rule: JobDraft.Rule, indent: Int) {
        let space = String(repeating: " ", count: indent)
        guard case .object(let fields) = rule else { return line("\(space)- \(Self.inline(rule))") }
        line("\(space)- fields:")
        for field in fields { self.field(field, indent: indent + 6) }
    }

    private static func inline(_ rule: JobDraft.Rule) -> String {
        func keys(_ source: String, _ options: [JobDraft.Option]) -> String {
            "{ "
                + ([source]
                + options.map { "\($0.key): \($0.value == "true" ? "true" : scalar($0.value))" })
                .joined(separator: ", ")
                + " }"
        }
        switch rule {
        case .constant(let text): return "{ value: \(scalar(text)) }"
        case .column(let name, let options):
            return options.isEmpty ? scalar(name) : keys("from: \(scalar(name))", options)
        case .template(let text, let options): return keys("template: \(quoted(text))", options)
        case .expression(let text, let options): return keys("expr: \(quoted(text))", options)
        case .list(let rules): return "[\(rules.map(inline).joined(separator: ", "))]"
        case .object, .eachRow: return "{}"
        }
    }

    /// As it is where YAML takes it for that text; else in quotes.
    static func scalar(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "~", "y", "n"]
        let isPlain =
            text.first.map { $0.isLetter || $0 == "_" || $0 == "/" } == true
            && text.allSatisfy { $0.isLetter || $0.isASCIIDigit || " _./-@+".contains($0) }
            && text.last != " " && !words.contains(text.lowercased())
        return isPlain ? text : quoted(text)
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension JobDraft.Rule {
    fileprivate var isPlain: Bool {
        switch self {
        case .object, .eachRow: false
        case .list(let rules): rules.allSatisfy(\.isPlain)
        default: true
        }
    }
}
