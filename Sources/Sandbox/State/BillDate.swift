import Model

/// A date of a bill: the instant, and the offset it was written with.
struct BillDate: Equatable {
    /// Since 1970-01-01T00:00:00Z, taking a date without offset for one of the server's zone.
    var seconds: Int64
    /// Nil when none was written.
    var offsetMinutes: Int?

    /// Reads `yyyy-MM-dd`, perhaps with `THH:mm[:ss[.SSS]]`, perhaps with `Z`, `+HH:mm` or `+HHmm`.
    init?(_ bytes: [UInt8], _ range: Range<Int>, serverZoneMinutes zone: Int) {
        var cursor = Cursor(bytes: bytes, at: range.lowerBound, end: range.upperBound)
        guard let year = cursor.number(4), cursor.take("-"), let month = cursor.number(2),
            cursor.take("-"),
            let dayOfMonth = cursor.number(2),
            let day = CivilDay(year: year, month: month, day: dayOfMonth)
        else { return nil }
        var clock = 0
        if !cursor.isAtEnd {
            guard cursor.take("T") || cursor.take(" "), let hour = cursor.number(2), hour < 24,
                cursor.take(":"),
                let minute = cursor.number(2), minute < 60
            else { return nil }
            clock = hour * 3600 + minute * 60
            if cursor.take(":") {
                guard let second = cursor.number(2), second < 61 else { return nil }
                clock += second
                if cursor.take(".") {
                    guard cursor.number(1) != nil else { return nil }
                    cursor.skipDigits()
                }
            }
        }
        offsetMinutes = nil
        if cursor.take("Z") {
            offsetMinutes = 0
        } else if !cursor.isAtEnd {
            let sign = cursor.byte == UInt8(ascii: "-") ? -1 : 1
            guard cursor.take("+") || cursor.take("-"), let hours = cursor.number(2), hours < 19 else {
                return nil
            }
            _ = cursor.take(":")
            guard let minutes = cursor.number(2), minutes < 60 else { return nil }
            offsetMinutes = sign * (hours * 60 + minutes)
        }
        guard cursor.isAtEnd else { return nil }
        seconds = Int64(day.daysSinceEpoch * 86_400 + clock - (offsetMinutes ?? zone) * 60)
    }

    /// What an org that drops offsets makes of it: the clock time, in the server's zone.
    func droppingOffset(serverZoneMinutes zone: Int) -> BillDate {
        guard let offsetMinutes else { return self }
        var result = self
        result.seconds += Int64((offsetMinutes - zone) * 60)
        result.offsetMinutes = nil
        return result
    }
}

extension BillDate {
    init(seconds: Int64) {
        self.seconds = seconds
        offsetMinutes = nil
    }
}

/// A place in the text of a date.
private struct Cursor {
    let bytes: [UInt8]
    var at: Int
    let end: Int

    var isAtEnd: Bool { at >= end }
    var byte: UInt8 { bytes[at] }

    /// This many digits.
    mutating func number(_ count: Int) -> Int? {
        guard at + count <= end else { return nil }
        var value = 0
        for _ in 0..<count {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            at += 1
        }
        return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func skipDigits() {
        while at < end, bytes[at] &- 0x30 < 10 { at += 1 }
    }
}
