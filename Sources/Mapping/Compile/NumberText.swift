import Model

/// Numbers as they are written in files, made JSON numbers without ever being computed.
struct NumberText: Sendable, Equatable {
    /// What is before the fraction; one ASCII byte.
    var decimal: UInt8 = UInt8(ascii: ".")
    /// What is between groups of digits, UTF-8; empty: nothing may.
    var thousands: [UInt8] = [] {
        didSet { separators = NumberText.alike(thousands) }
    }
    /// Names of a currency that may stand before or after the number.
    var currencies: [[UInt8]] = []
    /// `12-`, `(12)` and U+2212 are negative, as accountants write it.
    var readsAccounting = false
    /// `thousands`, and what looks like it.
    private var separators: [[UInt8]] = []

    init(decimal: UInt8 = UInt8(ascii: "."), thousands: [UInt8] = []) {
        self.decimal = decimal
        self.thousands = thousands
        separators = NumberText.alike(thousands)
    }

    /// A space is also no-break, thin or a figure's width; an apostrophe also the typographic one.
    private static func alike(_ thousands: [UInt8]) -> [[UInt8]] {
        switch thousands {
        case []: []
        case [0x20]: [" ", "\u{A0}", "\u{202F}", "\u{2009}", "\u{2007}"].map { Array($0.utf8) }
        case [0x27]: ["'", "\u{2019}"].map { Array($0.utf8) }
        default: [thousands]
        }
    }

    /// Appends the number in `bytes[range]` as JSON has it, and as it is written wherever that is JSON.
    ///
    /// `007`, `+5`, `.5` and `5.` are rewritten, since nothing but the spelling changes. Groups of digits
    /// have to be whole: `1,234,567` or `12,34,567`, not `1,23`.
    /// - Returns: False, with nothing appended, where it is no number.
    func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) -> Bool {
        if thousands.isEmpty, decimal == UInt8(ascii: "."), NumberText.isJSON(bytes, range) {
            out.append(contentsOf: bytes[range])
            return true
        }
        guard let parts = parse(bytes, range) else { return false }
        write(parts, bytes, wholeOnly: false, to: &out)
        return true
    }

    /// The same for a whole number; a fraction of zeros is dropped (`12.00`), an exponent is refused.
    func appendInteger(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) -> Bool {
        guard let parts = parse(bytes, range), parts.exponent.isEmpty,
            bytes[parts.fraction].allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return false }
        write(parts, bytes, wholeOnly: true, to: &out)
        return true
    }

    /// Where the parts of a number stand.
    private struct Parts {
        var isNegative = false
        /// Separators included, leading zeros not.
        var whole: Range<Int>
        /// Without the sign before it.
        var fraction: Range<Int>
        /// With its `e`.
        var exponent: Range<Int>
    }

    private func parse(_ bytes: [UInt8], _ range: Range<Int>) -> Parts? {
        if let parts = parsePlain(bytes, range) { return parts }
        guard readsAccounting || !currencies.isEmpty else { return nil }
        return parseDressed(bytes, range)
    }

    /// A number with what accountants and spreadsheets put around it: a currency, brackets, the sign at the end.
    private func parseDressed(_ bytes: [UInt8], _ range: Range<Int>) -> Parts? {
        var range: Range<Int> = trimmed(bytes, range)
        var isNegative = false
        var signs = 0
        var names = 0
        while !range.isEmpty {
            let low = range.lowerBound
            let high = range.upperBound
            if readsAccounting, signs == 0 {
                if bytes[low] == UInt8(ascii: "("), bytes[high - 1] == UInt8(ascii: ")") {
                    range = trimmed(bytes, low + 1..<high - 1)
                    (signs, isNegative) = (1, true)
                    continue
                }
                if bytes[high - 1] == UInt8(ascii: "-") {
                    range = trimmed(bytes, low..<high - 1)
                    (signs, isNegative) = (1, true)
                    continue
                }
                if begins(bytes, low, high, NumberText.minus) {
                    range = trimmed(bytes, low + NumberText.minus.count..<high)
                    (signs, isNegative) = (1, true)
                    continue
                }
            }
            if names == 0, let rest = withoutCurrency(bytes, range) {
                range = rest
                names = 1
                continue
            }
            // `-€ 12`: the sign before the currency.
            if names == 0, signs == 0, bytes[low] == UInt8(ascii: "-"), low + 1 < high,
                !isDigit(bytes[low + 1]), bytes[low + 1] != decimal
            {
                range = trimmed(bytes, low + 1..<high)
                (signs, isNegative) = (1, true)
                continue
            }
            break
        }
        guard names + signs > 0, var parts = parsePlain(bytes, range), parts.exponent.isEmpty,
            case let first = range.lowerBound,
            signs == 0 || bytes[first] != 0x2B && bytes[first] != 0x2D
        else { return nil }
        parts.isNegative = parts.isNegative || isNegative
        return parts
    }

    /// What would have to be said in the job for the number to be read; nil where nothing helps.
    func wants(_ bytes: [UInt8], _ range: Range<Int>) -> Want? {
        var other = self
        other.readsAccounting = true
        if !readsAccounting, other.parseDressed(bytes, range) != nil { return .accounting }
        // A word or a sign on one side of digits.
        let isName = { (byte: UInt8) in byte >= 0x80 || byte == 0x24 || 0x41...0x5A ~= byte & 0xDF }
        let before = Array(bytes[range].prefix { isName($0) })
        let after = Array(bytes[range].reversed().prefix { isName($0) }.reversed())
        other.currencies = [before, after].filter { !$0.isEmpty && $0.count <= 8 }
        guard currencies.isEmpty, !other.currencies.isEmpty else { return nil }
        return other.parseDressed(bytes, range) == nil ? nil : .currency
    }

    enum Want: Sendable { case accounting, currency }

    private static let minus = Array("\u{2212}".utf8)

    private func withoutCurrency(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        for name in currencies {
            if begins(bytes, range.lowerBound, range.upperBound, name) {
                return trimmed(bytes, range.lowerBound + name.count..<range.upperBound)
            }
            let start = range.upperBound - name.count
            if start >= range.lowerBound, begins(bytes, start, range.upperBound, name) {
                return trimmed(bytes, range.lowerBound..<start)
            }
        }
        return nil
    }

    /// How long the separator of groups is that stands at `at`; 0 where none does.
    private func separator(_ bytes: [UInt8], _ at: Int, _ end: Int) -> Int {
        for word in separators where begins(bytes, at, end, word) { return word.count }
        return 0
    }

    private func parsePlain(_ bytes: [UInt8], _ range: Range<Int>) -> Parts? {
        var at = range.lowerBound
        let end = range.upperBound
        var isNegative = false
        if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
            isNegative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        let start = at
        var digits = 0
        var separators = 0
        // Lengths of the group being read and of the first one between separators.
        var group = 0
        var inner = 0
        while at < end {
            if isDigit(bytes[at]) {
                digits += 1
                group += 1
                at += 1
            } else if !self.separators.isEmpty, case let length = separator(bytes, at, end), length > 0
            {
                if separators == 0 {
                    guard (1...3).contains(group) else { return nil }
                } else {
                    guard group == 2 || group == 3, inner == 0 || inner == group else { return nil }
                    inner = group
                }
                separators += 1
                group = 0
                at += length
            } else {
                break
            }
        }
        if separators > 0 {
            // `0,123` is more likely a fraction than a thousand of nothing.
            guard group == 3, bytes[start] != UInt8(ascii: "0") else { return nil }
        }
        let wholeEnd = at
        var fraction = at..<at
        if at < end, bytes[at] == decimal {
            at += 1
            let first = at
            while at < end, isDigit(bytes[at]) { at += 1 }
            fraction = first..<at
            digits += at - first
        }
        guard digits > 0 else { return nil }
        let exponent = at..<end
        if at < end {
            guard separators == 0, bytes[at] | 0x20 == UInt8(ascii: "e") else { return nil }
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard at < end else { return nil }
            while at < end {
                guard isDigit(bytes[at]) else { return nil }
                at += 1
            }
        }
        var whole = start
        while whole < wholeEnd, bytes[whole] == UInt8(ascii: "0") { whole += 1 }
        return Parts(
            isNegative: isNegative, whole: whole..<wholeEnd, fraction: fraction, exponent: exponent)
    }

    private func write(_ parts: Parts, _ bytes: [UInt8], wholeOnly: Bool, to out: inout [UInt8]) {
        if parts.isNegative { out.append(UInt8(ascii: "-")) }
        if parts.whole.isEmpty { out.append(UInt8(ascii: "0")) }
        for byte in bytes[parts.whole] where isDigit(byte) { out.append(byte) }
        if wholeOnly { return }
        if !parts.fraction.isEmpty {
            out.append(UInt8(ascii: "."))
            out.append(contentsOf: bytes[parts.fraction])
        }
        out.append(contentsOf: bytes[parts.exponent])
    }

    /// Whether `bytes[range]` is a number of RFC 8259.
    static func isJSON(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        let end = range.upperBound
        if at < end, bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < end, isDigit(bytes[at]) else { return false }
        if bytes[at] == UInt8(ascii: "0") {
            at += 1
        } else {
            while at < end, isDigit(bytes[at]) { at += 1 }
        }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard at < end, isDigit(bytes[at]) else { return false }
            while at < end, isDigit(bytes[at]) { at += 1 }
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard at < end, isDigit(bytes[at]) else { return false }
            while at < end, isDigit(bytes[at]) { at += 1 }
        }
        return at == end
    }
}

/// Whether `word` stands at `at`.
func begins(_ bytes: [UInt8], _ at: Int, _ end: Int, _ word: [UInt8]) -> Bool {
    guard at + word.count <= end else { return false }
    for index in word.indices where bytes[at + index] != word[index] { return false }
    return true
}
