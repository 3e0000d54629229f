import Model
import Records

/// Why a cell did not become a value.
enum Fault: Sendable, Equatable {
    case empty, spreadsheet, notListed, text, integer, number, boolean, date, year, noOffset, json
    case uncounted
    /// A number that a key of the job would let pass.
    case accounting, currency
    /// What `digits_only` would do.
    case digits
    case key(KeyText.Trouble)

    var reason: Reason {
        switch self {
        case .empty: .missing
        case .spreadsheet, .digits: .spreadsheet
        case .key(.nullWord): .missing
        case .key(.invisible): .invisible
        case .notListed: .notListed
        case .text, .integer, .number, .boolean, .json, .accounting, .currency: .type
        case .date, .year: .format
        case .noOffset: .noOffset
        case .uncounted: .rule
        }
    }

    static let spreadsheetWords =
        "A spreadsheet has put an error word or a rounded number here: the value is lost."

    static let accountingWords =
        "Expected a number with a leading minus. If 12-, (12) and −12 are negative amounts, set "
        + "`accounting: true`."
    static let currencyWords =
        "Expected a number without a currency. If all amounts are in one, name it: "
        + "`currency: [\"€\", EUR]`."

    /// What is wrong, without the value itself.
    func message(_ converter: Converter) -> String {
        switch self {
        case .empty: return "The value is empty."
        case .spreadsheet:
            return Fault.spreadsheetWords
        case .digits:
            return "`digits_only` would drop the sign, or join a fraction or exponent to the digits."
        case .key(let trouble): return trouble.words
        case .notListed:
            let known = converter.mapped.map { String(decoding: $0.from, as: UTF8.self) }
            return "The job's `map` has no such value, only: " + known.joined(separator: ", ") + "."
        case .text: return "Expected a single value, not an object or a list."
        case .integer: return "Expected a whole number."
        case .number:
            var message = "Expected a number"
            if converter.number != NumberText() {
                let decimal = String(decoding: [converter.number.decimal], as: UTF8.self)
                let thousands = String(decoding: converter.number.thousands, as: UTF8.self)
                message += ", with “\(decimal)” before the fraction"
                if !thousands.isEmpty { message += " and “\(thousands)” between groups of digits" }
            }
            return message + "."
        case .accounting: return Fault.accountingWords
        case .currency: return Fault.currencyWords
        case .boolean: return "Expected true or false, yes or no, 1 or 0."
        case .date:
            let patterns = converter.patterns.map { "“\($0.text)”" }
            return "The value is not a date of the form " + patterns.joined(separator: " or ") + "."
        case .year: return "The date is outside the years 0 to 9999."
        case .noOffset: return "The value has no offset, and the job sets no `zone` for the field."
        case .json: return "The value is not JSON."
        case .uncounted:
            return
                "The number of earlier records with this text is not known: there are too many different ones. "
                + "Sort the input so that {#} has them in ascending order."
        }
    }
}
