import Catalog
import Foundation
import Jobs
import Mapping
import Model
import Records
import Testing

/// The jobs that come with the project, over the samples they name.
@Suite("Samples")
struct SamplesTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every record of a job: its item, and what is wrong with it.
    private func records(of name: String) throws -> [(
        item: String, record: MappedRecord, problems: [Refusal]
    )] {
        let path = Self.root.appending(path: "jobs/\(name).yaml")
        let job = try Job.parse(yaml: String(contentsOf: path, encoding: .utf8), file: "\(name).yaml")
        #expect(job.name == name)
        #expect(job.connection == "sandbox")
        var result: [(String, MappedRecord, [Refusal])] = []
        let files = try InputList.resolve(
            job.patterns, options: job.input, relativeTo: Self.root.path())
        for (index, file) in files.enumerated() {
            let reader = try RowReader.open(file, index: index, options: job.input)
            var mapper = try Mapper(
                spec: job.mapping, columns: reader.columns, attribution: job.send.attribution)
            var block = RowBlock()
            var batch = RecordBatch()
            while try reader.read(into: &block, rows: 64) { mapper.map(block, into: &batch) }
            mapper.finish(into: &batch)
            var tape = JSONTape()
            var prepared = PreparedItem()
            for record in batch.records {
                var problems = record.problems
                if problems.isEmpty {
                    try tape.parse(batch.bytes, in: record.item)
                    prepared.reset()
                    job.endpoint.prepare(
                        Item(
                            bytes: batch.bytes, range: record.item, tape: tape, attribution: nil,
                            checks: ItemChecks(
                                codes: true, nullWords: true, damage: true, dates: job.dates)),
                        &prepared)
                    problems = prepared.problems
                }
                result.append(
                    (String(decoding: batch.bytes[record.item], as: UTF8.self), record, problems))
            }
        }
        return result
    }

    @Test(
        "The purchases are 6,919 sound bills, each with its own number",
        arguments: ["cdnow", "cdnow-gzip"])
    func purchases(name: String) throws {
        let records = try records(of: name)
        #expect(records.count == 6919)
        #expect(records.allSatisfy { $0.problems.isEmpty })
        #expect(
            records[0].item
                == #"{"identifierType":"externalId","identifierValue":"00004","type":"REGULAR","#
                + #""source":"INSTORE","billNumber":"00004-19970101-1","billingDate":"1997-01-01T00:00:00-05:00","#
                + #""billAmount":29.33,"lineItemsV2":[{"itemCode":"CD","qty":2,"amount":29.33}]}"#)
        let numbers = Set(records.map { $0.item.split(separator: ",")[4] })
        #expect(numbers.count == 6919)
        #expect(numbers.contains { $0.hasSuffix(#"-2""#) })
        // Summer and winter.
        #expect(records.contains { $0.item.contains("T00:00:00-04:00") })
    }

    @Test("Of the items, two are wrong before they leave")
    func items() throws {
        let records = try records(of: "items")
        #expect(records.count == 30)
        let wrong = records.filter { !$0.problems.isEmpty }
        #expect(wrong.map(\.problems.first?.reason) == [.notListed, .noOffset])
        #expect(records.contains { $0.item.contains("NOT_INTERESTED_RETURN") })
        #expect(records.contains { $0.item.contains("parentBillNumber") })
    }

    @Test("The 35 rows are 14 bills of one to four lines")
    func lines() throws {
        let records = try records(of: "lines")
        #expect(records.count == 14)
        #expect(records.flatMap(\.problems) == [])
        #expect(records.reduce(0) { $0 + $1.record.rows } == 35)
        #expect(Set(records.map(\.record.rows)) == [1, 2, 3, 4])
        #expect(records[0].record.attribution == "leeds_01")
        #expect(records[0].item.contains(#""identifierValue":"00447700900201""#))
        #expect(
            records[0].item.contains(#"{"itemCode":"SKU-4","qty":1,"rate":120.00,"amount":120.00}"#))
    }

    @Test("The changes of bills are sound, and leave out what is empty")
    func billUpdates() throws {
        let records = try records(of: "bill-updates")
        #expect(records.count == 12)
        #expect(records.flatMap(\.problems) == [])
        #expect(records[1].item.contains(#""lineItems":[{"itemCode":"SKU-4""#))
        #expect(!records[0].item.contains("itemCode"))
        #expect(!records[5].item.contains("courier"))
    }

    @Test("The stores have one or two external ids")
    func stores() throws {
        let records = try records(of: "stores")
        #expect(records.count == 10)
        #expect(records.flatMap(\.problems) == [])
        #expect(records[0].item.contains(#""externalIds":["ERP-501","L1"]"#))
        #expect(records[2].item.contains(#""externalIds":["ERP-511"]"#))
        #expect(records[3].item.contains(#""isActive":false"#))
    }

    @Test("The badges have their dates by the ISO fields")
    func badges() throws {
        let records = try records(of: "badges")
        #expect(records.count == 10)
        #expect(records.flatMap(\.problems) == [])
        #expect(records[0].item.contains(#""earnExpiresOnISO":"2027-03-14T23:59:00Z""#))
        #expect(records[1].item.contains(#""earnEventDateISO":"2025-06-01T12:00:00+01:00""#))
    }

    @Test("The cards are sound, and keep their zeros", arguments: [("cards", 10), ("card-status", 9)])
    func cards(name: String, count: Int) throws {
        let records = try records(of: name)
        #expect(records.count == count)
        #expect(records.flatMap(\.problems) == [])
        if name == "cards" { #expect(!records[4].item.contains("cardExternalId")) }
        if name == "card-status" {
            #expect(records[7].item.contains(#""cardNumber":"0091200000017""#))
            #expect(!records[0].item.contains("statusInfo"))
        }
    }

    @Test("The customers are sound", arguments: [("customers", 10), ("customer-changes", 7)])
    func customers(name: String, count: Int) throws {
        let records = try records(of: name)
        #expect(records.count == count)
        #expect(records.flatMap(\.problems) == [])
        #expect(records[0].item.contains(#""identifiers":[{"type":"externalId","value":"#))
        if name == "customers" {
            #expect(records[0].item.contains(#""createDate":"2019-03-02T00:00:00Z""#))
        }
    }

    @Test("The products are sound", arguments: [("products", 10), ("prices", 6)])
    func products(name: String, count: Int) throws {
        let records = try records(of: name)
        #expect(records.count == count)
        #expect(records.flatMap(\.problems) == [])
    }

    @Test(
        "The labels, enrolments and coupons are sound",
        arguments: [("labels", 8), ("milestones", 6), ("coupons", 7)])
    func labels(name: String, count: Int) throws {
        let records = try records(of: name)
        #expect(records.count == count)
        #expect(records.flatMap(\.problems) == [])
    }

    @Test("Of the ugly rows, each comes out as its README says")
    func ugly() throws {
        let records = try records(of: "ugly")
        let reasons = records.map { $0.problems.first?.reason.code ?? "fine" }
        #expect(
            reasons == [
                "fine", "fine", "fine", "fine", "spreadsheet-damage", "field-count", "field-count",
                "encoding",
                "format", "type", "fine", "fine", "unreadable", "fine", "missing", "fine", "fine",
            ])
        #expect(records[0].item.contains(#""billAmount":1234.50"#))
        #expect(records[1].item.contains(#""note":"a note\r\nover two lines""#))
        #expect(records[2].item.contains(#""billAmount":7,"#))
        #expect(records[3].item.contains(#""billAmount":0.5,"note":"a quote \" in the middle""#))
        #expect(records[10].item.contains(#"a NUL\u0000byte"#))
        #expect(records[15].item.contains("2026-03-29T01:30:00Z"))
        let readme = try String(
            contentsOf: Self.root.appending(path: "samples/ugly/README.md"), encoding: .utf8)
        let table = readme.split(separator: "\n").filter { $0.hasPrefix("| U-") }
        #expect(table.count == reasons.count)
        for (line, reason) in zip(table, reasons) {
            #expect(line.contains(reason == "fine" ? "| fine" : "`\(reason)`"), "\(line)")
        }
    }
}
