import Catalog
import Engine
import Foundation
import Ledger
import Model
import Records
import Reports
import Testing

/// The whole path from a file of items to an agreeing ledger, over a server in memory.
@Suite struct ExecutionTests {
    /// A place of its own, a file of bills, and a plan for them.
    struct Scene {
        let folder: String
        var plan: Plan

        init(bills: Int, customers: Int, chunk: Int = 5, lines: ((Int) -> String)? = nil) throws {
            folder = NSTemporaryDirectory() + "sluice-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let line = lines ?? { Scene.line($0, customer: "c\($0 % customers)") }
            let text = (0..<bills).map(line).joined(separator: "\n") + "\n"
            let path = folder + "/bills.jsonl"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            plan = Plan(
                job: "test", jobText: "", jobFile: "test.yaml", endpoint: .transactionsAdd,
                connection: Connection(name: "fake", baseURL: "http://127.0.0.1", rate: nil),
                inputs: [InputFile(path: path, name: "bills.jsonl", format: .jsonl)],
                inputOptions: InputOptions(),
                mapping: nil, send: SendSettings(chunk: chunk, inFlight: .fixed(4)),
                doubt: DoubtSettings(wait: .milliseconds(60)))
        }

        static func line(_ number: Int, customer: String, amount: String = "12.50") -> String {
            """
            {"identifierType":"externalId","identifierValue":"\(customer)","source":"INSTORE","type":"REGULAR",\
            "billNumber":"B-\(number)","billingDate":"2026-02-03T10:15:00+00:00","billAmount":\(amount)}
            """
        }

        func begin(_ server: FakeServer) async throws -> (ledger: Ledger, run: RunRow, org: OrgSettings)
        {
            let ledger = try Ledger.open(at: folder + "/state")
            let org = try await RunStarter.learnOrg(plan.connection, sender: server, environment: .real)
            let run = try await RunStarter.begin(plan, org: org, ledger: ledger, environment: .real)
            return (ledger, run, org)
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test(
        "Every bill of a file is booked once, in the order of its customer",
        arguments: [(200, 40), (200, 3), (7, 7), (1, 1)])
    func wholeFile(bills: Int, customers: Int) async throws {
        let scene = try Scene(bills: bills, customers: customers)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 0, "\(ending)")
        #expect(server.bookings.count == bills)
        #expect(server.bookings.values.allSatisfy { $0 == 1 })
        #expect(server.overlaps == 0)
        for (_, numbers) in server.order {
            let order = numbers.compactMap { Int($0.dropFirst(2)) }
            #expect(order == order.sorted())
        }
        #expect(try ledger.totals(run: run.number)[.accepted] == bills)

        // The same again sends nothing.
        let again = try await RunStarter.begin(scene.plan, org: org, ledger: ledger, environment: .real)
        let adds = server.adds
        let second = try await Execution(
            plan: scene.plan, run: again, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0)
        #expect(server.adds == adds)
        #expect(try ledger.totals(run: again.number)[.skipped, .acceptedBefore] == bills)
    }

    @Test("A bad line costs only itself")
    func badLines() async throws {
        let scene = try Scene(bills: 30, customers: 30) { number in
            switch number {
            case 3: "{\"billNumber\": "
            case 9: Scene.line(9, customer: "unknown-1")
            case 14: Scene.line(13, customer: "c13")
            case 20: Scene.line(19, customer: "c19", amount: "99")
            case 25: Scene.line(25, customer: "c25", amount: "-1")
            default: Scene.line(number, customer: "c\(number)")
            }
        }
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 1, "\(ending)")
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.accepted] == 25)
        #expect(totals[.rejected] == 1)
        #expect(totals[.invalid] == 3)
        #expect(totals[.skipped, .repeated] == 1)
        var reasons: [Int64: String] = [:]
        try ledger.troubles(run: run.number) { row in
            reasons[row.record] = row.trouble.refusal.reason.code
            return true
        }
        #expect(
            reasons == [
                3: "unreadable", 9: "customer-unknown", 20: "conflicting-key", 25: reasons[25] ?? "",
            ])
    }

    @Test("Whatever the network does, every bill is booked once", arguments: 0..<12, [false, true])
    func storms(seed: UInt64, isUnique: Bool) async throws {
        let scene = try Scene(bills: 150, customers: 60)
        defer { scene.remove() }
        let server = FakeServer(seed: seed, trouble: .storm, isUnique: isUnique)
        let (ledger, run, org) = try await scene.begin(server)
        var row = run
        var ending = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        for _ in 0..<5 where ending.exitCode != 0 {
            server.heal()
            row = try #require(try ledger.run(named: run.id.text))
            ending = try await Execution(
                plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
            ).run()
        }
        let twice = server.bookings.filter { $0.value != 1 }
        #expect(twice.isEmpty, "seed \(seed): \(twice)")
        #expect(server.overlaps == 0, "seed \(seed)")
        let totals = try ledger.totals(run: run.number)
        // A last request whose answer was lost has no witness sent later: it may stay in doubt.
        #expect(totals[.accepted] + totals[.inDoubt] == 150, "seed \(seed): \(totals), \(ending)")
        #expect(totals[.accepted] == server.bookings.count || totals[.inDoubt] > 0, "seed \(seed)")
    }

    @Test(
        "One request at a time and its answer lost: a later record is the witness",
        .timeLimit(.minutes(5)))
    func windowOfOne() async throws {
        var scene = try Scene(bills: 20, customers: 20)
        defer { scene.remove() }
        scene.plan.send.inFlight = .fixed(1)
        let server = FakeServer(seed: 1)
        server.loseNext(1)
        let (ledger, run, org) = try await scene.begin(server)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 0, "\(ending)")
        #expect(server.bookings.count == 20)
        #expect(server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("What may not be sent again stays in doubt, and the run ends", .timeLimit(.minutes(5)))
    func neverResent() async throws {
        var scene = try Scene(bills: 60, customers: 60)
        defer { scene.remove() }
        scene.plan.send.inFlight = .fixed(1)
        scene.plan.doubt.resend = .never
        let server = FakeServer(seed: 1)
        server.loseNext(1)
        let (ledger, run, org) = try await scene.begin(server)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 4, "\(ending)")
        #expect(try ledger.totals(run: run.number)[.inDoubt] > 0)
        #expect(server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("An input that cannot be read on stops the run, and is named", .timeLimit(.minutes(5)))
    func unreadableInput() async throws {
        var scene = try Scene(bills: 50, customers: 50)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        scene.plan.inputs.append(
            InputFile(path: scene.folder + "/bills.jsonl", name: "again", format: .jsonl))
        let (ledger, run, org) = try await scene.begin(server)
        scene.plan.inputs[1] = InputFile(
            path: scene.folder + "/gone.jsonl", name: "gone", format: .jsonl)
        let execution = Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real)
        let ending = try await execution.run()
        #expect(ending.exitCode == 3 && !ending.isFinished)
        #expect(ending.reason?.hasPrefix("gone: No such file") == true, "\(ending)")
    }

    @Test("A stop in mid-input ends with its own status and continues later", .timeLimit(.minutes(5)))
    func stopped() async throws {
        let scene = try Scene(bills: 12_000, customers: 12_000, chunk: 100)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        let first = Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real)
        async let ended = first.run()
        while server.adds < 5 { await Task.yield() }
        await first.stop(StopReason(.interrupted, "interrupted"))
        let ending = try await ended
        #expect(ending.exitCode == 130, "\(ending)")
        let row = try #require(try ledger.run(named: run.id.text))
        #expect(row.state == .stopped)
        // Settling alone is balanced, although the input was not read to its end.
        let settled = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real,
            isSettlingOnly: true
        ).run()
        #expect(settled.exitCode == 7, "\(settled)")
        let again = try #require(try ledger.run(named: run.id.text))
        let second = try await Execution(
            plan: scene.plan, run: again, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0, "\(second)")
        #expect(server.bookings.count == 12_000)
        #expect(server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("An org that has the bills already is noticed before anything is sent")
    func firstMeeting() async throws {
        let scene = try Scene(bills: 40, customers: 40)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        // Another ledger brings them in.
        var other = scene
        other.plan.job = "other"
        let elsewhere = try Ledger.open(at: scene.folder + "/elsewhere")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let first = try await RunStarter.begin(
            other.plan, org: org, ledger: elsewhere, environment: .real)
        let done = try await Execution(
            plan: other.plan, run: first, org: org, ledger: elsewhere, sender: server,
            environment: .real
        ).run()
        #expect(done.exitCode == 0)

        let (ledger, run, _) = try await scene.begin(server)
        let adds = server.adds
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 3, "\(ending)")
        #expect(server.adds == adds)
        // Not all of it may have been read by then; none of it has gone.
        let totals = try ledger.totals(run: run.number)
        let states = RecordState.allCases.filter { totals[$0] > 0 }
        #expect(Set(states).isSubset(of: [.unsent]) && totals[.unsent] <= 40)

        // Who says `none` means it: nothing is read back.
        var bold = scene
        bold.plan.verifyExisting = .none
        let row = try #require(try ledger.run(named: run.id.text))
        let sent = try await Execution(
            plan: bold.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(sent.exitCode == 0, "\(sent)")
        #expect(server.bookings.values.allSatisfy { $0 == 2 })
    }

    @Test("A person decides what nothing else can settle", .timeLimit(.minutes(5)))
    func decisions() async throws {
        var scene = try Scene(bills: 60, customers: 60)
        defer { scene.remove() }
        scene.plan.send.inFlight = .fixed(1)
        scene.plan.doubt.resend = .never
        let server = FakeServer(seed: 1)
        server.loseNext(1)
        let (ledger, run, org) = try await scene.begin(server)
        _ = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        )
        .run()
        let keys = try ledger.doubts(run: run.number).map { $0.evidence.fields[0] }
        try #require(keys.count > 1)
        func decide(_ decisions: [ManualResolution]) async throws -> [ManualResolution.Decided] {
            try await ManualResolution.take(
                decisions, because: "seen", run: run, ledger: ledger, environment: .real)
        }
        await #expect(throws: ManualResolution.Refused.self) {
            try await decide([ManualResolution(.accepted, keys: [keys[0], "B-nowhere"])])
        }
        #expect(try ledger.doubts(run: run.number).count == keys.count, "all or none")
        await #expect(throws: ManualResolution.Refused.self) {
            try await decide([
                ManualResolution(.accepted, keys: [keys[0]]),
                ManualResolution(.sendAgain, keys: [keys[0]]),
            ])
        }
        let decided = try await decide([
            ManualResolution(.accepted, keys: [keys[0]]),
            ManualResolution(.sendAgain, keys: Array(keys.dropFirst())),
        ])
        #expect(decided.count == keys.count)
        #expect(try ledger.totals(run: run.number)[.accepted, .decided] == 1)
        #expect(
            try ledger.events(run: run.number, record: decided[0].record).last?.message
                == "a person decided: taken as accepted. seen")
        let row = try #require(try ledger.run(named: run.id.text))
        let ending = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 0, "\(ending)")
        #expect(server.bookings.count == 59, "the one taken as accepted was never sent")
        #expect(server.bookings[keys[0]] == nil)
    }

    @Test("A stop calls back what is at the gate", .timeLimit(.minutes(5)))
    func calledBack() async throws {
        let scene = try Scene(bills: 50, customers: 50)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.closeGate(after: 2)
        let execution = Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real)
        async let ended = execution.run()
        while server.atGate == 0 { await Task.yield() }
        await execution.stop(StopReason(.interrupted, "interrupted"))
        #expect(try await ended.exitCode == 130)
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.sent] + totals[.inDoubt] == 0)
        #expect(totals[.accepted] == server.bookings.count)
        server.closeGate(after: nil)
        let row = try #require(try ledger.run(named: run.id.text))
        let second = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0, "\(second)")
        #expect(server.bookings.count == 50 && server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("A stop that comes before the start ends it as well", .timeLimit(.minutes(1)))
    func stoppedBefore() async throws {
        let scene = try Scene(bills: 50, customers: 50)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        let execution = Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real)
        await execution.stop(StopReason(.terminated, "interrupted"))
        #expect(try await execution.run().exitCode == 143)
        #expect(server.adds == 0)
        let row = try #require(try ledger.run(named: run.id.text))
        #expect(row.state == .stopped)
        let second = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0, "\(second)")
        #expect(server.bookings.count == 50 && server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("A row that is being written when its file is read is not sent", arguments: [false, true])
    func growing(isComplete: Bool) async throws {
        let scene = try Scene(bills: 10, customers: 10)
        defer { scene.remove() }
        let path = scene.folder + "/bills.jsonl"
        let next = Scene.line(10, customer: "c10")
        let end = next.index(next.endIndex, offsetBy: -4)
        var text = try String(contentsOfFile: path, encoding: .utf8)
        if isComplete { text.removeLast() } else { text += next[..<end] }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        // Whoever writes it continues before it is read.
        text += (isComplete ? "\n" + next : String(next[end...])) + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 1, "\(ending)")
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.invalid] == 1)
        #expect(totals[.accepted] == (isComplete ? 9 : 10))
        // The next run has it whole.
        let again = try await RunStarter.begin(scene.plan, org: org, ledger: ledger, environment: .real)
        let second = try await Execution(
            plan: scene.plan, run: again, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0, "\(second)")
        #expect(server.bookings.count == 11 && server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("An outage stops the run and fails nobody", .timeLimit(.minutes(5)))
    func outage() async throws {
        let scene = try Scene(bills: 300, customers: 300)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.loseNext(.max)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect([4, 5].contains(ending.exitCode), "\(ending)")
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.failed] == 0 && totals[.rejected] == 0)
        #expect(totals[.unsent] + totals[.inDoubt] == 300)
        server.loseNext(0)
        var code: Int32 = -1
        for _ in 0..<3 where code != 0 {
            let row = try #require(try ledger.run(named: run.id.text))
            code = try await Execution(
                plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
            ).run().exitCode
        }
        #expect(code == 0)
        #expect(server.bookings.count == 300 && server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test(
        "A maintenance page stops the run with 5, confirmed by one record", .timeLimit(.minutes(5)),
        arguments: [200, 503])
    func maintenance(status: Int) async throws {
        let scene = try Scene(bills: 100, customers: 100)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.refuseAdds(Reply(status: status, body: Array("<html>back soon</html>".utf8)))
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 5, "\(ending)")
        #expect(ending.reason?.contains("maintenance") == true)
        #expect(try ledger.totals(run: run.number)[.unsent] > 70)
    }

    @Test(
        "A look-up that is forbidden stops the run with 8, and the doubts stay", .timeLimit(.minutes(5))
    )
    func forbiddenLooks() async throws {
        var scene = try Scene(bills: 100, customers: 100)
        defer { scene.remove() }
        scene.plan.verifyExisting = .none
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.loseNext(1)
        server.refuseLooks(Reply(status: 403))
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 8, "\(ending)")
        #expect(try ledger.totals(run: run.number)[.inDoubt] > 0)
    }

    @Test(
        "A run whose queue cannot be read is not over; where there is none, it is",
        .timeLimit(.minutes(5)), arguments: [(502, 5), (200, 5), (404, 0), (403, 0)])
    func unswept(status: Int, exitCode: Int32) async throws {
        let scene = try Scene(bills: 20, customers: 20)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.refuseQueue(Reply(status: status, body: Array("<html>oops".utf8)))
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server,
            environment: CrashTests.hurried
        ).run()
        #expect(ending.exitCode == exitCode, "\(ending)")
        var row = try #require(try ledger.run(named: run.id.text))
        #expect(row.swept == nil && row.isOpen == (exitCode != 0))
        guard row.isOpen else { return }
        server.refuseQueue(nil)
        let adds = server.adds
        let second = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0 && server.adds == adds)
        row = try #require(try ledger.run(named: run.id.text))
        #expect(row.swept != nil)
    }
}
