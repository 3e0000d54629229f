import Mapping
import Model
import Records
import Testing

@Suite("Rows to items")
struct MapperTests {
    @Test("Without a mapping, columns become texts and JSON is used unchanged")
    func withoutMapping() throws {
        let rows = try mapped("a,b\n1,x\n,\"q\"\"t\"\n9.1E+11,\n", nil)
        #expect(
            rows.map(\.item) == [
                #"{"a":"1","b":"x"}"#, #"{"a":"","b":"q\"t"}"#, #"{"a":"9.1E+11","b":""}"#,
            ])
        #expect(rows.map(\.stored) == ["1,x\n", ",\"q\"\"t\"\n", "9.1E+11,\n"])
        let items = try mapped("{\"n\": 1.50}\n[1]\n{\"x\":\n{\"y\":null}\n", nil, format: .jsonl)
        #expect(items.map(\.item) == ["{\"n\": 1.50}", "", "", "{\"y\":null}"])
        #expect(items[1].reasons == [.type])
        #expect(items[2].reasons == [.unreadable])
        #expect(items[2].stored == "{\"x\":\n")
    }

    @Test("Nested objects and lists, and which are left out")
    func nesting() throws {
        let spec = MappingSpec(fields: [
            FieldRule("k", .constant(json: #"{"a":[1]}"#)),
            FieldRule(
                "o",
                .object([
                    FieldRule("x", .column("a", Conversion())), FieldRule("n", .constant(json: "1")),
                ])),
            FieldRule(
                "pays",
                .list([
                    .object([
                        FieldRule("m", .constant(json: "\"CASH\"")),
                        FieldRule("v", .column("a", Conversion(.number))),
                    ]),
                    .object([
                        FieldRule("m", .constant(json: "\"CARD\"")),
                        FieldRule("v", .column("b", Conversion(.number))),
                    ]),
                ])),
            FieldRule("e", .object([FieldRule("z", .constant(json: "true"))])),
        ])
        // Without the third column the last row would be blank.
        let records = try mapped("a,b,c\n1,2,\n,2,\n,,x\n", spec)
        #expect(
            records.map(\.item) == [
                #"{"k":{"a":[1]},"o":{"x":"1","n":1},"pays":[{"m":"CASH","v":1},{"m":"CARD","v":2}],"e":{"z":true}}"#,
                #"{"k":{"a":[1]},"pays":[{"m":"CARD","v":2}],"e":{"z":true}}"#,
                #"{"k":{"a":[1]},"e":{"z":true}}"#,
            ])
        let bad = try mapped("a,b\nx,y\n", spec)
        #expect(bad[0].problems.map(\.field) == ["pays[0].v", "pays[1].v"])
        #expect(
            try mapped("a,b\n,x\n", MappingSpec(fields: [FieldRule("v", .column("a", Conversion()))]))[
                0
            ]
            .item == "{}")
    }

    @Test("JSON rows are mapped by dotted paths; null, empty and absent stay what they are")
    func json() throws {
        let text = """
            {"c":{"phone":"00\\u0034","n":1.50,"e":"","z":null,"l":[{"q":7},8]}}
            {"c":5}

            """
        func item(_ path: String, _ conversion: Conversion = Conversion()) throws -> [String] {
            try mapped(
                text, MappingSpec(fields: [FieldRule("v", .column(path, conversion))]), format: .jsonl
            ).map { $0.problems.first?.reason.code ?? $0.item }
        }
        #expect(try item("c.phone") == [#"{"v":"00\u0034"}"#, "{}"])
        #expect(try item("c.phone", Conversion(.text)) == [#"{"v":"004"}"#, "{}"])
        #expect(try item("c.phone", Conversion(.number)) == [#"{"v":4}"#, "{}"])
        #expect(try item("c.n") == [#"{"v":1.50}"#, "{}"])
        #expect(try item("c.n", Conversion(.text)) == [#"{"v":"1.50"}"#, "{}"])
        #expect(try item("c.e") == [#"{"v":""}"#, "{}"])
        #expect(try item("c.z") == [#"{"v":null}"#, "{}"])
        #expect(try item("c.z", Conversion(empty: .omit)) == ["{}", "{}"])
        #expect(try item("c.e", Conversion(empty: .null)) == [#"{"v":null}"#, #"{"v":null}"#])
        #expect(try item("c.q", Conversion(empty: .error)) == ["missing", "missing"])
        #expect(try item("c.q", Conversion(defaultValue: "d")) == [#"{"v":"d"}"#, #"{"v":"d"}"#])
        #expect(try item("c.l.0.q") == [#"{"v":7}"#, "{}"])
        #expect(try item("c.l.1") == [#"{"v":8}"#, "{}"])
        #expect(try item("c.l.2") == ["{}", "{}"])
        #expect(try item("c.l") == [#"{"v":[{"q":7},8]}"#, "{}"])
        #expect(try item("c.l", Conversion(.text)) == ["type", "{}"])
        #expect(
            try item("c", Conversion(.json)) == [
                #"{"v":{"phone":"00\u0034","n":1.50,"e":"","z":null,"l":[{"q":7},8]}}"#, #"{"v":5}"#,
            ])
    }

    @Test("A column that the input lacks is a mistake of the job, with the nearest one named")
    func unknownColumn() throws {
        let columns = ["bill_no", "total"]
        func error(_ spec: MappingSpec, _ attribution: SendSettings.AttributionSource? = nil)
            -> MappingError?
        {
            do throws(MappingError) {
                _ = try Mapper(spec: spec, columns: columns, attribution: attribution)
                return nil
            } catch {
                return error
            }
        }
        let found = error(
            MappingSpec(fields: [FieldRule("billNumber", .column("bil_no", Conversion()), line: 12)]))
        #expect(found?.suggestion == "bill_no")
        #expect(found?.line == 12)
        #expect(found?.code == .unknownColumn)
        #expect(found?.place == "record.fields.billNumber")
        #expect(error(MappingSpec(group: ["store"], fields: []))?.place == "record.group")
        #expect(
            error(MappingSpec(fields: [FieldRule("t", .template("{x}-{#}", Conversion()))]))?.code
                == .unknownColumn)
        #expect(
            error(MappingSpec(fields: []), .column(.storeCode, name: "store"))?.place
                == "send.attribution")
    }

    @Test("A first line with none of the job's columns may be data, and is not shown")
    func headerless() throws {
        let spec = MappingSpec(fields: [
            FieldRule("firstname", .column("first_name", Conversion())),
            FieldRule("city", .column("city", Conversion())),
        ])
        func message(_ columns: [String]) throws -> String {
            let error = try #require(throws: MappingError.self) {
                _ = try Mapper(spec: spec, columns: columns, attribution: nil)
            }
            return error.description
        }
        for columns in [["Jane", "Doe", "Leeds"], ["12 High Street, Leeds LS1 4AB, UK", "x"]] {
            let text = try message(columns)
            #expect(text.contains("none of the job's columns is in the first line"))
            #expect(!columns.contains { $0 != "x" && text.contains($0) })
        }
        for columns in [["First Name", "town"], ["firstnme", "town"], ["CITY", "town"]] {
            #expect(try message(columns).contains("It has: \(columns[0]), town"))
        }
    }

    @Test(
        "Rules that make no sense are refused before any row",
        arguments: [
            Rule.template("{a", Conversion()), .template("a}", Conversion()),
            .template("{#}", Conversion()),
            .template("{a}{#}{#}", Conversion()), .constant(json: "{"),
            .column("a", Conversion(.datetime, formats: ["dd/MM/yyyy"])),
            .column("a", Conversion(.datetime, formats: ["dd/QQ/yyyy"], zone: "UTC")),
            .column("a", Conversion(.datetime, formats: ["HH:mm"], zone: "UTC")),
            .column("a", Conversion(.datetime, formats: ["dd/MM/yyyy 'at"], zone: "UTC")),
            .column("a", Conversion(.datetime, zone: "Asia/Kolkatta")),
            .column("a", Conversion(.text, zone: "UTC")),
            .column("a", Conversion(.number, decimal: ",", thousands: ",")),
            .column("a", Conversion(.number, decimal: "5")),
            .eachRow(.eachRow(.column("a", Conversion()))),
            .object([FieldRule("x", .constant(json: "1")), FieldRule("x", .constant(json: "1"))]),
        ])
    func badRules(rule: Rule) {
        let spec = MappingSpec(fields: [FieldRule("v", rule)])
        #expect(throws: MappingError.self) { try Mapper(spec: spec, columns: ["a"], attribution: nil) }
        #expect(throws: MappingError.self) { try spec.check() }
    }

    @Test("A bad row is a record of its own and costs its neighbours nothing")
    func badRows() throws {
        let text = Array("c,d\n1,\n2\n3,,\n4,".utf8) + [0xFF] + Array("\n\"5,\n6,\n".utf8)
        let records = try mapped(text, one(Conversion(.integer)))
        #expect(records.map(\.item) == [#"{"v":1}"#, "", "", "", "", #"{"v":6}"#])
        #expect(
            records.map(\.reasons) == [
                [], [.fieldCount], [.fieldCount], [.encoding], [.unreadable], [],
            ])
        #expect(records.map(\.position.row) == [1, 2, 3, 4, 5, 6])
        #expect(records[1].stored == "2\n")
    }

    @Test("The attribution comes from a column; where that is empty, the record is invalid")
    func attribution() throws {
        let source = SendSettings.AttributionSource.column(.storeCode, name: "store")
        let csv = try mapped(
            "c,store\n1, leeds \n2,\n3, \u{A0} \n", one(Conversion()), attribution: source)
        #expect(csv.map(\.attribution) == ["leeds", nil, nil])
        #expect(csv.map(\.reasons) == [[], [.missing], [.missing]])
        #expect(csv[1].problems[0].field == "store")
        let rows =
            [#"{"store":"x"}"#, "{}", #"{"store":null}"#, #"{"store":" "}"#, #"{"store":{"a":1}}"#]
            .joined(separator: "\n") + "\n"
        for spec in [nil, MappingSpec(fields: [])] {
            let json = try mapped(rows, spec, format: .jsonl, attribution: source)
            #expect(json.map(\.attribution) == ["x", nil, nil, nil, nil])
            #expect(json.map(\.reasons) == [[], [.missing], [.missing], [.missing], [.type]])
        }
    }

    @Test("What an empty attribution means, the job can say")
    func usualAttribution() throws {
        let source = SendSettings.AttributionSource.column(
            .storeCode, name: "store", default: "head-office")
        let csv = try mapped("c,store\n1,leeds\n2, \n", one(Conversion()), attribution: source)
        #expect(csv.map(\.attribution) == ["leeds", "head-office"])
        let json = try mapped("{}\n", nil, format: .jsonl, attribution: source)
        #expect(json.map(\.attribution) == ["head-office"])
        #expect((csv + json).map(\.reasons) == [[], [], []])
    }

    @Test("A run from before continues with the rules it began with")
    func firstRules() throws {
        let source = SendSettings.AttributionSource.column(.storeCode, name: "store")
        let reader = try RowReader.open(
            bytes: Array("c,store\n2,\n".utf8), name: "test", options: InputOptions())
        var mapper = try Mapper(
            spec: one(Conversion()), columns: reader.columns, attribution: source, rules: .first)
        var batch = RecordBatch()
        var found: [Mapped] = []
        try drain(reader, &mapper, &batch, blockRows: 8) { found.append($0) }
        #expect(found.map(\.reasons) == [[]])
    }

    @Test("How the rows are cut into blocks makes no difference", arguments: [1, 2, 3, 7])
    func blocks(rows: Int) throws {
        let text = "c,g\n" + (0..<40).map { "\($0 % 5),\($0 / 3)\n" }.joined()
        let spec = MappingSpec(
            group: ["g"],
            fields: [
                FieldRule("t", .template("{g}-{#}", Conversion())),
                FieldRule("l", .eachRow(.object([FieldRule("c", .column("c", Conversion(.number)))]))),
            ])
        let whole = try mapped(text, spec)
        #expect(whole.count == 14)
        #expect(try mapped(text, spec, blockRows: rows) == whole)
    }
}
