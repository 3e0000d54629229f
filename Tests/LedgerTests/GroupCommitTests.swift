import Foundation
import GRDB
import Ledger
import Model
import TestSupport
import Testing

/// What nobody waits for, and what is kept of chunks from one commit to the next.
@Suite struct GroupCommitTests {
    private static func end(_ state: AttemptEnd.State = .clean) -> AttemptEnd {
        AttemptEnd(state: state, ended: LedgerTests.now, status: 200)
    }

    /// A run with so many fresh records, let in and sent in one request.
    private static func sent(_ ledger: Ledger, _ count: Int) async throws -> (
        run: RunRow, attempt: Int64, mark: Int
    ) {
        let run = try await LedgerTests.begin(ledger, "first")
        let identities = (1...UInt64(count)).map { $0 }
        let (admissions, mark) = try await ledger.admit(
            [LedgerTests.chunk(identities)], run: run.number, scope: run.scope)
        #expect(admissions.count == 1 && admissions[0].areAllFresh)
        let members = identities.enumerated().map { LedgerTests.member(Int64($0), $1) }
        let intent = try await LedgerTests.intend(ledger, run, members, mark: mark)
        guard case .durable(let attempt, _) = intent else {
            throw LedgerError(.noID)
        }
        return (run, attempt, mark)
    }

    private static func accepted(_ record: Int64) -> Settlement {
        Settlement(
            record: record, event: .answeredAccepted, serverID: ServerID(String(900 + record)))
    }

    @Test("An outcome that nobody waits for is written soon by itself")
    func soon() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (run, attempt, _) = try await Self.sent(ledger, 3)
        ledger.settleSoon(
            attempt: attempt, run: run.number, end: Self.end(), (0..<3).map(Self.accepted))
        // It goes with the next commit of any kind, or by itself: this waits for the latter.
        while try ledger.totals(run: run.number)[.accepted] < 3 {
            try await Task.sleep(for: .milliseconds(5))
        }
        let row = try #require(try ledger.record(run: run.number, 1))
        #expect(row.state.state == .accepted)
        #expect(row.serverID == ServerID("901"))
        await ledger.close()
    }

    @Test("It stands before everything that is submitted later")
    func order() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (run, attempt, mark) = try await Self.sent(ledger, 2)
        ledger.settleSoon(
            attempt: attempt, run: run.number, end: Self.end(.unclean),
            [Settlement(record: 0, event: .undone), Self.accepted(1)])
        // Only what is unsent again can be intended.
        let again = try await LedgerTests.intend(
            ledger, run, [LedgerTests.member(0, 1)], mark: mark)
        guard case .durable = again else {
            Issue.record("\(again)")
            return
        }
        let totals = try ledger.totals(run: run.number)
        #expect(totals[.sent] == 1 && totals[.accepted] == 1)
        await ledger.close()
    }

    @Test("Where it cannot be written, what comes next says so, and nothing of it stays")
    func failures() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (run, attempt, mark) = try await Self.sent(ledger, 2)
        ledger.settleSoon(
            attempt: attempt, run: run.number, end: Self.end(),
            [Self.accepted(0), Settlement(record: 1, event: .provedPresent)])
        await #expect(throws: LedgerError.self) { try await ledger.flush() }
        await #expect(throws: LedgerError.self) {
            try await LedgerTests.intend(ledger, run, [LedgerTests.member(0, 1)], mark: mark)
        }
        #expect(try ledger.totals(run: run.number)[.sent] == 2)
        await ledger.close()
    }

    @Test("A process that dies before that leaves them in doubt")
    func death() async throws {
        let place = LedgerTests.Place()
        let copy = LedgerTests.Place()
        defer {
            place.remove()
            copy.remove()
        }
        let ledger = try place.open()
        let (run, _, _) = try await Self.sent(ledger, 2)
        try FileManager.default.createDirectory(
            atPath: copy.folder, withIntermediateDirectories: true)
        try await DatabaseQueue(path: place.folder + "/ledger.sqlite").vacuum(
            into: copy.folder + "/ledger.sqlite")
        await ledger.close()
        let next = try copy.open()
        let lost = try await next.loseOpenAttempts(
            run: run.number, trouble: "lost", at: LedgerTests.now)
        #expect(lost == 2)
        #expect(try next.totals(run: run.number)[.inDoubt] == 2)
        await next.close()
    }

    @Test("What another process has done to a chunk in the meantime stands")
    func processes() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let one = try place.open()
        let (run, attempt, _) = try await Self.sent(one, 4)
        let other = try place.open()
        try await other.settle(
            attempt: attempt, run: run.number, end: Self.end(), [Self.accepted(0), Self.accepted(1)])
        try await one.settle(
            attempt: attempt, run: run.number, end: Self.end(), [Self.accepted(2), Self.accepted(3)])
        #expect(try other.totals(run: run.number)[.accepted] == 4)
        for record in 0..<Int64(4) {
            #expect(
                try one.record(run: run.number, record)?.serverID == ServerID(String(900 + record)))
        }
        await one.close()
        await other.close()
    }

    @Test("Chunks say after any number of commits what the records' own life says", arguments: 0..<4)
    func chunks(seed: UInt64) async throws {
        var random = Seeded(seed)
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await LedgerTests.begin(ledger, "first")
        let size = 10
        let chunks = (0..<6).map { part in
            LedgerTests.chunk(
                (1...size).map { UInt64(part * size + $0) }, first: Int64(part * size))
        }
        let (_, mark) = try await ledger.admit(chunks, run: run.number, scope: run.scope)
        var expected = [RecordState](repeating: .unsent, count: 6 * size)
        for _ in 0..<40 {
            let open = expected.indices.filter { expected[$0] == .unsent }
            let chosen = open.filter { _ in Int.random(in: 0..<8, using: &random) == 0 }
                .shuffled(using: &random)
            guard !chosen.isEmpty else { continue }
            let intent = try await LedgerTests.intend(
                ledger, run, chosen.map { LedgerTests.member(Int64($0), UInt64($0 + 1)) }, mark: mark)
            guard case .durable(let attempt, _) = intent else {
                Issue.record("\(intent)")
                return
            }
            let settlements = chosen.map { record in
                let events: [RecordState.Event] = [.undone, .answeredAccepted, .answeredRejected]
                let event = events[Int.random(in: 0..<3, using: &random)]
                expected[record] = RecordState.sent.after(event) ?? .sent
                return Settlement(
                    record: Int64(record), event: event,
                    serverID: event == .answeredAccepted ? ServerID(String(1000 + record)) : nil)
            }
            if Bool.random(using: &random) {
                ledger.settleSoon(
                    attempt: attempt, run: run.number, end: Self.end(), settlements)
            } else {
                try await ledger.settle(
                    attempt: attempt, run: run.number, end: Self.end(), settlements)
            }
        }
        try await ledger.flush()
        for (record, state) in expected.enumerated() {
            let row = try #require(try ledger.record(run: run.number, Int64(record)))
            #expect(row.state.state == state)
            #expect(row.serverID == (state == .accepted ? ServerID(String(1000 + record)) : nil))
        }
        let open = try ledger.openChunks(run: run.number, from: 0, limit: 100).map(\.first)
        let unsettled = (0..<6).filter { part in
            expected[part * size..<(part + 1) * size].contains(.unsent)
        }
        #expect(open == unsettled.map { Int64($0 * size) })
        await ledger.close()
    }
}
