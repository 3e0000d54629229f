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
        var scanner = DateScanner(bytes, range)
        guard scanner.readISO(.strict), scanner.isAtEnd, let seconds = scanner.clockSeconds else {
            return nil
        }
        clock = Timestamp(milliseconds: Int64(seconds * 1000 + scanner.milliseconds))
        offset = scanner.offset.map { $0 / 60 }
    }

    /// `+05:30` as minutes; nil where it is none.
    static func offset(_ text: String) -> Int? {
        Instant("2000-01-01T00:00:00" + text)?.offset
    }
}
