import Model
import Records
import Yams

/// A value of a YAML file, with its place, for reading it strictly.
///
/// Plain texts are taken as they are written: `0091` keeps its zeros, `no` is a text and `06:00` is no
/// number, whatever YAML's own rules make of them.
struct YAMLNode {
    let node: Node
    let file: String
    /// The way to it: `send.attribution`.
    let path: String

    /// The only document of a file.
    static func document(_ yaml: String, file: String) throws(JobError) -> YAMLNode {
        let node: Node?
        do {
            node = try Parser(yaml: yaml).singleRoot()
        } catch let error as YamlError {
            throw JobError(error, file: file)
        } catch {
            throw JobError(file: file, message: "the file is not YAML: \(error).")
        }
        guard let node else { throw JobError(file: file, message: "the file is empty.") }
        return YAMLNode(node: node, file: file, path: "")
    }

    var line: Int? { node.mark?.line }
    var column: Int? { node.mark?.column }

    /// The text of a scalar as it is written, also where that means nothing.
    var written: String? {
        guard case .scalar(let scalar) = node else { return nil }
        return scalar.string
    }

    /// Whether it is a scalar without quotes.
    var isPlain: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style == .plain
    }

    func error(_ message: String, suggestion: String? = nil) -> JobError {
        JobError(
            file: file, line: node.mark?.line, column: node.mark?.column,
            message: (path.isEmpty ? "" : path + ": ") + message, suggestion: suggestion)
    }

    // MARK: Kinds

    /// A text, whatever it looks like; nil for lists, mappings and nothing.
    var text: String? {
        guard case .scalar(let scalar) = node, !isNull else { return nil }
        return scalar.string
    }

    /// Whether nothing is here, or `null`.
    var isNull: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    var isMapping: Bool { if case .mapping = node { true } else { false } }

    var elements: [YAMLNode]? {
        guard case .sequence(let sequence) = node else { return nil }
        return sequence.enumerated().map { YAMLNode(node: $1, file: file, path: path + "[\($0)]") }
    }

    // MARK: Reading

    func string() throws(JobError) -> String {
        guard let text, !text.isEmpty else { throw error("expected a string.") }
        return text
    }

    /// One text, or a list of them.
    func strings() throws(JobError) -> [String] {
        guard let elements else { return [try string()] }
        guard !elements.isEmpty else { throw error("the list is empty.") }
        var result: [String] = []
        for element in elements { result.append(try element.string()) }
        return result
    }

    func integer(_ range: ClosedRange<Int>) throws(JobError) -> Int {
        guard let text, let number = Int(text), range.contains(number) else {
            throw error(
                range.upperBound == .max
                    ? "expected a whole number of \(range.lowerBound) or more."
                    : "expected a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    func boolean() throws(JobError) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw error("expected true or false.")
        }
    }

    /// One of a few words.
    func choice<Value>(_ choices: [(name: String, value: Value)]) throws(JobError) -> Value {
        let text = text ?? ""
        if let found = choices.first(where: { $0.name == text }) { return found.value }
        throw error(
            "expected one of \(choices.map(\.name).joined(separator: ", ")).",
            suggestion: Suggestion.nearest(to: text, among: choices.map(\.name)))
    }

    func duration() throws(JobError) -> Duration {
        guard let text, let value = Quantity.duration(text) else {
            throw error("expected a duration with its unit: 500ms, 30s, 5min, 2h.")
        }
        return value
    }

    func size() throws(JobError) -> Int {
        guard let text, let value = Quantity.size(text) else {
            throw error("expected a size with its unit: 512KiB, 1MiB.")
        }
        return value
    }

    /// Nil where nothing limits.
    func rate() throws(JobError) -> Rate? {
        if text == "none" { return nil }
        guard let text, let value = Quantity.rate(text) else {
            throw error("expected a rate: 90/min, 5/s, or none.")
        }
        return value
    }

    func share() throws(JobError) -> Double {
        guard let text, let value = Quantity.share(text) else {
            throw error("expected a share: 5%.")
        }
        return value
    }

    /// The members of a mapping, none of them unknown.
    func members(_ known: [String]) throws(JobError) -> Members {
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        for member in try self.members() {
            // As it is written: `null` is the name of a key here.
            guard let name = member.key.written, known.contains(name) else {
                let name = member.key.written ?? ""
                throw JobError(
                    file: file, line: member.key.line, column: member.key.node.mark?.column,
                    message: "there is no key “\(name)”" + (path.isEmpty ? "" : " in \(path)")
                        + ". Known: \(known.joined(separator: ", ")).",
                    suggestion: Suggestion.nearest(to: name, among: known))
            }
            members.append(member)
        }
        return Members(owner: self, members: members)
    }

    /// The members of a mapping, in the order they are written.
    func members() throws(JobError) -> [(key: YAMLNode, value: YAMLNode)] {
        guard case .mapping(let mapping) = node else {
            throw error("expected keys with values, such as `key: value`.")
        }
        return mapping.map { key, value in
            let name = key.scalar?.string ?? ""
            return (
                YAMLNode(node: key, file: file, path: path),
                YAMLNode(node: value, file: file, path: path.isEmpty ? name : path + "." + name)
            )
        }
    }

    struct Members {
        let owner: YAMLNode
        let members: [(key: YAMLNode, value: YAMLNode)]

        subscript(name: String) -> YAMLNode? { members.first { $0.key.written == name }?.value }

        func required(_ name: String) throws(JobError) -> YAMLNode {
            guard let value = self[name] else { throw owner.error("the key “\(name)” is missing.") }
            return value
        }
    }

    // MARK: JSON

    /// The value as JSON: a plain text that is a JSON number, `true`, `false` or `null` is that,
    /// everything else a string.
    func json() throws(JobError) -> String {
        var out: [UInt8] = []
        try append(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private func append(to out: inout [UInt8]) throws(JobError) {
        switch node {
        case .scalar(let scalar):
            if isNull {
                out += "null".utf8
            } else if scalar.style == .plain, YAMLNode.isBare(scalar.string) {
                out += scalar.string.utf8
            } else {
                JSONWriter.appendString(scalar.string, to: &out)
            }
        case .sequence:
            out.append(UInt8(ascii: "["))
            for (index, element) in (elements ?? []).enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try element.append(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .mapping:
            out.append(UInt8(ascii: "{"))
            for (index, member) in try members().enumerated() {
                guard case .scalar(let name) = member.key.node else {
                    throw member.key.error("expected a name.")
                }
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONWriter.appendString(name.string, to: &out)
                out.append(UInt8(ascii: ":"))
                try member.value.append(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .alias: throw error("aliases are not allowed.")
        }
    }

    /// Whether a text is a JSON number, `true` or `false`.
    static func isBare(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var tape = JSONTape()
        guard bytes.last != UInt8(ascii: " "), (try? tape.parse(bytes, in: 0..<bytes.count)) != nil
        else {
            return false
        }
        switch tape.kind(of: 0) {
        case .number, .true, .false: return true
        default: return false
        }
    }
}

extension JobError {
    fileprivate init(_ error: YamlError, file: String) {
        self.init(file: file, message: "")
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            line = mark.line
            column = mark.column
            message = "this is not YAML: \(problem)."
        case .duplicatedKeysInMapping(let names, let context):
            line = context.mark.line
            column = context.mark.column
            message = "the key “\(names.first ?? "")” is listed twice."
        case .reader(let problem, _, _, _): message = "this is not YAML: \(problem)."
        default: message = "the file is not YAML."
        }
    }
}
