import Foundation
import GRDB
import Ledger
import Model
import Testing

/// What the ledger promises, whoever asks, in whatever order.
@Suite struct LedgerTests {
    struct Place {
        let folder = NSTemporaryDirectory() + "sluice-ledger-" + UUID().uuidString
        func open() throws -> Ledger { try Ledger.open(at: folder) }
        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    static let now = Timestamp(milliseconds: 1_770_127_500_000)

    static func begin(_ ledger: Ledger, _ name: String) async throws -> RunRow {
        try await ledger.begin(
            NewRun(
                id: try #require(RunID(name)), job: "j", jobText: "", jobFile: "j.yaml",
                connection: "c", org: "4001",
                endpoint: "transactions.add",
                inputs: [NewInput(path: "/x.csv", member: nil, name: "x.csv", fingerprint: "")],
                started: now))
    }

    static func chunk(
        _ identities: [UInt64], first: Int64 = 0, contents: [UInt64]? = nil, repeats: Repeats? = .never
    )
        -> NewChunk
    {
        NewChunk(
            first: first, isStored: false, file: 0, row: 1, line: 2, start: 0,
            stop: identities.count * 10,
            nextRow: 1 + identities.count, nextLine: 2 + identities.count,
            rowBytes: identities.count * 10, blankBytes: 0,
            unreadableBytes: 0, rows: identities.count, mapper: [],
            candidates: identities.enumerated().map { index, identity in
                Candidate(
                    record: first + Int64(index), identity: Identity(high: identity, low: identity),
                    content: contents?[index] ?? 7, repeats: repeats)
            })
    }

    static func member(_ record: Int64, _ identity: UInt64) -> Member {
        Member(
            record: record, identity: Identity(high: identity, low: identity), content: 7,
            evidence: Evidence(["B-\(identity)"]))
    }

    static func intend(_ ledger: Ledger, _ run: RunRow, _ members: [Member], mark: Int) async throws
        -> Intent
    {
        try await ledger.intend(
            NewAttempt(
                run: run.number, scope: run.scope, started: now, members: PackedMembers(members),
                digest: 1, mark: mark
            ))
    }

    @Test("The file is for its owner alone, from its first moment")
    func permissions() throws {
        let place = Place()
        defer { place.remove() }
        _ = try place.open()
        let attributes = try FileManager.default.attributesOfItem(
            atPath: place.folder + "/ledger.sqlite")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("A newer ledger is refused, and a damaged one said plainly")
    func refusals() throws {
        let place = Place()
        defer { place.remove() }
        _ = try place.open()
        let path = place.folder + "/ledger.sqlite"
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        // `user_version` is at byte 60 of a database file.
        try handle.seek(toOffset: 60)
        try handle.write(contentsOf: Data([0, 0, 0, 99]))
        try handle.close()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        #expect(throws: LedgerError.self) { try place.open() }
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
        do {
            _ = try place.open()
            Issue.record("a damaged ledger was opened")
        } catch let error as LedgerError {
            #expect(error.code == .damaged)
        }
    }

    @Test(
        "What one run may have sent, no other may send",
        arguments: [
            RecordState.Event.lostAnswer, .answeredAccepted, .answeredParked, .intended,
        ])
    func reservation(event: RecordState.Event) async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await Self.begin(ledger, "first")
        let let1 = try await ledger.admit([Self.chunk([1])], run: first.number, scope: first.scope)
        guard
            case .durable(let attempt, _) = try await Self.intend(
                ledger, first, [Self.member(0, 1)], mark: let1.mark)
        else {
            Issue.record("the first attempt was refused")
            return
        }
        if event != .intended {
            try await ledger.settle(
                attempt: attempt, run: first.number, end: AttemptEnd(state: .clean, ended: Self.now),
                [Settlement(record: 0, event: event, evidence: Evidence(["B-1"]), tries: 1)])
        }
        let second = try await Self.begin(ledger, "second")
        let admission = try await ledger.admit(
            [Self.chunk([1])], run: second.number, scope: second.scope
        )
        .admissions[0][0]
        if case .go = admission { Issue.record("let in although the first run holds it: \(event)") }
        // Nor does another way in exist: an attempt without admission finds it taken.
        let intent = try await Self.intend(ledger, second, [Self.member(0, 1)], mark: -1)
        #expect(intent == .taken([0]))
    }

    @Test(
        "What the server refused is free again",
        arguments: [RecordState.Event.answeredRejected, .undone])
    func freed(event: RecordState.Event) async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let first = try await Self.begin(ledger, "first")
        let admitted = try await ledger.admit([Self.chunk([1])], run: first.number, scope: first.scope)
        guard
            case .durable(let attempt, _) = try await Self.intend(
                ledger, first, [Self.member(0, 1)], mark: admitted.mark)
        else { return }
        try await ledger.settle(
            attempt: attempt, run: first.number, end: AttemptEnd(state: .clean, ended: Self.now),
            [Settlement(record: 0, event: event)])
        let second = try await Self.begin(ledger, "second")
        let admission = try await ledger.admit(
            [Self.chunk([1])], run: second.number, scope: second.scope
        )
        .admissions[0][0]
        #expect(admission == .go(Identity(high: 1, low: 1)))
    }

    @Test(
        "A repeat is skipped, refused or counted, as the job says",
        arguments: [Repeats?.none, .never, .count])
    func repeats(policy: Repeats?) async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        let admissions = try await ledger.admit(
            [Self.chunk([1, 1, 2, 1], contents: [7, 7, 7, 8], repeats: policy)], run: run.number,
            scope: run.scope
        ).admissions[0]
        switch policy {
        case .never:
            #expect(admissions[1] == .skipped(.repeated))
            if case .invalid(let refusal, _) = admissions[3] {
                #expect(refusal.reason == .conflictingKey)
            } else {
                Issue.record("\(admissions[3])")
            }
        case .count:
            for admission in admissions {
                if case .go = admission {} else { Issue.record("\(admission)") }
            }
            let identities = admissions.compactMap {
                if case .go(let identity) = $0 { identity } else { nil }
            }
            #expect(Set(identities).count == 4)
            // The same input tomorrow: every occurrence is known.
            for (index, identity) in identities.enumerated() {
                let member = Member(
                    record: Int64(index), identity: identity, content: [7, 7, 7, 8][index],
                    evidence: Evidence(["B"]))
                guard
                    case .durable(let attempt, _) = try await Self.intend(
                        ledger, run, [member], mark: 0)
                else { return }
                try await ledger.settle(
                    attempt: attempt, run: run.number, end: AttemptEnd(state: .clean, ended: Self.now),
                    [
                        Settlement(
                            record: Int64(index), event: .answeredAccepted,
                            serverID: ServerID("\(index + 1)"))
                    ])
            }
            let next = try await Self.begin(ledger, "two")
            let again = try await ledger.admit(
                [Self.chunk([1, 1, 2, 1], contents: [7, 7, 7, 8], repeats: policy)], run: next.number,
                scope: next.scope
            ).admissions[0]
            #expect(Array(again) == Array(repeating: .skipped(.acceptedBefore), count: 4))
        case nil:
            if case .invalid(let refusal, let other) = admissions[1] {
                #expect(refusal.reason == .repeatedKey)
                #expect(other?.record == 0)
            } else {
                Issue.record("\(admissions[1])")
            }
        }
    }

    @Test("A step that cannot follow is refused, and nothing of its transaction stands")
    func impossibleStep() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        _ = try await ledger.admit([Self.chunk([1, 2])], run: run.number, scope: run.scope)
        await #expect(throws: LedgerError.self) {
            try await ledger.settle(
                run: run.number, scope: run.scope, at: Self.now,
                [Settlement(record: 0, event: .gaveUp), Settlement(record: 1, event: .provedPresent)])
        }
        #expect(try ledger.totals(run: run.number)[.unsent] == 2)
    }

    @Test("Attempts that a dead process left open become doubts with their evidence")
    func openAttempts() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        let admitted = try await ledger.admit(
            [Self.chunk([1, 2, 3])], run: run.number, scope: run.scope)
        _ = try await Self.intend(
            ledger, run, [Self.member(0, 1), Self.member(2, 3)], mark: admitted.mark)
        await ledger.close()
        let reopened = try place.open()
        #expect(
            try await reopened.loseOpenAttempts(run: run.number, trouble: "lost", at: Self.now) == 2)
        let doubts = try reopened.doubts(run: run.number)
        #expect(doubts.map(\.record) == [0, 2])
        #expect(doubts.map(\.evidence.fields) == [["B-1"], ["B-3"]])
        #expect(try reopened.totals(run: run.number)[.unsent] == 1)
        #expect(
            try await reopened.loseOpenAttempts(run: run.number, trouble: "lost", at: Self.now) == 0)
    }

    @Test("A server id is claimed once in a scope")
    func claims() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        let admitted = try await ledger.admit([Self.chunk([1, 2])], run: run.number, scope: run.scope)
        guard
            case .durable(let attempt, _) = try await Self.intend(
                ledger, run, [Self.member(0, 1)], mark: admitted.mark)
        else { return }
        try await ledger.settle(
            attempt: attempt, run: run.number, end: AttemptEnd(state: .clean, ended: Self.now),
            [Settlement(record: 0, event: .answeredAccepted, serverID: ServerID("700000001"))])
        func claimed(by record: Int64) throws -> Set<String> {
            try ledger.claimed(
                ["700000001", "700000002", "no-number"], scope: run.scope, run: run.number,
                record: record)
        }
        #expect(try claimed(by: 1) == ["700000001"])
        #expect(try claimed(by: 0) == [], "a record's own id is no other's")
        #expect(try ledger.record(run: run.number, 0)?.serverID == ServerID("700000001"))

        // A look-up gives the second a text for an id; then the first's id, which is refused.
        _ = try await Self.intend(ledger, run, [Self.member(1, 2)], mark: admitted.mark)
        _ = try await ledger.loseOpenAttempts(run: run.number, trouble: "lost", at: Self.now)
        func prove(_ id: String) async throws -> Set<Int64> {
            try await ledger.settle(
                run: run.number, scope: run.scope, at: Self.now,
                [Settlement(record: 1, event: .provedPresent, serverID: ServerID(id))])
        }
        #expect(try await prove("700000001") == [1])
        #expect(try ledger.record(run: run.number, 1)?.state.state == .inDoubt)
        #expect(try await prove("no-number") == [])
        #expect(try ledger.record(run: run.number, 1)?.serverID == ServerID("no-number"))
        #expect(try claimed(by: 0) == ["no-number"])
        #expect(
            try ledger.claimed(["700000001"], scope: run.scope + 1, run: 9, record: 9) == [],
            "another scope has its own ids")
    }

    @Test("A repeat does not go although another process held the key in between")
    func changeOfHands() async throws {
        let place = Place()
        defer { place.remove() }
        let (mine, theirs) = (try place.open(), try place.open())
        let run = try await Self.begin(mine, "one")
        let other = try await Self.begin(theirs, "two")
        _ = try await mine.admit([Self.chunk([5])], run: run.number, scope: run.scope)
        _ = try await theirs.admit([Self.chunk([5])], run: other.number, scope: run.scope)
        // The repeat meets the other run's record, which has not gone: it is let in.
        let chunk = Self.chunk([5], first: 1)
        let (admissions, mark) = try await mine.admit([chunk], run: run.number, scope: run.scope)
        #expect(admissions.map(Array.init) == [[.go(Identity(high: 5, low: 5))]])
        // The first goes, with the mark it was given before the other process wrote.
        guard
            case .durable(let attempt, _) = try await Self.intend(
                mine, run, [Self.member(0, 5)], mark: mark - 1)
        else { return #expect(Bool(false), "the first has the key") }
        try await mine.settle(
            attempt: attempt, run: run.number, end: AttemptEnd(state: .clean, ended: Self.now),
            [Settlement(record: 0, event: .answeredAccepted, serverID: ServerID("1"))])
        #expect(
            try await Self.intend(mine, run, [Self.member(1, 5)], mark: mark) == .taken([0]),
            "it would be booked twice")
        let again = try await mine.admitAgain(chunk.candidates, run: run.number, scope: run.scope)
        #expect(again.admissions == [.skipped(.repeated)])
        #expect(try mine.totals(run: run.number)[.skipped, .repeated] == 1)
    }

    @Test("A ledger of the first version is brought up, and knows whose its server ids are")
    func upgrade() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        let admitted = try await ledger.admit([Self.chunk([1])], run: run.number, scope: run.scope)
        let intent = try await Self.intend(ledger, run, [Self.member(0, 1)], mark: admitted.mark)
        guard case .durable(let attempt, _) = intent else { return #expect(Bool(false), "\(intent)") }
        try await ledger.settle(
            attempt: attempt, run: run.number, end: AttemptEnd(state: .clean, ended: Self.now),
            [Settlement(record: 0, event: .answeredAccepted, serverID: ServerID("41"))])
        await ledger.close()
        let old = try DatabaseQueue(path: place.folder + "/ledger.sqlite")
        try await old.write { db in
            try db.execute(
                sql: """
                    DROP TABLE standing; DROP TABLE adoption; ALTER TABLE run DROP COLUMN looks;
                    DROP TABLE grouping; DROP TABLE grouped_input;
                    DROP TABLE retrigger; DROP TABLE pending; DROP TABLE closed; ALTER TABLE run DROP COLUMN input_gone;
                    DROP TABLE export_item; DROP TABLE export_page; DROP TABLE export_key; DROP TABLE export;
                    DROP VIEW repairs; DROP TABLE repair_more; DROP TABLE form; ALTER TABLE doubt DROP COLUMN why;
                    DROP TABLE customer_number; DROP TABLE card_call; DROP TABLE card_order; DROP TABLE call; DROP TABLE repair; DROP TABLE tombstone; DROP TABLE refused; ALTER TABLE run DROP COLUMN parent; ALTER TABLE run DROP COLUMN rules;
                    DROP INDEX chunk_ids; DROP INDEX server_text_id;
                    ALTER TABLE chunk DROP COLUMN id_low; ALTER TABLE chunk DROP COLUMN id_high;
                    PRAGMA user_version = 1
                    """)
        }
        try old.close()
        let now = try place.open()
        #expect(try now.claimed(["41"], scope: run.scope, run: run.number, record: 7) == ["41"])
        // It continues as it began, and what begins now is held to more.
        #expect(try now.run(named: run.id.text)?.rules == .first)
        #expect(run.rules == .current)
        // It has an id from now on, and nothing is said of it.
        let standing = try now.standing(besides: place.folder + "-host")
        #expect(standing.id.count == 32 && !standing.isBehind && !standing.isNewHere)
    }

    @Test("Attempts that reached the server are counted over executions, others are not")
    func tries() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try place.open()
        let run = try await Self.begin(ledger, "one")
        let admitted = try await ledger.admit([Self.chunk([1, 2])], run: run.number, scope: run.scope)
        func attempt(_ state: AttemptEnd.State, status: Int?) async throws {
            let intent = try await Self.intend(ledger, run, [Self.member(0, 1)], mark: admitted.mark)
            guard case .durable(let attempt, _) = intent else { return }
            try await ledger.settle(
                attempt: attempt, run: run.number,
                end: AttemptEnd(state: state, ended: Self.now, status: status),
                [Settlement(record: 0, event: .undone)])
        }
        #expect(try ledger.tries(run: run.number) == [:])
        try await attempt(.unclean, status: 503)
        try await attempt(.unclean, status: 429)
        try await attempt(.unclean, status: 401)
        try await attempt(.notSent, status: nil)
        #expect(try ledger.tries(run: run.number) == [0: 1])
        try await attempt(.unclean, status: 500)
        #expect(try ledger.tries(run: run.number) == [0: 2])
    }

    @Test("A job's lock is one's own, and ends with its holder")
    func lock() throws {
        let place = Place()
        defer { place.remove() }
        _ = try place.open()
        var held = try JobLock.take(job: "a/b", in: place.folder)
        #expect(held != nil)
        #expect(try JobLock.take(job: "a/b", in: place.folder) == nil)
        #expect(try JobLock.take(job: "a-b", in: place.folder) != nil)
        held = nil
        #expect(try JobLock.take(job: "a/b", in: place.folder) != nil)
    }
}
