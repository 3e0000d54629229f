import Model

/// The names of months in one language.
///
/// A file has them whole or shortened (`Sept`, `janv.`), so any beginning of three letters or more that only one
/// month has is read, in any case, with or without a dot after it. Source of the names: Unicode CLDR, the Gregorian
/// calendar's format and stand-alone forms.
struct DateWords: Sendable, Equatable {
    /// Twelve, in lower case, each with other forms of it.
    private let months: [[String]]
    private let isEnglish: Bool
    /// Three ASCII letters that one month alone begins with, and that month: what most files have.
    private let short: [(letters: UInt32, month: Int)]

    private init(_ months: String, isEnglish: Bool = false) {
        let months = months.split(separator: " ").map { $0.split(separator: "/").map(String.init) }
        self.months = months
        self.isEnglish = isEnglish
        var short: [UInt32: Set<Int>] = [:]
        for (index, forms) in months.enumerated() {
            for form in forms {
                let letters = Array(form.utf8.prefix(3))
                guard letters.count == 3, letters.allSatisfy({ $0 < 0x80 }) else { continue }
                short[DateWords.key(letters, 0), default: []].insert(index + 1)
            }
        }
        self.short = short.compactMap { $1.count == 1 ? ($0, $1.first ?? 0) : nil }
            .sorted { $0.1 < $1.1 }
    }

    static func == (a: DateWords, b: DateWords) -> Bool { a.months == b.months }

    private static func key(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(bytes[at] | 0x20) << 16 | UInt32(bytes[at + 1] | 0x20) << 8
            | UInt32(bytes[at + 2] | 0x20)
    }

    /// The same for a word of three bytes; nil where it takes a closer look.
    func month(_ bytes: [UInt8], at: Int) -> Int? {
        let key = DateWords.key(bytes, at)
        for (letters, month) in short where letters == key { return month }
        return nil
    }

    /// The month, 1 to 12, that `word` names; nil where none or more than one begins with it.
    func month(_ word: String) -> Int? {
        let word = word.lowercased()
        var found: Int?
        for (index, forms) in months.enumerated() {
            if forms.contains(word) { return index + 1 }
            guard word.count >= 3, forms.contains(where: { $0.hasPrefix(word) }) else { continue }
            if found != nil { return nil }
            found = index + 1
        }
        return found
    }

    /// Days of the week are passed over: only of English is it known what they are.
    func isWeekday(_ word: String) -> Bool {
        guard isEnglish else { return true }
        let word = word.lowercased()
        return word.count >= 3 && DateWords.weekdays.contains { $0.hasPrefix(word) }
    }

    static let english = DateWords(
        "january february march april may june july august september october november december",
        isEnglish: true)

    /// - Parameter locale: A language, perhaps with a country: `de`, `pt-BR`, `en_GB`.
    static func named(_ locale: String) -> DateWords? {
        let language = locale.lowercased().prefix { $0 != "-" && $0 != "_" }
        return language == "en" ? .english : languages[String(language)]
    }

    static let known = (languages.keys + ["en"]).sorted()

    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let languages: [String: DateWords] = [
        "cs": DateWords(
            "leden/ledna/led únor/února/úno březen/března/bře duben/dubna/dub květen/května/kvě červen/června/čvn "
                + "červenec/července/čvc srpen/srpna/srp září/zář říjen/října/říj listopad/listopadu/lis "
                + "prosinec/prosince/pro"),
        "da": DateWords(
            "januar februar marts april maj juni juli august september oktober november december"),
        "de": DateWords(
            "januar/jänner februar/feber märz/maerz/mrz april mai juni juli august september oktober november dezember"
        ),
        "es": DateWords(
            "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre"
        ),
        "fi": DateWords(
            "tammikuu/tammikuuta helmikuu/helmikuuta maaliskuu/maaliskuuta huhtikuu/huhtikuuta toukokuu/toukokuuta "
                + "kesäkuu/kesäkuuta heinäkuu/heinäkuuta elokuu/elokuuta syyskuu/syyskuuta lokakuu/lokakuuta "
                + "marraskuu/marraskuuta joulukuu/joulukuuta"),
        "fr": DateWords(
            "janvier février/fevrier/fevr mars avril mai juin juillet août/aout septembre octobre novembre "
                + "décembre/decembre"),
        "hu": DateWords(
            "január február március április május június július augusztus szeptember október november december"
        ),
        "id": DateWords(
            "januari februari maret april mei juni juli agustus/agt september oktober november desember"
        ),
        "it": DateWords(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        ),
        "ms": DateWords(
            "januari februari mac april mei jun julai ogos/ogo september oktober november disember"),
        "nb": norwegian, "nn": norwegian, "no": norwegian,
        "nl": DateWords(
            "januari februari maart/mrt april mei juni juli augustus september oktober november december"
        ),
        "pl": DateWords(
            "styczeń/stycznia luty/lutego marzec/marca kwiecień/kwietnia maj/maja czerwiec/czerwca lipiec/lipca "
                + "sierpień/sierpnia wrzesień/września październik/października listopad/listopada grudzień/grudnia"
        ),
        "pt": DateWords(
            "janeiro fevereiro março/marco abril maio junho julho agosto setembro outubro novembro dezembro"
        ),
        "ro": DateWords(
            "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"
        ),
        "ru": DateWords(
            "январь/января февраль/февраля март/марта апрель/апреля май/мая июнь/июня июль/июля август/августа "
                + "сентябрь/сентября октябрь/октября ноябрь/ноября декабрь/декабря"),
        "sv": DateWords(
            "januari februari mars april maj juni juli augusti september oktober november december"),
        "tr": DateWords(
            "ocak şubat/subat mart nisan mayıs/mayis haziran temmuz ağustos/agustos eylül/eylul ekim kasım/kasim "
                + "aralık/aralik"),
    ]
    private static let norwegian = DateWords(
        "januar februar mars april mai juni juli august september oktober november desember")
}

extension DateScanner {
    /// A space of any kind: programs write a no-break or a narrow one before AM and PM.
    mutating func skipSpace() -> Bool {
        if skip(0x20) { return true }
        for space in DateScanner.spaces where begins(bytes, at, end, space) {
            at += space.count
            return true
        }
        return false
    }

    private static let spaces = ["\u{A0}", "\u{202F}", "\u{2009}"].map { Array($0.utf8) }

    /// The letters that stand here, ASCII or not; no-break spaces are none.
    private mutating func letters() -> String? {
        let start = at
        while at < end {
            if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[at] | 0x20) {
                at += 1
            } else if bytes[at] >= 0x80,
                !DateScanner.spaces.contains(where: { begins(bytes, at, end, $0) })
            {
                at += 1
            } else {
                break
            }
        }
        return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    mutating func month(in words: DateWords) -> Int? {
        let start = at
        var length = 0
        while at + length < end, bytes[at + length] | 0x20 >= 0x61 { length += 1 }
        if length == 3, let month = words.month(bytes, at: start) {
            at += 3
            _ = skip(UInt8(ascii: "."))
            return month
        }
        guard let word = letters(), let month = words.month(word) else { return nil }
        // `Jan.`
        _ = skip(UInt8(ascii: "."))
        return month
    }

    mutating func weekday(in words: DateWords) -> Bool {
        guard let word = letters(), words.isWeekday(word) else { return false }
        _ = skip(UInt8(ascii: "."))
        return true
    }

    /// `AM`, `a.m.` or `a. m.`; true for the afternoon.
    mutating func halfOfDay() -> Bool? {
        guard at < end else { return nil }
        let first = bytes[at] | 0x20
        guard first == UInt8(ascii: "a") || first == UInt8(ascii: "p") else { return nil }
        at += 1
        let isDotted = skip(UInt8(ascii: "."))
        if isDotted { _ = skipSpace() }
        guard at < end, bytes[at] | 0x20 == UInt8(ascii: "m") else { return nil }
        at += 1
        if isDotted, !skip(UInt8(ascii: ".")) { return nil }
        return first == UInt8(ascii: "p")
    }
}
