import Mapping
import Model
import Testing

@Suite("A cell to a value")
struct ConversionTests {
    /// The item of a row that has `cell` in its only column, or the reason it has none.
    private func outcome(_ cell: String, _ conversion: Conversion) throws -> String {
        let quoted = "\"" + cell.replacing("\"", with: "\"\"") + "\""
        let records = try mapped("c,d\n\(quoted),x\n", one(conversion))
        try #require(records.count == 1)
        return records[0].problems.first.map { "✗ \($0.reason.code) \($0.field ?? "")" }
            ?? records[0].item
    }

    @Test(
        "Numbers pass as they are written, or are rewritten without a change of value",
        arguments: [
            ("6000.10", "6000.10"), ("0", "0"), ("-0.0", "-0.0"), ("1e5", "1e5"),
            ("1.5E-07", "1.5E-07"),
            ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
            ("007", "7"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("-.5", "-0.5"), ("000", "0"),
            ("-007.10", "-7.10"),
            ("+0.50", "0.50"), ("00.5", "0.5"), ("+1e5", "1e5"), (" 5 ", "5"), ("\u{A0}5", "5"),
            ("1.5e+11", "1.5e+11"), ("1e+05", "1e+05"), ("1.5E+10", "1.5E+10"),
        ])
    func numbers(cell: String, number: String) throws {
        #expect(try outcome(cell, Conversion(.number)) == "{\"v\":\(number)}")
    }

    @Test(
        "What is no number is said to be none",
        arguments: [
            "-", "+", ".", "1,5", "1 000", "1.2.3", "1e", "e5", "0x10", "NaN", "Infinity", "--5", "5-",
            "1_000",
            "٣", "12€", "(5)",
        ])
    func noNumbers(cell: String) throws {
        #expect(try outcome(cell, Conversion(.number)) == "✗ type v")
    }

    @Test(
        "Decimal commas and groups of digits",
        arguments: [
            ("1.234,50", ",", ".", "1234.50"), ("1.234.567", ",", ".", "1234567"),
            ("12,5", ",", ".", "12.5"),
            ("-1.234,5", ",", ".", "-1234.5"), (",5", ",", nil, "0.5"),
            ("1,234,567.8", ".", ",", "1234567.8"),
            ("12,34,567.89", ".", ",", "1234567.89"), ("1 234,5", ",", " ", "1234.5"),
            ("1\u{202F}234,5", ",", "\u{202F}", "1234.5"), ("1'234.5", ".", "'", "1234.5"),
            ("1234,5", ",", ".", "1234.5"), ("100", ",", ".", "100"), ("007,50", ",", ".", "7.50"),
        ])
    func separators(cell: String, decimal: String, thousands: String?, number: String) throws {
        let conversion = Conversion(.number, decimal: decimal, thousands: thousands)
        #expect(try outcome(cell, conversion) == "{\"v\":\(number)}")
    }

    @Test(
        "Amounts as accountants and spreadsheets write them, where the job says so",
        arguments: [
            ("12,50-", "-12.50"), ("(12,50)", "-12.50"), ("€ 12", "12"), ("€12,50", "12.50"),
            ("12,50 EUR", "12.50"), ("-€ 12,50", "-12.50"), ("€ -12,50", "-12.50"),
            ("(€ 12,50)", "-12.50"), ("€ 12,50-", "-12.50"), ("\u{2212}5", "-5"), ("12\u{A0}€", "12"),
            ("1\u{A0}234,50", "1234.50"), ("1\u{202F}234,50", "1234.50"),
            ("1\u{2009}234,50 €", "1234.50"), ("1 234,50", "1234.50"), ("12,50", "12.50"),
        ])
    func amounts(cell: String, number: String) throws {
        var conversion = Conversion(.number, decimal: ",", thousands: " ")
        conversion.accounting = true
        conversion.currencies = ["€", "EUR"]
        #expect(try outcome(cell, conversion) == "{\"v\":\(number)}")
    }

    @Test(
        "What says its sign twice, or another currency, is no number",
        arguments: [
            "-12-", "(-12)", "(12-)", "--12", "(12", "12)", "-", "()", "€", "EUR 12 EUR", "12 USD",
            "$12",
            "1.234 €", "(+12)", "+12-", "1e5-",
        ])
    func noAmounts(cell: String) throws {
        var conversion = Conversion(.number, decimal: ",", thousands: " ")
        conversion.accounting = true
        conversion.currencies = ["€", "EUR"]
        #expect(try outcome(cell, conversion) == "✗ type v")
    }

    @Test("An amount that a key would let pass names the key")
    func namedKeys() throws {
        for (cell, key) in [
            ("12-", "`accounting: true`"), ("(12)", "`accounting: true`"), ("$12", "`currency:"),
            ("12.50 EUR", "`currency:"),
        ] {
            let records = try mapped("c,d\n\(cell),x\n", one(Conversion(.number)))
            #expect(records[0].problems.first?.message.contains(key) == true, "\(records)")
        }
    }

    @Test("An apostrophe between groups is read in both forms")
    func apostrophes() throws {
        let conversion = Conversion(.number, thousands: "'")
        #expect(try outcome("1'234.5", conversion) == "{\"v\":1234.5}")
        #expect(try outcome("1\u{2019}234.5", conversion) == "{\"v\":1234.5}")
    }

    @Test(
        "Groups that are not whole are no numbers",
        arguments: [
            "1.23", "1.2345", "1234.567", ".123", "1..234", "1.234.", "0.123", "1.234.56",
            "12.34.56.789e5",
        ])
    func brokenGroups(cell: String) throws {
        #expect(try outcome(cell, Conversion(.number, decimal: ",", thousands: ".")) == "✗ type v")
    }

    @Test(
        "Whole numbers",
        arguments: [
            ("5", "5"), ("007", "7"), ("+5", "5"), ("5.00", "5"), ("-12", "-12"),
            ("99999999999999999999", "99999999999999999999"),
        ])
    func integers(cell: String, number: String) throws {
        #expect(try outcome(cell, Conversion(.integer)) == "{\"v\":\(number)}")
    }

    @Test(
        "No whole numbers",
        arguments: [("5.5", "type"), ("1e3", "type"), ("x", "type"), ("9.2E+11", "spreadsheet-damage")])
    func noIntegers(cell: String, reason: String) throws {
        #expect(try outcome(cell, Conversion(.integer)) == "✗ \(reason) v")
    }

    @Test(
        "Texts",
        arguments: [
            ("0091", Conversion(), #""0091""#), (" a ", Conversion(), #"" a ""#),
            (" a\u{A0}\t", Conversion(trim: true), #""a""#),
            ("+44 (0)20 7946-0958", Conversion(digitsOnly: true), #""4402079460958""#),
            ("é \"x\" \\ \n", Conversion(), #""é \"x\" \\ \n""#), ("null", Conversion(), #""null""#),
            ("S", Conversion(map: ["S": "REGULAR", "R": "RETURN"]), #""REGULAR""#),
            (" S ", Conversion(trim: true, map: ["S": "REGULAR"]), #""REGULAR""#),
            ("X", Conversion(map: ["S": "REGULAR", "*": "OTHER"]), #""OTHER""#),
            ("yes", Conversion(.boolean), "true"), ("N", Conversion(.boolean), "false"),
            ("J", Conversion(.boolean, map: ["J": "true", "N": "false"]), "true"),
            ("2", Conversion(.number, map: ["2": "3"]), "3"),
            (#" {"a":[1,2.50]} "#, Conversion(.json), #"{"a":[1,2.50]}"#),
        ])
    func texts(cell: String, conversion: Conversion, value: String) throws {
        #expect(try outcome(cell, conversion) == "{\"v\":\(value)}")
    }

    @Test(
        "What cannot be converted is named",
        arguments: [
            ("X", Conversion(map: ["S": "REGULAR"]), Reason.notListed),
            ("maybe", Conversion(.boolean), .type),
            ("{\"a\":1", Conversion(.json), .type), ("{\"a\":1,\"a\":2}", Conversion(.json), .type),
        ])
    func refused(cell: String, conversion: Conversion, reason: Reason) throws {
        #expect(try outcome(cell, conversion) == "✗ \(reason.code) v")
    }

    @Test(
        "What a spreadsheet has damaged is not sent as a text",
        arguments: [
            "9.19876E+11", "9,19876E+11", "4.47701E+11", "1E+12", "-1.5e+10", "1E+100", "#N/A", "#REF!",
            "#DIV/0!",
            "#NAME?",
        ])
    func damage(cell: String) throws {
        if cell.contains("E+11") {
            #expect(try outcome(cell, Conversion(.number)) == "✗ spreadsheet-damage v")
            #expect(try outcome(cell, Conversion(.integer)) == "✗ spreadsheet-damage v")
        }
        #expect(try outcome(cell, Conversion()) == "✗ spreadsheet-damage v")
        #expect(try outcome(cell, Conversion(digitsOnly: true)) == "✗ spreadsheet-damage v")
        #expect(try outcome(cell, Conversion(map: ["*": "x"])) == "✗ spreadsheet-damage v")
        #expect(try outcome(cell, Conversion(keepsSpreadsheetDamage: true)) == "{\"v\":\"\(cell)\"}")
    }

    @Test(
        "What only looks like it passes",
        arguments: [
            "+12", "E+11", "1E11", "12.5E+10", "1.E+10", "#1", "#N/A?", "A1E+11", "1E+1", "5+12", "1e+",
            "+447",
        ])
    func noDamage(cell: String) throws {
        #expect(try outcome(cell, Conversion()) == "{\"v\":\"\(cell)\"}")
    }

    @Test(
        "What an empty cell means",
        arguments: [
            (Conversion(), "{}"), (Conversion(empty: .omit), "{}"),
            (Conversion(empty: .null), #"{"v":null}"#),
            (Conversion(empty: .text), #"{"v":""}"#), (Conversion(empty: .error), "✗ missing v"),
            (Conversion(.number), "{}"), (Conversion(.number, empty: .null), #"{"v":null}"#),
            (Conversion(.number, empty: .text), #"{"v":""}"#),
            (Conversion(.number, empty: .error), "✗ missing v"),
            (Conversion(defaultValue: "x", empty: .error), #"{"v":"x"}"#),
            (Conversion(.number, defaultValue: "007"), #"{"v":7}"#),
            (Conversion(defaultValue: ""), #"{"v":""}"#),
            (Conversion(map: ["a": "b"]), "{}"), (Conversion(digitsOnly: true), "{}"),
        ])
    func empty(conversion: Conversion, value: String) throws {
        #expect(try outcome("", conversion) == value)
    }

    @Test("Blanks are empty where they are trimmed, and what becomes empty is empty")
    func becomesEmpty() throws {
        #expect(try outcome("  ", Conversion(trim: true)) == "{}")
        #expect(try outcome("  ", Conversion(.number)) == "{}")
        #expect(try outcome("  ", Conversion()) == #"{"v":"  "}"#)
        #expect(try outcome("n/a", Conversion(digitsOnly: true, empty: .error)) == "✗ missing v")
        #expect(try outcome("-", Conversion(map: ["-": "", "*": "x"])) == "{}")
    }
}
