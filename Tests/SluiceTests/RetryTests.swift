import Foundation
import TestSupport
import Testing

/// What failed is sent again: from the ledger, from a fixed file, and never twice.
@Suite(.serialized, .ownThreads) struct RetryTests {
    /// Bills of two rows each; those in `unknown` are of customers not yet imported, those in `bad` have no
    /// number for an amount.
    private static func bills(_ count: Int, unknown: Set<Int>, bad: Set<Int>) -> String {
        var text = "store,bill_no,phone,sold_at,total,sku\r\n"
        for bill in 0..<count {
            let customer = (unknown.contains(bill) ? "unknown-" : "c") + String(bill)
            let total = bad.contains(bill) ? "twelve" : "12.50"
            for row in 0..<2 {
                text +=
                    "\"s,1\",B-\(bill),\(customer),2026-02-03T10:15:00+00:00,\(total),\"sku \"\"\(row)\"\"\"\r\n"
            }
        }
        return text
    }

    private static let job = Program.job(
        files: "bills.csv",
        """
        record:
          group: [store, bill_no]
          fields:
            identifierType:  { value: externalId }
            identifierValue: phone
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill_no
            billingDate:     sold_at
            billAmount:      { from: total, as: number }
            lineItemsV2:
              each: row
              fields: { itemCode: sku, qty: { value: 1 }, amount: { value: 6.25 } }
        doubt: { wait: 300ms }
        """)

    /// Imports customers so that they are known from then on.
    static func importing(_ customers: [String], _ program: Program) throws {
        try program.write(
            customers.map {
                #"{"profiles":[{"source":"INSTORE","identifiers":[{"type":"externalId","value":"\#($0)"}]}],"loyaltyInfo":{"loyaltyType":"loyalty"}}"#
            }.joined(separator: "\n") + "\n", to: "customers.jsonl")
        try program.writeJob(
            "customers", "customers.add", files: "customers.jsonl", "parameters: { source: INSTORE }",
            to: "customers.yaml")
        let output = try program.run("run", "customers.yaml", "--quiet")
        #expect(output.status == 0, "\(output)")
    }

    private static func runs(_ program: Program, job: String = "bills") throws -> [String] {
        let output = try program.run("runs", "--json", "--job", job)
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        return (document?["runs"] as? [[String: Any]] ?? []).compactMap { $0["run"] as? String }
    }

    @Test("A row that is bad every night is open every night, and each report says what to do")
    func everyNight() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.bills(4, unknown: [], bad: [1, 2]), to: "bills.csv")
        try program.write(Self.job, to: "job.yaml")
        for night in 1...3 {
            let output = try program.run("run", "job.yaml")
            #expect(output.status == 1, "\(output)")
            let run = try #require(try Self.runs(program).first)
            #expect(output.out.contains("sluice retry \(run) --from "), "night \(night): \(output.out)")
            let status = try program.run("status")
            #expect(status.out.contains("\(run)") && !status.out.contains("Nothing to do"), "\(status)")
        }
        // Fixed, nothing is left to do.
        try program.write(Self.bills(4, unknown: [], bad: []), to: "bills.csv")
        let good = try program.run("run", "job.yaml")
        #expect(good.status == 0 && good.out.contains("Nothing to do"), "\(good)")
    }

    @Test(
        "What may pass now goes from the ledger, what is fixed from its file, and nothing goes twice")
    func story() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.job, to: "job.yaml")
        let unknown: Set<Int> = [3, 13, 23, 33]
        let bad: Set<Int> = [7, 17]
        try program.write(Self.bills(40, unknown: unknown, bad: bad), to: "bills.csv")
        let first = try program.run("run", "job.yaml")
        #expect(first.status == 1, "\(first)")
        let run = try #require(try Self.runs(program).first)
        #expect(first.out.contains("sluice retry \(run) --from "))
        let rejects = program.folder + "/state/runs/\(run)/rejects.csv"
        let file = try String(contentsOfFile: rejects, encoding: .utf8)
        #expect(file.hasPrefix("_sluice,store,bill_no,phone,sold_at,total,sku\r\n"))
        #expect(file.contains("\(run)#3,\"s,1\",B-3,"))
        #expect(file.split(separator: "\r\n").count == 1 + 2 * 6)
        // From here on nothing needs the input.
        try FileManager.default.removeItem(atPath: program.folder + "/bills.csv")

        // Still unknown, and asked again.
        let early = try program.run("retry")
        #expect(early.status == 1, "\(early)")
        #expect(early.out.contains("4 rejected: customer-unknown"), "\(early)")
        #expect(early.err.contains("6 not accepted at first, 0 repaired since, 6 open"), "\(early)")
        try Self.importing((unknown.sorted().dropLast()).map { "unknown-\($0)" }, program)
        // The newest run is now another job's: the one meant is named.
        let dry = try program.run("retry", run, "--dry-run")
        #expect(dry.status == 0 && dry.err.contains("4 customer-unknown"), "\(dry)")
        let passed = try program.run("retry", run)
        #expect(passed.status == 1, "\(passed)")
        #expect(passed.err.contains("6 not accepted at first, 3 repaired since, 3 open"), "\(passed)")
        let chosen = try program.run("retry", run, "--key", "B-7")
        #expect(chosen.prints("invalid 1"), "\(chosen)")
        let wrong = try program.run("retry", run, "--reason", "customer-unkown")
        #expect(wrong.status == 2 && wrong.err.contains("Did you mean customer-unknown?"), "\(wrong)")

        // Fixed in a spreadsheet: sorted so that no two rows of a bill stand together, quoted otherwise,
        // and of one record the customer changed.
        var rows = file.split(separator: "\r\n").dropFirst().map(String.init).sorted {
            ($0.suffix(4), $0) < ($1.suffix(4), $1)
        }
        rows = rows.map {
            $0.replacingOccurrences(of: "twelve", with: "12.5")
                .replacingOccurrences(of: "unknown-33", with: "c33")
        }
        let header = "_sluice,store,bill_no,phone,sold_at,total,sku\n"
        try program.write(
            header + rows.joined(separator: "\n")
                + "\nnonsense,s,B-99,c,2026-02-03T10:15:00+00:00,1,x\n", to: "bad.csv")
        let refused = try program.run("retry", run, "--from", "bad.csv")
        #expect(refused.status == 2 && refused.err.contains("bad.csv:14:"), "\(refused)")
        try program.write(header + rows.joined(separator: "\n"), to: "fixed.csv")
        let fixed = try program.run("retry", run, "--from", "fixed.csv")
        #expect(fixed.status == 0, "\(fixed)")
        #expect(
            fixed.prints("accepted 3") && fixed.prints("skipped 3"),
            "\(fixed)")
        #expect(fixed.err.contains("6 not accepted at first, 6 repaired since, 0 open"), "\(fixed)")
        // Again, by any way, and nothing is sent.
        let again = try program.run("retry", run, "--from", "fixed.csv")
        #expect(again.status == 0 && again.prints("requests 0"), "\(again)")
        #expect(try program.run("retry", run, "--all").err.contains("no open records"))
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 40)
        #expect(counts["duplicates"] as? Int == 0)
        // What its list held has gone to others.
        #expect(!(try program.run("report", run)).out.contains("To fix"))
    }

    @Test("Without marks a record is tied by its key; what has none is new only where that is said")
    func plain() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.job, to: "job.yaml")
        try program.write(Self.bills(8, unknown: [3], bad: [5]), to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try #require(try Self.runs(program).first)
        let listed = try program.run("report", "--plain")
        let path = try #require(
            listed.out.split(separator: "\n").first { $0.hasSuffix("rejects-2.csv") })
        let file = try String(
            contentsOfFile: path.trimmingCharacters(in: .whitespaces), encoding: .utf8)
        #expect(!file.contains("_sluice") && file.hasPrefix("store,"))
        let fixed = file.replacingOccurrences(of: "unknown-3", with: "c3")
            .replacingOccurrences(of: "twelve", with: "12.5")
        let other = "s9,B-77,c7,2026-02-03T10:15:00+00:00,12.5,x\r\n"
        try program.write(fixed + other, to: "fixed.csv")
        let refused = try program.run("retry", run, "--from", "fixed.csv")
        #expect(refused.status == 2 && refused.err.contains("no mark"), "\(refused)")
        let sent = try program.run("retry", run, "--from", "fixed.csv", "--as-new")
        #expect(sent.status == 0 && sent.err.contains("2 records tied"), "\(sent)")
        #expect(sent.err.contains("2 not accepted at first, 2 repaired since, 0 open"), "\(sent)")
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 9)
    }

    @Test("Where nothing is sent although records are open, the status is 1, with what to do")
    func nothingToSend() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.job, to: "job.yaml")
        try program.write(Self.bills(4, unknown: [], bad: [1]), to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try #require(try Self.runs(program).first)
        for arguments in [["retry"], ["retry", "--quiet"], ["retry", "--dry-run"]] {
            let output = try program.run(arguments)
            #expect(output.status == 1, "\(output)")
            for words in ["open: 1 type", "type: Give the field", "sluice retry \(run) --from FILE"] {
                #expect(output.err.contains(words), "\(words) in \(output)")
            }
        }
        #expect(try Self.runs(program).count == 1)
        #expect(
            try program.run("abandon", run, "--records", "B-1", "--reason", "test data").status == 0)
        let none = try program.run("retry")
        #expect(none.status == 0 && none.err.contains("no open records: nothing to do"), "\(none)")
    }

    @Test("A file that comes every night has each failure once, until a good row ends it")
    func nights() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.job, to: "job.yaml")
        for _ in 0..<3 {
            try program.write(Self.bills(8, unknown: [3], bad: [5, 6]), to: "bills.csv")
            #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        }
        let run = try #require(try Self.runs(program).last)
        let told = try program.run("retry", run, "--all", "--dry-run")
        #expect(told.err.contains("sent again: 2 type, 1 customer-unknown"), "\(told)")
        try program.write(Self.bills(8, unknown: [], bad: [6]), to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let left = try program.run("retry", run, "--all", "--dry-run")
        #expect(left.err.contains("sent again: 1 type"), "\(left)")
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 7)
    }

    @Test("A retry that is killed is resumed like any run, and each is booked once")
    func killed() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "none", "--fault", "latency:always:5ms-15ms")
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(Self.job + "send: { chunk: 5, in_flight: 4 }\n", to: "job.yaml")
        let unknown = Set(0..<400)
        try program.write(Self.bills(402, unknown: unknown, bad: []), to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        try FileManager.default.removeItem(atPath: program.folder + "/bills.csv")
        try Self.importing(unknown.map { "unknown-\($0)" }, program)
        let run = try #require(try Self.runs(program).first)
        var random = Seeded(KillTests.seed)
        print("kill test: SLUICE_SEED=\(KillTests.seed)")
        var kills = 0
        var output = try program.run("retry", run, "--quiet", killedAfter: 0.15)
        for _ in 0..<60 where output.status != 0 {
            if output.status == -SIGKILL { kills += 1 }
            let limit = kills < 6 ? Double.random(in: 0.1...0.4, using: &random) : nil
            let isBegun = try Self.runs(program).count > 1
            output = try program.run(
                isBegun ? ["resume", "--quiet"] : ["retry", run, "--quiet"], killedAfter: limit)
        }
        #expect(output.status == 0, "\(output)")
        #expect(try program.run("retry", run).err.contains("no open records"))
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 402)
        #expect(counts["surplus"] as? Int == 0)
    }
}
