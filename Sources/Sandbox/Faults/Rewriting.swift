/// What the stand-in makes of values before it shows them, as some servers do: reads then show another form than
/// was sent.
package struct Rewriting: Sendable, Equatable {
    package enum Form: String, Sendable, CaseIterable {
        case upper, lower, zeros, spaces, round, seconds, offset
        /// Look-ups find a bill only by the form that they show.
        case filed

        /// One line for a person.
        package var summary: String {
            switch self {
            case .upper: "numbers and codes in upper case"
            case .lower: "numbers and codes in lower case"
            case .zeros: "numbers and codes without leading zeros"
            case .spaces: "numbers and codes without spaces"
            case .round: "amounts rounded half up instead of cut"
            case .seconds: "times without seconds"
            case .offset: "times by their clock, without offset"
            case .filed: "look-ups find a bill only by the number that they show"
            }
        }
    }

    package var forms: Set<Form>

    package init(_ forms: Set<Form> = []) { self.forms = forms }

    /// `upper,zeros`; nil where one of them is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ",").map { Form(rawValue: String($0)) }
        guard !parts.isEmpty, parts.allSatisfy({ $0 != nil }) else { return nil }
        forms = Set(parts.compactMap { $0 })
    }

    var isEmpty: Bool { forms.isEmpty }

    /// A number or a code.
    func text(_ bytes: some Collection<UInt8>) -> [UInt8] {
        if forms.isEmpty { return Array(bytes) }
        var text = String(decoding: bytes, as: UTF8.self)
        if forms.contains(.spaces) { text.removeAll(where: \.isWhitespace) }
        if forms.contains(.zeros) {
            let rest = text.drop { $0 == "0" }
            text = rest.isEmpty && !text.isEmpty ? "0" : String(rest)
        }
        if forms.contains(.upper) { text = text.uppercased() }
        if forms.contains(.lower) { text = text.lowercased() }
        return Array(text.utf8)
    }

    /// An amount in millionths.
    func amount(_ value: Int64, decimals: Int) -> Int64 {
        guard forms.contains(.round) else { return Micros.floored(value, decimals: decimals) }
        var unit = Micros.one
        for _ in 0..<max(0, min(6, decimals)) { unit /= 10 }
        return Micros.floored(value + unit / 2, decimals: decimals)
    }

    /// A time in seconds since 1970, as it is shown.
    func time(_ date: BillDate) -> Int64 {
        var seconds = date.seconds
        if forms.contains(.offset) { seconds += Int64(date.offsetMinutes ?? 0) * 60 }
        if forms.contains(.seconds) { seconds -= ((seconds % 60) + 60) % 60 }
        return seconds
    }

    /// Codes and numbers in the body of another look-up.
    func body(_ bytes: [UInt8]) -> [UInt8] {
        let hasTexts = !forms.isDisjoint(with: [.upper, .lower, .zeros, .spaces])
        guard hasTexts else { return bytes }
        var text = String(decoding: bytes, as: UTF8.self)
        for name in ["code", "cardNumber", "cardExternalId", "sku", "ean"] {
            let start = "\"\(name)\":\""
            var result = ""
            var rest = Substring(text)
            while let found = rest.firstRange(of: start) {
                result += rest[..<found.upperBound]
                rest = rest[found.upperBound...]
                let end = rest.firstIndex(of: "\"") ?? rest.endIndex
                let value = rest[..<end]
                // An escape is left as it is.
                result +=
                    value.contains("\\")
                    ? String(value) : String(decoding: self.text(value.utf8), as: UTF8.self)
                rest = rest[end...]
            }
            text = result + rest
        }
        return Array(text.utf8)
    }
}
