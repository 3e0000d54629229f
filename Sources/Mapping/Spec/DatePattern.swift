import Model

/// How dates are written in a file, compiled from letters as in `dd/MM/yyyy HH:mm`.
///
/// `yyyy` `yy` (70 to 99 is the last century) `MM` `M` `MMM` `MMMM` (in the language given) `dd` `d` `HH` `H` `hh` `h` `a`
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
    private let words: DateWords

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
    init(_ text: String, words: DateWords = .english) throws(MappingError) {
        self.text = text
        self.words = words
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
        var scanner = DateScanner(bytes, range)
        switch form {
        case .steps(let steps):
            for step in steps {
                guard read(step, &scanner) else { return nil }
            }
        case .iso:
            guard scanner.readISO(.lenient) else { return nil }
        case .epoch: return DatePattern.epoch(bytes, range, unit: 1)
        case .epochMilliseconds: return DatePattern.epoch(bytes, range, unit: 1000)
        }
        guard scanner.isAtEnd, let seconds = scanner.clockSeconds else { return nil }
        return ClockTime(
            seconds: seconds, milliseconds: scanner.milliseconds, offset: scanner.offset)
    }

    private func read(_ step: Step, _ scanner: inout DateScanner) -> Bool {
        switch step {
        case .literal(0x20): return scanner.skipSpace()
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
            guard let month = scanner.month(in: words) else { return false }
            scanner.month = month
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
        case .fraction: return scanner.fraction() != nil
        case .halfDay:
            guard let isAfternoon = scanner.halfOfDay() else { return false }
            scanner.isAfternoon = isAfternoon
        case .weekday: return scanner.weekday(in: words)
        case .offset: return scanner.readOffset(.lenient)
        }
        return true
    }

    /// `unit` is how many of the numbers make a second. The clock shows UTC.
    private static func epoch(_ bytes: [UInt8], _ range: Range<Int>, unit: Int) -> ClockTime? {
        var scanner = DateScanner(bytes, range)
        let isNegative = scanner.skip(UInt8(ascii: "-"))
        guard let number = scanner.number(1...15) else { return nil }
        if unit == 1, scanner.skip(UInt8(ascii: ".")) {
            guard scanner.fraction() != nil else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
        let whole = number * (1000 / unit) + scanner.milliseconds
        let milliseconds = isNegative ? -whole : whole
        let seconds = milliseconds.flooringDivided(by: 1000)
        return ClockTime(seconds: seconds, milliseconds: milliseconds - seconds * 1000, offset: 0)
    }
}
