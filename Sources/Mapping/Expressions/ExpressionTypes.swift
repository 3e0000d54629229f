import Model

/// What the values of an expression are.
enum ExpressionType: Sendable, Equatable {
    /// A column's text as it is written, or a text made of one.
    case raw(String)
    case text
    /// A decimal number as a text, in the job's notation.
    case decimal
    case integer
    /// A number as it was written, or with its sign changed.
    case number
    /// A number that was computed in binary: its last digits may be off.
    case float
    case null
    /// Texts or numbers, from row to row.
    case mixed

    var isNumeric: Bool { [.integer, .number, .float, .null].contains(self) }

    /// What of either has.
    func merged(with other: ExpressionType) -> ExpressionType {
        switch (self, other) {
        case (let a, let b) where a == b: a
        case (.null, let a), (let a, .null): a
        case (.raw(let name), .text), (.text, .raw(let name)), (.raw(let name), .raw),
            (.raw(let name), .decimal), (.decimal, .raw(let name)):
            .raw(name)
        case (.text, .decimal), (.decimal, .text): .decimal
        case (let a, let b) where a.isNumeric && b.isNumeric:
            a == .float || b == .float ? .float : .number
        default: .mixed
        }
    }
}

/// Finds in an expression what SQLite would do in silence: order texts above numbers, take a text for the digits it
/// begins with.
struct ExpressionTypes {
    /// Of intermediate values.
    var values: [String: ExpressionType] = [:]

    func type(of node: ExpressionNode) throws(ExpressionError) -> ExpressionType {
        switch node {
        case .integer: return .integer
        case .real: return .number
        case .null: return .null
        case .text: return .text
        case .name(let name): return values[name] ?? .raw(name)
        case .prefix("NOT", let value):
            try condition(value)
            return .integer
        case .prefix(let sign, let value):
            return try numeric(value, sign)
        case .isNull(let value):
            _ = try type(of: value)
            return .integer
        case .cast(let value, let to):
            let from = try type(of: value)
            if to == "TEXT" { return .text }
            guard from.isNumeric else {
                throw ExpressionError(
                    "CAST takes the digits a text begins with, and drops the rest: use num(…).")
            }
            return to == "INTEGER" ? .integer : from
        case .infix(let sign, let left, let right): return try infix(sign, left, right)
        case .among(let word, let value, let others):
            for other in others { try comparable(word, value, other) }
            _ = try type(of: value)
            return .integer
        case .choice(let base, let cases, let otherwise):
            var result: ExpressionType = .null
            for item in cases {
                if let base {
                    try comparable("CASE", base, item.when)
                } else {
                    try condition(item.when)
                }
                result = result.merged(with: try type(of: item.then))
            }
            if let otherwise { result = result.merged(with: try type(of: otherwise)) }
            return result
        case .call(let name, let arguments):
            return try ExpressionFunctions.type(name, arguments, self)
        }
    }

    /// Sees that a value is true or false.
    func condition(_ node: ExpressionNode) throws(ExpressionError) {
        guard try type(of: node).isNumeric else {
            throw ExpressionError("expected a condition that is true or false, not a text.")
        }
    }

    func numeric(_ node: ExpressionNode, _ what: String) throws(ExpressionError) -> ExpressionType {
        let type = try type(of: node)
        switch type {
        case .raw(let name):
            throw ExpressionError(
                "“\(name)” is a text, and `\(what)` needs a number: convert it first, `num(\(Self.quoted(name)))`, "
                    + "or use dec_add, dec_mul, …")
        case .decimal:
            throw ExpressionError(
                "`\(what)` needs a number, and decimals are texts: use dec_add, dec_sub, dec_mul, dec_div, dec_neg."
            )
        case .text, .mixed: throw ExpressionError("`\(what)` needs a number, not a text.")
        default: return type
        }
    }

    private func infix(
        _ sign: String, _ left: ExpressionNode, _ right: ExpressionNode
    ) throws(ExpressionError) -> ExpressionType {
        switch sign {
        case "AND", "OR":
            try condition(left)
            try condition(right)
            return .integer
        case "||":
            let (a, b) = (try type(of: left), try type(of: right))
            if case .raw(let name) = a { return .raw(name) }
            if case .raw(let name) = b { return .raw(name) }
            return .text
        case "COLLATE": return try type(of: left)
        case "LIKE", "GLOB", "REGEXP":
            _ = try type(of: left)
            _ = try type(of: right)
            if sign == "REGEXP" { try ExpressionFunctions.check(pattern: right) }
            return .integer
        case "+", "-", "*", "/", "%", "&", "|", "<<", ">>":
            let (a, b) = (try numeric(left, sign), try numeric(right, sign))
            return a == .integer && b == .integer ? .integer : .float
        default:
            try comparable(sign, left, right)
            return .integer
        }
    }

    func comparable(
        _ sign: String, _ left: ExpressionNode, _ right: ExpressionNode
    ) throws(ExpressionError) {
        let (a, b) = (try type(of: left), try type(of: right))
        if a == .null || b == .null { return }
        if a == .decimal || b == .decimal {
            throw ExpressionError(
                "decimals are texts, and `\(sign)` would compare them letter by letter: use `dec_cmp(a, b) < 0`."
            )
        }
        guard a.isNumeric != b.isNumeric || a == .mixed || b == .mixed else { return }
        for type in [a, b] {
            if case .raw(let name) = type {
                throw ExpressionError(
                    "“\(name)” is a text and would be compared with a number: convert it first, "
                        + "`num(\(Self.quoted(name)))`, or put the other side in single quotes.")
            }
        }
        throw ExpressionError(
            "`\(sign)` would compare a text with a number, which SQLite orders below every text.")
    }

    /// A name as an expression has it.
    static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy {
            isDigit($0) || 0x41...0x5A ~= $0 & 0xDF || $0 == 0x5F || $0 >= 0x80
        }
        return isPlain ? name : "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}
