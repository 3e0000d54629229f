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
        let start = out.count
        out.append(contentsOf: ClockTime.dateShape)
        var span = out.mutableSpan
        write(day, at: start, in: &span)
        return true
    }

    /// Appends `2026-02-03T14:05:00+05:30`, with `.123` where there is a fraction.
    func appendISO(offset: Int, to out: inout [UInt8]) -> Bool {
        let days = seconds.flooringDivided(by: 86_400)
        let day = CivilDay(daysSinceEpoch: days)
        guard (0...9999).contains(day.year) else { return false }
        let rest = seconds - days * 86_400
        let start = out.count
        out.append(contentsOf: ClockTime.shape)
        var span = out.mutableSpan
        write(day, at: start, in: &span)
        write(rest / 3600, at: start + 11, in: &span)
        write(rest / 60 % 60, at: start + 14, in: &span)
        write(rest % 60, at: start + 17, in: &span)
        if milliseconds > 0 {
            out.append(UInt8(ascii: "."))
            out.append(UInt8(ascii: "0") + UInt8(milliseconds / 100))
            out.append(UInt8(ascii: "0") + UInt8(milliseconds / 10 % 10))
            out.append(UInt8(ascii: "0") + UInt8(milliseconds % 10))
        }
        if offset == 0 {
            out.append(UInt8(ascii: "Z"))
            return true
        }
        // Offsets before standard time have seconds, which ISO 8601 cannot show.
        let minutes = abs(offset) / 60
        let place = out.count
        out.append(contentsOf: offset < 0 ? ClockTime.west : ClockTime.east)
        var tail = out.mutableSpan
        write(minutes / 60, at: place + 1, in: &tail)
        write(minutes % 60, at: place + 4, in: &tail)
        return true
    }

    private static let dateShape = Array("0000-00-00".utf8)
    private static let shape = Array("0000-00-00T00:00:00".utf8)
    private static let east = Array("+00:00".utf8)
    private static let west = Array("-00:00".utf8)

    private func write(_ day: CivilDay, at start: Int, in span: inout MutableSpan<UInt8>) {
        write(day.year / 100, at: start, in: &span)
        write(day.year % 100, at: start + 2, in: &span)
        write(day.month, at: start + 5, in: &span)
        write(day.day, at: start + 8, in: &span)
    }

    /// Two digits.
    @inline(__always)
    private func write(_ value: Int, at place: Int, in span: inout MutableSpan<UInt8>) {
        span[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
        span[place + 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
    }
}
