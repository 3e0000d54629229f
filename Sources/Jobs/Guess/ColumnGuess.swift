import Foundation

/// What a column seems to hold.
package struct ColumnGuess: Sendable {
    /// As the header has it.
    package var name: String
    /// By its name; the surest first.
    package var meanings: [(meaning: ColumnMeaning, confidence: Confidence)]
    /// Nil: no numbers.
    package var number: NumberGuess?
    /// Nil: no dates.
    package var date: DateGuess?
    /// Times of day, as a format.
    package var time: String?
    /// Nil: no phone numbers.
    package var phone: PhoneGuess?
    package var isEmail = false
    /// Serial numbers of a spreadsheet where dates are expected.
    package var isSerialDate = false
    /// Cells with a value.
    package var filled = 0
    /// Cells without one.
    package var empty = 0
    /// Different values.
    package var distinct = 0
    /// Most values have a digit.
    var hasDigits = false
    /// And no white space: no names of people.
    var isCode = false
    /// The different values, where they are few.
    package var words: [String] = []
    /// Words that mean that there is no value, as they are in the column.
    package var nulls: [String] = []
    /// What a spreadsheet leaves where a formula failed.
    package var damaged: [String: Int] = [:]

    private static let nullWords: Set<String> = [
        "null", "(null)", "nil", "none", "n/a", "na", "k.a.", "k. a.", "keine angabe", "s/d", "s/o",
        "n/d",
        "nc", "\\n", "-", "--", "nan", "<null>",
    ]
    private static let errors: Set<String> = [
        "#NV", "#N/A", "#BEZUG!", "#WERT!", "#NAME?", "#DIV/0!", "#ZAHL!", "#NULL!", "#REF!", "#VALUE!",
        "#NUM!", "#VALEUR!", "#NOM?", "#NOMBRE!", "#¡VALOR!", "#¿NOMBRE?", "#¡REF!", "#NOM!", "#¡NUM!",
    ]

    init(_ name: String, _ values: [String], language: String?) {
        self.name = name
        meanings = ColumnWords.meanings(of: name).all
        var kept: [String] = []
        for value in values {
            let text = TableGuess.trimmed(value)
            if text.isEmpty {
                empty += 1
                continue
            }
            if Self.errors.contains(text.uppercased()) {
                damaged[text, default: 0] += 1
            } else if Self.nullWords.contains(text.lowercased()) {
                if !nulls.contains(text) { nulls.append(text) }
            } else {
                kept.append(text)
            }
        }
        filled = kept.count
        let different = Set(kept)
        distinct = different.count
        if different.count <= 12 { words = different.sorted() }
        guard !kept.isEmpty else { return }
        let isDate = has(.billDate)
        number = NumberGuess.of(kept)
        date = number == nil || isDate ? DateGuess.of(kept) : nil
        if isDate, date == nil, let number, number.isWhole {
            isSerialDate = kept.allSatisfy { Int($0).map { (30_000...60_000).contains($0) } == true }
            if kept.allSatisfy({ $0.count == 10 && $0.first == "1" }) {
                date = DateGuess(formats: ["epoch"], hasTime: true, hasOffset: true)
            }
            if kept.allSatisfy({ $0.count == 13 && $0.first == "1" }) {
                date = DateGuess(formats: ["epoch_ms"], hasTime: true, hasOffset: true)
            }
        }
        hasDigits = kept.count { $0.contains(where: \.isASCIIDigit) } * 10 >= kept.count * 9
        isCode =
            kept.count { $0.contains(where: \.isASCIIDigit) && !$0.contains(where: \.isWhitespace) }
            * 10
            >= kept.count * 8
        time = DateGuess.time(kept)
        phone = PhoneGuess.of(kept, language: language)
        isEmail = kept.count(where: PhoneGuess.isEmail) * 10 >= kept.count * 8
    }

    /// Whether its name may mean that.
    package func has(_ meaning: ColumnMeaning) -> Bool { meanings.contains { $0.meaning == meaning } }

    /// Whether the values can be what the name says.
    func fits(_ meaning: ColumnMeaning) -> Bool {
        switch meaning {
        case .billDate: date != nil
        case .time: time != nil
        case .billTotal, .amount, .grossAmount, .discount, .rate, .quantity, .price, .points:
            number != nil
        case .mobile: phone != nil
        case .email: isEmail
        // A column with one value is no key, unless there is one row.
        case .billNumber, .originalBill:
            hasDigits && date == nil && !isEmail && (distinct > 1 || filled == 1)
        // Not their names.
        case .customer, .card: isCode || isEmail || phone != nil
        default: filled > 0
        }
    }
}
