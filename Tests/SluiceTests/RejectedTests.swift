import Foundation
import TestSupport
import Testing

/// The server's queue, listed, replayed and given up through the command line.
@Suite(.serialized, .ownThreads) struct RejectedTests {
    private static func bills(_ count: Int, parked: Set<Int>) -> String {
        (0..<count).map { bill in
            let item = parked.contains(bill) ? "parked-\(bill % 2)" : "sku"
            return
                #"{"identifierType":"externalId","identifierValue":"c\#(bill)","source":"INSTORE","type":"REGULAR","billNumber":"B-\#(bill)","billingDate":"2026-02-03T10:15:00+00:00","billAmount":5,"lineItemsV2":[{"itemCode":"\#(item)","qty":1,"amount":5}]}"#
        }.joined(separator: "\n") + "\n"
    }

    /// A program with a run after it that left bills parked.
    private static func prepare(
        _ count: Int, parked: Set<Int>, _ arguments: String...
    ) throws -> (Program, Program.Server, run: String) {
        let program = try Program()
        let server = try program.sandbox(arguments)
        try program.connect(to: server.url)
        try program.writeJob(files: "bills.jsonl", "doubt: { wait: 300ms }")
        try program.write(bills(count, parked: parked), to: "bills.jsonl")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        return (program, server, try #require(output.out.split(separator: " ").first.map(String.init)))
    }

    private static func importing(_ item: String, _ program: Program) throws {
        try program.write(
            #"{"sku":"\#(item)","description":"shirt","brandCode":"acme"}"# + "\n", to: "items.jsonl")
        try program.writeJob("items", "skus.add", files: "items.jsonl", to: "items.yaml")
        let output = try program.run("run", "items.yaml", "--quiet")
        #expect(output.status == 0, "\(output)")
    }

    private static func records(_ program: Program, _ run: String) throws -> [String: Int] {
        let output = try program.run("report", run, "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        return (document?["records"] as? [String: Any] ?? [:]).compactMapValues { $0 as? Int }
    }

    @Test("Parked bills are listed, replayed once what they name is known, and given up")
    func story() throws {
        let parked = Set(0..<24)
        let (program, server, run) = try Self.prepare(30, parked: parked, "--unique", "store")
        defer {
            server.stop()
            program.remove()
        }
        // Listed beyond the first page, to a file that its owner alone reads.
        let list = try program.run("rejected", "list")
        #expect(list.status == 0 && list.prints("24 bills: 24 OPEN"), "\(list)")
        #expect(!list.out.contains("c3"))
        let one = try program.run("rejected", "list", "--error-value", "parked-1", "--format", "json")
        let document = try JSONSerialization.jsonObject(with: Data(one.out.utf8)) as? [String: Any]
        #expect((document?["bills"] as? [Any])?.count == 12)
        let file = ["rejected", "list", "--format", "csv", "--payloads", "-o", "queue.csv"]
        #expect(try program.run(file).status == 0)
        let path = program.folder + "/queue.csv"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"\"billNumber\"\""))
        #expect(try program.run(file).status == 2)

        // Nothing is replayed unasked, and the number is shown.
        let unasked = try program.run("rejected", "retrigger", "--run", run)
        #expect(unasked.status == 2 && unasked.err.contains("24 bills"), "\(unasked)")
        #expect(try program.run("rejected", "retrigger").status == 2)
        #expect(try program.run("rejected", "list", "--status", "nonsense").status == 2)
        try Self.importing("parked-0", program)
        let half = try program.run("rejected", "retrigger", "--run", run, "--yes")
        #expect(half.status == 1 && half.prints("24 bills: 12 OPEN, 12 SUCCESS"), "\(half)")
        #expect(half.prints("12 accepted, 12 still parked"), "\(half)")
        var records = try Self.records(program, run)
        #expect(records["accepted"] == 18 && records["parked"] == 12)
        let told = try program.run("explain", "B-2")
        #expect(told.out.contains("the server's queue has booked it"), "\(told)")

        // One is given up, and stays on the list as that.
        #expect(try program.run("rejected", "mark-failed", "--comment", "x").status == 2)
        let all = try program.run("rejected", "mark-failed", "--error-code", "683", "--comment", "x")
        #expect(all.status == 2 && all.err.contains("--force"), "\(all)")
        let given = try program.run(
            "rejected", "mark-failed", "B-1", "B-77", "--comment", "no such item", "--yes")
        #expect(given.status == 1 && given.err.contains("not in the queue: B-77"), "\(given)")
        #expect(try program.run("explain", "B-1").out.contains("PERMANENT_FAILED"))

        // The rest by a job for cron; what is left is told by its cause.
        try program.write(
            "job: queue\nconnection: there\nrejected: { wait: 30s }\n", to: "queue.yaml")
        let still = try program.run("run", "queue.yaml")
        #expect(still.status == 1 && still.prints("11 OPEN"), "\(still)")
        #expect(still.prints("683 parked-1"), "\(still)")
        try Self.importing("parked-1", program)
        let rest = try program.run("run", "queue.yaml")
        #expect(rest.status == 1 && rest.prints("11 bills: 11 SUCCESS"), "\(rest)")
        #expect(rest.prints("1 bill left"), "\(rest)")
        #expect(try program.run("validate", "queue.yaml").err.contains("sluice run"))
        records = try Self.records(program, run)
        #expect(records["accepted"] == 29 && records["parked"] == 1)
        // None is sent again by any way.
        #expect(try program.run("run", "job.yaml").prints("requests 0"))
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 29 && counts["surplus"] as? Int == 0)
    }

    @Test("A retrigger that is killed, or whose answer is lost, is followed to its end later")
    func killed() throws {
        let parked = Set(stride(from: 0, to: 120, by: 1))
        let (program, server, run) = try Self.prepare(121, parked: parked, "--unique", "none")
        defer {
            server.stop()
            program.remove()
        }
        try Self.importing("parked-0", program)
        try Self.importing("parked-1", program)
        var random = Seeded(KillTests.seed)
        print("kill test: SLUICE_SEED=\(KillTests.seed)")
        var output = try program.run(
            "rejected", "retrigger", "--run", run, "--yes",
            killedAfter: Double.random(in: 0.05...0.4, using: &random))
        for _ in 0..<6 where output.status == -SIGKILL {
            output = try program.run(
                "rejected", "status", killedAfter: Double.random(in: 0.02...0.2, using: &random))
        }
        // Whatever the server has done now: what is open is requested again, with the answer lost.
        try server.set(["cut-after:at=1:on=queue"])
        output = try program.run("rejected", "retrigger", "--run", run, "--yes")
        try server.set([])
        for _ in 0..<3 {
            output = try program.run("rejected", "retrigger", "--run", run, "--yes")
            if output.status == 0 { break }
        }
        #expect(output.status == 0, "\(output)")
        let records = try Self.records(program, run)
        #expect(records["accepted"] == 121 && records["parked"] == 0)
        #expect(try program.run("rejected", "status").status == 0)
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 121 && counts["surplus"] as? Int == 0)
    }
}
