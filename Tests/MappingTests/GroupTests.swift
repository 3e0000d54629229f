import Mapping
import Model
import Records
import TestSupport
import Testing

@Suite("Rows of one record")
struct GroupTests {
    static let spec = MappingSpec(
        group: ["s", "b"],
        fields: [
            FieldRule("bill", .column("b", Conversion())),
            FieldRule("total", .column("t", Conversion(.number))),
            FieldRule("lines", .eachRow(.object([FieldRule("sku", .column("k", Conversion()))]))),
        ])

    private func records(_ rows: String, _ spec: MappingSpec = Self.spec, blockRows: Int = 512) throws
        -> [Mapped]
    {
        try mapped("s,b,t,k\n" + rows, spec, blockRows: blockRows)
    }

    @Test("Neighbouring rows that agree become one record, with all their bytes")
    func groups() throws {
        let found = try records("x,1,5,a\nx,1,5,b\n\nx,2,6,c\ny,2,7,d\n")
        #expect(
            found.map(\.item) == [
                #"{"bill":"1","total":5,"lines":[{"sku":"a"},{"sku":"b"}]}"#,
                #"{"bill":"2","total":6,"lines":[{"sku":"c"}]}"#,
                #"{"bill":"2","total":7,"lines":[{"sku":"d"}]}"#,
            ])
        #expect(found.map(\.rows) == [2, 1, 1])
        #expect(found[0].stored == "x,1,5,a\nx,1,5,b\n")
        #expect(found[0].position == Position(file: 0, row: 1, line: 2, offset: 8, length: 16))
        #expect(found.flatMap(\.problems) == [])
    }

    @Test("A key that is cut differently is another key")
    func keys() throws {
        #expect(try records("ab,c,1,x\na,bc,1,x\n").count == 2)
    }

    /// Rows of one bill whose numbers differ in what a spreadsheet or a person adds.
    private static let spellings = "G1,5,a\nG1 ,5,b\n G1,5,c\nG2,6,d\n"
    private static let formulas = "\"=\"\"0091\"\"\",5,a\n0091,5,b\n'0091,5,c\n0092,6,d\n"

    private func bills(
        _ conversion: Conversion?, _ rows: String, rules: Ruleset = .current
    ) throws -> [Mapped] {
        let spec = MappingSpec(
            group: ["b"],
            fields: (conversion.map { [FieldRule("bill", .column("b", $0))] } ?? []) + [
                FieldRule("lines", .eachRow(.object([FieldRule("sku", .column("k", Conversion()))])))
            ])
        let reader = try RowReader.open(
            bytes: Array(("b,t,k\n" + rows).utf8), name: "test", options: InputOptions(format: .csv))
        var mapper = try Mapper(
            spec: spec, columns: reader.columns, attribution: nil, rules: rules)
        var batch = RecordBatch()
        var block = RowBlock()
        while try reader.read(into: &block, rows: 2) { mapper.map(block, into: &batch) }
        mapper.finish(into: &batch)
        return batch.records.map { Mapped($0, batch) }
    }

    @Test("White space that a field drops from its key, and a formula around it, tell no groups apart")
    func cleanKeys() throws {
        for rows in [Self.spellings, "b ,5,a\nb,5,b\nc,6,d\n", "G1,5,a\n\u{A0}G1,5,b\nG2,6,d\n"] {
            let found = try bills(Conversion(.text, trim: true), rows)
            #expect(found.count == 2 && found.allSatisfy { $0.problems.isEmpty }, "\(found)")
            #expect(found.first?.rows == (rows == Self.spellings ? 3 : 2))
        }
        let codes = try bills(Conversion(.text, target: .code), Self.formulas)
        #expect(
            codes.map(\.item) == [
                #"{"bill":"0091","lines":[{"sku":"a"},{"sku":"b"},{"sku":"c"}]}"#,
                #"{"bill":"0092","lines":[{"sku":"d"}]}"#,
            ])
        #expect(codes.allSatisfy { $0.problems.isEmpty })
    }

    @Test(
        "Where what is made of the key differs by them, or nothing is, the record is invalid: none of it goes"
    )
    func unclearKeys() throws {
        for (conversion, rows) in [
            (Conversion(.text), Self.spellings), (nil, Self.spellings), (nil, Self.formulas),
            (Conversion(.text, trim: true), Self.formulas),
        ] {
            let found = try bills(conversion, rows)
            #expect(found.map(\.rows) == [3, 1], "\(found)")
            // A formula in a column that no field takes is damage, too.
            #expect(found.map(\.reasons.first) == [.rule, nil], "\(found)")
            #expect(found.first?.problems.first?.field == "b")
            #expect(found.first?.problems.first?.message.hasSuffix("first on line 3.") == true)
        }
    }

    @Test("A run that began under earlier rules tells its groups apart as it did")
    func earlierKeys() throws {
        let found = try bills(Conversion(.text, trim: true), Self.spellings, rules: .strict)
        #expect(found.map(\.rows) == [1, 1, 1, 1])
        #expect(found.allSatisfy { $0.problems.isEmpty })
    }

    @Test("Cells of nothing but white space name no group")
    func blankKey() throws {
        let found = try bills(Conversion(.text, trim: true), "G1,5,a\n  ,5,b\n")
        #expect(found.map(\.reasons) == [[], [.orphanRow]], "\(found)")
    }

    @Test("What is once has to agree; a later row may leave it empty")
    func disagreement() throws {
        let found = try records("x,1,5,a\nx,1,6,b\nx,2,5,a\nx,2,,b\nx,3,,a\nx,3,5,b\n")
        #expect(found.map(\.reasons) == [[.rule], [], [.rule]])
        #expect(found[0].problems[0].field == "total")
        #expect(found[1].item == #"{"bill":"2","total":5,"lines":[{"sku":"a"},{"sku":"b"}]}"#)
    }

    @Test("The attribution has to agree too")
    func attribution() throws {
        let found = try mapped(
            "b,store\n1,x\n1,y\n2,z\n2,z\n", MappingSpec(group: ["b"], fields: []),
            attribution: .column(.till, name: "store"))
        #expect(found.map(\.reasons) == [[.rule], []])
        #expect(found[1].attribution == "z")
    }

    @Test("A problem in one row makes the whole record invalid, and names the element")
    func wholeRecord() throws {
        let spec = MappingSpec(
            group: ["b"],
            fields: [
                FieldRule("l", .eachRow(.object([FieldRule("q", .column("q", Conversion(.number)))])))
            ])
        let found = try mapped("b,q\n1,5\n1,x\n1,7\n2,5\n", spec)
        #expect(found.map(\.reasons) == [[.type], []])
        #expect(found[0].problems[0].field == "l[1].q")
        #expect(found[0].stored == "1,5\n1,x\n1,7\n")
    }

    @Test("A key that comes back is reported")
    func reopened() throws {
        let found = try records("x,1,5,a\nx,2,5,a\nx,1,5,b\nx,3,5,a\nx,2,5,c\n")
        #expect(found.map(\.reasons) == [[], [], [.groupReopened], [], [.groupReopened]])
    }

    @Test(
        "Rows that cannot be read, by where they are", arguments: [1, 2, 3, 512])
    func unreadable(blockRows: Int) throws {
        // Between two rows of one record: its own. At a border: a record of its own.
        let found = try records(
            "q\nx,1,5,a\nq\nx,1,5,b\nq\nq\nx,2,6,a\nx,3,6,a\n\"\n", blockRows: blockRows)
        #expect(found.map(\.rows) == [1, 3, 1, 1, 1, 1, 1])
        #expect(
            found.map(\.reasons) == [
                [.fieldCount], [.fieldCount], [.fieldCount], [.fieldCount], [], [], [.unreadable],
            ])
        #expect(found[1].stored == "x,1,5,a\nq\nx,1,5,b\n")
    }

    @Test("Ragged rows belong to the neighbour that their columns name", arguments: [1, 2, 3, 512])
    func ragged(blockRows: Int) throws {
        // With the record before, with the one behind, with none, and with none by a wrong key.
        let found = try records(
            "x,1,5,a\nx,1,5\nx,2\nx,2,6,a\nx,3,6,a\nq\nq,7,1,1,1\nx,4,6,a\nx,9,1\nx,4,6,b\n",
            blockRows: blockRows)
        #expect(found.map(\.rows) == [2, 2, 1, 1, 1, 3])
        #expect(
            found.map(\.reasons) == [
                [.fieldCount], [.fieldCount], [], [.fieldCount], [.fieldCount], [.fieldCount],
            ])
        #expect(found[0].problems[0].message.contains("line 3"))
    }

    @Test(
        "A row with nothing in the columns of the group is an invalid record of its own",
        arguments: [1, 2, 3, 512])
    func orphans(blockRows: Int) throws {
        let found = try records(",,5,a\nx,1,5,a\n,,,b\nx,2,6,a\n,,Sum,\n", blockRows: blockRows)
        #expect(found.map(\.reasons) == [[.orphanRow], [], [.orphanRow], [], [.orphanRow]])
        #expect(found.map(\.rows) == [1, 1, 1, 1, 1])
        // Within a group it does no harm either, and is after it.
        let within = try records("x,1,5,a\n,,,b\nx,1,,c\nx,2,6,a\n", blockRows: blockRows)
        #expect(within.map(\.reasons) == [[], [.orphanRow], []])
        #expect(within.map(\.rows) == [2, 1, 1])
        #expect(within[0].stored == "x,1,5,a\nx,1,,c\n")
        #expect(within[0].item.contains(#"[{"sku":"a"},{"sku":"c"}]"#))
        #expect(within[1].stored == ",,,b\n")
        #expect(within[1].position.row == 2)
        // One column filled is a key.
        #expect(try records("x,,5,a\nx,,5,b\n").map(\.rows) == [2])
    }

    @Test("A group is bounded, and one beyond says so", arguments: [1, 2, 5, 512])
    func limit(blockRows: Int) throws {
        var spec = Self.spec
        spec.groupLimit = 40
        let found = try records(
            "x,1,5,a\n" + String(repeating: "x,2,5,a\n", count: 9) + "x,3,5,a\nx,2,5,a\n", spec,
            blockRows: blockRows)
        #expect(found.map(\.rows) == [1, 9, 1, 1])
        #expect(found.map(\.reasons) == [[], [.tooLarge], [], [.groupReopened]])
        #expect(found[1].position.offset == 16)
        #expect(found[1].position.length == 72)
        #expect(found[1].stored.count >= 40)
        let last = try records(String(repeating: "x,2,5,a\n", count: 9), spec, blockRows: blockRows)
        #expect(last.map(\.reasons) == [[.tooLarge]])
        #expect(last[0].position.length == 72)
    }

    @Test("JSON rows are grouped as well")
    func json() throws {
        let text = """
            {"b":"1","k":"a"}
            {"b":"1","k":"b"}
            {"b":"2",
            {"k":"c","b":"2"}

            """
        let spec = MappingSpec(
            group: ["b"],
            fields: [
                FieldRule("b", .column("b", Conversion())),
                FieldRule("l", .eachRow(.column("k", Conversion()))),
            ])
        for rows in [1, 2, 512] {
            let found = try mapped(text, spec, format: .jsonl, blockRows: rows)
            #expect(found.map(\.item) == [#"{"b":"1","l":["a","b"]}"#, "", #"{"b":"2","l":["c"]}"#])
            #expect(found.map(\.reasons) == [[], [.unreadable], []])
        }
    }

    @Test(
        "Whatever is in a file, and however it is cut: every row is in one record, in order",
        arguments: 0..<40)
    func everyRow(seed: Int) throws {
        var random = Seeded(UInt64(seed))
        let choices = [
            "x,1,5,a\n", "x,2,5,b\n", "x,1,6,c\n", ",,1,1\n", "x,1\n", "x,2,1,1,1\n", "\"\n", "q\n",
            "\n", "x,1,x,y\n",
        ]
        var text = "s,b,t,k\n"
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            text += choices.randomElement(using: &random) ?? ""
        }
        var spec = Self.spec
        spec.groupLimit = seed % 2 == 0 ? 60 : 1 << 20
        let whole = try mapped(text, spec)
        let rows = try mapped(text, nil).map(\.position.row)
        #expect(whole.reduce(0) { $0 + $1.rows } == rows.count)
        var end = 0
        for record in whole {
            // What is within a group comes after it.
            let isOrphan = record.reasons == [.orphanRow]
            #expect(isOrphan || record.position.offset >= end, "seed \(seed)")
            end = max(end, record.position.end)
        }
        guard seed % 2 == 1 else { return }
        for size in 1...5 { #expect(try mapped(text, spec, blockRows: size) == whole, "seed \(seed)") }
    }
}
