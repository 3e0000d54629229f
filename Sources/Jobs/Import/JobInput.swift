import Records

/// What `input:` says of lines and cells that differ from plain CSV, and of JSON.
enum JobInput {
    static func take(
        _ keys: YAMLNode.Members, _ options: inout InputOptions
    ) throws(JobError) {
        if let quote = keys["quote"] { try self.quote(quote, &options) }
        if let escape = keys["escape"] {
            options.escape = try character(escape, "expected one character such as \"\\\\\".")
            if options.escape == options.quoteMark { options.escape = nil }
        }
        if let skip = keys["skip"] { options.skip = try skip.integer(0...10_000) }
        if let footer = keys["footer"] {
            options.footer = try footer.integer(0...InputOptions.mostOfFooter)
        }
        if let comment = keys["comment"] {
            let text = try comment.string()
            guard !text.utf8.isEmpty, !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
                throw comment.error("expected the characters that a comment line begins with.")
            }
            options.comment = Array(text.utf8)
        }
        if let path = keys["path"] {
            options.path = try path.string().split(
                separator: ".", omittingEmptySubsequences: false
            ).map(String.init)
            guard !options.path.contains("") else {
                throw path.error("expected a path such as data, or response.items.")
            }
            if let format = options.format, format != .jsonArray {
                throw path.error("`path` leads to an array: it needs `format: json-array`, or none.")
            }
        }
        if let sheet = keys["sheet"] {
            guard let text = sheet.written, !text.isEmpty else {
                throw sheet.error("expected the name of a sheet, or its number from 1.")
            }
            options.sheet = text
            guard options.path.isEmpty, options.format ?? .csv == .csv else {
                throw sheet.error("it is for Excel workbooks, which are read like CSV.")
            }
        }
        try checkKinds(keys, options)
    }

    /// A program in the place of files: its arguments as a list, since no shell takes them apart.
    static func command(_ keys: YAMLNode.Members) throws(JobError) -> InputCommand? {
        guard let node = keys["command"] else {
            if let environment = keys["environment"] {
                throw environment.error("it needs `command`.")
            }
            return nil
        }
        if let files = keys["files"] {
            throw files.error("`files` and `command` cannot be used together.")
        }
        guard let elements = node.elements, !elements.isEmpty else {
            throw node.error("expected a list, such as [psql, -c, \"COPY … TO STDOUT CSV HEADER\"].")
        }
        var arguments: [String] = []
        for element in elements {
            guard let text = element.written else { throw element.error("expected a string.") }
            arguments.append(text)
        }
        guard arguments.first?.isEmpty == false, !arguments.contains(where: { $0.contains("\0") })
        else { throw node.error("expected the name of a program first.") }
        let names = try keys["environment"]?.strings() ?? []
        if let name = names.first(where: { $0.isEmpty || $0.contains("=") }) {
            throw (keys["environment"] ?? node).error(
                "“\(name)” is not the name of a variable: values stand in the environment, not in the job."
            )
        }
        return InputCommand(arguments: arguments, environment: names)
    }

    private static func quote(_ node: YAMLNode, _ options: inout InputOptions) throws(JobError) {
        let known = InputOptions.Quote.allCases.map { ($0.rawValue, $0) }
        if let text = node.text, text.utf8.count == 1 {
            options.quoteMark = try character(node, "expected one character, auto, double or none.")
            options.quote = options.quoteMark == UInt8(ascii: "\"") ? .auto : .double
        } else {
            options.quote = try node.choice(known)
        }
    }

    private static func character(_ node: YAMLNode, _ message: String) throws(JobError) -> UInt8 {
        guard let byte = node.text?.utf8.first, node.text?.utf8.count == 1, byte > 0x20, byte < 0x7F
        else { throw node.error(message) }
        return byte
    }

    /// What is for one kind of file only.
    private static func checkKinds(
        _ keys: YAMLNode.Members, _ options: InputOptions
    ) throws(JobError) {
        let isJSON = !options.path.isEmpty || options.format.map { $0 != .csv } ?? false
        for name in ["escape", "comment", "quote"] {
            if isJSON, let member = keys[name] { throw member.error("it is for CSV files.") }
        }
        let delimiter = options.separator.first ?? options.delimiter
        if let delimiter, delimiter == options.quoteMark || delimiter == options.escape {
            throw (keys["escape"] ?? keys["quote"] ?? keys.owner).error(
                "it cannot be the delimiter, too.")
        }
    }
}
