import Foundation
import GRDB
import Ledger
import Model
import Testing

/// Records that set values: the newest counts, also behind a doubt or a refusal.
@Suite struct SetValuesTests {
    @Test(
        "What sets waits for an older one in doubt, also where a newer of that run is unsent after it"
    )
    func setsBehindDoubt() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        func admit(_ run: RunRow, _ contents: [UInt64], first: Int64 = 0) async throws -> (
            admissions: [Admission], mark: Int
        ) {
            var chunk = LedgerTests.chunk(contents.map { _ in 5 }, first: first, contents: contents)
            for index in chunk.candidates.indices { chunk.candidates[index].sets = .send }
            let (admissions, mark) = try await ledger.admit(
                [chunk], run: run.number, scope: run.scope)
            return (Array(admissions[0]), mark)
        }
        let go = Admission.go(Identity(high: 5, low: 5))
        let one = try await LedgerTests.begin(ledger, "one")
        let two = try await LedgerTests.begin(ledger, "two")
        let three = try await LedgerTests.begin(ledger, "three")
        #expect(try await admit(one, [7, 8]).admissions == [go, go])
        // Let in while nothing is under way.
        let early = try await admit(two, [9])
        #expect(early.admissions == [go])
        let first = try await LedgerTests.intend(ledger, one, [LedgerTests.member(0, 5)], mark: -1)
        guard case .durable(let attempt, _) = first else {
            return #expect(Bool(false), "\(first)")
        }
        var asked: Int64 = 0
        func expectHeld(_ what: Comment) async throws {
            let intent = try await LedgerTests.intend(
                ledger, two, [LedgerTests.member(0, 5)], mark: early.mark)
            #expect(intent == .taken([0]), what)
            asked += 1
            let third = try await admit(three, [10], first: asked).admissions[0]
            guard case .waits(_, let other) = third else {
                return #expect(Bool(false), what)
            }
            #expect(other?.run == one.number && other?.record == 0, what)
        }
        try await expectHeld("while it is under way")
        // The second value of the first run is let in again, as on a resume, and owns the key from then on.
        let again = LedgerTests.chunk([5], first: 1, contents: [8]).candidates.map { candidate in
            var candidate = candidate
            candidate.sets = .send
            return candidate
        }
        let owner = try await ledger.admitAgain(again, run: one.number, scope: one.scope).admissions
        #expect(owner == [go])
        try await expectHeld("behind it stands another")
        try await ledger.settle(
            attempt: attempt, run: one.number,
            end: AttemptEnd(state: .unanswered, ended: LedgerTests.now),
            [
                Settlement(
                    record: 0, event: .lostAnswer, evidence: LedgerTests.member(0, 5).evidence, tries: 1
                )
            ])
        try await expectHeld("in doubt")
        _ = try await ledger.settle(
            run: one.number, scope: one.scope, at: LedgerTests.now,
            [Settlement(record: 0, event: .provedPresent, detail: .proved)])
        #expect(try await admit(three, [10], first: asked + 1).admissions == [go])
    }

    @Test("What was accepted is not overwritten by what is older, also where the newest was refused")
    func setsUnderRefused() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        var mark = 0
        func admit(_ run: RunRow, _ contents: [UInt64], first: Int64 = 0, isAgain: Bool = false)
            async throws -> [Admission]
        {
            var chunk = LedgerTests.chunk(contents.map { _ in 5 }, first: first, contents: contents)
            for index in chunk.candidates.indices { chunk.candidates[index].sets = .skip }
            if isAgain {
                return try await ledger.admitAgain(
                    chunk.candidates, run: run.number, scope: run.scope
                ).admissions
            }
            let (admissions, newest) = try await ledger.admit(
                [chunk], run: run.number, scope: run.scope)
            mark = newest
            return Array(admissions[0])
        }
        func end(_ run: RunRow, _ record: Int64, _ event: RecordState.Event) async throws {
            let intent = try await LedgerTests.intend(
                ledger, run, [LedgerTests.member(record, 5)], mark: mark)
            guard case .durable(let attempt, _) = intent else {
                return #expect(Bool(false), "record \(record): \(intent)")
            }
            try await ledger.settle(
                attempt: attempt, run: run.number,
                end: AttemptEnd(state: .clean, ended: LedgerTests.now),
                [Settlement(record: record, event: event)])
        }
        let go = Admission.go(Identity(high: 5, low: 5))
        let one = try await LedgerTests.begin(ledger, "one")
        let two = try await LedgerTests.begin(ledger, "two")
        let three = try await LedgerTests.begin(ledger, "three")
        let four = try await LedgerTests.begin(ledger, "four")
        // The first run is held up; in the meantime the second is accepted one of two, and the third none.
        #expect(try await admit(one, [7]) == [go])
        #expect(try await admit(two, [8, 9]) == [go, go])
        try await end(two, 0, .answeredAccepted)
        try await end(two, 1, .answeredRejected)
        #expect(try await admit(three, [6]) == [go])
        try await end(three, 0, .answeredRejected)
        let late = try await LedgerTests.intend(ledger, one, [LedgerTests.member(0, 5)], mark: -1)
        #expect(late == .taken([0]))
        #expect(try await admit(one, [7], isAgain: true) == [.skipped(.superseded)])
        // What comes now is newer than all, and fixes what was refused: it goes, be it what is.
        #expect(try await admit(four, [8]) == [go])
        try await end(four, 0, .answeredAccepted)
    }

    @Test("A record that sets values goes whatever was before it; an older one is superseded")
    func sets() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        func admit(_ run: RunRow, _ contents: [UInt64], first: Int64 = 0, unchanged: Unchanged)
            async throws -> [Admission]
        {
            var chunk = LedgerTests.chunk(contents.map { _ in 5 }, first: first, contents: contents)
            for index in chunk.candidates.indices { chunk.candidates[index].sets = unchanged }
            return Array(
                try await ledger.admit([chunk], run: run.number, scope: run.scope).admissions[0])
        }
        func accept(_ run: RunRow, _ record: Int64) async throws {
            let intent = try await LedgerTests.intend(
                ledger, run, [LedgerTests.member(record, 5)], mark: -1)
            guard case .durable(let attempt, _) = intent else {
                return #expect(Bool(false), "record \(record): \(intent)")
            }
            try await ledger.settle(
                attempt: attempt, run: run.number,
                end: AttemptEnd(state: .clean, ended: LedgerTests.now),
                [Settlement(record: record, event: .answeredAccepted)])
        }
        let go = Admission.go(Identity(high: 5, low: 5))
        let one = try await LedgerTests.begin(ledger, "one")
        // A, B, A: all go, in their order; only a repeat right after its like does not.
        #expect(
            try await admit(one, [7, 8, 7, 7], unchanged: .send) == [go, go, go, .skipped(.repeated)])
        try await accept(one, 0)
        let two = try await LedgerTests.begin(ledger, "two")
        #expect(try await admit(two, [9], unchanged: .send) == [go])
        try await accept(two, 0)
        // The first run's rest is older than what the second has set.
        let again = LedgerTests.chunk([5, 5], first: 1, contents: [8, 7]).candidates.map { candidate in
            var candidate = candidate
            candidate.sets = .send
            return candidate
        }
        let late = try await ledger.admitAgain(again, run: one.number, scope: one.scope).admissions
        #expect(late == [.skipped(.superseded), .skipped(.superseded)])
        let three = try await LedgerTests.begin(ledger, "three")
        #expect(try await admit(three, [9], unchanged: .skip) == [.skipped(.acceptedBefore)])
        #expect(try await admit(three, [9], first: 1, unchanged: .send) == [go])
        #expect(try await admit(three, [10], first: 2, unchanged: .skip) == [go])
    }
}
