import Model

/// A decimal number of up to 38 digits, computed without a loss.
struct ExactDecimal: Sendable, Equatable {
    /// The number without its point.
    private var digits: Int128
    /// How many of them are behind the point.
    private var places: Int

    private static let most = 38

    /// Reads a number of JSON's spelling without an exponent.
    init?(_ text: [UInt8], _ range: Range<Int>) {
        var digits: Int128 = 0
        var places = 0
        var isBehind = false
        var at = range.lowerBound
        let isNegative = at < range.upperBound && text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        guard at < range.upperBound else { return nil }
        while at < range.upperBound {
            if text[at] == UInt8(ascii: "."), !isBehind {
                isBehind = true
            } else {
                guard isDigit(text[at]), places < Self.most else { return nil }
                let (tens, over) = digits.multipliedReportingOverflow(by: 10)
                let (sum, tooMuch) = tens.addingReportingOverflow(Int128(text[at] & 15))
                guard !over, !tooMuch else { return nil }
                digits = sum
                if isBehind { places += 1 }
            }
            at += 1
        }
        self.digits = isNegative ? -digits : digits
        self.places = places
    }

    private init(digits: Int128, places: Int) {
        self.digits = digits
        self.places = places
    }

    static let zero = ExactDecimal(digits: 0, places: 0)

    private static func power(_ places: Int) -> Int128? {
        guard places >= 0, places <= most else { return nil }
        var power: Int128 = 1
        for _ in 0..<places { power *= 10 }
        return power
    }

    private func widened(to places: Int) -> Int128? {
        guard let power = Self.power(places - self.places) else { return nil }
        let (digits, over) = self.digits.multipliedReportingOverflow(by: power)
        return over ? nil : digits
    }

    /// Nil where it would have too many digits; so are the others.
    func adding(_ other: ExactDecimal) -> ExactDecimal? {
        let places = max(self.places, other.places)
        guard let a = widened(to: places), let b = other.widened(to: places) else { return nil }
        let (sum, over) = a.addingReportingOverflow(b)
        return over ? nil : ExactDecimal(digits: sum, places: places)
    }

    var negated: ExactDecimal { ExactDecimal(digits: -digits, places: places) }

    var magnitude: ExactDecimal { digits < 0 ? negated : self }

    func multiplied(by other: ExactDecimal) -> ExactDecimal? {
        let (product, over) = digits.multipliedReportingOverflow(by: other.digits)
        let places = places + other.places
        guard !over, places <= Self.most else { return nil }
        return ExactDecimal(digits: product, places: places)
    }

    var isZero: Bool { digits == 0 }

    /// Halves are rounded away from zero, as in commerce.
    func divided(by other: ExactDecimal, places: Int) -> ExactDecimal? {
        guard !other.isZero else { return nil }
        // digits / 10^p over others / 10^q, with that number of places: digits * 10^(places + q - p) / others.
        let shift = places + other.places - self.places
        guard let power = Self.power(abs(shift)) else { return nil }
        let (above, over) = shift >= 0 ? digits.multipliedReportingOverflow(by: power) : (digits, false)
        let (below, under) =
            shift < 0 ? other.digits.multipliedReportingOverflow(by: power) : (other.digits, false)
        guard !over, !under else { return nil }
        return ExactDecimal(digits: Self.quotient(above, below), places: places)
    }

    func rounded(to places: Int) -> ExactDecimal? {
        guard places < self.places else {
            return widened(to: places).map { ExactDecimal(digits: $0, places: places) }
        }
        guard let power = Self.power(self.places - places) else { return nil }
        return ExactDecimal(digits: Self.quotient(digits, power), places: places)
    }

    private static func quotient(_ above: Int128, _ below: Int128) -> Int128 {
        let (whole, rest) = above.quotientAndRemainder(dividingBy: below)
        let isUp = rest.magnitude >= below.magnitude - rest.magnitude
        return isUp ? whole + ((above < 0) == (below < 0) ? 1 : -1) : whole
    }

    /// -1, 0 or 1.
    func compared(with other: ExactDecimal) -> Int? {
        let places = max(self.places, other.places)
        guard let a = widened(to: places), let b = other.widened(to: places) else { return nil }
        return a < b ? -1 : a == b ? 0 : 1
    }

    /// Appends it, with that sign before the fraction.
    func append(to out: inout [UInt8], decimal: UInt8) {
        var text = Array(String(digits.magnitude).utf8)
        if text.count <= places { text = Array(repeating: 0x30, count: places + 1 - text.count) + text }
        if digits < 0 { out.append(UInt8(ascii: "-")) }
        out += text.dropLast(places)
        guard places > 0 else { return }
        out.append(decimal)
        out += text.suffix(places)
    }
}
