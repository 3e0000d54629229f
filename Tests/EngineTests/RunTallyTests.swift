import Ledger
import Model
import Reports
import Testing

@testable import Engine

@Suite struct RunTallyTests {
    @Test("Each judged record counts once, and one denominator serves every threshold")
    func thresholds() {
        var tally = RunTally()
        tally.count(.accepted, 90)
        tally.count(.rejected, 4)
        tally.count(.invalid, 3)
        tally.count(.parked, 1)
        tally.count(.exists, 2)
        #expect(tally.judged == 100 && tally.refused == 7 && tally.existed == 2)
        #expect(tally.breach(of: nil) == nil)
        #expect(tally.breach(of: .count(7)) == nil)
        #expect(tally.breach(of: .count(6)) == .tooManyRefused(most: 6))
        #expect(tally.breach(of: .share(0.07, after: 100)) == nil)
        #expect(tally.breach(of: .share(0.069, after: 100)) == .tooLargeShareRefused(7, judged: 100))
        #expect(tally.breach(of: .share(0.069, after: 101)) == nil)
        tally.conflict()
        #expect(tally.judged == 100 && tally.refused == 8)
    }

    @Test("What was imported before is told from its first thousand")
    func importedBefore() {
        var tally = RunTally()
        tally.count(.exists, 99)
        #expect(!tally.looksImportedBefore)
        tally.count(.exists)
        #expect(tally.looksImportedBefore)
        tally.count(.accepted, 100)
        #expect(!tally.looksImportedBefore)
        tally.count(.exists, 901)
        #expect(!tally.looksImportedBefore, "more than a thousand are judged")
    }
}

@Suite(.timeLimit(.minutes(5))) struct BodyLimitTests {
    @Test("A dry run refuses what a run refuses: an item above the body limit")
    func dryRun() async throws {
        let scene = try ExecutionTests.Scene(bills: 3, customers: 3) { number in
            let line = ExecutionTests.Scene.line(number, customer: "c\(number)")
            let note = String(repeating: "n", count: number == 1 ? 1_200_000 : 10)
            return line.replacing("\"source\"", with: "\"note\":\"\(note)\",\"source\"")
        }
        defer { scene.remove() }
        var dry = DryRun()
        var findings: [DryRun.Finding] = []
        try dry.run(scene.plan) { findings.append($0) }
        #expect(dry.records == 3 && dry.invalid == 1)
        #expect(findings.first?.refusals.map(\.reason) == [.tooLarge])
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        _ = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.accepted] == 2 && totals[.invalid] == 1)
    }
}

@Suite struct OldRecordsTests {
    @Test("A dry run counts the bills older than 30 days that go as new ones")
    func old() throws {
        var scene = try ExecutionTests.Scene(bills: 12, customers: 12)
        defer { scene.remove() }
        // All of 3 February 2026, 10:15 UTC.
        let date = Int64(1_770_113_700_000)
        func old(_ days: Int64) throws -> Int {
            var dry = DryRun()
            try dry.run(scene.plan, now: Timestamp(milliseconds: date + days * 86_400_000)) { _ in }
            return dry.old
        }
        #expect(try old(30) == 0)
        #expect(try old(31) == 12)
        scene.plan.send.headers = [Header("SKIP-DOWNSTREAM", "true")]
        #expect(try old(31) == 0)
        scene.plan.send.headers = []
        scene.plan.connection.headers = [Header("x-cap-direct-replay", "true")]
        #expect(try old(31) == 0)
        #expect(scene.plan.headers(nil) == [])
    }
}
