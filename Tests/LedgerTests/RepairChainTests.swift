import Foundation
import Ledger
import Model
import Testing

/// What is open is what the last of each line says, and what was accepted is never let in again.
@Suite struct LineageTests {
    static func trouble(_ reason: Reason, key: String = "") -> Candidate.Trouble {
        Candidate.Trouble(
            refusal: Refusal(reason, message: "m"), stage: "server", key: key,
            position: Position(file: 0, row: 1, line: 2, offset: 0, length: 10),
            stored: Array("a,b\n".utf8))
    }

    /// Admits one record and, where it may go, settles it.
    @discardableResult
    private static func send(
        _ ledger: Ledger, _ run: RunRow, _ identity: UInt64, repairs: RecordID? = nil,
        ends: RecordState.Event = .answeredRejected, reason: Reason = .customerUnknown
    ) async throws -> Admission {
        var chunk = LedgerTests.chunk([identity])
        chunk.candidates[0].repairs = repairs.map { [$0] } ?? []
        let (admissions, mark) = try await ledger.admit([chunk], run: run.number, scope: run.scope)
        guard case .go = admissions[0][0] else { return admissions[0][0] }
        let member = LedgerTests.member(0, identity)
        guard
            case .durable(let attempt, _) = try await LedgerTests.intend(
                ledger, run, [member], mark: mark)
        else { throw CancellationError() }
        let isRejected = ends == .answeredRejected
        try await ledger.settle(
            attempt: attempt, run: run.number,
            end: AttemptEnd(state: .clean, ended: LedgerTests.now),
            [
                Settlement(
                    record: 0, event: ends, trouble: isRejected ? trouble(reason, key: "B") : nil,
                    evidence: ends == .lostAnswer ? Evidence(["B"]) : nil, tries: 1)
            ])
        return admissions[0][0]
    }

    static func open(_ ledger: Ledger, _ runs: [RunRow]?) throws -> [RecordID] {
        var found: [RecordID] = []
        try ledger.openFailures(of: runs?.map(\.number)) {
            found.append($0.id)
            return true
        }
        return found
    }

    private static func id(_ run: RunRow) -> RecordID { RecordID(run: run.id, record: 0) }

    @Test(
        "A line has one leaf, and only that is open; once it was accepted, nothing of the line is sent again"
    )
    func line() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        try await Self.send(ledger, first, 1)
        #expect(try Self.open(ledger, nil) == [Self.id(first)])
        // The repaired record may have another key now.
        let second = try await LedgerTests.begin(ledger, "second")
        try await Self.send(ledger, second, 2, repairs: Self.id(first))
        #expect(try Self.open(ledger, [first]) == [Self.id(second)])
        var repairs = try ledger.repairs(of: first.number)
        #expect(repairs.open == 1 && repairs.repaired == 0 && repairs.runs == [second.number])
        // An old mark names the line, wherever it is now.
        let third = try await LedgerTests.begin(ledger, "third")
        try await Self.send(
            ledger, third, 3, repairs: Self.id(first), ends: .answeredAccepted)
        #expect(try Self.open(ledger, nil).isEmpty)
        repairs = try ledger.repairs(of: first.number)
        #expect(repairs.open == 0 && repairs.repaired == 1)
        let fourth = try await LedgerTests.begin(ledger, "fourth")
        for name in [first, second, third] {
            let again = try await LedgerTests.begin(ledger, "again-\(name.number)")
            let admission = try await Self.send(ledger, again, 9, repairs: Self.id(name))
            #expect(admission == .skipped(.acceptedBefore))
        }
        // Under a key of its own, and without a mark, it is another record.
        #expect(try await Self.send(ledger, fourth, 4) == .go(Identity(high: 4, low: 4)))
    }

    @Test("A record that comes again under its key repairs what failed under it, mark or not")
    func byKey() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        try await Self.send(ledger, first, 1)
        let night = try await LedgerTests.begin(ledger, "night")
        try await Self.send(ledger, night, 1, ends: .answeredAccepted)
        #expect(try Self.open(ledger, [first]).isEmpty)
        #expect(try ledger.repairs(of: first.number).repaired == 1)
    }

    @Test("The same bad row night after night is one failure, and the first good one ends it")
    func nights() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        func night(_ name: String, labels: [UInt64], isBad: Bool) async throws -> RunRow {
            let run = try await LedgerTests.begin(ledger, name)
            var chunk = LedgerTests.chunk(labels.indices.map { UInt64(run.number) << 8 | UInt64($0) })
            for index in labels.indices {
                chunk.candidates[index].label = labels[index]
                if isBad { chunk.candidates[index].trouble = Self.trouble(.type) }
            }
            _ = try await ledger.admit([chunk], run: run.number, scope: run.scope)
            return run
        }
        let first = try await night("first", labels: [1, 2, 3, 3], isBad: true)
        #expect(try ledger.hasRefused(scope: first.scope))
        let second = try await night("second", labels: [1, 3], isBad: true)
        // Of two that share a label nobody knows which is which: they stay by themselves.
        var open = try Self.open(ledger, nil).map(\.description)
        #expect(open == ["second#0", "first#1", "first#2", "first#3", "second#1"])
        var since: [Int64] = []
        try ledger.openFailures(of: [second.number]) {
            since.append($0.root.run)
            return true
        }
        #expect(since == [first.number, second.number])
        let third = try await night("third", labels: [1, 2], isBad: false)
        open = try Self.open(ledger, nil).map(\.description)
        #expect(open == ["first#2", "first#3", "second#1"])
        #expect(try ledger.repairs(of: first.number).underWay == 2)
        #expect(try ledger.repairs(of: first.number).runs == [second.number, third.number])
    }

    @Test(
        "What is on its way somewhere else is not sent, whatever key the fixed one has",
        arguments: [RecordState.Event.lostAnswer, .answeredParked, .intended])
    func underWay(event: RecordState.Event) async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        try await Self.send(ledger, first, 1)
        let second = try await LedgerTests.begin(ledger, "second")
        if event == .intended {
            // Let in and not sent: the run was killed.
            var chunk = LedgerTests.chunk([2])
            chunk.candidates[0].repairs = [Self.id(first)]
            _ = try await ledger.admit([chunk], run: second.number, scope: second.scope)
        } else {
            try await Self.send(ledger, second, 2, repairs: Self.id(first), ends: event)
        }
        #expect(try Self.open(ledger, nil).isEmpty)
        #expect(try ledger.repairs(of: first.number).underWay == 1)
        let third = try await LedgerTests.begin(ledger, "third")
        guard case .waits = try await Self.send(ledger, third, 3, repairs: Self.id(first)) else {
            Issue.record("sent twice")
            return
        }
        guard event == .intended else { return }
        // Closed for good, it gives back what it never sent.
        try await ledger.abandon(run: third.number, at: LedgerTests.now)
        try await ledger.abandon(run: second.number, at: LedgerTests.now)
        #expect(try Self.open(ledger, nil) == [Self.id(first)])
    }

    @Test("Of two that bear one mark, the second is invalid; a mark of elsewhere says nothing")
    func marks() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        try await Self.send(ledger, first, 1)
        let second = try await LedgerTests.begin(ledger, "second")
        var chunk = LedgerTests.chunk([2, 3, 4])
        chunk.candidates[0].repairs = [Self.id(first)]
        chunk.candidates[1].repairs = [Self.id(first)]
        chunk.candidates[2].repairs = [RecordID("20200101T000000-elsewhere0#3")!]
        let admissions = try await ledger.admit([chunk], run: second.number, scope: second.scope)
            .admissions[0]
        #expect(admissions[0] == .go(Identity(high: 2, low: 2)))
        guard case .invalid(let refusal, _) = admissions[1] else {
            Issue.record("\(admissions[1])")
            return
        }
        #expect(refusal.reason == .repeatedMark)
        #expect(admissions[2] == .go(Identity(high: 4, low: 4)))
    }

    @Test("Of an endpoint that sets, what is fixed later is as old as what it repairs")
    func setting() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await LedgerTests.begin(ledger, "first")
        // The older of two settings of one thing is refused, the newer one is accepted.
        var chunk = LedgerTests.chunk([1, 1], contents: [1, 2])
        for index in 0..<2 { chunk.candidates[index].sets = .send }
        let (_, mark) = try await ledger.admit([chunk], run: first.number, scope: first.scope)
        for (record, event) in [(0, RecordState.Event.answeredRejected), (1, .answeredAccepted)] {
            guard
                case .durable(let attempt, _) = try await LedgerTests.intend(
                    ledger, first, [LedgerTests.member(Int64(record), 1)], mark: mark)
            else { throw CancellationError() }
            try await ledger.settle(
                attempt: attempt, run: first.number,
                end: AttemptEnd(state: .clean, ended: LedgerTests.now),
                [
                    Settlement(
                        record: Int64(record), event: event,
                        trouble: record == 0 ? Self.trouble(.refusedValue) : nil)
                ])
        }
        #expect(try Self.open(ledger, nil) == [Self.id(first)])
        let second = try await LedgerTests.begin(ledger, "second")
        var mended = LedgerTests.chunk([1], contents: [3])
        mended.candidates[0].sets = .send
        mended.candidates[0].repairs = [Self.id(first)]
        let admitted = try await ledger.admit([mended], run: second.number, scope: second.scope)
        #expect(admitted.admissions[0][0] == .skipped(.superseded))
        #expect(try Self.open(ledger, nil).isEmpty)
        // Two that were refused are sent again in their order.
        let third = try await LedgerTests.begin(ledger, "third")
        var both = LedgerTests.chunk([7, 7], contents: [1, 2])
        for index in 0..<2 {
            both.candidates[index].sets = .send
            both.candidates[index].trouble = Self.trouble(.type)
        }
        _ = try await ledger.admit([both], run: third.number, scope: third.scope)
        let fourth = try await LedgerTests.begin(ledger, "fourth")
        for index in 0..<2 {
            both.candidates[index].trouble = nil
            both.candidates[index].repairs = [RecordID(run: third.id, record: Int64(index))]
        }
        let goes = try await ledger.admit([both], run: fourth.number, scope: fourth.scope)
        #expect(
            Array(goes.admissions[0]) == [
                .go(Identity(high: 7, low: 7)), .go(Identity(high: 7, low: 7)),
            ])
    }

    @Test("A family is the first run and all that retry it or each other")
    func family() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        func begin(_ name: String, of parent: RunRow? = nil) async throws -> RunRow {
            try await ledger.begin(
                NewRun(
                    id: try #require(RunID(name)), job: "j", jobText: "", jobFile: "j.yaml",
                    connection: "c", org: "4001", endpoint: "transactions.add", inputs: [],
                    started: LedgerTests.now, parent: parent?.number))
        }
        let first = try await begin("first")
        let other = try await begin("other")
        let second = try await begin("second", of: first)
        let third = try await begin("third", of: second)
        let fourth = try await begin("fourth", of: first)
        for run in [first, second, third, fourth] {
            #expect(
                try ledger.family(of: run.number).map(\.number)
                    == [first, second, third, fourth].map(\.number))
        }
        #expect(try ledger.family(of: other.number).map(\.number) == [other.number])
        #expect(try ledger.run(named: "third")?.parent == second.number)
    }
}
