import Model

/// A point in time as a text tells it: ISO 8601, with or without an offset.
///
/// Source: Values, Dates and time zones. `yyyy-MM-dd'T'HH:mm:ssXXX`.
/// Fractions of a second are accepted and kept to the millisecond.
struct Instant: Equatable {
    /// The clock time, as if it were UTC.
    var clock: Timestamp
    /// Minutes east of UTC; nil where the text has none.
    var offset: Int?

    var timestamp: Timestamp {
        Timestamp(milliseconds: clock.milliseconds - Int64(offset ?? 0) * 60_000)
    }

    init(clock: Timestamp, offset: Int?) {
        self.clock = clock
        self.offset = offset
    }

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes, 0..<bytes.count)
    }

    /// Nil where the bytes are no date, or no day of the calendar. A date alone is its midnight,
    /// without offset.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        var at = range.lowerBound
        let end = range.upperBound
        func number(_ count: Int) -> Int? {
            guard at + count <= end else { return nil }
            var value = 0
            for _ in 0..<count {
                guard isDigit(bytes[at]) else { return nil }
                value = value * 10 + Int(bytes[at] & 15)
                at += 1
            }
            return value
        }
        func skip(_ byte: UInt8) -> Bool {
            guard at < end, bytes[at] == byte else { return false }
            at += 1
            return true
        }
        let dash = UInt8(ascii: "-")
        let colon = UInt8(ascii: ":")
        guard let year = number(4), skip(dash), let month = number(2), skip(dash),
            let dayOfMonth = number(2),
            let day = CivilDay(year: year, month: month, day: dayOfMonth)
        else { return nil }
        var milliseconds = Int64(day.daysSinceEpoch) * 86_400_000
        offset = nil
        guard at < end else {
            clock = Timestamp(milliseconds: milliseconds)
            return
        }
        guard skip(UInt8(ascii: "T")), let hour = number(2), skip(colon), let minute = number(2),
            skip(colon), let second = number(2), hour < 24, minute < 60, second < 60
        else { return nil }
        milliseconds += Int64(hour * 3600 + minute * 60 + second) * 1000
        if skip(UInt8(ascii: ".")) {
            var unit: Int64 = 100
            let start = at
            while at < end, isDigit(bytes[at]) {
                milliseconds += Int64(bytes[at] & 15) * unit
                unit /= 10
                at += 1
            }
            guard (1...9).contains(at - start) else { return nil }
        }
        clock = Timestamp(milliseconds: milliseconds)
        guard at < end else { return }
        if skip(UInt8(ascii: "Z")) {
            offset = 0
        } else {
            let east = bytes[at] == UInt8(ascii: "+")
            guard east || bytes[at] == dash else { return nil }
            at += 1
            guard let hours = number(2) else { return nil }
            _ = skip(colon)
            guard let minutes = number(2), hours <= 18, minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (east ? 1 : -1)
        }
        guard at == end else { return nil }
    }

    /// `+05:30` as minutes; nil where it is none.
    static func offset(_ text: String) -> Int? {
        Instant("2000-01-01T00:00:00" + text)?.offset
    }
}
