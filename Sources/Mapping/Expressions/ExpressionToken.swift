import Model

/// A word of an expression, and where it is in its UTF-8.
struct ExpressionToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// `isQuoted`: it is a name and no keyword.
        case name(String, isQuoted: Bool)
        case integer, real
        case text(String)
        /// An operator, a bracket, a comma, a dot; nothing is the end.
        case sign(String)
    }

    var kind: Kind
    var range: Range<Int>

    static let signs = [
        "->>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->", "+", "-", "*", "/", "%", "=", "<",
        ">",
        "&", "|", "~", "(", ")", ",", ".",
    ].map { ($0, Array($0.utf8)) }

    /// The words of `text`, the end as the last.
    ///
    /// - Throws: What cannot be a word.
    static func all(_ text: [UInt8]) throws(ExpressionError) -> [ExpressionToken] {
        var tokens: [ExpressionToken] = []
        var at = 0
        while at < text.count {
            let start = at
            let byte = text[at]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D:
                at += 1
                continue
            case UInt8(ascii: "'"):
                let word = try quoted(text, &at, by: byte, "a text")
                tokens.append(ExpressionToken(kind: .text(word), range: start..<at))
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "`"):
                let word = try quoted(text, &at, by: byte, "a name")
                tokens.append(ExpressionToken(kind: .name(word, isQuoted: true), range: start..<at))
                continue
            case UInt8(ascii: "["):
                guard let end = text[at...].firstIndex(of: UInt8(ascii: "]")) else {
                    throw ExpressionError("a name in [ ] is not closed.")
                }
                let word = String(decoding: text[at + 1..<end], as: UTF8.self)
                at = end + 1
                tokens.append(ExpressionToken(kind: .name(word, isQuoted: true), range: start..<at))
                continue
            default: break
            }
            let next = at + 1 < text.count ? text[at + 1] : 0
            if isDigit(byte) || byte == UInt8(ascii: ".") && isDigit(next) {
                tokens.append(number(text, &at))
                continue
            }
            if isLetter(byte) {
                while at < text.count, isLetter(text[at]) || isDigit(text[at]) { at += 1 }
                let word = String(decoding: text[start..<at], as: UTF8.self)
                tokens.append(ExpressionToken(kind: .name(word, isQuoted: false), range: start..<at))
                continue
            }
            if [byte, next] == Array("--".utf8) || [byte, next] == Array("/*".utf8) {
                throw ExpressionError(
                    "a comment cannot stand in an expression: use one of YAML, `# …`.")
            }
            guard let sign = signs.first(where: { begins(text, at, text.count, $0.1) }) else {
                let rest = String(decoding: text[at...], as: UTF8.self)
                throw ExpressionError("“\(rest.prefix(1))” cannot stand in an expression.")
            }
            at += sign.1.count
            tokens.append(ExpressionToken(kind: .sign(sign.0), range: start..<at))
        }
        tokens.append(ExpressionToken(kind: .sign(""), range: at..<at))
        return tokens
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        0x41...0x5A ~= byte & 0xDF || byte == 0x5F || byte >= 0x80
    }

    private static func quoted(
        _ text: [UInt8], _ at: inout Int, by quote: UInt8, _ what: String
    ) throws(ExpressionError) -> String {
        var word: [UInt8] = []
        at += 1
        while at < text.count {
            if text[at] == quote {
                at += 1
                guard at < text.count, text[at] == quote else {
                    return String(decoding: word, as: UTF8.self)
                }
            }
            word.append(text[at])
            at += 1
        }
        throw ExpressionError("\(what) in quotes is not closed.")
    }

    private static func number(_ text: [UInt8], _ at: inout Int) -> ExpressionToken {
        let start = at
        var isReal = false
        while at < text.count, isDigit(text[at]) { at += 1 }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            isReal = true
            at += 1
            while at < text.count, isDigit(text[at]) { at += 1 }
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            var end = at + 1
            if end < text.count, text[end] == 0x2B || text[end] == 0x2D { end += 1 }
            if end < text.count, isDigit(text[end]) {
                isReal = true
                at = end
                while at < text.count, isDigit(text[at]) { at += 1 }
            }
        }
        return ExpressionToken(kind: isReal ? .real : .integer, range: start..<at)
    }
}

/// What is wrong with an expression, found before anything is read.
struct ExpressionError: Error, Equatable {
    var message: String
    var suggestion: String?

    init(_ message: String, suggestion: String? = nil) {
        self.message = message
        self.suggestion = suggestion
    }
}
