import Foundation
import TestSupport
import Testing

/// A night that went badly, and the morning after: what failed, why, who must act, and getting it through.
@Suite(.serialized, .ownThreads) struct StoryTests {
    static let bills = 10_000
    /// Rows that say no number; ten of them are never fixed.
    static let bad = Set(stride(from: 17, to: 9017, by: 30))
    static let trulyBad = Set(bad.sorted().suffix(10))
    // None of these around the middle, where an answer will be lost.
    static let unknown = Set(stride(from: 4, to: 4004, by: 20))
    static let parked = Set(stride(from: 6009, to: 9009, by: 20))
    /// They travel together, and the answer is lost.
    static let doubtful = 50

    private static func input() -> String {
        var text = "store,bill_no,customer,sold_at,total,item\n"
        for bill in 0..<bills {
            let customer = (unknown.contains(bill) ? "unknown-" : "c") + String(bill)
            let total = bad.contains(bill) ? "n/a" : "\(bill % 90 + 1).50"
            let item = parked.contains(bill) ? "parked-\(bill)" : "sku"
            text += "leeds_01,B-\(bill),\(customer),2026-02-03T10:15:00+00:00,\(total),\(item)\n"
        }
        return text
    }

    private static let job = Program.job(
        "nightly", files: "bills.csv",
        """
        record:
          fields:
            identifierType:  { value: externalId }
            identifierValue: customer
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill_no
            billingDate:     sold_at
            billAmount:      { from: total, as: number }
            lineItemsV2:
              each: row
              fields: { itemCode: item, qty: { value: 1 }, amount: { from: total, as: number } }
        send: { chunk: 50, in_flight: 4, attribution: { type: STORE_CODE, from: store } }
        doubt: { wait: 300ms }
        """)

    private static func records(_ program: Program, _ run: String) throws -> [String: Int] {
        let output = try program.run("report", run, "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        return (document?["records"] as? [String: Any] ?? [:]).compactMapValues { $0 as? Int }
    }

    /// The report of the whole job, in every form.
    private func tell(_ program: Program) throws {
        let words = try program.run("report", "--job", "nightly")
        #expect(words.prints("490 repaired") && words.prints("10 type you"), "\(words)")
        for (format, name) in [
            ("html", "nightly.html"), ("json", "nightly.json"), ("csv", "nightly.csv"),
            ("markdown", "nightly.md"),
        ] {
            let output = try program.run(
                "report", "--job", "nightly", "--format", format, "-o", name)
            #expect(output.status == 0, "\(output)")
            let path = program.folder + "/" + name
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("unknown-4"), "a customer's identifier is in \(name)")
            // The samples are made by this test: SLUICE_SAMPLES=1.
            if ProcessInfo.processInfo.environment["SLUICE_SAMPLES"] != nil {
                try text.replacingOccurrences(of: program.folder + "/", with: "").write(
                    toFile: Program.root + "/samples/reports/" + name, atomically: true,
                    encoding: .utf8)
            }
        }
        let page = try String(contentsOfFile: program.folder + "/nightly.html", encoding: .utf8)
        for words in ["490 repaired", "Open failures", "Records in doubt", "<svg", "Repairs"] {
            #expect(page.contains(words), "no \(words)")
        }
        for outside in ["http://", "https://", "<script", "src="] {
            #expect(!page.contains(outside), "\(outside)")
        }
        #expect(try program.run("report", "--format", "html", "-o", "nightly.html").status == 2)
        #expect(try program.run("report", "--job", "nobody").status == 2)
    }

    @Test("After a bad night, three commands bring all but the truly bad in, each once")
    func story() throws {
        let program = try Program()
        defer { program.remove() }
        // The look-ups are not available that night.
        let server = try program.sandbox(
            "--unique", "none", "--fault", "cut-after:at=100:count=1:on=add", "--fault",
            "lag:1h")
        defer { server.stop() }
        try program.connect(to: server.url, "rate: 3000/min")
        try program.write(Self.job, to: "job.yaml")
        try program.write(Self.input(), to: "bills.csv")
        let night = try program.run("run", "job.yaml")
        #expect(night.status == 4, "\(night)")
        let run = try #require(night.out.split(separator: " ").first.map(String.init))
        var records = try Self.records(program, run)
        #expect(records["accepted"] == Self.bills - 300 - 200 - 150 - Self.doubtful)
        #expect(records["invalid"] == 300 && records["rejected"] == 200)
        #expect(records["parked"] == 150 && records["in_doubt"] == Self.doubtful)
        #expect(records["failed"] == 0 && records["unsent"] == 0)
        // Doubtful and parked ones are in no file that is meant for sending.
        let folder = program.folder + "/state/runs/\(run)/"
        let rejects = try String(contentsOfFile: folder + "rejects.csv", encoding: .utf8)
        #expect(rejects.split(separator: "\n").count == 1 + 500)
        for (name, count) in [("parked.csv", 150), ("in-doubt.csv", Self.doubtful)] {
            let text = try String(contentsOfFile: folder + name, encoding: .utf8)
            #expect(text.split(separator: "\n").count == 1 + count)
            #expect(!text.contains("_sluice"))
        }

        // The morning after: the server's looks are back, customers are imported, the file is fixed in a
        // spreadsheet, which sorts it; the input itself was cleared away.
        try server.set([])
        try RetryTests.importing(Self.unknown.map { "unknown-\($0)" }, program)
        var rows = rejects.split(separator: "\n").map(String.init)
        let header = rows.removeFirst()
        rows = rows.map { row in
            let cells = row.split(separator: ",", omittingEmptySubsequences: false)
            guard let bill = Int(cells[2].dropFirst(2)), !Self.trulyBad.contains(bill) else {
                return row
            }
            return row.replacingOccurrences(of: "n/a", with: "\(bill % 90 + 1).50")
        }
        try program.write(
            ([header] + rows.sorted { $0.suffix(9) < $1.suffix(9) }).joined(separator: "\n"),
            to: "mended.csv")

        let settled = try program.run("resume", run)
        #expect(settled.status == 1, "\(settled)")
        records = try Self.records(program, run)
        #expect(records["in_doubt"] == 0)
        #expect(records["accepted"] == Self.bills - 300 - 200 - 150)
        try FileManager.default.removeItem(atPath: program.folder + "/bills.csv")

        let mended = try program.run("retry", run, "--from", "mended.csv")
        #expect(mended.status == 1, "\(mended)")
        #expect(
            mended.err.contains("500 not accepted at first, 490 repaired since, 10 open"), "\(mended)")

        let report = try program.run("report", run)
        #expect(
            report.out.contains("of 500 not accepted at first; 10 open since 20"), "\(report.out)")
        #expect(mended.out.contains("A retry of \(run): 490 repaired of 500"), "\(mended.out)")

        // What failed first is told as it was; what is open is what the last of each line says.
        #expect(try Self.records(program, run)["rejected"] == 200)
        let again = try program.run("retry", run, "--all")
        #expect(again.err.contains("sent again: 10 type"), "\(again)")
        #expect(
            again.err.contains("500 not accepted at first, 490 repaired since, 10 open"), "\(again)")

        // The item is fixed, and the queue replayed.
        for bill in Self.parked {
            _ = try server.post("/_sandbox/mend?value=parked-\(bill)", "")
        }
        let replayed = try program.run("rejected", "retrigger", "--run", run, "--yes")
        #expect(replayed.status == 0 && replayed.prints("150 bills: 150 SUCCESS"), "\(replayed)")
        records = try Self.records(program, run)
        #expect(records["parked"] == 0 && records["accepted"] == Self.bills - 300 - 200)
        #expect(try program.run("report", run).prints("of 500 not accepted at first; 10 open"))
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == Self.bills - 10)
        try tell(program)
        #expect(counts["surplus"] as? Int == 0)
    }
}
