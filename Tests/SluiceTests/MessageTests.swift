import Foundation
import TestSupport
import Testing

/// What sluice says is what a person needs: nothing of its own masked, nothing promised that does not come.
@Suite(.ownThreads) struct MessageTests {
    private static let job = Program.job(
        files: "bills.csv",
        """
        record:
          fields:
            identifierType:  { value: externalId }
            identifierValue: customer
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill
            billingDate:     { from: sold_at, as: datetime, zone: Asia/Kolkata }
            billAmount:      { from: amount, as: number }
        send: { chunk: 10, in_flight: 1, attribution: { type: STORE_CODE, from: store } }
        doubt: { wait: 300ms }
        """)

    private static func bills(_ rows: [String]) -> String {
        "bill,customer,sold_at,amount,store\n" + rows.map { $0 + "\n" }.joined()
    }

    private static func prepare(_ rows: [String]) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox("--unique", "store")
        try program.write(
            "connections:\n  there: { base_url: \"\(server.url)\", rate: none }\n  slow: { base_url: \"\(server.url)\", rate: 1/min }\n",
            to: "connections.yaml")
        try program.write(job, to: "job.yaml")
        try program.write(bills(rows), to: "bills.csv")
        return (program, server)
    }

    @Test("A 413 names its status, and for a single record promises no halving")
    func tooLarge() throws {
        let (program, server) = try Self.prepare([
            "B-1,c1,2026-02-03T10:15:00+05:30,1,s1", "B-2,c2,2026-02-03T10:15:00+05:30,1,s1",
        ])
        defer {
            server.stop()
            program.remove()
        }
        try server.set(["error-before:status=413:body=empty:on=add"])
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let report = try program.run("report").out
        #expect(report.contains("HTTP status 413"), "\(report)")
        #expect(report.contains("record-too-large") && !report.contains("halved"), "\(report)")
        let document = try program.run("report", "--json").out
        #expect(document.contains("HTTP status 413"), "\(document)")
    }

    @Test("A mistyped command, endpoint or zone is told with the name that was meant")
    func suggestions() throws {
        let (program, server) = try Self.prepare(["B-1,c1,2026-02-03T10:15:00+05:30,1,s1"])
        defer {
            server.stop()
            program.remove()
        }
        for (arguments, words) in [
            (["rnu", "job.yaml"], "Did you mean 'sluice run'?"),
            (["rejected", "lsit"], "Did you mean 'sluice rejected list'?"),
            (["xyzzy"], "`sluice --help` lists them"),
            (["endpoints", "transaction.ad"], "Did you mean transactions.add?"),
            (["endpoints", "stores.create"], "Did you mean stores."),
        ] {
            let said = try program.run(arguments)
            #expect(said.status == 2 && said.err.contains(words), "\(said)")
        }
        for (right, wrong, words) in [
            ("Asia/Kolkata", "asia/kolkata", "Did you mean “Asia/Kolkata”?"),
            ("transactions.add", "transactions.import", "Did you mean “transactions."),
        ] {
            try program.write(
                Self.job.replacingOccurrences(of: right, with: wrong), to: "wrong.yaml")
            let said = try program.run("validate", "wrong.yaml")
            #expect(said.status == 2 && said.err.contains(words), "\(said)")
        }
    }

    @Test("`plan` refuses an unknown connection, and says when it ends after `stop.until`")
    func plan() throws {
        let (program, server) = try Self.prepare(
            (0..<3000).map { "B-\($0),c1,2026-02-03T10:15:00+05:30,1,s1" })
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            Self.job.replacingOccurrences(of: "connection: there", with: "connection: ther"),
            to: "unknown.yaml")
        let refused = try program.run("plan", "unknown.yaml")
        #expect(
            refused.status == 2 && refused.err.contains("no connection is called 'ther'"), "\(refused)")
        // What validate needs of a connection is nothing.
        #expect(try program.run("validate", "unknown.yaml").status == 0)
        // One request a minute, one bill each: two days.
        let slow = Self.job.replacingOccurrences(of: "connection: there", with: "connection: slow")
            .replacingOccurrences(of: "chunk: 10", with: "chunk: 1")
        try program.write(slow + "stop: { until: \"06:00\" }\n", to: "late.yaml")
        let late = try program.run("plan", "late.yaml")
        #expect(
            late.status == 0 && late.err.contains("is before the end: about ")
                && late.err.contains("of 3000 records"), "\(late)")
        try program.write(slow, to: "free.yaml")
        #expect(try !program.run("plan", "free.yaml").err.contains("stop.until"))
    }

    @Test("Where a key names several records, each is told by store, date, type and run")
    func explain() throws {
        let (program, server) = try Self.prepare([
            "B-1,c1,2026-02-03T10:15:00+05:30,1,s1", "B-1,c2,2026-02-04T10:15:00+05:30,2,s2",
        ])
        defer {
            server.stop()
            program.remove()
        }
        let output = try program.run("run", "job.yaml", "--quiet")
        #expect(output.status == 0, "\(output)")
        let told = try program.run("explain", "B-1")
        #expect(told.out.hasPrefix("2 records have the key B-1:\n"), "\(told)")
        for words in [
            "store s1, billed 2026-02-03T04:45:00Z, REGULAR", "store s2, billed 2026-02-04T04:45:00Z",
        ] {
            #expect(told.prints(words), "\(words) in \(told)")
        }
        #expect(try program.run("explain", "B-1", "--json").out.contains("\"store s2\""))
    }

    @Test("`validate` tells equal faults once, with their number and the first places")
    func findings() throws {
        let (program, server) = try Self.prepare(
            (0..<30).map { "B-\($0),c1,2026-02-03T10:15:00+05:30,\($0 == 7 ? "" : "x")\($0),s1" }
                + ["B-99,,2026-02-03T10:15:00+05:30,1,s1"])
        defer {
            server.stop()
            program.remove()
        }
        let output = try program.run("validate", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let lines = output.err.split(separator: "\n").filter { $0.contains("bills.csv:") }
        #expect(lines.count == 2, "\(output)")
        #expect(
            lines.first?.contains("bills.csv:2: billAmount:") == true
                && lines.first?.contains(
                    "And 28 more of this kind: bills.csv:3, bills.csv:4, bills.csv:5, bills.csv:6 …")
                    == true,
            "\(output)")
        #expect(output.prints("31 records of 31 rows: 1 fit to send, 30 invalid"), "\(output)")
    }
}
