import Model

/// How dates are written in a file, compiled from letters as in `dd/MM/yyyy HH:mm`.
///
/// `yyyy` `yy` (70 to 99 is the last century) `MM` `M` `MMM` `MMMM` (English) `dd` `d` `HH` `H` `hh` `h` `a`
/// `mm` `m` `ss` `s` `S`… (fraction, any number of digits) `EEE` `EEEE` (ignored) `X` `XX` `XXX` `Z` (offset);
/// one letter of M, d, H, h, m, s takes one or two digits, two take two. Text in single quotes and
/// everything that is no letter stands for itself. `iso`, `epoch` and `epoch_ms` are whole patterns.
struct DatePattern: Sendable, Equatable {
    private enum Step: Sendable, Equatable {
        case literal(UInt8)
        case year4, year2, month(Int), monthName, day(Int), hour24(Int), hour12(Int), minute(Int),
            second(Int)
        case fraction, halfDay, weekday, offset
    }
    private enum Form: Sendable, Equatable { case steps([Step]), iso, epoch, epochMilliseconds }

    /// As the job has it.
    let text: String
    private let form: Form

    /// Whether every value says its own instant.
    var hasOffset: Bool {
        switch form {
        case .epoch, .epochMilliseconds: true
        case .iso: false
        case .steps(let steps): steps.contains(.offset)
        }
    }

    var isEpoch: Bool { form == .epoch || form == .epochMilliseconds }

    /// Whether a value may say its own instant.
    var mayHaveOffset: Bool { form == .iso || hasOffset }

    /// - Throws: What is wrong with the pattern.
    init(_ text: String) throws(MappingError) {
        self.text = text
        switch text {
        case "iso": form = .iso
        case "epoch": form = .epoch
        case "epoch_ms": form = .epochMilliseconds
        default: form = .steps(try DatePattern.compile(text))
        }
    }

    private static func compile(_ text: String) throws(MappingError) -> [Step] {
        func wrong(_ message: String) -> MappingError {
            MappingError(.badRule, at: "format", message: "“\(text)”: " + message)
        }
        let bytes = Array(text.utf8)
        var steps: [Step] = []
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "'") {
                guard let close = bytes[(at + 1)...].firstIndex(of: byte) else {
                    throw wrong("a single quote is not closed.")
                }
                let inside = bytes[(at + 1)..<close]
                steps += inside.isEmpty ? [.literal(byte)] : inside.map { .literal($0) }
                at = close + 1
                continue
            }
            guard byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") else {
                steps.append(.literal(byte))
                at += 1
                continue
            }
            var count = 1
            while at + count < bytes.count, bytes[at + count] == byte { count += 1 }
            at += count
            switch (byte, count) {
            case (UInt8(ascii: "y"), 4), (UInt8(ascii: "u"), 4): steps.append(.year4)
            case (UInt8(ascii: "y"), 2): steps.append(.year2)
            case (UInt8(ascii: "M"), 1...2): steps.append(.month(count))
            case (UInt8(ascii: "M"), 3...4): steps.append(.monthName)
            case (UInt8(ascii: "d"), 1...2): steps.append(.day(count))
            case (UInt8(ascii: "H"), 1...2): steps.append(.hour24(count))
            case (UInt8(ascii: "h"), 1...2): steps.append(.hour12(count))
            case (UInt8(ascii: "m"), 1...2): steps.append(.minute(count))
            case (UInt8(ascii: "s"), 1...2): steps.append(.second(count))
            case (UInt8(ascii: "S"), _): steps.append(.fraction)
            case (UInt8(ascii: "a"), _): steps.append(.halfDay)
            case (UInt8(ascii: "E"), _): steps.append(.weekday)
            case (UInt8(ascii: "X"), 1...3), (UInt8(ascii: "x"), 1...3), (UInt8(ascii: "Z"), _):
                steps.append(.offset)
            case (UInt8(ascii: "T"), 1): steps.append(.literal(byte))
            default:
                throw wrong(
                    "“\(String(repeating: String(UnicodeScalar(byte)), count: count))” is not known in a date format. "
                        + "Known: yyyy yy MM M MMM dd d HH H hh h a mm m ss s S EEE XXX; "
                        + "put other letters in single quotes.")
            }
        }
        let hasDay = steps.contains { if case .day = $0 { true } else { false } }
        let hasMonth = steps.contains { if case .month = $0 { true } else { $0 == .monthName } }
        guard hasDay, hasMonth, steps.contains(.year4) || steps.contains(.year2) else {
            throw wrong("a date needs a year, a month and a day.")
        }
        let is12 = steps.contains { if case .hour12 = $0 { true } else { false } }
        guard is12 == steps.contains(.halfDay) else {
            throw wrong("use h together with a, as in `hh:mm a`; HH is 00 to 23.")
        }
        return steps
    }

    /// Reads the whole of `bytes[range]`; nil where it does not fit, or is no day or time there is.
    func parse(_ bytes: [UInt8], _ range: Range<Int>) -> ClockTime? {
        var scanner = Scanner(bytes: bytes, at: range.lowerBound, end: range.upperBound)
        switch form {
        case .steps(let steps):
            for step in steps {
                guard DatePattern.read(step, &scanner) else { return nil }
            }
        case .iso:
            guard DatePattern.readISO(&scanner) else { return nil }
        case .epoch: return DatePattern.epoch(bytes, range, unit: 1)
        case .epochMilliseconds: return DatePattern.epoch(bytes, range, unit: 1000)
        }
        guard scanner.at == scanner.end else { return nil }
        return scanner.clock
    }

    private static func read(_ step: Step, _ scanner: inout Scanner) -> Bool {
        switch step {
        case .literal(let byte): return scanner.skip(byte)
        case .year4:
            guard let year = scanner.number(4...4) else { return false }
            scanner.year = year
        case .year2:
            guard let year = scanner.number(2...2) else { return false }
            scanner.year = year < 70 ? 2000 + year : 1900 + year
        case .month(let width):
            guard let month = scanner.number(width...2) else { return false }
            scanner.month = month
        case .monthName:
            guard let month = scanner.word(of: monthNames) else { return false }
            scanner.month = month + 1
        case .day(let width):
            guard let day = scanner.number(width...2) else { return false }
            scanner.day = day
        case .hour24(let width):
            guard let hour = scanner.number(width...2), hour < 24 else { return false }
            scanner.hour = hour
        case .hour12(let width):
            guard let hour = scanner.number(width...2), (1...12).contains(hour) else { return false }
            scanner.hour = hour % 12
        case .minute(let width):
            guard let minute = scanner.number(width...2), minute < 60 else { return false }
            scanner.minute = minute
        case .second(let width):
            guard let second = scanner.number(width...2), second < 60 else { return false }
            scanner.second = second
        case .fraction: return scanner.fraction()
        case .halfDay:
            guard let half = scanner.word(of: halves) else { return false }
            scanner.isAfternoon = half == 1
        case .weekday: return scanner.word(of: weekdays) != nil
        case .offset: return scanner.readOffset()
        }
        return true
    }

    private static func readISO(_ scanner: inout Scanner) -> Bool {
        let colon = UInt8(ascii: ":")
        guard read(.year4, &scanner), scanner.skip(UInt8(ascii: "-")), read(.month(2), &scanner),
            scanner.skip(UInt8(ascii: "-")), read(.day(2), &scanner)
        else { return false }
        guard scanner.at < scanner.end else { return true }
        guard scanner.skip(UInt8(ascii: "T")) || scanner.skip(UInt8(ascii: " ")),
            read(.hour24(2), &scanner), scanner.skip(colon), read(.minute(2), &scanner)
        else { return false }
        if scanner.skip(colon) {
            guard read(.second(2), &scanner) else { return false }
            if scanner.skip(UInt8(ascii: ".")) || scanner.skip(UInt8(ascii: ",")) {
                guard scanner.fraction() else { return false }
            }
        }
        guard scanner.at < scanner.end else { return true }
        _ = scanner.skip(UInt8(ascii: " "))
        return scanner.readOffset()
    }

    /// `unit` is how many of the numbers make a second. The clock shows UTC.
    private static func epoch(_ bytes: [UInt8], _ range: Range<Int>, unit: Int) -> ClockTime? {
        var scanner = Scanner(bytes: bytes, at: range.lowerBound, end: range.upperBound)
        let isNegative = scanner.skip(UInt8(ascii: "-"))
        guard let number = scanner.number(1...15) else { return nil }
        if unit == 1, scanner.skip(UInt8(ascii: ".")) {
            guard scanner.fraction() else { return nil }
        }
        guard scanner.at == scanner.end else { return nil }
        let whole = number * (1000 / unit) + scanner.milliseconds
        let milliseconds = isNegative ? -whole : whole
        let seconds = milliseconds.flooringDivided(by: 1000)
        return ClockTime(seconds: seconds, milliseconds: milliseconds - seconds * 1000, offset: 0)
    }

    private static let monthNames = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october",
        "november", "december",
    ].map { Array($0.utf8) }
    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ].map { Array($0.utf8) }
    private static let halves = [Array("am".utf8), Array("pm".utf8)]

    /// The parts of a date while they are read.
    private struct Scanner {
        let bytes: [UInt8]
        var at: Int
        let end: Int
        var year = 0
        var month = 0
        var day = 0
        var hour = 0
        var minute = 0
        var second = 0
        var milliseconds = 0
        var isAfternoon = false
        var offset: Int?

        init(bytes: [UInt8], at: Int, end: Int) {
            self.bytes = bytes
            self.at = at
            self.end = end
        }

        var clock: ClockTime? {
            guard let civil = CivilDay(year: year, month: month, day: day) else { return nil }
            let hours = hour + (isAfternoon ? 12 : 0)
            return ClockTime(
                seconds: civil.daysSinceEpoch * 86_400 + hours * 3600 + minute * 60 + second,
                milliseconds: milliseconds, offset: offset)
        }

        mutating func skip(_ byte: UInt8) -> Bool {
            guard at < end, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        mutating func number(_ digits: ClosedRange<Int>) -> Int? {
            var value = 0
            var count = 0
            while count < digits.upperBound, at < end, isDigit(bytes[at]) {
                value = value * 10 + Int(bytes[at] & 15)
                at += 1
                count += 1
            }
            return count >= digits.lowerBound ? value : nil
        }

        /// Digits after the seconds; those after the third are dropped.
        mutating func fraction() -> Bool {
            let start = at
            var unit = 100
            while at < end, isDigit(bytes[at]) {
                milliseconds += Int(bytes[at] & 15) * unit
                unit /= 10
                at += 1
            }
            return at > start
        }

        /// The index of the word that is here, whole or its first three letters, in any case.
        mutating func word(of words: [[UInt8]]) -> Int? {
            var letters = 0
            while at + letters < end,
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[at + letters] | 0x20)
            {
                letters += 1
            }
            for (index, word) in words.enumerated() where letters == word.count || letters == 3 {
                guard letters <= word.count else { continue }
                if (0..<letters).allSatisfy({ bytes[at + $0] | 0x20 == word[$0] }) {
                    at += letters
                    // `Jan.`
                    if letters == 3, word.count > 3, at < end, bytes[at] == UInt8(ascii: ".") {
                        at += 1
                    }
                    return index
                }
            }
            return nil
        }

        /// `Z`, `+05`, `+0530` or `+05:30`.
        mutating func readOffset() -> Bool {
            if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) {
                offset = 0
                return true
            }
            let isEast = skip(UInt8(ascii: "+"))
            guard isEast || skip(UInt8(ascii: "-")), let hours = number(2...2), hours <= 18 else {
                return false
            }
            var minutes = 0
            if skip(UInt8(ascii: ":")) || at < end && isDigit(bytes[at]) {
                guard let number = number(2...2), number < 60 else { return false }
                minutes = number
            }
            offset = (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
            return true
        }
    }
}
