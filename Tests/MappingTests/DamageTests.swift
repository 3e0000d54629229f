import Mapping
import Model
import Records
import Testing

/// Values that a spreadsheet, a database or an editor has left in the place of an identifier.
@Suite("Keys and codes that are none")
struct DamageTests {
    private func outcome(_ cell: String, _ conversion: Conversion) throws -> String {
        let quoted = "\"" + cell.replacing("\"", with: "\"\"") + "\""
        let records = try mapped("c,d\n\(quoted),\n", one(conversion))
        try #require(records.count == 1)
        return records[0].problems.first.map { "✗ \($0.reason.code)" } ?? records[0].item
    }

    @Test(
        "digits_only invents no digit and drops none that counts",
        arguments: [
            "919876543210.0", "9.19876543210E11", "9.19876543210e11", "919876543210.00", "9,19E+11",
            "9E11", "12.50", "12,5", "919876543210,0", "#NV", "#N/A", " 919876543210.0 ",
            "919876543210.0 ",
            "91 9876543210.0", "+91-98765-43210.0", "91-98765-43210.0", "+91 9.19876E+11", ".50",
            "-919876543210", "\u{2212}919876543210", " #NV", "91.98765.43210.0",
            "\u{A0}919876543210.0\u{A0}",
        ])
    func digits(cell: String) throws {
        for conversion in [
            Conversion(digitsOnly: true), Conversion(.text, target: .code, digitsOnly: true),
        ] {
            #expect(try outcome(cell, conversion) == "✗ spreadsheet-damage")
        }
    }

    @Test(
        "digits_only takes what people write between digits",
        arguments: [
            ("+91 98765-43210", "919876543210"), ("(0151) 234 567", "0151234567"),
            ("98765.43210", "9876543210"), ("06.12.34.56.78", "0612345678"),
            (" 98765-43210 ", "9876543210"), ("+33 6.12.34.56.78", "33612345678"),
            ("Tel 98765", "98765"),
            ("+49 30/12 34", "49301234"),
            ("ABC-123", "123"),
        ])
    func phones(cell: String, digits: String) throws {
        #expect(try outcome(cell, Conversion(digitsOnly: true)) == #"{"v":"\#(digits)"}"#)
    }

    @Test(
        "An amount loses neither its sign nor its fraction",
        arguments: ["-12", "12,50", "12.50", "(12)", "12-", "1,234", "\u{2212}12", "1e5"])
    func amounts(cell: String) throws {
        for conversion in [
            Conversion(.number, digitsOnly: true), Conversion(.integer, digitsOnly: true),
            Conversion(target: .number, digitsOnly: true),
        ] {
            #expect(try outcome(cell, conversion) == "✗ spreadsheet-damage")
        }
        #expect(try outcome("Rs 1250", Conversion(.number, digitsOnly: true)) == #"{"v":1250}"#)
    }

    @Test("JSON doubles are no digits")
    func doubles() throws {
        let rows = [
            #"{"c":919876543210.0}"#, #"{"c":9.19876543210E11}"#, #"{"c":-5}"#, #"{"c":919876543210}"#,
            #"{"c":"919876543210.0"}"#,
        ]
        let found = try mapped(
            rows.joined(separator: "\n") + "\n", one(Conversion(target: .code, digitsOnly: true)),
            format: .jsonl)
        #expect(
            found.map(\.reasons) == [
                [.spreadsheet], [.spreadsheet], [.spreadsheet], [], [.spreadsheet],
            ])
        #expect(found[3].item == #"{"v":"919876543210"}"#)
    }

    @Test(
        "Error words of spreadsheets in any language",
        arguments: [
            "#NV", "#WERT!", "#VALEUR!", "#¡VALOR!", "#BEZUG!", "#NOME?", "#REF!", "#DIV/0!", "#ZAHL!",
            "#N/D", "#n/a", "#nv", "#ССЫЛКА!", "#ÉRTÉK!", "#SAYI/0!", "#PUUTTUU!", "Err:502", "err:508",
            "9.19876E+11", "9.19876e+11",
        ])
    func errorWords(word: String) throws {
        for conversion in [
            Conversion(), Conversion(.text, target: .code), Conversion(.number), Conversion(.integer),
            Conversion(.datetime, zone: "UTC"), Conversion(.boolean),
            Conversion(.text, target: .code, trim: true),
        ] where conversion.kind != .number || !word.contains("e+") {
            #expect(try outcome(word, conversion) == "✗ spreadsheet-damage")
        }
        let keep = Conversion(keepsSpreadsheetDamage: true)
        #expect(try outcome(word, keep) == #"{"v":"\#(word)"}"#)
        // JSON strings as well, and parts of templates.
        let json = try mapped(
            #"{"c":"\#(word)"}"# + "\n", one(Conversion(target: .code)), format: .jsonl)
        #expect(json.map(\.reasons) == [[.spreadsheet]])
        let template = MappingSpec(fields: [
            FieldRule("v", .template("A-{c}", Conversion(target: .code)))
        ])
        #expect(try mapped("c,d\n\(word),\n", template).map(\.reasons) == [[.spreadsheet]])
    }

    @Test(
        "A code is no number that a program has written",
        arguments: [
            "919876543210.0", "9.19876543210E11", "9.1e11", "12.00", "9E+11", "123456789,0",
            " 919876543210.0",
            "9.19876543210E11 ", "\u{A0}12.00\u{A0}",
        ])
    func codes(cell: String) throws {
        #expect(try outcome(cell, Conversion(target: .code)) == "✗ spreadsheet-damage")
        #expect(try outcome(cell, Conversion(target: .code, trim: true)) == "✗ spreadsheet-damage")
        // A note may say that.
        if !cell.contains("+") { #expect(try outcome(cell, Conversion()) == #"{"v":"\#(cell)"}"#) }
    }

    @Test(
        "A code may look like some of it",
        arguments: [
            "1E5", "12E3", "A-00", "100", "1.05", "10.5.0", "E-100", "5-00", "#12", "1.2.00", "e",
        ])
    func plainCodes(cell: String) throws {
        #expect(try outcome(cell, Conversion(target: .code)) == #"{"v":"\#(cell)"}"#)
    }

    @Test("A number goes into a text field as it is written, with a point")
    func numericTexts() throws {
        var latitude = Conversion(.number, decimal: ",")
        latitude.quotesNumber = true
        #expect(try outcome("52,5200", latitude) == #"{"v":"52.5200"}"#)
        #expect(try outcome("-0,5", latitude) == #"{"v":"-0.5"}"#)
        #expect(try outcome("north", latitude) == "✗ type")
        latitude.decimal = "."
        #expect(try outcome("52.52", latitude) == #"{"v":"52.52"}"#)
    }

    @Test("Amounts as texts keep their zeros")
    func amountsAsTexts() throws {
        #expect(try outcome("12.00", Conversion(target: .number)) == #"{"v":"12.00"}"#)
    }

    @Test(
        "What makes a spreadsheet keep a text is taken off a code",
        arguments: [
            (#"="0091800555""#, "0091800555"), ("'07700900111", "07700900111"),
            ("'t Hooft", "'t Hooft"),
            ("'A1'", "'A1'"),
        ])
    func formulas(cell: String, text: String) throws {
        for conversion in [Conversion(target: .code), Conversion(target: .code, trim: true)] {
            #expect(try outcome(cell, conversion) == #"{"v":"\#(text)"}"#)
        }
        let json = try mapped(
            #"{"c":"\#(cell.replacing("\"", with: "\\\""))"}"# + "\n", one(Conversion(target: .code)),
            format: .jsonl)
        #expect(json.map(\.item) == [#"{"v":"\#(text)"}"#])
        #expect(try outcome("=A1+B2", Conversion(target: .code)) == "✗ spreadsheet-damage")
        #expect(try outcome(#"="12.50""#, Conversion(.number, target: .number)) == #"{"v":12.50}"#)
    }

    @Test("The columns of a group, an attribution and a look-up are looked at too")
    func keys() throws {
        let spec = MappingSpec(
            group: ["b"], fields: [FieldRule("t", .eachRow(.column("t", Conversion())))])
        for word in ["#NV", "9.19876E+11", "NULL", "\\N", "A\u{200B}1", "12.0", " NULL ", " #N/A"] {
            let found = try mapped("b,t\n\(word),x\n\(word),y\nB2,z\n", spec)
            #expect(found.map(\.problems.count) == [1, 0], "\(word)")
            #expect(found[0].problems[0].field == "b")
            let attributed = try mapped(
                "c,s\n1,\(word)\n", one(Conversion()), attribution: .column(.till, name: "s"))
            #expect(attributed.map(\.problems.count) == [1], "\(word)")
            let lookup = CustomerLookup(by: "mobile", source: "INSTORE")
            let looked = try mapped(
                "c,d\n\(word),\n", one(Conversion(.text, target: .code, lookup: lookup)))
            #expect(looked.map(\.problems.count) == [1], "\(word)")
        }
        // A field that says how to take the column decides.
        var kept = spec
        kept.fields.append(
            FieldRule("b", .column("b", Conversion(target: .code, keepsSpreadsheetDamage: true))))
        #expect(try mapped("b,t\n9.1E+11,x\n", kept).map(\.reasons) == [[]])
    }

    @Test("Words that mean null are as good as nothing")
    func nulls() throws {
        var spec = MappingSpec(
            group: ["b"],
            fields: [
                FieldRule("b", .column("b", Conversion(target: .code, empty: .error))),
                FieldRule("n", .column("n", Conversion(.number))),
                FieldRule("t", .template("{b}-{n}", Conversion(target: .code))),
            ])
        spec.nulls = NullWords(everywhere: ["NULL", "\\N"], columns: ["n": ["-"]])
        let found = try mapped("b,n\nB1, - \n NULL ,1\nB3,NULL\n", spec)
        #expect(found.map { $0.reasons.first } == [.missing, .orphanRow, .type])
        var one = MappingSpec(fields: [FieldRule("v", .column("c", Conversion(empty: nil)))])
        one.nulls = NullWords(everywhere: ["NULL", "\\N"])
        #expect(
            try mapped("c,d\nNULL,\n\\N,\nnull,\n", one).map(\.item) == ["{}", "{}", #"{"v":"null"}"#])
        let json = try mapped(#"{"c":"NULL"}"# + "\n" + #"{"c":"x"}"# + "\n", one, format: .jsonl)
        #expect(json.map(\.item) == [#"{"v":null}"#, #"{"v":"x"}"#])
        one.nulls = NullWords(columns: ["e": ["x"]])
        #expect(throws: MappingError.self) { try mapped("c,d\nNULL,\n", one) }
    }

    @Test("A map lets the values pass that it does not name")
    func passing() throws {
        let map = Conversion(map: ["N/A": "", "*": "{value}"], empty: .error)
        #expect(try outcome("B1", map) == #"{"v":"B1"}"#)
        #expect(try outcome("N/A", map) == "✗ missing")
    }

    @Test("Trimming takes out what takes no room; in a text of words it stays")
    func marks() throws {
        let code = Conversion(target: .code, trim: true)
        #expect(try outcome("\u{FEFF} B\u{200B}1\u{200E} ", code) == #"{"v":"B1"}"#)
        #expect(try outcome("B\u{200B}1", Conversion(trim: true)) == "{\"v\":\"B\u{200B}1\"}")
    }

    @Test("Zones that an abbreviation does not tell are refused with what it may be")
    func zones() throws {
        func error(_ zone: String, _ rules: Ruleset = .current) -> String? {
            let spec = one(Conversion(.datetime, zone: zone))
            do throws(MappingError) {
                _ = try Mapper(spec: spec, columns: ["c"], attribution: nil, rules: rules)
                return nil
            } catch {
                return error.message
            }
        }
        #expect(error("BST")?.contains("Europe/London, Asia/Dhaka or Pacific/Bougainville") == true)
        for zone in ["IST", "CST", "EST", "PST", "AST", "ART", "NST", "CNT", "MIT", "NET", "BET"] {
            #expect(error(zone) != nil, "\(zone)")
        }
        for zone in ["UTC", "GMT", "Europe/London", "+05:30", "CET"] { #expect(error(zone) == nil) }
        // A run from before continues as it began.
        #expect(error("BST", .first) == nil)
    }
}
