import Foundation
import GRDB
import TestSupport
import Testing

/// What is old goes, and nothing that keeps a record from being sent twice.
@Suite(.serialized, .ownThreads) struct PruneTests {
    private static func totals(_ program: Program) throws -> [String: NSDictionary] {
        let output = try program.run("runs", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        var totals: [String: NSDictionary] = [:]
        for run in document?["runs"] as? [[String: Any]] ?? [] {
            guard let name = run["run"] as? String else { continue }
            totals[name] = run["records"] as? NSDictionary
        }
        return totals
    }

    private static func reported(_ program: Program, _ run: String) throws -> [String: NSObject] {
        let output = try program.run("report", run, "--json")
        let document =
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: NSObject] ?? [:]
        return document.filter { ["records", "rows", "inputs"].contains($0.key) }
    }

    @Test("Killed and continued with, it still balances, and nothing that was accepted is sent again")
    func killed() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "none")
        defer { server.stop() }
        try program.connect(to: server.url)
        // A tenth is unknown, a tenth invalid; the same again the next night.
        let bills = (0..<2000).map { bill in
            let text = CommandTests.bill(bill, customer: bill % 10 == 3 ? "unknown-\(bill)" : nil)
            return bill % 10 == 7 ? text.replacingOccurrences(of: "12.5", with: "\"secret\"") : text
        }
        try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(files: "bills.jsonl")
        for _ in 0..<3 { #expect(try program.run("run", "job.yaml", "--quiet").status == 1) }
        // One whose bills are parked: what it holds stays.
        let parked =
            #"{"identifierType":"externalId","identifierValue":"c1","source":"INSTORE","type":"REGULAR","billNumber":"P-1","billingDate":"2026-02-03T10:15:00+00:00","billAmount":5,"lineItemsV2":[{"itemCode":"parked-1","qty":1,"rate":5,"value":5,"amount":5}]}"#
        try program.write(parked + "\n", to: "parked.jsonl")
        try program.writeJob("parked", files: "parked.jsonl", to: "parked.yaml")
        let held = try program.run("run", "parked.yaml")
        #expect(held.status == 1, "\(held)")

        let before = try Self.totals(program)
        #expect(before.count == 4)
        let names = before.keys.sorted()
        let reports = try names.map { try Self.reported(program, $0) }
        var random = Seeded(KillTests.seed)
        print("kill test: SLUICE_SEED=\(KillTests.seed)")
        for _ in 0..<8 {
            let output = try program.run(
                ["prune", "--older-than", "1ms", "--quiet"],
                killedAfter: Double.random(in: 0.02...0.12, using: &random))
            #expect([0, -SIGKILL].contains(output.status), "\(output)")
            #expect(try Self.totals(program) == before)
        }
        let last = try program.run("prune", "--older-than", "1ms", "--shrink")
        #expect(last.status == 0 && last.out.contains("ledger: "), "\(last)")
        #expect(try Self.totals(program) == before)
        let after = try names.map { try Self.reported(program, $0) }
        #expect(after == reports)

        let ledger = try DatabaseQueue(path: program.folder + "/state/ledger.sqlite")
        func count(_ sql: String) throws -> Int {
            try ledger.read { db in try Int.fetchOne(db, sql: sql) ?? -1 }
        }
        #expect(try count("SELECT count(*) FROM trouble WHERE stored IS NOT NULL") == 1)
        #expect(try count("SELECT count(*) FROM tombstone WHERE done = 1") == 3)
        #expect(try count("SELECT count(*) FROM trouble WHERE instr(stored, 'secret')") == 0)
        #expect(try count("SELECT count(DISTINCT run) FROM attempt") == 1)
        // Names of one second are in no order.
        let runs = try ledger.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM run ORDER BY id")
        }
        try ledger.close()
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/state/runs/" + runs[0]))
        // The last of the three has rejects that nothing repairs yet: its folder stays.
        #expect(FileManager.default.fileExists(atPath: program.folder + "/state/runs/" + runs[2]))

        let again = try program.run("run", "job.yaml")
        #expect(again.out.contains("1,600 accepted by an earlier run"), "\(again)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 1600)
        #expect(counts["surplus"] as? Int == 0)
        #expect(try program.run("status").out.contains("Ledger: "))
        #expect(try program.run("prune", "--older-than", "soon").status == 2)
    }

    @Test("What was accepted is listed with the server's ids, for its owner alone")
    func successes() throws {
        let program = try Program()
        defer { program.remove() }
        let bills = (0..<30).map { CommandTests.bill($0, customer: $0 == 3 ? "unknown-3" : nil) }
        try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(connection: "sandbox", files: "bills.jsonl")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let told = try program.run("report", "--successes", "landed.csv")
        #expect(told.status == 0 && told.err.contains("29 accepted records"), "\(told)")
        let path = program.folder + "/landed.csv"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "record,key,server_id,warnings")
        #expect(lines.count == 30)
        #expect(lines.contains { $0.hasPrefix("7,B-7,") && Int($0.dropFirst(6).dropLast()) != nil })
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try program.run("report", "--successes", "landed.csv").status == 2)
    }

    @Test(
        "A folder with open rejects is named before anything goes, and is kept; once they are closed, it goes"
    )
    func keptFolder() throws {
        let program = try Program()
        defer { program.remove() }
        for round in 0..<2 {
            let bills = (0..<5).map {
                CommandTests.bill(10 * round + $0, customer: $0 == 3 ? "unknown-\(round)" : nil)
            }
            try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
            try program.writeJob(connection: "sandbox", files: "bills.jsonl")
            #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        }
        // Two runs of one second are not told apart by their names: the oldest first.
        let list = try program.run("runs", "--json").out
        let runs = try #require(
            try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: Any])
        let names = (runs["runs"] as? [[String: Any]] ?? []).compactMap { $0["run"] as? String }
            .reversed().map(\.self)
        let nobody = try program.run("abandon", names[0], "--records", "B-4", "--reason", "x")
        #expect(nobody.status == 2 && nobody.err.contains("has no open record"), "\(nobody)")
        #expect(
            try program.run("abandon", names[0], "--records", "B-3").status == 2, "a reason is needed")
        let closed = try program.run("abandon", names[0], "--records", "B-3", "--reason", "test data")
        #expect(closed.status == 0, "\(closed)")
        #expect(try program.run("explain", "B-3").prints("a person closed it: test data"))
        // Closed is not open, wherever it is counted.
        let whole = try program.run("report", "--job", "bills", "--json").out
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [String: Any])
        let open = try #require(document["open"] as? [String: Any])
        #expect(open["records"] as? Int == 1 && open["closed"] as? Int == 1, "\(open)")
        #expect(try program.run("report", "--job", "bills").prints("Open: 1 record"))
        #expect(try program.run("report", names[0]).prints("Nothing to do"))
        #expect(try program.run("retry", names[0], "--all").err.contains("no open records"))
        let pruned = try program.run("prune", "--older-than", "1ms")
        #expect(
            pruned.status == 0 && pruned.err.contains("kept, because 1 record in it is open"),
            "\(pruned)")
        func isThere(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: program.folder + "/state/runs/" + name)
        }
        #expect(!isThere(names[0]) && isThere(names[1]))
        #expect(try program.run("prune", "--older-than", "1ms").status == 0)
        #expect(isThere(names[1]), "a later pruning keeps it as well")
        // What is kept of it is named, and can be sent again once it is fixed.
        let report = try program.run("report", names[1])
        let rejects = "state/runs/\(names[1])/rejects"
        #expect(report.out.contains("sluice retry \(names[1]) --from"), "\(report.out)")
        #expect(report.out.contains(rejects), "\(report.out)")
        #expect(!report.out.contains("see the reasons with"), "\(report.out)")
        let folder = program.folder + "/state/runs/\(names[1])/"
        let file = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder).first {
                $0.hasPrefix("rejects")
            })
        let text = try String(contentsOfFile: folder + file, encoding: .utf8)
        try program.write(text.replacingOccurrences(of: "unknown-1", with: "c1"), to: "fixed.jsonl")
        let retry = try program.run("retry", names[1], "--from", "fixed.jsonl")
        #expect(retry.status == 0 && retry.prints("accepted 1"), "\(retry)")
        #expect(try program.run("report", names[0]).prints("Nothing to do"))
    }

    @Test("The same bad row night after night is one open failure, in every count of the job's report")
    func oneFailure() throws {
        let program = try Program()
        defer { program.remove() }
        let bills = (0..<5).map { CommandTests.bill($0, customer: $0 == 3 ? "unknown-3" : nil) }
        try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(connection: "sandbox", files: "bills.jsonl")
        for _ in 0..<3 { #expect(try program.run("run", "job.yaml", "--quiet").status == 1) }
        let text = try program.run("report", "--job", "bills", "--last", "2")
        #expect(text.prints("Open: 1 record"), "\(text.out)")
        #expect(!text.prints("2 open") && !text.prints("3 open"), "\(text.out)")
        #expect(try program.run("report", "--job", "bills", "--format", "markdown").status == 0)
    }
}
