import Catalog
import Engine
import Foundation
import Ledger
import Mapping
import Model
import Records
import Reports
import TestSupport
import Testing

/// Rows of one group come together, wherever in the input they stand, and nothing else changes.
@Suite struct GroupArrangementTests {
    static let spec = MappingSpec(
        group: ["bill"],
        fields: [
            FieldRule("identifierType", .constant(json: #""externalId""#)),
            FieldRule("identifierValue", .constant(json: #""c1""#)),
            FieldRule("type", .constant(json: #""REGULAR""#)),
            FieldRule("source", .constant(json: #""INSTORE""#)),
            FieldRule("billNumber", .column("bill", Conversion(.text))),
            FieldRule("billingDate", .constant(json: #""2026-02-03T10:15:00+00:00""#)),
            FieldRule("billAmount", .constant(json: "1")),
            FieldRule(
                "lineItemsV2",
                .eachRow(
                    .object([
                        FieldRule("itemCode", .column("sku", Conversion(.text))),
                        FieldRule("qty", .constant(json: "1")),
                        FieldRule("amount", .constant(json: "1")),
                    ]))),
        ])

    struct Bill: Equatable {
        var number: String
        var skus: [String]
    }

    /// A folder with files in it, read as one input.
    struct Scene {
        let folder = NSTemporaryDirectory() + "groups-" + UUID().uuidString
        var plan: Plan

        init(_ files: [(name: String, text: [UInt8])], _ spec: MappingSpec = spec) throws {
            for part in ["", "/work"] {
                try FileManager.default.createDirectory(
                    atPath: folder + part, withIntermediateDirectories: true)
            }
            for file in files {
                try Data(file.text).write(to: URL(fileURLWithPath: folder + "/" + file.name))
            }
            plan = Plan(
                job: "groups", jobText: "", jobFile: "", endpoint: .transactionsAdd,
                connection: Connection(
                    name: "none", baseURL: "http://127.0.0.1",
                    attribution: Attribution(kind: .till, code: "t1")),
                inputs: try InputList.resolve(
                    files.map(\.name), options: InputOptions(), relativeTo: folder),
                inputOptions: InputOptions(), mapping: spec, send: SendSettings(chunk: 1))
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }

        func arrange() throws -> Arrangement { try Arrangement.make(plan, in: folder + "/work") }
    }

    static func bills(_ plan: Plan) throws -> [Bill] {
        var bills: [Bill] = []
        for file in plan.sources {
            var source = try RecordSource(plan, file: file)
            while let count = try source.fill(plan.chunkSize) {
                for record in source.peek(count) where record.problems.isEmpty {
                    let text = Data(source.batch.bytes[record.item])
                    let item = try JSONSerialization.jsonObject(with: text) as? [String: Any]
                    let lines = item?["lineItemsV2"] as? [[String: Any]] ?? []
                    bills.append(
                        Bill(
                            number: item?["billNumber"] as? String ?? "",
                            skus: lines.map { $0["itemCode"] as? String ?? "" }))
                }
                source.drop(count)
            }
        }
        return bills
    }

    static func findings(_ plan: Plan) throws -> (dry: DryRun, each: [DryRun.Finding]) {
        var dry = DryRun()
        var found: [DryRun.Finding] = []
        try dry.run(plan) { found.append($0) }
        return (dry, found)
    }

    @Test("Rows that stand together are read where they are: nothing is staged")
    func together() throws {
        let scene = try Scene([
            ("a.csv", Array("bill,sku\n2,a\n2,b\n1,c\n".utf8)),
            ("b.csv", Array("bill,sku\n3,d\n".utf8)),
        ])
        defer { scene.remove() }
        let arranged = try scene.arrange()
        #expect(arranged.plan.staged == nil && arranged.grouping.apart == 0)
        #expect(
            try Self.bills(arranged.plan) == [
                Bill(number: "2", skus: ["a", "b"]), Bill(number: "1", skus: ["c"]),
                Bill(number: "3", skus: ["d"]),
            ])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/work").isEmpty)
    }

    @Test("A group that comes back, in its file or in another with its columns in another order")
    func apart() throws {
        let scene = try Scene([
            ("a.csv", Array("bill,sku,x\n1,a,0\n2,b,0\n1,\"c,\",0\n3,d,0".utf8)),
            ("b.csv", Array("sku;y;bill\ne;9;3\n\"f\"\"\";9;1\ng;9;4\n".utf8)),
        ])
        defer { scene.remove() }
        let arranged = try scene.arrange()
        #expect(arranged.grouping.apart == 2 && arranged.grouping.moved == 3)
        #expect(
            try Self.bills(arranged.plan) == [
                Bill(number: "1", skus: ["a", "c,", "f\""]), Bill(number: "2", skus: ["b"]),
                Bill(number: "3", skus: ["d", "e"]), Bill(number: "4", skus: ["g"]),
            ])
        for file in arranged.grouping.files {
            #expect(
                file.headerBytes + file.rowBytes + file.blankBytes + file.unreadableBytes
                    == file.totalBytes)
        }
    }

    @Test("JSON lines and arrays, and an input in UTF-16, come together as well")
    func formats() throws {
        let lines = #"{"bill":"1","sku":"a"}|{"bill":"2","sku":"b"}|{"bill":"1","sku":"c"}|"#
        let array = "[" + lines.split(separator: "|").joined(separator: ",\n") + "]"
        let wide = "bill,sku\r\n1,a\r\n2,b\r\n1,c".utf16.flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
        }
        for (name, text) in [
            ("a.jsonl", Array(lines.replacingOccurrences(of: "|", with: "\n").utf8)),
            ("a.json", Array(array.utf8)), ("a.csv", [0xFF, 0xFE] + wide),
        ] {
            let scene = try Scene([(name, text)])
            defer { scene.remove() }
            let arranged = try scene.arrange()
            #expect(arranged.grouping.apart == 1, "\(name)")
            #expect(
                try Self.bills(arranged.plan) == [
                    Bill(number: "1", skus: ["a", "c"]), Bill(number: "2", skus: ["b"]),
                ], "\(name)")
        }
    }

    @Test("A row of too few fields spoils the group that it names, wherever it stands")
    func ragged() throws {
        let scene = try Scene([("a.csv", Array("bill,sku,x\n1,a,0\n2,b,0\n1,c\n3,d,0\n".utf8))])
        defer { scene.remove() }
        let arranged = try scene.arrange()
        #expect(try Self.bills(arranged.plan).map(\.number) == ["2", "3"])
        let found = try Self.findings(arranged.plan)
        #expect(found.each.map(\.refusals.first?.reason) == [.fieldCount])
        #expect(found.dry.rows == 4 && found.dry.records == 3)
    }

    @Test("Files of different kinds whose groups mix are refused by name; a changed input, too")
    func refused() throws {
        let mixed = try Scene([
            ("a.csv", Array("bill,sku\n1,a\n".utf8)),
            ("b.jsonl", Array(#"{"bill":"1","sku":"b"}"#.utf8)),
        ])
        defer { mixed.remove() }
        #expect { try mixed.arrange() } throws: {
            ErrorText.of($0).hasPrefix("b.jsonl: rows of one group")
        }
        let encodings = try Scene([
            ("a.csv", [0x62, 0x69, 0x6C, 0x6C, 0x2C, 0x73, 0x6B, 0x75, 0x0A, 0x31, 0x2C, 0xFC, 0x0A]),
            ("b.csv", Array("bill,sku\n1,ж\n".utf8)),
        ])
        defer { encodings.remove() }
        var plan = encodings.plan
        plan.inputOptions.encoding = .windows1252
        // Read alike, they fit.
        #expect(
            try Arrangement.make(plan, in: encodings.folder + "/work").grouping.moved == 1)
    }

    @Test("Whatever is where: each bill once, with all of its lines, in order", arguments: 0..<60)
    func anything(seed: Int) throws {
        var random = Seeded(UInt64(seed))
        var files: [(name: String, text: [UInt8])] = []
        /// By bill, in the order in which they come up.
        var bills: [(number: String, skus: [String], isSpoilt: Bool)] = []
        var rows = 0
        for file in 0..<Int.random(in: 1...3, using: &random) {
            let isTurned = Bool.random(using: &random)
            var text = isTurned ? "sku,x,bill\n" : "x,bill,sku\n"
            var open: Int?
            var waiting = 0
            for row in 0..<Int.random(in: 0...25, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    text += "\n"
                case 1:
                    // Nothing in it tells a group.
                    text += "q\n"
                    waiting += 1
                    rows += 1
                default:
                    let number = "B\(Int.random(in: 0..<6, using: &random))"
                    let sku = "s\(file)-\(row)"
                    text += isTurned ? "\(sku),,\(number)\n" : ",\(number),\(sku)\n"
                    rows += 1
                    let index = bills.firstIndex { $0.number == number } ?? bills.count
                    if index == bills.count { bills.append((number, [], false)) }
                    bills[index].skus.append(sku)
                    if open == index, waiting > 0 { bills[index].isSpoilt = true }
                    open = index
                    waiting = 0
                }
            }
            if Bool.random(using: &random), text.hasSuffix("\n") { text.removeLast() }
            files.append(("f\(file).csv", Array(text.utf8)))
        }
        let scene = try Scene(files)
        defer { scene.remove() }
        let arranged = try scene.arrange()
        let expected = bills.filter { !$0.isSpoilt }.map { Bill(number: $0.number, skus: $0.skus) }
        #expect(try Self.bills(arranged.plan) == expected, "seed \(seed)")
        let dry = try Self.findings(arranged.plan).dry
        #expect(dry.rows == rows, "seed \(seed)")
    }
}
