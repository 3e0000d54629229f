import Model

/// Numbers as they are written in files, made JSON numbers without ever being computed.
struct NumberText: Sendable, Equatable {
    /// What is before the fraction; one ASCII byte.
    var decimal: UInt8 = UInt8(ascii: ".")
    /// What is between groups of digits, UTF-8; empty: nothing may.
    var thousands: [UInt8] = []

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
            } else if !thousands.isEmpty, begins(bytes, at, end, thousands) {
                if separators == 0 {
                    guard (1...3).contains(group) else { return nil }
                } else {
                    guard group == 2 || group == 3, inner == 0 || inner == group else { return nil }
                    inner = group
                }
                separators += 1
                group = 0
                at += thousands.count
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
