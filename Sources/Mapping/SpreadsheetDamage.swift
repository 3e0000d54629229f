/// What a spreadsheet leaves where a value was: `9.19876E+11` for a phone number, `#N/A`.
enum SpreadsheetDamage {
    private static let errors = [
        "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
    ].map { Array($0.utf8) }

    /// A cheaper look: false where ``isDamaged(_:_:)`` is false for sure.
    @inline(__always)
    static func mayBeDamaged(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count >= 4 else { return false }
        let end = range.upperBound
        return bytes[end - 3] == UInt8(ascii: "+") || bytes[end - 4] == UInt8(ascii: "+")
            || bytes[range.lowerBound] == UInt8(ascii: "#")
    }

    /// One digit, perhaps a fraction, `E+` and two or three digits; or one of the error words.
    static func isDamaged(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let end = range.upperBound
        guard range.count >= 4 else { return false }
        if bytes[range.lowerBound] == UInt8(ascii: "#") {
            return errors.contains {
                $0.count == range.count && begins(bytes, range.lowerBound, end, $0)
            }
        }
        guard isDigit(bytes[end - 1]), isDigit(bytes[end - 2]) else { return false }
        var plus = end - 3
        if isDigit(bytes[plus]) { plus -= 1 }
        guard plus >= range.lowerBound + 2, bytes[plus] == UInt8(ascii: "+"),
            bytes[plus - 1] | 0x20 == UInt8(ascii: "e")
        else { return false }
        var at = range.lowerBound
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < plus - 1, isDigit(bytes[at]) else { return false }
        at += 1
        if at == plus - 1 { return true }
        guard bytes[at] == UInt8(ascii: ".") || bytes[at] == UInt8(ascii: ",") else { return false }
        at += 1
        guard at < plus - 1 else { return false }
        return bytes[at..<plus - 1].allSatisfy { isDigit($0) }
    }
}
