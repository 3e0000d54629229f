/// Reads a date and a time of day from bytes, piece by piece.
///
/// What is read is kept as it comes; ``clockSeconds`` tells whether there is such a day.
package struct DateScanner {
    /// How much of ISO 8601 is accepted.
    package enum Style: Sendable {
        /// `yyyy-MM-dd'T'HH:mm:ssXXX`, as the API writes it: a fraction of at most nine digits behind a point,
        /// `Z` or an offset with minutes.
        case strict
        /// As files have it: also a space for the `T`, no seconds, a comma before the fraction, `z`, an offset of
        /// hours alone and a space before it.
        case lenient
    }

    /// The whole text.
    package let bytes: [UInt8]
    /// The next byte to read.
    package var at: Int
    /// Where the text ends.
    package let end: Int
    /// Four digits, or what two digits stand for.
    package var year = 0
    /// 1...12 once it is read.
    package var month = 0
    /// 1...31 once it is read.
    package var day = 0
    /// 0...23, or 1...12 beside ``isAfternoon``.
    package var hour = 0
    /// 0...59.
    package var minute = 0
    /// 0...59.
    package var second = 0
    /// 0...999.
    package var milliseconds = 0
    /// The text says PM.
    package var isAfternoon = false
    /// Seconds east of UTC; nil where none was read.
    package var offset: Int?

    @inlinable package init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    /// Nothing is left to read.
    @inlinable package var isAtEnd: Bool { at == end }

    /// Seconds since 1970 of what the clock shows, as if it were UTC; nil where the calendar has no such day.
    package var clockSeconds: Int? {
        guard let civil = CivilDay(year: year, month: month, day: day) else { return nil }
        let hours = hour + (isAfternoon ? 12 : 0)
        return civil.daysSinceEpoch * 86_400 + hours * 3600 + minute * 60 + second
    }

    /// Reads that byte, if it is next.
    @inlinable package mutating func skip(_ byte: UInt8) -> Bool {
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// Reads a number of that many digits; nil, and nothing is read, where there are fewer.
    @inlinable package mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, at < end, isDigit(bytes[at]) {
            value = value * 10 + Int(bytes[at] & 15)
            at += 1
            count += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    /// Digits behind the seconds, at least one; those behind the third are dropped.
    ///
    /// - Returns: How many there are.
    package mutating func fraction() -> Int? {
        let start = at
        var unit = 100
        while at < end, isDigit(bytes[at]) {
            milliseconds += Int(bytes[at] & 15) * unit
            unit /= 10
            at += 1
        }
        return at > start ? at - start : nil
    }

    /// `Z`, `+0530` or `+05:30`; lenient, also `z` and `+05`.
    package mutating func readOffset(_ style: Style) -> Bool {
        if skip(UInt8(ascii: "Z")) || style == .lenient && skip(UInt8(ascii: "z")) {
            offset = 0
            return true
        }
        let isEast = skip(UInt8(ascii: "+"))
        guard isEast || skip(UInt8(ascii: "-")), let hours = number(2...2), hours <= 18 else {
            return false
        }
        var minutes = 0
        let hasColon = skip(UInt8(ascii: ":"))
        if style == .strict || hasColon || at < end && isDigit(bytes[at]) {
            guard let number = number(2...2), number < 60 else { return false }
            minutes = number
        }
        offset = (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        return true
    }

    /// A date alone, or one with a time of day, and that with or without an offset.
    ///
    /// - Returns: False where the bytes do not fit. What stands behind is not read.
    package mutating func readISO(_ style: Style) -> Bool {
        let dash = UInt8(ascii: "-")
        let colon = UInt8(ascii: ":")
        guard let year = number(4...4), skip(dash), let month = number(2...2), skip(dash),
            let day = number(2...2)
        else { return false }
        (self.year, self.month, self.day) = (year, month, day)
        if isAtEnd { return true }
        guard skip(UInt8(ascii: "T")) || style == .lenient && skip(UInt8(ascii: " ")),
            let hour = number(2...2), hour < 24, skip(colon), let minute = number(2...2), minute < 60
        else { return false }
        (self.hour, self.minute) = (hour, minute)
        if skip(colon) {
            guard let second = number(2...2), second < 60 else { return false }
            self.second = second
            if skip(UInt8(ascii: ".")) || style == .lenient && skip(UInt8(ascii: ",")) {
                guard let digits = fraction(), style == .lenient || digits <= 9 else { return false }
            }
        } else if style == .strict {
            return false
        }
        if isAtEnd { return true }
        if style == .lenient { _ = skip(UInt8(ascii: " ")) }
        return readOffset(style)
    }
}

/// `0` to `9`.
@inlinable @inline(__always)
package func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
