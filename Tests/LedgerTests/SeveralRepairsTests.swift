import Foundation
import GRDB
import Ledger
import Model
import Testing

/// Rows that were records of their own while they were malformed, and that are one bill once they are fixed.
@Suite struct SeveralRepairsTests {
    /// A run of records that were all refused before they were sent.
    private static func malformed(
        _ ledger: Ledger, _ name: String, _ count: Int
    ) async throws -> (run: RunRow, ids: [RecordID]) {
        let run = try await LedgerTests.begin(ledger, name)
        var chunk = LedgerTests.chunk((0..<count).map { UInt64(900 + $0) })
        for index in 0..<count {
            chunk.candidates[index].trouble = LineageTests.trouble(.fieldCount)
        }
        _ = try await ledger.admit([chunk], run: run.number, scope: run.scope)
        return (run, (0..<count).map { RecordID(run: run.id, record: Int64($0)) })
    }

    /// Admits one bill in a run of its own. One that goes is settled with `ends`, one that is invalid as that.
    @discardableResult
    private static func send(
        _ ledger: Ledger, _ name: String, _ identity: UInt64, repairs: [RecordID],
        ends: RecordState.Event? = .answeredAccepted
    ) async throws -> (admission: Admission, run: RunRow, id: RecordID) {
        let run = try await LedgerTests.begin(ledger, name)
        var chunk = LedgerTests.chunk([identity])
        chunk.candidates[0].repairs = repairs
        let (admissions, mark) = try await ledger.admit([chunk], run: run.number, scope: run.scope)
        try await settle(
            ledger, run, record: 0, identity, admissions[0][0], mark: mark, ends: ends)
        return (admissions[0][0], run, RecordID(run: run.id, record: 0))
    }

    private static func settle(
        _ ledger: Ledger, _ run: RunRow, record: Int64, _ identity: UInt64, _ admission: Admission,
        mark: Int, ends: RecordState.Event?
    ) async throws {
        let trouble = LineageTests.trouble(.customerUnknown, key: "B")
        if case .invalid(let refusal, _) = admission {
            var own = trouble
            own.refusal = Refusal(refusal.reason)
            try await ledger.settle(
                run: run.number, scope: run.scope, at: LedgerTests.now,
                [Settlement(record: record, event: .foundInvalid, trouble: own)])
        }
        guard case .go = admission, let ends else { return }
        let intent = try await LedgerTests.intend(
            ledger, run, [LedgerTests.member(record, identity)], mark: mark)
        guard case .durable(let attempt, _) = intent else { throw CancellationError() }
        try await ledger.settle(
            attempt: attempt, run: run.number,
            end: AttemptEnd(state: .clean, ended: LedgerTests.now),
            [
                Settlement(
                    record: record, event: ends, trouble: ends == .answeredRejected ? trouble : nil)
            ])
    }

    private static func reason(_ admission: Admission) -> Reason? {
        guard case .invalid(let refusal, _) = admission else { return nil }
        return refusal.reason
    }

    private static func open(_ ledger: Ledger) throws -> [String] {
        try LineageTests.open(ledger, nil).map(\.description)
    }

    @Test("One record repairs several: they are open as that one, and settled with it")
    func together() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (first, ids) = try await Self.malformed(ledger, "first", 3)
        let second = try await Self.send(
            ledger, "second", 1, repairs: ids, ends: .answeredRejected)
        #expect(try Self.open(ledger) == ["second#0"])
        #expect(try LineageTests.open(ledger, [first]) == [second.id])
        var repairs = try ledger.repairs(of: first.number)
        #expect(repairs.open == 3 && repairs.failed == 3 && repairs.runs == [second.run.number])
        #expect(try ledger.openHere(run: first.number) == 0)
        #expect(try ledger.openHere(run: second.run.number) == 1)
        var again: [Bool] = []
        try ledger.troubles(run: first.number) {
            again.append($0.isTriedAgain)
            return true
        }
        #expect(again == [true, true, true])
        for record in 0..<3 {
            let own = RecordPlace(run: first.number, record: Int64(record))
            #expect(try ledger.repair(of: own) == second.id)
        }
        // Sent again under its own mark, it still stands for all; an old mark names it as well.
        let third = try await Self.send(
            ledger, "third", 1, repairs: [second.id], ends: .answeredRejected)
        #expect(try Self.open(ledger) == ["third#0"])
        var since: [RecordPlace] = []
        try ledger.openFailures(of: [first.number]) {
            since.append($0.root)
            return true
        }
        #expect(since == [RecordPlace(run: first.number, record: 0)])
        try await Self.send(ledger, "fourth", 1, repairs: [ids[2]])
        #expect(try Self.open(ledger).isEmpty)
        repairs = try ledger.repairs(of: first.number)
        #expect(repairs.repaired == 3 && repairs.failed == 3 && repairs.runs.count == 3)
        for (index, marks) in [ids, [ids[1]], [ids[0], second.id], [third.id]].enumerated() {
            let late = try await Self.send(ledger, "late-\(index)", 20, repairs: marks)
            #expect(late.admission == .skipped(.acceptedBefore))
        }
    }

    @Test("Lines of several runs meet; each run counts its own")
    func runs() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (first, old) = try await Self.malformed(ledger, "first", 2)
        let (second, new) = try await Self.malformed(ledger, "second", 1)
        let third = try await Self.send(
            ledger, "third", 1, repairs: [new[0], old[1]], ends: .answeredRejected)
        for run in [first, second] {
            #expect(try LineageTests.open(ledger, [run]).contains(third.id))
            #expect(try ledger.repairs(of: run.number).runs == [third.run.number])
        }
        #expect(try Self.open(ledger) == ["first#0", "third#0"])
        #expect(try ledger.lines(of: [third.id], run: first.number)[0]?.roots.count == 2)
        // Closed by a person, they are closed for both.
        let own = RecordPlace(run: third.run.number, record: 0)
        try await ledger.close([own], because: "test", note: "closed: test", at: LedgerTests.now)
        #expect(try Self.open(ledger) == ["first#0"])
        #expect(try ledger.repairs(of: first.number).closed == 1)
        #expect(try ledger.repairs(of: second.number).closed == 1)
        // In a fixed file it is judged as ever, beside one that was closed by itself.
        try await ledger.close(
            [RecordPlace(run: first.number, record: 0)], because: "test", note: "closed: test",
            at: LedgerTests.now)
        try await Self.send(ledger, "fourth", 1, repairs: [old[0], third.id])
        #expect(try ledger.repairs(of: first.number).repaired == 2)
        #expect(try ledger.repairs(of: second.number).repaired == 1)
    }

    @Test("Where a part was imported, the whole is not: it is invalid, and stands for the rest")
    func parts() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (first, ids) = try await Self.malformed(ledger, "first", 4)
        try await Self.send(ledger, "half", 1, repairs: [ids[0]])
        let whole = try await Self.send(ledger, "whole", 5, repairs: [ids[0], ids[1]])
        #expect(Self.reason(whole.admission) == .conflictingKey)
        #expect(try Self.open(ledger) == ["whole#0", "first#2", "first#3"])
        // Without the rows that were imported it goes under its mark.
        try await Self.send(ledger, "rest", 6, repairs: [whole.id])
        #expect(try Self.open(ledger) == ["first#2", "first#3"])
        // What was imported is this very bill, and one of its rows had lost its mark then.
        let equal = try await Self.send(ledger, "equal", 1, repairs: [ids[0], ids[2]])
        #expect(equal.admission == .skipped(.acceptedBefore))
        #expect(try Self.open(ledger) == ["first#3"])
        #expect(try ledger.repairs(of: first.number).repaired == 3)
        // A mark of nowhere says nothing.
        let elsewhere = try #require(RecordID("20200101T000000-elsewhere0#3"))
        try await Self.send(ledger, "last", 7, repairs: [elsewhere, ids[3]])
        #expect(try Self.open(ledger).isEmpty)
    }

    @Test("A mark in two records: the first has it, the second is invalid and keeps its other marks")
    func shared() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (first, ids) = try await Self.malformed(ledger, "first", 4)
        let second = try await LedgerTests.begin(ledger, "second")
        var chunk = LedgerTests.chunk([1, 2])
        chunk.candidates[0].repairs = [ids[0], ids[1]]
        chunk.candidates[1].repairs = [ids[1], ids[2]]
        // The first time it is killed before anything else is written.
        for isStored in [false, true, true] {
            chunk.isStored = isStored
            let (admissions, _) = try await ledger.admit(
                [chunk], run: second.number, scope: second.scope)
            #expect(admissions[0][0] == .go(Identity(high: 1, low: 1)))
            #expect(Self.reason(admissions[0][1]) == .repeatedMark)
        }
        #expect(try Self.open(ledger) == ["first#3"])
        #expect(try ledger.repairs(of: first.number).underWay == 3)
        // What holds one of its marks back holds all of it.
        let third = try await Self.send(ledger, "third", 3, repairs: [ids[3], ids[0]])
        guard case .waits = third.admission else {
            Issue.record("\(third.admission)")
            return
        }
        #expect(try Self.open(ledger) == ["first#3"])
        // Closed for good, the run gives all of them back.
        try await ledger.abandon(run: third.run.number, at: LedgerTests.now)
        try await ledger.abandon(run: second.number, at: LedgerTests.now)
        #expect(try Self.open(ledger) == ids.map(\.description))
        let fourth = try await LedgerTests.begin(ledger, "fourth")
        chunk.isStored = false
        let (admissions, mark) = try await ledger.admit(
            [chunk], run: fourth.number, scope: fourth.scope)
        for (index, admission) in admissions[0].enumerated() {
            try await Self.settle(
                ledger, fourth, record: Int64(index), UInt64(index + 1), admission, mark: mark,
                ends: .answeredAccepted)
        }
        #expect(try Self.open(ledger) == ["fourth#1", "first#3"])
        #expect(try ledger.repairs(of: first.number).repaired == 2)
        try await Self.send(
            ledger, "fifth", 2, repairs: [RecordID(run: fourth.id, record: 1), ids[3]])
        #expect(try Self.open(ledger).isEmpty)
        #expect(try ledger.repairs(of: first.number).repaired == 4)
    }

    @Test("Rejected under its key one night and malformed the next: the first good one ends both")
    func nights() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        try await Self.send(ledger, "first", 1, repairs: [], ends: .answeredRejected)
        var chunk = LedgerTests.chunk([1])
        chunk.candidates[0].label = 5
        chunk.candidates[0].trouble = LineageTests.trouble(.type)
        let second = try await LedgerTests.begin(ledger, "second")
        _ = try await ledger.admit([chunk], run: second.number, scope: second.scope)
        #expect(try Self.open(ledger) == ["first#0", "second#0"])
        chunk.candidates[0].trouble = nil
        let third = try await LedgerTests.begin(ledger, "third")
        let (admissions, mark) = try await ledger.admit(
            [chunk], run: third.number, scope: third.scope)
        try await Self.settle(
            ledger, third, record: 0, 1, admissions[0][0], mark: mark, ends: .answeredAccepted)
        #expect(try Self.open(ledger).isEmpty)
    }

    @Test("Of an endpoint that sets, it is as new as the newest that it repairs")
    func setting() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        var chunk = LedgerTests.chunk([1, 1, 1], contents: [1, 7, 3])
        for index in 0..<3 {
            chunk.candidates[index].sets = .send
            if index != 1 { chunk.candidates[index].trouble = LineageTests.trouble(.type) }
        }
        let (admissions, mark) = try await ledger.admit(
            [chunk], run: first.number, scope: first.scope)
        try await Self.settle(
            ledger, first, record: 1, 1, admissions[0][1], mark: mark, ends: .answeredAccepted)
        let ids = [0, 2].map { RecordID(run: first.id, record: $0) }
        for (marks, expected) in [
            (ids, Admission.go(Identity(high: 1, low: 1))), ([ids[0]], .skipped(.superseded)),
        ] {
            let run = try await LedgerTests.begin(ledger, "run-\(marks.count)")
            var fixed = LedgerTests.chunk([1], contents: [9])
            fixed.candidates[0].sets = .send
            fixed.candidates[0].repairs = marks
            let admitted = try await ledger.admit([fixed], run: run.number, scope: run.scope)
            #expect(admitted.admissions[0][0] == expected)
            try await ledger.abandon(run: run.number, at: LedgerTests.now)
        }
    }

    @Test("A ledger that knew one repair a record is brought up, and its lines continue")
    func upgrade() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        var ledger = try place.open()
        let (first, ids) = try await Self.malformed(ledger, "first", 2)
        let second = try await Self.send(
            ledger, "second", 1, repairs: [ids[0]], ends: .answeredRejected)
        await ledger.close()
        let old = try DatabaseQueue(path: place.folder + "/ledger.sqlite")
        try await old.write {
            try $0.execute(
                sql: "DROP VIEW repairs; DROP TABLE repair_more; PRAGMA user_version = 15")
        }
        try old.close()
        ledger = try place.open()
        #expect(try Self.open(ledger) == ["second#0", "first#1"])
        try await Self.send(ledger, "third", 1, repairs: [second.id, ids[1]])
        #expect(try Self.open(ledger).isEmpty)
        #expect(try ledger.repairs(of: first.number).repaired == 2)
    }

    @Test("Pruned, lines that meet stay whole, and a folder with what is open is kept")
    func pruned() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let (first, ids) = try await Self.malformed(ledger, "first", 3)
        let second = try await Self.send(
            ledger, "second", 1, repairs: ids, ends: .answeredRejected)
        for run in [first, second.run] {
            try await ledger.end(
                run: run.number, state: .finished, ending: "", exitCode: 1, at: LedgerTests.now,
                effort: RunEffort(active: .zero, requests: 0, pace: RunPace()))
        }
        let later = Timestamp(milliseconds: LedgerTests.now.milliseconds + 1)
        var kept: [String: Int] = [:]
        _ = try await ledger.prune(
            endedBefore: later, at: later,
            announce: { for run in $0 { kept[run.id.text] = run.open } })
        #expect(kept == ["first": 0, "second": 1])
        try await Self.send(ledger, "third", 1, repairs: [ids[1]])
        #expect(try ledger.repairs(of: first.number).repaired == 3)
        let late = try await Self.send(ledger, "late", 9, repairs: [ids[2]])
        #expect(late.admission == .skipped(.acceptedBefore))
    }
}
