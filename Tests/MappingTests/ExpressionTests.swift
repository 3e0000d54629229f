import Mapping
import Model
import Records
import Testing

@Suite("Expressions")
struct ExpressionTests {
    /// What an expression gives for one row with these cells in the columns a, b and c, as a text or as a number.
    private func outcome(
        _ text: String, _ a: String = "", _ b: String = "", _ c: String = "", decimal: String = ".",
        thousands: String? = nil, kind: Conversion.Kind = .text
    ) throws -> String {
        func quoted(_ cell: String) -> String { "\"" + cell.replacing("\"", with: "\"\"") + "\"" }
        var conversion = Conversion(kind, decimal: decimal, thousands: thousands)
        conversion.empty = .null
        var spec = MappingSpec(
            fields: [
                FieldRule("v", .expression(text, conversion)), FieldRule("z", .constant(json: "0")),
            ])
        spec.notation = Conversion(decimal: decimal, thousands: thousands)
        let cells = [a, b, c, "x"].map(quoted).joined(separator: ",")
        let records = try mapped("a,b,c,d\n\(cells)\n", spec)
        try #require(records.count == 1)
        if let problem = records[0].problems.first { return "✗ \(problem.reason.code)" }
        return String(records[0].item.dropFirst(5).dropLast(7))
    }

    private func error(_ text: String) -> String? {
        do throws(MappingError) {
            try MappingSpec(fields: [FieldRule("v", .expression(text, Conversion()))]).check()
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "SQLite's language over texts",
        arguments: [
            ("a || '-' || b", "\"x-y\""),
            ("CASE WHEN a = 'x' THEN 'RETURN' ELSE 'REGULAR' END", "\"RETURN\""),
            ("CASE a WHEN 'y' THEN 1 ELSE 2 END", "\"2\""), ("upper(a) || lower('ÄÖ')", "\"Xäö\""),
            ("substr(b, 1, 1)", "\"y\""), ("nullif(c, '')", "null"),
            ("coalesce(nullif(c, ''), b)", "\"y\""),
            ("a IN ('x', 'z') AND NOT b = 'z'", "\"1\""), ("a BETWEEN 'a' AND 'y'", "\"1\""),
            ("length(a) + 1", "\"2\""), ("a LIKE 'X%'", "\"1\""), ("a IS NOT NULL", "\"1\""),
            ("\"a\" || [b] || `c`", "\"xy\""), ("'it''s'", "\"it's\""), ("iif(a = 'x', b, c)", "\"y\""),
            ("a REGEXP '^[w-z]$'", "\"1\""), ("-(2 + 3) * 4", "\"-20\""), ("7 / 2", "\"3\""),
            ("max('a', b)", "\"y\""), ("1.5 + 1", "\"2.5\""), ("NULL", "null"),
            ("a ISNULL OR b NOTNULL", "\"1\""),
        ])
    func texts(text: String, expected: String) throws {
        #expect(try outcome(text, "x", "y") == expected)
    }

    @Test(
        "A text becomes a number only as a whole, in the notation of the job",
        arguments: [
            ("num(a)", "12,50", "12.5"), ("num(a) * 2", "12,50", "25"), ("num(a) < 0", "-5", "1"),
            ("num(a)", "1.234,5", "1234.5"), ("num(a)", "24,00", "24"),
            ("num(a, '.')", "12.50", "12.5"),
            ("num(a, '.', ',')", "1,234.5", "1234.5"), ("num(a) / 2", "7", "3.5"),
            ("num(a)", "x", "✗ type"), ("num(a)", "12,50 x", "✗ type"), ("num(a)", "", "✗ missing"),
            ("num(nullif(a, ''))", "", "null"), ("num(a)", "12.50", "✗ type"),
            ("num(a)", "123456789012345", "123456789012345"), ("num(a)", "1234567890123456", "✗ rule"),
            ("num(a) + 0.2", "0,1", "0.3"), ("round(num(a), 1)", "2,25", "2.3"),
            ("-num(a)", "0,07", "-0.07"),
        ])
    func numbers(text: String, cell: String, expected: String) throws {
        let found = try outcome(text, cell, decimal: ",", thousands: ".", kind: .number)
        #expect(found == expected)
    }

    @Test(
        "Decimals are exact, in the notation of the job",
        arguments: [
            ("dec_mul(a, b)", "12,50", "3", "37.50"), ("dec_add(a, b)", "0,1", "0,2", "0.3"),
            ("dec_sub(a, b)", "1.000,00", "0,01", "999.99"), ("dec_neg(a)", "5", "", "-5"),
            ("dec_abs(a)", "-5,0", "", "5.0"), ("dec_div(a, b, 2)", "2", "3", "0.67"),
            ("dec_div(a, b, 2)", "-1", "8", "-0.13"), ("dec_div(a, b, 0)", "0,5", "1", "1"),
            ("dec_div(a, b, 2)", "1", "0", "✗ rule"), ("dec_round(a, 2)", "2,675", "", "2.68"),
            ("dec_round(a, 0)", "-2,5", "", "-3"), ("dec_round(a, 3)", "2,5", "", "2.500"),
            ("dec_mul(a, 1.19)", "100", "", "119.00"), ("dec(a, '.')", "12.50", "", "12.50"),
            ("dec_mul(dec_add(a, b), b)", "1.000,5", "2,0", "2005.00"),
            ("dec_add(a, b)", "99999999999999999999,99", "0,01", "100000000000000000000.00"),
            ("dec_mul(a, a)", "99999999999999999999", "", "✗ rule"),
            ("dec_add(a, b)", "x", "1", "✗ type"),
            ("dec_add(a, NULL)", "1", "", "null"), ("dec_cmp(a, b)", "10", "9,50", "1"),
            ("dec_round(num(a) * num(b), 2)", "0,1", "3", "0.30"),
        ])
    func decimals(text: String, a: String, b: String, expected: String) throws {
        #expect(try outcome(text, a, b, decimal: ",", thousands: ".", kind: .number) == expected)
    }

    @Test(
        "What people need beside",
        arguments: [
            ("regexp_replace(a, '(\\d+)-(\\d+)', '$2/$1')", "7-12 3-4", "\"12/7 4/3\""),
            ("regexp_replace(a, '\\s+', '')", " a\u{A0}b ", "\"ab\""),
            ("regexp_replace(a, 'x*', '-')", "abx", "\"-a-b--\""),
            ("regexp_extract(a, 'No\\. *(\\w+)')", "Bon No. 17a", "\"17a\""),
            ("regexp_extract(a, 'z')", "abc", "null"), ("regexp('(?i)ÄB', a)", "xäby", "\"1\""),
            ("split_part(a, '-', 2)", "x-y-z", "\"y\""), ("split_part(a, '-', -1)", "x-y-z", "\"z\""),
            ("split_part(a, '-', 9)", "x-y", "null"), ("pad_left(a, 6)", "123", "\"000123\""),
            ("pad_left(a, 2, '*')", "123", "\"123\""),
            ("phone(a, 'DE')", "+49 (0)151 234-5678", "\"491512345678\""),
            ("phone(a, 'DE')", "0151/2345678", "\"491512345678\""),
            ("phone(a, '49')", "0049 151 2345678", "\"491512345678\""),
            ("phone(a, 'DE')", "(0151) 2345678", "\"491512345678\""),
            ("phone(a, 'IN')", "9198765432", "\"919198765432\""),
            ("phone(a, 'IN')", "919876543210", "\"919876543210\""),
            ("phone(a, 'US')", "1 (415) 555-0123", "\"14155550123\""),
            ("phone(a, 'GB')", "07700 900123", "\"447700900123\""),
            ("phone(a, 'IT')", "06 1234 5678", "\"390612345678\""),
            ("phone(a, 'DK')", "12 34 56 78", "\"4512345678\""), ("phone(a, 'DE')", "n/a", "✗ format"),
            ("phone(a, 'DE')", "123", "✗ format"),
            ("phone(a, 'DE')", "+49 151 2345678 12345", "✗ format"),
            (
                "date(a, 'dd.MM.yyyy HH:mm', 'Europe/Berlin')", "05.07.2026 10:00",
                "\"2026-07-05T10:00:00+02:00\""
            ),
            ("date(a, 'iso')", "2026-07-05T10:00:00Z", "\"2026-07-05T10:00:00Z\""),
            ("date(a, 'dd.MM.yyyy', 'UTC')", "31.02.2026", "✗ format"),
            ("date(a, 'epoch', 'Asia/Kolkata')", "1770127500", "\"2026-02-03T19:35:00+05:30\""),
            ("hash(a)", "abc", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
        ])
    func functions(text: String, cell: String, expected: String) throws {
        let found = try outcome(text, cell)
        #expect(found == expected, "\(text)")
    }

    @Test(
        "What SQLite would do in silence is a mistake of the job",
        arguments: [
            ("a < 0", "`num(a)`"), ("a * 2", "`num(a)`"), ("-a", "`num(a)`"), ("a = 5", "`num(a)`"),
            ("a IN (1, 2)", "`num(a)`"), ("a BETWEEN 1 AND 2", "`num(a)`"), ("abs(a)", "`num(a)`"),
            ("coalesce(a, 'x') + 1", "`num(a)`"), ("substr(a, 2) > 5", "`num(a)`"),
            ("max(a, 1)", "`num(a)`"),
            ("\"Bon Nr\" < 1", "num(\"Bon Nr\")"), ("dec_add(a, b) < 5", "dec_cmp"),
            ("dec_add(a, b) * 2", "dec_mul"),
            ("dec_neg(a) = dec_neg(b)", "dec_cmp"), ("a AND b = 'x'", "condition"),
            ("'x' > 5", "text with a number"),
            ("CASE WHEN a THEN 1 END", "condition"), ("CAST(a AS INTEGER)", "num"),
            ("CASE a WHEN 1 THEN 2 END", "`num(a)`"),
            ("iif(a = 'x', num(b), 'n') > 1", "text with a number"),
            ("nmu(a)", "Did you mean “num”?"), ("num()", "1 to 3"), ("dec_add(a)", "takes 2"),
            ("random()", "no function"), ("load_extension('x')", "no function"),
            ("date('now')", "takes 2 to 3"),
            ("current_timestamp", "every time"), ("(SELECT 1)", "no table"), ("a; DROP TABLE x", "“;”"),
            ("EXISTS (SELECT 1)", "no table"), ("a IN (SELECT 1)", "no table"), ("a = ", "too early"),
            ("a b", "“b” was not expected"), ("(a", "too early"), ("'a", "not closed"),
            ("a -- b", "comment"),
            ("?1", "“?”"), (":a", "“:”"), ("a COLLATE x", "not expected"), ("a -> 'b'", "“->”"),
            ("regexp('(', a)", "not closed"), ("a REGEXP '*'", "nothing before"),
            ("phone(a, 'XX')", "no country"),
            ("date(a, 'dd.QQ')", "not known in a date format"), ("date(a, 'dd.MM.yyyy')", "no offset"),
            ("date(a, 'iso', 'BST')", "BST"), ("date(a, 'iso', 'Europe/Berln')", "Europe/Berlin"),
            ("dec_sum(a, b)", "one value"), ("dec_sum(dec_sum(a))", "cannot stand here"),
            ("round(a, 2)", "`num(a)`"), ("a || b + 1", "`num("), ("length(a, b)", "takes 1"),
        ])
    func mistakes(text: String, words: String) {
        let error = self.error(text) ?? "nothing"
        #expect(error.contains(words), "\(text): \(error)")
        #expect(error.hasPrefix("record.fields.v: `"), "\(error)")
    }

    @Test("Nesting and length have an end")
    func bounds() {
        for text in [
            String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000),
            String(repeating: "-", count: 3000).map { "\($0)1" }.joined(separator: " "),
            String(repeating: "NOT ", count: 2000) + "1",
            "'" + String(repeating: "x", count: 20_000) + "'",
            "1" + String(repeating: " ISNULL", count: 1300), "1" + String(repeating: "+1", count: 3000),
            "regexp('" + String(repeating: "(a{200}){200}", count: 2) + "', a)",
        ] {
            #expect(error(text) != nil)
        }
    }

    @Test("No pattern takes longer than its text")
    func patterns() throws {
        let long = String(repeating: "a", count: 20_000) + "b"
        #expect(try outcome("regexp('^(a+)+$', a)", long) == "\"0\"")
        #expect(try outcome("regexp('(a|a|aa)*c', a)", long) == "\"0\"")
    }

    @Test("The step budget leaves room for large expressions")
    func budget() throws {
        let texts = (0..<90).map { "replace(a, '\($0)', 'x')" }.joined(separator: " || ")
        // Far below the budget: it is there for what no one has thought of.
        #expect(try outcome("length(\(texts))", "1") == "\"90\"")
    }

    @Test("Rows for which `where` is not true are left out, and counted with their bytes")
    func filter() throws {
        var spec = MappingSpec(fields: [FieldRule("v", .column("a", Conversion()))])
        spec.filter = ExpressionRule("b <> 'Total' AND num(b) <> 0", line: 7)
        let reader = try RowReader.open(
            bytes: Array("a,b\n1,5\n2,0\n3,x\n4\n5,Total\n6,Total\n7,7\n".utf8), name: "t",
            options: InputOptions())
        var mapper = try Mapper(spec: spec, columns: reader.columns, attribution: nil)
        var batch = RecordBatch()
        var block = RowBlock()
        while try reader.read(into: &block, rows: 2) { mapper.map(block, into: &batch) }
        mapper.finish(into: &batch)
        #expect(batch.records.map(\.position.line) == [2, 4, 5, 8])
        #expect(
            batch.filtered == [
                FilteredStretch(offset: 8, rows: 1, bytes: 4),
                FilteredStretch(offset: 18, rows: 2, bytes: 16),
            ])
        let problem = try #require(batch.records[1].problems.first)
        #expect(problem.reason == .type)
        #expect(
            problem.message.contains("record.where (line 7 of the job), `b <> 'Total'"), "\(problem)")
        // A row of too few fields cannot be judged: it is told of, not left out.
        #expect(batch.records[2].problems.first?.reason == .fieldCount)
    }

    @Test("In groups, rows that are left out belong to none", arguments: [1, 2, 3, 512])
    func groups(blockRows: Int) throws {
        var spec = MappingSpec(
            group: ["b"],
            fields: [
                FieldRule("b", .column("b", Conversion())),
                FieldRule("sum", .expression("dec_sum(dec_mul(q, p))", Conversion(.number))),
                FieldRule("l", .eachRow(.expression("dec_mul(q, p)", Conversion(.number)))),
            ])
        spec.filter = ExpressionRule("k <> 'T'")
        let records = try mapped(
            "b,q,p,k\nX,2,1.50,L\nX,1,0.25,L\n,,9,T\nY,1,1,L\nX,,9,T\nY,3,2,L\n", spec,
            blockRows: blockRows)
        #expect(
            records.map(\.item) == [
                #"{"b":"X","sum":3.25,"l":[3.00,0.25]}"#, #"{"b":"Y","sum":7,"l":[1,6]}"#,
            ], "\(records)")
    }

    @Test("Intermediate values, and field sets by condition")
    func branches() throws {
        var spec = MappingSpec(fields: [FieldRule("id", .column("id", Conversion()))])
        spec.values = [
            NamedExpression("amount_", ExpressionRule("num(t)")),
            NamedExpression("isReturn", ExpressionRule("amount_ < 0")),
        ]
        spec.branches = [
            Branch(
                if: ExpressionRule("isReturn"),
                fields: [
                    FieldRule("type", .constant(json: "\"RETURN\"")),
                    FieldRule("total", .expression("dec_neg(t)", Conversion(.number))),
                ]),
            Branch(
                if: ExpressionRule("amount_ > 0"),
                fields: [
                    FieldRule("type", .constant(json: "\"REGULAR\"")),
                    FieldRule("total", .column("t", Conversion(.number))),
                ]),
        ]
        try spec.check()
        let records = try mapped("id,t\n1,-2.50\n2,3.10\n3,0\n4,x\n", spec)
        #expect(records[0].item == #"{"id":"1","type":"RETURN","total":2.50}"#)
        #expect(records[1].item == #"{"id":"2","type":"REGULAR","total":3.10}"#)
        #expect(records[2].problems.first?.message == "None of the conditions of `record.when` holds.")
        #expect(
            records[3].problems.first?.message.contains("record.when[0].if") == true, "\(records[3])")
        var shadow = spec
        shadow.values.append(NamedExpression("id", ExpressionRule("1")))
        #expect(throws: MappingError.self) { try mapped("id,t\n1,1\n", shadow) }
        var twice = spec
        twice.branches[0].fields.append(FieldRule("id", .constant(json: "1")))
        #expect(throws: MappingError.self) { try twice.check() }
    }

    @Test("The rows of a group need not agree in what another branch reads")
    func branchesOfGroups() throws {
        var spec = MappingSpec(group: ["b"], fields: [FieldRule("b", .column("b", Conversion()))])
        spec.branches = [
            Branch(
                if: ExpressionRule("num(t) < 0"),
                fields: [FieldRule("t", .expression("dec_neg(t)", Conversion(.number)))]),
            Branch(if: nil, fields: [FieldRule("t", .expression("dec_sum(t)", Conversion(.number)))]),
        ]
        let records = try mapped("b,t\nX,1\nX,2\nY,-1\nY,-2\nZ,-3\nZ,-3\n", spec)
        #expect(records[0].item == #"{"b":"X","t":3}"# && records[0].problems.isEmpty, "\(records[0])")
        #expect(records[1].problems.first?.field == "t", "\(records[1])")
        #expect(records[2].item == #"{"b":"Z","t":3}"# && records[2].problems.isEmpty, "\(records[2])")
    }

    @Test("JSON rows: paths, texts with escapes, numbers as written, null and absent ones")
    func json() throws {
        let spec = MappingSpec(fields: [
            FieldRule("a", .expression("customer.phone || coalesce(x.y, '?')", Conversion())),
            FieldRule("b", .expression("dec_add(n, \"l.0.q\")", Conversion(.number))),
            FieldRule("c", .expression("z IS NULL AND absent IS NULL", Conversion())),
        ])
        let records = try mapped(
            #"{"customer":{"phone":"0\u0034\"1"},"n":1.50,"z":null,"l":[{"q":2}]}"#, spec,
            format: .jsonl)
        #expect(records.map(\.item) == [#"{"a":"04\"1?","b":3.50,"c":"1"}"#], "\(records)")
    }

    @Test("A float that reaches a number field is warned of; what is exact is not")
    func warnings() throws {
        func warnings(_ text: String, _ kind: Conversion.Kind = .number) throws -> [String] {
            try MappingSpec(fields: [FieldRule("v", .expression(text, Conversion(kind)))]).warnings()
        }
        #expect(try warnings("num(a) * num(b)").first?.contains("dec_mul") == true)
        #expect(try warnings("round(num(a), 2)").count == 1)
        for text in ["num(a)", "-num(a)", "dec_mul(a, b)", "length(a) * 2", "dec_round(num(a) * 2, 2)"]
        {
            #expect(try warnings(text).isEmpty, "\(text)")
        }
        #expect(try warnings("num(a) * 2", .text).isEmpty)
    }
}
