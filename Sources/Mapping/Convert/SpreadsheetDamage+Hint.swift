import Records

extension SpreadsheetDamage {
    /// A cheaper look: false where `isDamaged` is false for sure, and where nothing is to be taken out of a
    /// formula.
    @inline(__always)
    static func mayBeDamaged(_ bytes: [UInt8], _ range: Range<Int>, asCode: Bool) -> Bool {
        guard range.count >= 3 else { return false }
        let first = bytes[range.lowerBound]
        let end = range.upperBound
        // An exponent has its sign or its letter among the last four bytes, a fraction of zeros its point.
        let third = bytes[end - 3]
        let fourth = range.count >= 4 ? bytes[end - 4] : 0
        if first == UInt8(ascii: "#") || third == UInt8(ascii: "+") || fourth == UInt8(ascii: "+")
            || first | 0x20 == UInt8(ascii: "e") && fourth == UInt8(ascii: ":")
        {
            return true
        }
        guard asCode else { return false }
        // White space, or half of a no-break space, before or behind what is looked for.
        if first <= 0x20 || bytes[end - 1] <= 0x20 || first == 0xC2 || bytes[end - 1] == 0xA0 {
            return true
        }
        let second = bytes[end - 2]
        return first == UInt8(ascii: "=") || first == UInt8(ascii: "'")
            || (second | 0x20 == UInt8(ascii: "e") || third | 0x20 == UInt8(ascii: "e")
                || fourth | 0x20 == UInt8(ascii: "e") || second == UInt8(ascii: "+")
                || fourth == UInt8(ascii: "-") || third == UInt8(ascii: "-")
                || second == UInt8(ascii: "-"))
            || bytes[end - 1] == UInt8(ascii: "0")
                && (second == UInt8(ascii: ".") || second == UInt8(ascii: ",")
                    || second == UInt8(ascii: "0"))
    }
}
