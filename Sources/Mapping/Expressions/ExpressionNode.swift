/// An expression as SQLite will understand it: enough of it to know what its values are.
indirect enum ExpressionNode: Sendable, Equatable {
    case integer, real, null
    case text(String)
    case name(String)
    case call(String, [ExpressionNode])
    /// `-`, `+`, `~`, `NOT`.
    case prefix(String, ExpressionNode)
    case infix(String, ExpressionNode, ExpressionNode)
    /// What is compared with each of the others: `BETWEEN`, `IN`.
    case among(String, ExpressionNode, [ExpressionNode])
    case isNull(ExpressionNode)
    case choice(of: ExpressionNode?, [Case], else: ExpressionNode?)
    case cast(ExpressionNode, to: String)

    struct Case: Sendable, Equatable {
        var when: ExpressionNode
        var then: ExpressionNode
    }
}

/// A reference in an expression: what is bound in its place.
struct ExpressionReference: Sendable, Equatable {
    enum Target: Sendable, Equatable {
        case name(String)
        /// `dec_sum`: the sum over the rows of a record of what stands within.
        case sum(text: String, ExpressionNode)
    }
    var target: Target
    var range: Range<Int>
}

/// Reads an expression: SQLite's operators in SQLite's order, without anything that reads a table.
///
/// Source: SQLite, "SQL Language Expressions", operators and their precedence.
struct ExpressionParser {
    private let bytes: [UInt8]
    private let tokens: [ExpressionToken]
    private var at = 0
    private var depth = 0
    private var joints = 0
    private(set) var references: [ExpressionReference] = []

    private static let longest = 10_000
    private static let deepest = 30
    private static let most = 300
    private static let reserved: Set<String> = [
        "SELECT", "FROM", "WHERE", "WITH", "EXISTS", "VALUES", "RAISE", "UNION", "LIMIT", "OVER",
        "FILTER",
        "AND", "OR", "NOT", "IS", "IN", "LIKE", "GLOB", "REGEXP", "MATCH", "BETWEEN", "CASE", "WHEN",
        "THEN",
        "ELSE", "END", "ISNULL", "NOTNULL", "COLLATE", "ESCAPE", "DISTINCT", "AS", "ORDER", "GROUP",
        "BY",
    ]

    private init(_ text: String) throws(ExpressionError) {
        bytes = Array(text.utf8)
        guard bytes.count <= Self.longest, !bytes.contains(0) else {
            throw ExpressionError("it is longer than \(Self.longest) bytes, or has a NUL.")
        }
        tokens = try ExpressionToken.all(bytes)
    }

    static func parse(
        _ text: String
    ) throws(ExpressionError) -> (node: ExpressionNode, references: [ExpressionReference]) {
        var parser = try ExpressionParser(text)
        let node = try parser.expression()
        guard parser.tokens[parser.at].kind == .sign("") else { throw parser.unexpected() }
        return (node, parser.references)
    }

    // MARK: Words

    private func unexpected() -> ExpressionError {
        let token = tokens[at]
        if token.range.isEmpty { return ExpressionError("it ends too early.") }
        let word = String(decoding: bytes[token.range], as: UTF8.self)
        if ["SELECT", "WITH", "EXISTS", "VALUES"].contains(word.uppercased()) {
            return ExpressionError(
                "“\(word)” cannot stand in an expression: it sees one row, no table.")
        }
        return ExpressionError("“\(word)” was not expected.")
    }

    private func isWord(_ word: String, ahead: Int = 0) -> Bool {
        guard at + ahead < tokens.count, case .name(let name, false) = tokens[at + ahead].kind else {
            return false
        }
        return name.uppercased() == word
    }

    private mutating func take(word: String) -> Bool {
        guard isWord(word) else { return false }
        at += 1
        return true
    }

    private mutating func take(_ sign: String) -> Bool {
        guard tokens[at].kind == .sign(sign) else { return false }
        at += 1
        return true
    }

    private mutating func need(_ sign: String) throws(ExpressionError) {
        guard take(sign) else { throw unexpected() }
    }

    private mutating func need(word: String) throws(ExpressionError) {
        guard take(word: word) else { throw unexpected() }
    }

    // MARK: Operators

    private mutating func expression() throws(ExpressionError) -> ExpressionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw ExpressionError("it nests too deep.") }
        var left = try conjunction()
        while take(word: "OR") { left = try joined("OR", left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(ExpressionError) -> ExpressionNode {
        var left = try negation()
        while take(word: "AND") { left = try joined("AND", left, try negation()) }
        return left
    }

    private mutating func negation() throws(ExpressionError) -> ExpressionNode {
        guard take(word: "NOT") else { return try equality() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw ExpressionError("it nests too deep.") }
        return .prefix("NOT", try negation())
    }

    private mutating func equality() throws(ExpressionError) -> ExpressionNode {
        var left = try comparison()
        var isAgain = false
        while true {
            if isAgain { try count() }
            isAgain = true
            if let sign = ["==", "=", "<>", "!="].first(where: { take($0) }) {
                left = try joined(sign, left, try comparison())
            } else if take(word: "ISNULL") || take(word: "NOTNULL") {
                left = .isNull(left)
            } else if take(word: "IS") {
                _ = take(word: "NOT")
                if take(word: "DISTINCT") { try need(word: "FROM") }
                let right = try comparison()
                left = right == .null ? .isNull(left) : .infix("IS", left, right)
            } else if isWord("NOT"), isWord("NULL", ahead: 1) {
                at += 2
                left = .isNull(left)
            } else {
                let isNegated = isWord("NOT")
                if isNegated { at += 1 }
                if take(word: "BETWEEN") {
                    let low = try comparison()
                    try need(word: "AND")
                    left = .among("BETWEEN", left, [low, try comparison()])
                } else if take(word: "IN") {
                    try need("(")
                    var list: [ExpressionNode] = []
                    if !take(")") {
                        repeat { list.append(try expression()) } while take(",")
                        try need(")")
                    }
                    left = .among("IN", left, list)
                } else if let word = ["LIKE", "GLOB", "REGEXP"].first(where: { take(word: $0) }) {
                    let right = try comparison()
                    if word == "LIKE", take(word: "ESCAPE") { _ = try comparison() }
                    left = .infix(word, left, right)
                } else if isNegated {
                    throw unexpected()
                } else {
                    return left
                }
            }
        }
    }

    private static let levels = [
        ["<=", ">=", "<", ">"], ["<<", ">>", "&", "|"], ["+", "-"], ["*", "/", "%"],
        ["||", "->>", "->"],
    ]

    /// Operators from one level on, the loosest of those last.
    private mutating func comparison(from level: Int = 0) throws(ExpressionError) -> ExpressionNode {
        var left = try unary()
        while case .sign(let sign) = tokens[at].kind,
            let found = Self.levels.firstIndex(where: { $0.contains(sign) }), found >= level
        {
            guard !sign.hasPrefix("->") else { throw ExpressionError("“\(sign)” is not known here.") }
            at += 1
            left = try joined(sign, left, try comparison(from: found + 1))
        }
        return left
    }

    /// An operator between two values. Their number is bounded, since whoever looks at them does so from within.
    private mutating func joined(
        _ sign: String, _ left: ExpressionNode, _ right: ExpressionNode
    ) throws(ExpressionError) -> ExpressionNode {
        try count()
        return .infix(sign, left, right)
    }

    private mutating func count() throws(ExpressionError) {
        joints += 1
        guard joints <= Self.most else {
            throw ExpressionError("it has too many operators: use `let`.")
        }
    }

    private mutating func unary() throws(ExpressionError) -> ExpressionNode {
        if let sign = ["-", "+", "~"].first(where: { take($0) }) {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.deepest else { throw ExpressionError("it nests too deep.") }
            return .prefix(sign, try unary())
        }
        var value = try primary()
        while take(word: "COLLATE") {
            guard isWord("NOCASE") || isWord("BINARY") || isWord("RTRIM") else { throw unexpected() }
            at += 1
            value = .infix("COLLATE", value, value)
        }
        return value
    }

    // MARK: Values

    private mutating func primary() throws(ExpressionError) -> ExpressionNode {
        let token = tokens[at]
        switch token.kind {
        case .integer:
            at += 1
            return .integer
        case .real:
            at += 1
            return .real
        case .text(let text):
            at += 1
            return .text(text)
        case .sign("("):
            at += 1
            let inside = try expression()
            try need(")")
            return inside
        case .sign: throw unexpected()
        case .name(let name, let isQuoted):
            guard !isQuoted else { return try reference() }
            if tokens[at + 1].kind == .sign("("), name.uppercased() != "CAST" { return try call(name) }
            switch name.uppercased() {
            case "NULL":
                at += 1
                return .null
            case "TRUE", "FALSE":
                at += 1
                return .integer
            case "CASE": return try choice()
            case "CAST": return try cast()
            case "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP":
                throw ExpressionError(
                    "“\(name)” is not known here: an expression gives the same every time.")
            case let word where Self.reserved.contains(word): throw unexpected()
            default: return try reference()
            }
        }
    }

    /// A column, or a path of names into a JSON row.
    private mutating func reference() throws(ExpressionError) -> ExpressionNode {
        let start = tokens[at].range.lowerBound
        var path: [String] = []
        repeat {
            switch tokens[at].kind {
            case .name(let name, _): path.append(name)
            // `lines.0.sku`: a number between dots.
            case .integer where !path.isEmpty:
                path.append(String(decoding: bytes[tokens[at].range], as: UTF8.self))
            default: throw unexpected()
            }
            at += 1
            if case .real = tokens[at].kind, bytes[tokens[at].range.lowerBound] == UInt8(ascii: ".") {
                throw ExpressionError(
                    "put a path with numbers in double quotes: \"lines.0.sku\".")
            }
        } while take(".")
        let name = path.joined(separator: ".")
        references.append(
            ExpressionReference(
                target: .name(name), range: start..<tokens[at - 1].range.upperBound))
        return .name(name)
    }

    private mutating func call(_ name: String) throws(ExpressionError) -> ExpressionNode {
        let start = tokens[at].range.lowerBound
        let known = references.count
        at += 2
        var arguments: [ExpressionNode] = []
        let inside = tokens[at].range.lowerBound
        if !take(")") {
            repeat { arguments.append(try expression()) } while take(",")
            try need(")")
        }
        let end = tokens[at - 1].range
        if name.lowercased() == "dec_sum" {
            guard arguments.count == 1 else {
                throw ExpressionError(
                    "dec_sum takes one value, which it sums over the rows of a record.")
            }
            let text = String(decoding: bytes[inside..<end.lowerBound], as: UTF8.self)
            references.removeSubrange(known...)
            references.append(
                ExpressionReference(
                    target: .sum(text: text, arguments[0]), range: start..<end.upperBound))
        }
        return .call(name.lowercased(), arguments)
    }

    private mutating func choice() throws(ExpressionError) -> ExpressionNode {
        at += 1
        let base = isWord("WHEN") ? nil : try expression()
        var cases: [ExpressionNode.Case] = []
        while take(word: "WHEN") {
            let condition = try expression()
            try need(word: "THEN")
            cases.append(ExpressionNode.Case(when: condition, then: try expression()))
        }
        guard !cases.isEmpty else { throw unexpected() }
        let otherwise = take(word: "ELSE") ? try expression() : nil
        try need(word: "END")
        return .choice(of: base, cases, else: otherwise)
    }

    private mutating func cast() throws(ExpressionError) -> ExpressionNode {
        at += 1
        try need("(")
        let value = try expression()
        try need(word: "AS")
        guard case .name(let type, _) = tokens[at].kind,
            ["TEXT", "INTEGER", "REAL", "NUMERIC"].contains(type.uppercased())
        else { throw unexpected() }
        at += 1
        try need(")")
        return .cast(value, to: type.uppercased())
    }
}
