import Catalog
import Engine
import Foundation
import GRDB
import Ledger
import Model
import Reports
import Synchronization
import TestSupport
import Testing

/// A run that dies at any moment, again and again, amid whatever the network does.
///
/// A death is simulated: from one moment on nothing of the process reaches the server and no answer
/// reaches the process; what was committed to the ledger by then is copied, and the next life begins
/// with the copy. That is what SIGKILL leaves.
@Suite struct CrashTests {
    /// The network as one life of the process sees it.
    final class Life: Sender {
        private let server: FakeServer
        private let state = Mutex((isDead: false, sends: 0))

        init(_ server: FakeServer) { self.server = server }

        var sends: Int { state.withLock { $0.sends } }
        func end() { state.withLock { $0.isDead = true } }
        private var isDead: Bool { state.withLock { $0.isDead } }

        func slot() async throws -> Slot {
            if isDead {
                await FakeServer.nothing()
                throw CancellationError()
            }
            return try await server.slot()
        }

        func send(_ request: Request, in slot: Slot) async -> Exchange {
            state.withLock { $0.sends += 1 }
            if !isDead {
                let exchange = await server.send(request, in: slot)
                if !isDead { return exchange }
            }
            // Nothing comes any more; only the test's own clean-up ends this.
            await FakeServer.nothing()
            return .unanswered(Trouble(.cancelled, "dead"))
        }
    }

    /// Ten seconds pass in one: what waits and backs off does not keep the tests waiting.
    static let hurried = Environment(
        now: {
            let now = Environment.real.now().milliseconds
            return Timestamp(milliseconds: begun + (now - begun) * 10)
        }, sleep: { try await Environment.real.sleep($0 / 10) }, words: .reports)
    private static let begun = Environment.real.now().milliseconds

    @Test("Whenever it dies, every bill is booked once", arguments: 0..<16, [false, true])
    func deaths(seed: UInt64, isUnique: Bool) async throws {
        var random = Seeded(seed)
        var scene = try ExecutionTests.Scene(bills: 120, customers: 50)
        scene.plan.doubt.wait = .milliseconds(600)
        defer { scene.remove() }
        let server = FakeServer(seed: seed, trouble: .storm, isUnique: isUnique)
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        var state = scene.folder + "/life-0"
        let name = try await RunStarter.begin(
            scene.plan, org: org, ledger: try Ledger.open(at: state), environment: .real
        )
        .id
        var deaths = 0
        for life in 1...6 {
            let ledger = try Ledger.open(at: state)
            let run = try #require(try ledger.run(named: name.text))
            guard run.isOpen else { break }
            let sender = Life(server)
            let execution = Execution(
                plan: scene.plan, run: run, org: org, ledger: ledger, sender: sender,
                environment: Self.hurried)
            let isOver = Mutex(false)
            let living = Task {
                defer { isOver.withLock { $0 = true } }
                return try await execution.run()
            }
            let last = Int.random(in: 1...25, using: &random)
            while sender.sends < last, !isOver.withLock({ $0 }) {
                try await Task.sleep(for: .microseconds(300))
            }
            if isOver.withLock({ $0 }) {
                _ = try await living.value
                continue
            }
            sender.end()
            deaths += 1
            state = scene.folder + "/life-\(life)"
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            let copy = state + "/ledger.sqlite"
            try await DatabaseQueue(path: ledger.directory + "/ledger.sqlite").vacuum(into: copy)
            living.cancel()
            _ = await living.result
            await ledger.close()
        }
        server.heal()
        try await settle(scene, state: state, name: name, org: org, server: server, seed: seed)
        #expect(deaths > 0, "seed \(seed): it never died")
        let wrong = server.bookings.filter { $0.key.hasPrefix("B-") && $0.value != 1 }
        #expect(wrong.isEmpty, "seed \(seed): \(wrong)")
        #expect(server.bookings.keys.count { $0.hasPrefix("B-") } == 120, "seed \(seed)")
        #expect(server.overlaps == 0, "seed \(seed)")
    }

    /// Resumes until nothing is left; where the last requests have no witness sent later, another run
    /// is one.
    private func settle(
        _ scene: ExecutionTests.Scene, state: String, name: RunID, org: OrgSettings,
        server: FakeServer, seed: UInt64
    ) async throws {
        let ledger = try Ledger.open(at: state)
        func resume() async throws -> RunResult? {
            let run = try #require(try ledger.run(named: name.text))
            guard run.isOpen else { return nil }
            return try await Execution(
                plan: scene.plan, run: run, org: org, ledger: ledger, sender: server,
                environment: Self.hurried
            ).run()
        }
        var ending = try await resume()
        for round in 0..<4 where ending.map({ $0.exitCode != 0 }) ?? false {
            if ending?.exitCode == 4 {
                var witness = try ExecutionTests.Scene(bills: 3, customers: 3) {
                    let line = ExecutionTests.Scene.line($0, customer: "w\($0)")
                    return line.replacingOccurrences(of: "B-", with: "W\(round)-")
                }
                defer { witness.remove() }
                witness.plan.job = "witness"
                let run = try await RunStarter.begin(
                    witness.plan, org: org, ledger: ledger, environment: .real)
                let done = try await Execution(
                    plan: witness.plan, run: run, org: org, ledger: ledger, sender: server,
                    environment: Self.hurried
                ).run()
                #expect(done.exitCode == 0, "seed \(seed): \(done)")
            }
            ending = try await resume()
        }
        #expect(ending?.exitCode ?? 0 == 0, "seed \(seed): \(String(describing: ending))")
        let run = try #require(try ledger.run(named: name.text))
        #expect(try ledger.totals(run: run.number)[.accepted] == 120, "seed \(seed)")
    }
}
