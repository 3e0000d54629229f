import Foundation
import Model

/// The offsets of one time zone, asked of Foundation once a transition and kept.
struct ZoneTable: Sendable {
    /// From `instant` on the clocks show another offset.
    private struct Transition: Sendable {
        var instant: Int
        var before: Int
        var after: Int
    }
    private struct Year: Sendable {
        var first: Int
        var transitions: [Transition]
    }

    private let zone: TimeZone?
    private let fixed: Int
    private var years: [Int: Year] = [:]
    /// The stretch of clock time that the last answer holds for.
    private var known: Range<Int> = 0..<0
    private var knownOffset = 0

    /// Takes an IANA name, `UTC`, or an offset such as `+05:30`. Nil where there is no such zone.
    init?(_ name: String) {
        if let offset = ZoneTable.fixedOffset(name) {
            zone = nil
            fixed = offset
        } else if let zone = TimeZone(identifier: name) {
            self.zone = zone
            fixed = 0
        } else {
            return nil
        }
    }

    /// What an abbreviation may stand for, where that is more than one zone.
    ///
    /// IANA's own names of three letters that keep one offset are among them: who writes `EST` hardly means New
    /// York without its summer time. So are those that only Java's first zones and ICU know: `ART` is Cairo
    /// there, and Argentina to anyone else; `MIT` and `NET` are zones to nobody else.
    static func candidates(for name: String) -> [String]? { ambiguous[name.uppercased()] }

    private static let ambiguous: [String: [String]] = [
        "ACT": ["Australia/Darwin", "America/Rio_Branco"],
        "ADT": ["America/Halifax", "Asia/Baghdad"],
        "AMT": ["America/Manaus", "Asia/Yerevan"],
        "ART": ["America/Argentina/Buenos_Aires", "Africa/Cairo"],
        "AST": ["America/Halifax", "Asia/Riyadh"],
        "BET": ["America/Sao_Paulo"],
        "BST": ["Europe/London", "Asia/Dhaka", "Pacific/Bougainville"],
        "BT": ["Asia/Thimphu", "Asia/Baghdad"],
        "CDT": ["America/Chicago", "America/Havana", "Australia/Adelaide"],
        "CNT": ["America/St_Johns"],
        "CST": ["America/Chicago", "Asia/Shanghai", "America/Havana", "Australia/Adelaide"],
        "CTT": ["Asia/Shanghai", "Asia/Taipei"],
        "ECT": ["America/Guayaquil", "America/Port_of_Spain"],
        "EDT": ["America/New_York", "Australia/Sydney"],
        "EST": ["America/New_York", "America/Panama", "Australia/Sydney"],
        "FKST": ["Atlantic/Stanley", "America/Punta_Arenas"],
        "GST": ["Asia/Dubai", "Atlantic/South_Georgia", "Pacific/Guam"],
        "HST": ["Pacific/Honolulu", "America/Adak"],
        "IET": ["America/Indiana/Indianapolis"],
        "IST": ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
        "MDT": ["America/Denver", "America/Mazatlan"],
        "MIT": ["Pacific/Apia", "Pacific/Marquesas"],
        "MST": ["America/Denver", "America/Phoenix", "Asia/Kuala_Lumpur", "Asia/Yangon"],
        "NET": ["Asia/Yerevan"],
        "NST": ["America/St_Johns", "Pacific/Auckland"],
        "PDT": ["America/Los_Angeles", "America/Tijuana"],
        "PLT": ["Asia/Karachi"],
        "PNT": ["America/Phoenix"],
        "PRT": ["America/Puerto_Rico"],
        "PST": ["America/Los_Angeles", "Asia/Manila", "Pacific/Pitcairn"],
        "PYT": ["America/Asuncion", "Asia/Pyongyang"],
        "SST": ["Pacific/Pago_Pago", "Asia/Singapore"],
        "WST": ["Pacific/Apia", "Australia/Perth", "Africa/El_Aaiun"],
    ]

    /// Why such a name is refused, and what to say instead.
    static func ambiguity(of name: String, _ candidates: [String]) -> String {
        let list = candidates.dropLast().joined(separator: ", ")
        let words = list.isEmpty ? candidates[0] : list + " or " + candidates[candidates.count - 1]
        guard candidates.count > 1 else {
            return
                "“\(name)” is not a common name of a time zone: write \(words), or an offset such as +05:30."
        }
        return
            "“\(name)” can mean more than one time zone: write \(words), or an offset such as +05:30."
    }

    /// The name that was probably meant.
    static func suggestion(for name: String) -> String? {
        // Not all names that are understood are listed.
        let capitals = capitalized(name)
        if capitals != name, TimeZone(identifier: capitals) != nil { return capitals }
        return Suggestion.nearest(to: name, among: TimeZone.knownTimeZoneIdentifiers)
    }

    /// `asia/kolkata` as such names are written; the small words in some stay small.
    private static func capitalized(_ name: String) -> String {
        var result = ""
        var word = ""
        func end() {
            let isSmall = ["of", "es", "au"].contains(word)
            result += isSmall ? word : word.prefix(1).uppercased() + word.dropFirst()
            word = ""
        }
        for character in name.lowercased() {
            guard "/_-".contains(character) else {
                word.append(character)
                continue
            }
            end()
            result.append(character)
        }
        end()
        return result
    }

    private static func fixedOffset(_ name: String) -> Int? {
        if ["UTC", "GMT", "Z"].contains(name) { return 0 }
        let bytes = Array(name.utf8)
        guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return nil
        }
        let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, digits.allSatisfy({ isDigit($0) }) else { return nil }
        let values = digits.map { Int($0 & 15) }
        let hours = values[0] * 10 + values[1]
        let minutes = values[2] * 10 + values[3]
        guard hours <= 18, minutes < 60 else { return nil }
        return (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    /// Seconds east of UTC when the clocks of the zone show `clock`, in seconds since 1970 as if it
    /// were UTC.
    ///
    /// Where the clocks show it twice, the first time is meant. Where they skip it, the offset before
    /// the skip is taken, so that the instant is as long after it as the clock says.
    mutating func offset(atClock clock: Int) -> Int {
        if known.contains(clock) { return knownOffset }
        guard zone != nil else { return fixed }
        let number = ZoneTable.year(of: clock)
        let year = self.year(number)
        var offset = year.first
        var low = ZoneTable.start(of: number)
        var high = ZoneTable.start(of: number + 1)
        for transition in year.transitions {
            let turn = transition.instant + max(transition.before, transition.after)
            if clock < turn {
                high = min(high, turn)
                break
            }
            low = max(low, turn)
            offset = transition.after
        }
        if low <= clock, clock < high {
            known = low..<high
            knownOffset = offset
        }
        return offset
    }

    /// Seconds east of UTC at an instant, in seconds since 1970.
    mutating func offset(at instant: Int) -> Int {
        guard zone != nil else { return fixed }
        let year = self.year(ZoneTable.year(of: instant))
        return year.transitions.last { $0.instant <= instant }?.after ?? year.first
    }

    private static func year(of clock: Int) -> Int {
        CivilDay(daysSinceEpoch: clock.flooringDivided(by: 86_400)).year
    }

    private static func start(of year: Int) -> Int {
        (CivilDay(year: year, month: 1, day: 1)?.daysSinceEpoch ?? 0) * 86_400
    }

    /// The year's transitions and those of a few days around it.
    private mutating func year(_ number: Int) -> Year {
        if let year = years[number] { return year }
        let margin = 3 * 86_400
        let first = ZoneTable.start(of: number) - margin
        let end = ZoneTable.start(of: number + 1) + margin
        var year = Year(first: ask(first), transitions: [])
        var at = first
        var offset = year.first
        // No zone has moved its clocks twice within five days.
        while at < end {
            let next = min(at + 5 * 86_400, end)
            let then = ask(next)
            if then != offset {
                var low = at
                var high = next
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if ask(middle) == offset { low = middle } else { high = middle }
                }
                year.transitions.append(Transition(instant: high, before: offset, after: then))
                offset = then
            }
            at = next
        }
        years[number] = year
        return year
    }

    private func ask(_ instant: Int) -> Int {
        zone?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) ?? fixed
    }
}
