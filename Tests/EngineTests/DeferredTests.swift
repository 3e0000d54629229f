import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports
import Testing

/// What follows a record that another run has under way.
@Suite(.timeLimit(.minutes(5))) struct DeferredTests {
    /// Bill 0 is in doubt in a first run; a second run has it again, then others of its customer and of
    /// another one.
    private struct Two {
        let first: ExecutionTests.Scene
        let second: ExecutionTests.Scene
        let ledger: Ledger
        let org: OrgSettings
        let firstServer = FakeServer(seed: 1)
        let secondServer = FakeServer(seed: 2)

        init() async throws {
            var first = try ExecutionTests.Scene(bills: 1, customers: 1)
            first.plan.doubt.resend = .never
            self.first = first
            var second = try ExecutionTests.Scene(bills: 4, customers: 1) {
                ExecutionTests.Scene.line($0, customer: $0 == 3 ? "c1" : "c0")
            }
            second.plan.job = "other"
            self.second = second
            ledger = try Ledger.open(at: first.folder + "/state")
            org = try await RunStarter.learnOrg(
                first.plan.connection, sender: firstServer, environment: .real)
        }

        func remove() {
            first.remove()
            second.remove()
        }

        func runFirst() async throws -> RunRow {
            let run = try await RunStarter.begin(
                first.plan, org: org, ledger: ledger, environment: .real)
            firstServer.loseNext(1)
            let ending = try await Execution(
                plan: first.plan, run: run, org: org, ledger: ledger, sender: firstServer,
                environment: .real
            ).run()
            try #require(ending.exitCode == 4, "\(ending)")
            return run
        }

        func states(_ run: RunRow) throws -> [RecordState] {
            try (0..<4).compactMap { try ledger.record(run: run.number, $0)?.state.state }
        }

        /// The first bill is taken for accepted: then the others of its customer may go.
        func goOn(_ run: RunRow, after other: RunRow) async throws {
            _ = try await ManualResolution.take(
                [ManualResolution(.accepted, keys: ["B-0"])], because: "seen", run: other,
                ledger: ledger,
                environment: .real)
            let row = try #require(try ledger.run(named: run.id.text))
            let ending = try await Execution(
                plan: second.plan, run: row, org: org, ledger: ledger, sender: secondServer,
                environment: .real
            ).run()
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try states(run) == [.skipped, .accepted, .accepted, .accepted])
            #expect(secondServer.order["c0"] == ["B-1", "B-2"])
        }
    }

    @Test("They wait with it, and others go")
    func followers() async throws {
        let two = try await Two()
        defer { two.remove() }
        let other = try await two.runFirst()
        let run = try await RunStarter.begin(
            two.second.plan, org: two.org, ledger: two.ledger, environment: .real)
        let ending = try await Execution(
            plan: two.second.plan, run: run, org: two.org, ledger: two.ledger,
            sender: two.secondServer, environment: .real
        ).run()
        #expect(ending.exitCode == 7, "\(ending)")
        #expect(try two.states(run) == [.unsent, .unsent, .unsent, .accepted])
        var reasons: [Int64: String] = [:]
        #expect(ending.reason?.contains("run \(other.id) has the records") == true, "\(ending)")
        try two.ledger.troubles(run: run.number) { row in
            #expect(row.trouble.refusal.message.contains("run \(other.id)"), "\(row)")
            reasons[row.record] = row.trouble.refusal.reason.code
            return true
        }
        #expect(reasons == [0: "reserved", 1: "waiting", 2: "waiting"])
        try await two.goOn(run, after: other)
    }

    @Test("They wait with it also where the other run comes first at the last moment")
    func taken() async throws {
        let two = try await Two()
        defer { two.remove() }
        two.secondServer.closeGate(after: 0)
        let run = try await RunStarter.begin(
            two.second.plan, org: two.org, ledger: two.ledger, environment: .real)
        let execution = Execution(
            plan: two.second.plan, run: run, org: two.org, ledger: two.ledger,
            sender: two.secondServer, environment: .real)
        async let ended = execution.run()
        while two.secondServer.atGate == 0 { await Task.yield() }
        let other = try await two.runFirst()
        two.secondServer.closeGate(after: nil)
        let ending = try await ended
        #expect(ending.exitCode == 7, "\(ending)")
        #expect(try two.states(run) == [.unsent, .unsent, .unsent, .accepted])
        try await two.goOn(run, after: other)
    }
}
