package import Model

/// Writes instants as the clocks of one zone show them.
package struct ZoneClock: Sendable {
    private var table: ZoneTable

    /// Takes an IANA name, `UTC`, or an offset such as `+05:30`. Nil where there is no such zone.
    package init?(_ name: String) {
        guard let table = ZoneTable(name) else { return nil }
        self.table = table
    }

    /// The name that was probably meant.
    package static func suggestion(for name: String) -> String? { ZoneTable.suggestion(for: name) }

    /// `2026-02-03T19:45:00+05:30`; fractions of a second as far as there are any.
    package mutating func text(_ instant: Timestamp) -> String {
        let seconds = instant.milliseconds.flooringDivided(by: 1000)
        let offset = table.offset(at: Int(seconds))
        let clock = Timestamp(milliseconds: instant.milliseconds + Int64(offset) * 1000)
        var text = clock.iso8601
        text.removeLast()
        let rest = instant.milliseconds - seconds * 1000
        if rest > 0 {
            let digits = String(rest)
            text += "." + String(repeating: "0", count: 3 - digits.count) + digits
        }
        let minutes = abs(offset) / 60
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        return text + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }
}
