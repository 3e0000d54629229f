import Foundation
import TestSupport
import Testing

/// Customers by other names, through the command line.
@Suite(.ownThreads) struct LookupTests {
    private static let job = Program.job(
        "badges", "badges.import", files: "badges.csv",
        """
        record:
          zone: UTC
          fields:
            badgeMetaId: { value: b1 }
            customerId: { lookup: customer, by: mobile, from: phone, digits_only: true }
            earnEventDateISO: { from: at, as: datetime, format: yyyy-MM-dd HH:mm }
            earnExpiresOnISO: { value: "2030-01-01T00:00:00+00:00" }
        doubt: { wait: 300ms }
        """)

    private static func badges(_ count: Int) -> String {
        "phone,at\n"
            + (0..<count).map { badge in
                // Each customer twice; of ten customers, one is not there yet.
                let customer = badge / 2
                let begins = customer % 10 == 3 ? "4478" : "9198"
                return "\(begins)\(100_000 + customer),2025-0\(1 + badge % 2)-10 12:00"
            }.joined(separator: "\n") + "\n"
    }

    private static func prepare(
        _ badges: Int, rate: String = "none"
    ) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox()
        try program.connect(to: server.url, "rate: \(rate)")
        try program.write(job, to: "job.yaml")
        try program.write(Self.badges(badges), to: "badges.csv")
        return (program, server)
    }

    private static func records(_ output: Program.Output) throws -> [String: Int] {
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        let records = try #require(document?["records"] as? [String: Any], "\(output)")
        return records.compactMapValues { $0 as? Int }
    }

    private static func asked(_ server: Program.Server) throws -> Int {
        let paths = try server.ask("/_sandbox/counts")["paths"] as? [String: Any]
        let path = paths?["GET /v2/customers/lookup"] as? [String: Any]
        return path?["arrived"] as? Int ?? 0
    }

    /// How many badges are there, and how many were made beyond those.
    private static func badges(_ server: Program.Server) throws -> (things: Int?, surplus: Int?) {
        let deeds = try server.ask("/_sandbox/counts")["deeds"] as? [String: Any]
        let badges = deeds?["badges"] as? [String: Any]
        return (badges?["deeds"] as? Int, badges?["surplus"] as? Int)
    }

    @Test("Each customer is looked up once; who is unknown is invalid until he is there")
    func story() throws {
        let (program, server) = try Self.prepare(80)
        defer {
            server.stop()
            program.remove()
        }
        // Offline, nobody is asked.
        #expect(try program.run("validate", "job.yaml").prints("80 fit to send, 0 invalid"))
        #expect(try Self.asked(server) == 0)
        let first = try program.run("run", "job.yaml", "--json")
        #expect(first.status == 1, "\(first)")
        var records = try Self.records(first)
        #expect(records["accepted"] == 72 && records["invalid"] == 8, "\(first)")
        #expect(first.out.contains("customer-unknown"))
        #expect(!first.err.contains("9198") && !first.err.contains("4478"))
        #expect(try Self.asked(server) == 40)
        // What was found is known from then on.
        let again = try program.run("run", "job.yaml", "--json")
        records = try Self.records(again)
        #expect(records["accepted"] == 0 && records["skipped"] == 72, "\(again)")
        #expect(try Self.asked(server) == 44)

        // They are imported; retry takes their badges by itself.
        try program.write(
            (0..<4).map {
                #"{"profiles":[{"source":"INSTORE","identifiers":[{"type":"mobile","value":"4478\#(100_003 + 10 * $0)"}]}],"loyaltyInfo":{"loyaltyType":"loyalty"}}"#
            }.joined(separator: "\n") + "\n", to: "customers.jsonl")
        try program.writeJob(
            "customers", "customers.add", files: "customers.jsonl", "parameters: { source: INSTORE }",
            to: "customers.yaml")
        let imported = try program.run("run", "customers.yaml", "--quiet")
        #expect(imported.status == 0, "\(imported)")
        let run = try #require(
            try program.run("runs").out.split(separator: "\n").first { $0.contains("badges") }?
                .split(separator: " ").first.map(String.init))
        let retried = try program.run("retry", run, "--json")
        #expect(retried.status == 0, "\(retried)")
        #expect(try Self.records(retried)["accepted"] == 8, "\(retried)")
        let all = try Self.badges(server)
        #expect(all.things == 80, "\(all)")
        let last = try program.run("run", "job.yaml", "--json")
        #expect(last.status == 0, "\(last)")
        #expect(try Self.badges(server).things == 80)
    }

    @Test("Look-ups that are throttled, cut and killed lose nothing and send nothing twice")
    func troubles() throws {
        let (program, server) = try Self.prepare(1200)
        defer {
            server.stop()
            program.remove()
        }
        try server.set([
            "throttle:every=9:retry=0:on=customer", "cut-answer:5%:on=customer",
            "error-before:5%:on=customer", "latency:always:1ms-4ms:on=customer",
        ])
        var random = Seeded(KillTests.seed)
        var output = try program.run(["run", "job.yaml", "--json"], killedAfter: 0.4)
        for round in 0..<40 where ![0, 1].contains(output.status) {
            let limit = round < 4 ? Double.random(in: 0.2...0.9, using: &random) : nil
            let hasRun = try program.run("report").status != 2
            output = try program.run(
                [hasRun ? "resume" : "run"] + (hasRun ? [] : ["job.yaml"]) + ["--json"],
                killedAfter: limit)
        }
        #expect(output.status == 1, "\(output)")
        let records = try Self.records(output)
        #expect(records["accepted"] == 1080 && records["invalid"] == 120, "\(output)")
        #expect(try Self.badges(server).things == 1080, "seed \(KillTests.seed)")
    }

    @Test("What cannot be asked stops the run, and what a job says wrongly is told with its line")
    func stops() throws {
        let (program, server) = try Self.prepare(20)
        defer {
            server.stop()
            program.remove()
        }
        try server.set(["maintenance:on=customer"])
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 5 && output.err.contains("maintenance page"), "\(output)")
        #expect(try Self.badges(server).things ?? 0 == 0)
        try server.set([])
        #expect(try program.run("resume", "--quiet").status == 1)
        #expect(try Self.badges(server).things == 18)
        let wrongs = [
            ("by: mobile,", "by: phone,", "wrong.yaml:9"),
            ("lookup: customer", "lookup: store", "customer"),
            ("from: phone,", "from: phone, as: text,", "cannot be used with `lookup`"),
            ("by: mobile,", "by: mobile, max_age: 7,", "a duration with its unit"),
            ("lookup: customer, ", "", "needs `lookup`"),
        ]
        for (right, wrong, words) in wrongs {
            try program.write(
                Self.job.replacingOccurrences(of: right, with: wrong), to: "wrong.yaml")
            let said = try program.run("validate", "wrong.yaml")
            #expect(said.status == 2 && said.err.contains(words), "\(said)")
        }
    }
}
