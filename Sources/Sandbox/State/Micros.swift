/// A decimal as millionths, exact up to nine million millions.
///
/// The API's amounts are doubles; a stand-in that counts in doubles would book 0.1 + 0.2 as more
/// than 0.3.
enum Micros {
    static let one: Int64 = 1_000_000

    /// Reads a JSON number, or the text of one as the API takes it too; nil for anything else and
    /// for what does not fit. Digits beyond the sixth decimal are dropped.
    static func parse(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        var at = range.lowerBound
        let end = range.upperBound
        var negative = false
        if at < end, bytes[at] == UInt8(ascii: "-") {
            negative = true
            at += 1
        }
        var mantissa: Int64 = 0
        var decimals = 0
        var digits = 0
        var inFraction = false
        while at < end {
            let byte = bytes[at]
            if byte >= 0x30, byte <= 0x39 {
                digits += 1
                if !inFraction || decimals < 6 {
                    let (product, over) = mantissa.multipliedReportingOverflow(by: 10)
                    let (sum, more) = product.addingReportingOverflow(Int64(byte - 0x30))
                    if over || more { return nil }
                    mantissa = sum
                    if inFraction { decimals += 1 }
                }
            } else if byte == UInt8(ascii: "."), !inFraction, digits > 0 {
                inFraction = true
            } else {
                break
            }
            at += 1
        }
        guard digits > 0 else { return nil }
        var exponent = 6 - decimals
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            guard let written = Int(String(decoding: bytes[(at + 1)..<end], as: UTF8.self)),
                abs(written) < 40
            else { return nil }
            exponent += written
            at = end
        }
        guard at == end else { return nil }
        while exponent > 0, mantissa != 0 {
            let (product, over) = mantissa.multipliedReportingOverflow(by: 10)
            if over { return nil }
            mantissa = product
            exponent -= 1
        }
        while exponent < 0 {
            mantissa /= 10
            exponent += 1
        }
        return negative ? -mantissa : mantissa
    }

    /// Rounded down at `decimals` places, 0...6.
    static func floored(_ value: Int64, decimals: Int) -> Int64 {
        var unit = one
        for _ in 0..<max(0, min(6, decimals)) { unit /= 10 }
        return value.flooringDividedExactly(by: unit) * unit
    }
}

extension Int64 {
    fileprivate func flooringDividedExactly(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}
