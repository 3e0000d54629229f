import Model

/// A date as it was written, perhaps with a time of day and an offset.
struct ClockTime: Equatable, Sendable {
    /// Seconds since 1970 of what the clock shows, as if it were UTC.
    var seconds: Int
    /// 0...999
    var milliseconds = 0
    /// Seconds east of UTC; nil where none was written.
    var offset: Int?

    /// Appends `2026-02-03`. False where the year has not four digits.
    func appendDate(to out: inout [UInt8]) -> Bool {
        let day = CivilDay(daysSinceEpoch: seconds.flooringDivided(by: 86_400))
        guard (0...9999).contains(day.year) else { return false }
        appendTwo(day.year / 100, to: &out)
        appendTwo(day.year % 100, to: &out)
        out.append(UInt8(ascii: "-"))
        appendTwo(day.month, to: &out)
        out.append(UInt8(ascii: "-"))
        appendTwo(day.day, to: &out)
        return true
    }

    /// Appends `2026-02-03T14:05:00+05:30`, with `.123` where there is a fraction.
    func appendISO(offset: Int, to out: inout [UInt8]) -> Bool {
        guard appendDate(to: &out) else { return false }
        let rest = seconds - seconds.flooringDivided(by: 86_400) * 86_400
        out.append(UInt8(ascii: "T"))
        appendTwo(rest / 3600, to: &out)
        out.append(UInt8(ascii: ":"))
        appendTwo(rest / 60 % 60, to: &out)
        out.append(UInt8(ascii: ":"))
        appendTwo(rest % 60, to: &out)
        if milliseconds > 0 {
            out.append(UInt8(ascii: "."))
            out.append(UInt8(ascii: "0") + UInt8(milliseconds / 100))
            appendTwo(milliseconds % 100, to: &out)
        }
        if offset == 0 {
            out.append(UInt8(ascii: "Z"))
            return true
        }
        // Offsets before standard time have seconds, which ISO 8601 cannot show.
        let minutes = abs(offset) / 60
        out.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        appendTwo(minutes / 60, to: &out)
        out.append(UInt8(ascii: ":"))
        appendTwo(minutes % 60, to: &out)
        return true
    }

    private func appendTwo(_ value: Int, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10))
        out.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
    }
}
