import Model

/// A decimal number by its value: 42.50 and 4.25e1 are equal.
///
/// Up to 18 significant digits it can be reckoned with; beyond, it can only be compared.
struct DecimalNumber: Equatable {
    private(set) var isNegative: Bool
    /// Without zeros at its end; 0 for zero, and where there are too many digits.
    private(set) var mantissa: UInt64
    /// The power of ten of the last digit of `mantissa`.
    private(set) var exponent: Int
    /// The digits, where there are too many of them.
    private(set) var long: [UInt8]?

    var isZero: Bool { mantissa == 0 && long == nil }
    var digest: UInt64 {
        var digest = Digest(isNegative ? 0x6E2D : 0x6E2B)
        digest.add(mantissa)
        digest.add(UInt64(bitPattern: Int64(exponent)))
        if let long { digest.add(long, 0..<long.count) }
        return digest.value
    }

    init(mantissa: UInt64, exponent: Int, isNegative: Bool = false) {
        self.mantissa = mantissa
        self.exponent = exponent
        self.isNegative = isNegative
        long = nil
        normalize()
    }

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes, 0..<bytes.count)
    }

    /// Nil where the bytes are not a number as JSON writes it, or its exponent is absurd.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        isNegative = false
        mantissa = 0
        exponent = 0
        long = nil
        var at = range.lowerBound
        let end = range.upperBound
        if at < end, bytes[at] == UInt8(ascii: "-") {
            isNegative = true
            at += 1
        }
        let start = at
        guard at < end, isDigit(bytes[at]) else { return nil }
        let zeroFirst = bytes[at] == UInt8(ascii: "0")
        var significant = 0
        func take(_ byte: UInt8, _ number: inout DecimalNumber) {
            if significant > 0 || byte != UInt8(ascii: "0") {
                significant += 1
                if significant <= 18 { number.mantissa = number.mantissa &* 10 &+ UInt64(byte & 15) }
            }
        }
        while at < end, isDigit(bytes[at]) {
            take(bytes[at], &self)
            at += 1
        }
        if zeroFirst, at - start > 1 { return nil }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            let fraction = at
            while at < end, isDigit(bytes[at]) {
                take(bytes[at], &self)
                at += 1
            }
            guard at > fraction else { return nil }
            exponent = fraction - at
        }
        let digitsEnd = at
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            var negative = false
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                negative = bytes[at] == UInt8(ascii: "-")
                at += 1
            }
            var power = 0
            let powerStart = at
            while at < end, isDigit(bytes[at]) {
                power = power * 10 + Int(bytes[at] & 15)
                guard power < 100_000 else { return nil }
                at += 1
            }
            guard at > powerStart else { return nil }
            exponent += negative ? -power : power
        }
        guard at == end else { return nil }
        if significant > 18 { takeLong(bytes[start..<digitsEnd]) } else { normalize() }
    }

    /// More than 18 digits, which may still be fewer without the zeros at both ends.
    private mutating func takeLong(_ digits: ArraySlice<UInt8>) {
        var kept = digits.filter { $0 != UInt8(ascii: ".") }[...].drop { $0 == UInt8(ascii: "0") }
        while kept.last == UInt8(ascii: "0") {
            kept.removeLast()
            exponent += 1
        }
        if kept.count <= 18 {
            mantissa = kept.reduce(0) { $0 * 10 + UInt64($1 & 15) }
            normalize()
        } else {
            mantissa = 0
            long = Array(kept)
        }
    }

    private mutating func normalize() {
        guard mantissa != 0 else {
            isNegative = false
            exponent = 0
            return
        }
        while mantissa % 10 == 0 {
            mantissa /= 10
            exponent += 1
        }
    }

    /// Whether it is smaller than a positive whole number.
    func isBelow(_ bound: Int) -> Bool {
        if isNegative || isZero { return true }
        guard let whole = floored(to: 0), whole.long == nil, whole.exponent < 19 else { return false }
        var value = whole.mantissa
        for _ in 0..<whole.exponent {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return false }
            value = product
        }
        return value < UInt64(bound)
    }

    /// Cut to this many decimal places, towards zero, less `units` of the last place. Nil where it has
    /// too many digits to reckon with, is negative, or would become so.
    func floored(to places: Int, less units: UInt64 = 0) -> DecimalNumber? {
        guard long == nil, !isNegative else { return nil }
        var scaled = mantissa
        var shift = exponent + places
        while shift < 0, scaled > 0 {
            scaled /= 10
            shift += 1
        }
        while shift > 0, scaled > 0 {
            let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
            if overflow { return units == 0 ? self : nil }
            scaled = product
            shift -= 1
        }
        guard scaled >= units else { return nil }
        return DecimalNumber(mantissa: scaled - units, exponent: -places)
    }

    /// Cut to that number of decimal places, and `units` of the last of them more. Nil where it has too many digits to
    /// reckon with, or is negative.
    func stepped(to places: Int, by units: UInt64) -> DecimalNumber? {
        guard let cut = floored(to: places), cut.long == nil else { return nil }
        var scaled = cut.mantissa
        var shift = cut.exponent + places
        while shift > 0 {
            let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            scaled = product
            shift -= 1
        }
        let (sum, overflow) = scaled.addingReportingOverflow(units)
        return overflow ? nil : DecimalNumber(mantissa: sum, exponent: -places)
    }

    /// To that number of decimal places, a half away from zero. Nil as ``stepped(to:by:)``.
    func roundedHalfUp(to places: Int) -> DecimalNumber? {
        guard let fine = stepped(to: places + 1, by: 5) else { return nil }
        return fine.floored(to: places)
    }

    /// Nil where it has too many digits to reckon with.
    static func sum(_ numbers: [DecimalNumber]) -> DecimalNumber? {
        let least = numbers.map(\.exponent).min() ?? 0
        var sum: Int64 = 0
        for number in numbers {
            guard number.long == nil, var scaled = Int64(exactly: number.mantissa) else { return nil }
            var shift = number.isZero ? 0 : number.exponent - least
            guard shift <= 18 else { return nil }
            while shift > 0 {
                let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                scaled = product
                shift -= 1
            }
            let (next, overflow) = sum.addingReportingOverflow(number.isNegative ? -scaled : scaled)
            if overflow { return nil }
            sum = next
        }
        return DecimalNumber(mantissa: sum.magnitude, exponent: least, isNegative: sum < 0)
    }

    /// Without its sign.
    var magnitude: DecimalNumber {
        var number = self
        number.isNegative = false
        return number
    }

    /// As JSON writes it, where it can be reckoned with; else empty.
    var text: String {
        guard long == nil else { return "" }
        return (isNegative ? "-" : "") + String(mantissa) + (exponent == 0 ? "" : "e\(exponent)")
    }
}
