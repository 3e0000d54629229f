import Foundation

/// How the dates of a column are written.
package struct DateGuess: Sendable, Equatable {
    /// As `format` takes them; several where the values fit all of them: then only a person can tell.
    package var formats: [String]
    package var hasTime = false
    /// The values say their own instant.
    package var hasOffset = false
    /// Of the names of months: `de`; nil where there are none, or English ones.
    package var locale: String?

    package var isAmbiguous: Bool { formats.count > 1 }

    /// - Returns: Nil where the values are no dates, or are written in several ways.
    package static func of(_ values: [String]) -> DateGuess? {
        let texts = values.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard let first = texts.first else { return nil }
        let most = max(texts.count >= 10 ? 1 : 0, texts.count / 20)
        let parsed = texts.compactMap(Tokens.init)
        guard texts.count - parsed.count <= most else { return digits(texts, most) }
        // The first that fits the most: one damaged cell must not decide.
        let shapes = Dictionary(parsed.map { ($0.shape, 1) }, uniquingKeysWith: +)
        guard let shape = shapes.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
            texts.count - shape.value <= most
        else { return digits(texts, most) }
        _ = first
        return of(parsed.filter { $0.shape == shape.key })
    }

    /// Whether all values are a time of day, and how.
    package static func time(_ values: [String]) -> String? {
        let parts = values.map { $0.trimmingCharacters(in: .whitespaces).split(separator: ":") }
        guard let count = parts.first?.count, (2...3).contains(count),
            parts.allSatisfy({
                $0.count == count && $0.allSatisfy { (1...2).contains($0.count) && Int($0) != nil }
                    && Int($0[0]).map { $0 < 24 } == true && Int($0[1]).map { $0 < 60 } == true
            })
        else { return nil }
        let hours = parts.allSatisfy { $0[0].count == 2 } ? "HH" : "H"
        return hours + ":mm" + (count == 3 ? ":ss" : "")
    }

    // MARK: Dates of digits alone

    private static func digits(_ texts: [String], _ most: Int) -> DateGuess? {
        func all(_ isOne: (String) -> Bool) -> Bool {
            texts.count { !($0.allSatisfy(\.isASCIIDigit) && isOne($0)) } <= most
        }
        func isDay(_ text: Substring) -> Bool {
            guard text.count == 8, let year = Int(text.prefix(4)),
                let month = Int(text.dropFirst(4).prefix(2)), let day = Int(text.suffix(2))
            else { return false }
            return (1990...2100).contains(year) && (1...12).contains(month) && (1...31).contains(day)
        }
        if all({ isDay($0[...]) }) { return DateGuess(formats: ["yyyyMMdd"]) }
        if all({ $0.count == 14 && isDay($0.prefix(8)) }) {
            return DateGuess(formats: ["yyyyMMddHHmmss"], hasTime: true)
        }
        return nil
    }

    // MARK: Order

    private static func of(_ values: [Tokens]) -> DateGuess? {
        guard let first = values.first else { return nil }
        let names = first.parts.indices.filter { first.parts[$0].isWord }
        let time = first.time.map { timeFormat($0, values) } ?? ""
        if first.time != nil, time.isEmpty { return nil }
        let offset = first.hasOffset ? first.offsetFormat : ""
        func number(_ part: Int) -> [Int] { values.map { Int($0.parts[part].text) ?? -1 } }
        func width(_ part: Int) -> Int { values.contains { $0.parts[part].text.count == 1 } ? 1 : 2 }
        func isYear(_ part: Int) -> Bool { values.allSatisfy { $0.parts[part].text.count == 4 } }
        func day(_ part: Int) -> String { width(part) == 1 ? "d" : "dd" }
        func month(_ part: Int) -> String { width(part) == 1 ? "M" : "MM" }
        func fits(_ part: Int, _ range: ClosedRange<Int>) -> Bool {
            number(part).allSatisfy(range.contains)
        }
        func guess(_ orders: [[String]], _ locale: String? = nil) -> DateGuess? {
            guard !orders.isEmpty else { return nil }
            let formats = orders.map { parts in
                zip(parts, first.separators + [""]).map { $0 + quoted($1) }.joined()
                    + (time.isEmpty ? "" : quoted(first.between) + time) + offset
            }
            return DateGuess(
                formats: formats, hasTime: !time.isEmpty, hasOffset: first.hasOffset, locale: locale)
        }
        guard first.parts.count == 3 else { return nil }
        if names == [1] {
            guard let locale = MonthNames.language(of: values.map { $0.parts[1].text }) else {
                return nil
            }
            let year = isYear(2) ? "yyyy" : "yy"
            guard fits(0, 1...31) else { return nil }
            return guess([[day(0), "MMM", year]], locale == "en" ? nil : locale)
        }
        if names == [0] {
            guard let locale = MonthNames.language(of: values.map { $0.parts[0].text }), isYear(2),
                fits(1, 1...31)
            else { return nil }
            return guess([["MMM", day(1), "yyyy"]], locale == "en" ? nil : locale)
        }
        guard names.isEmpty else { return nil }
        if isYear(0) {
            guard fits(1, 1...12), fits(2, 1...31) else { return nil }
            return guess([["yyyy", month(1), day(2)]])
        }
        let year = isYear(2) ? "yyyy" : "yy"
        guard isYear(2) || values.allSatisfy({ $0.parts[2].text.count == 2 }) else { return nil }
        var orders: [[String]] = []
        if fits(0, 1...31), fits(1, 1...12) { orders.append([day(0), month(1), year]) }
        // Nobody writes the month first with dots.
        if first.separators.first != ".", fits(0, 1...12), fits(1, 1...31) {
            orders.append([month(0), day(1), year])
        }
        if year == "yy", fits(1, 1...12), fits(2, 1...31), first.separators.first != ".",
            values.allSatisfy({ $0.parts[0].text.count == 2 })
        {
            orders.append(["yy", month(1), day(2)])
        }
        return guess(orders)
    }

    private static func timeFormat(_ time: Tokens.Time, _ values: [Tokens]) -> String {
        let times = values.compactMap(\.time)
        let short = times.contains { $0.hour.count == 1 }
        let letter = time.half == nil ? "H" : "h"
        let limit = time.half == nil ? 23 : 12
        guard times.allSatisfy({ Int($0.hour).map { $0 <= limit } == true }) else { return "" }
        var format = (short ? letter : letter + letter) + quoted(time.separator) + "mm"
        if time.second != nil { format += quoted(time.separator) + "ss" }
        if time.fraction != nil { format += ".S" }
        if let half = time.half { format += (half.hasPrefix(" ") ? " " : "") + "a" }
        return format
    }

    /// Letters stand for themselves in quotes.
    private static func quoted(_ text: String) -> String {
        text.contains(where: \.isLetter) ? "'" + text + "'" : text
    }
}

/// A date taken apart.
struct Tokens {
    struct Part {
        var text: String
        var isWord: Bool
    }
    struct Time {
        var hour: String
        var separator: String
        var second: String?
        var fraction: String?
        var half: String?
    }

    var parts: [Part] = []
    var separators: [String] = []
    /// Between the date and the time.
    var between = ""
    var time: Time?
    var hasOffset = false
    var offsetFormat = ""
    /// The same for values that are written alike.
    var shape = ""

    init?(_ text: String) {
        guard text.count <= 40 else { return nil }
        var rest = Substring(text)
        func take(_ isOne: (Character) -> Bool) -> String {
            let found = rest.prefix(while: isOne)
            rest = rest.dropFirst(found.count)
            return String(found)
        }
        while parts.count < 3 {
            let digits = take(\.isASCIIDigit)
            let word = digits.isEmpty ? take { $0.isLetter } : ""
            guard !digits.isEmpty || word.count >= 3 else { return nil }
            parts.append(Part(text: digits + word, isWord: digits.isEmpty))
            guard parts.count < 3 else { break }
            let separator = take { !$0.isLetter && !$0.isASCIIDigit }
            guard !separator.isEmpty, separator.count <= 2 else { return nil }
            separators.append(separator)
        }
        guard parts.allSatisfy({ $0.isWord || $0.text.count <= 2 || $0.text.count == 4 }) else {
            return nil
        }
        if !rest.isEmpty {
            between = take { !$0.isASCIIDigit }
            guard [" ", "T", ", ", "  ", " - "].contains(between) else { return nil }
            let hour = take(\.isASCIIDigit)
            let separator = take { ":.h".contains($0) }
            let minute = take(\.isASCIIDigit)
            guard (1...2).contains(hour.count), minute.count == 2, separator.count == 1 else {
                return nil
            }
            var time = Time(hour: hour, separator: separator)
            if rest.hasPrefix(separator) {
                rest = rest.dropFirst()
                time.second = take(\.isASCIIDigit)
                guard time.second?.count == 2 else { return nil }
                if rest.first == ".", rest.dropFirst().first?.isASCIIDigit == true {
                    rest = rest.dropFirst()
                    time.fraction = take(\.isASCIIDigit)
                }
            }
            let half = rest.trimmingCharacters(in: .whitespaces).lowercased()
            if ["am", "pm", "a.m.", "p.m."].contains(half) {
                time.half = rest.hasPrefix(" ") ? " a" : "a"
                rest = ""
            }
            self.time = time
            if !rest.isEmpty {
                guard let offset = Self.offset(rest) else { return nil }
                hasOffset = true
                offsetFormat = offset
            }
        }
        let kinds = parts.map { $0.isWord ? "a" : $0.text.count == 4 ? "y" : "d" }
        shape = (zip(kinds, separators + [""]).map { $0 + $1 }.joined()) + between
        if let time {
            shape +=
                "t\(time.separator)\(time.second == nil ? "" : "s")\(time.fraction == nil ? "" : "f")"
                + (time.half ?? "")
        }
        shape += offsetFormat
    }

    private static func offset(_ text: Substring) -> String? {
        if text == "Z" { return "XXX" }
        let digits = text.filter(\.isASCIIDigit)
        guard let sign = text.first, "+-".contains(sign), digits.count == 4 else { return nil }
        return text.count == 6 && text.contains(":") ? "XXX" : text.count == 5 ? "XX" : nil
    }
}

/// Names of months, by the language they are of.
enum MonthNames {
    private static let names: [(String, String)] = [
        ("en", "jan feb mar apr may jun jul aug sep oct nov dec"),
        ("de", "jan feb mär apr mai jun jul aug sep okt nov dez mrz"),
        ("fr", "jan fév mar avr mai jui jul aoû sep oct nov déc"),
        ("es", "ene feb mar abr may jun jul ago sep oct nov dic"),
        ("it", "gen feb mar apr mag giu lug ago set ott nov dic"),
        ("pt", "jan fev mar abr mai jun jul ago set out nov dez"),
    ]

    /// The one language that all words may be of, English before others; nil where there is none.
    static func language(of words: [String]) -> String? {
        let starts = Set(words.map { $0.lowercased().prefix(3) })
        return names.first { _, months in
            starts.isSubset(of: Set(months.split(separator: " ")))
        }?.0
    }
}
