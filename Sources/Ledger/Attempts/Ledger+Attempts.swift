import Foundation
import GRDB
package import Model

/// A request that is meant to leave.
package struct NewAttempt: Sendable {
    package var run: Int64
    package var scope: Int64
    package var started: Timestamp
    package var members: PackedMembers
    /// Digest of the items it carries.
    package var digest: UInt64
    /// What ``Ledger/admit(_:run:scope:isStored:)`` handed out with the oldest of its members.
    package var mark: Int
    /// The ids that the request may have, by generation; nil where requests have none.
    package var callID: (@Sendable (_ generation: Int) -> String)?

    package init(
        run: Int64, scope: Int64, started: Timestamp, members: PackedMembers, digest: UInt64, mark: Int,
        callID: (@Sendable (Int) -> String)? = nil
    ) {
        self.callID = callID
        self.run = run
        self.scope = scope
        self.started = started
        self.members = members
        self.digest = digest
        self.mark = mark
    }
}

/// Whether an attempt may leave.
package enum Intent: Sendable, Equatable {
    /// It is durable, its identities are reserved: go, under that id where requests have one.
    case durable(attempt: Int64, callID: String? = nil)
    /// Others have come before for these members (by index): nothing was stored.
    case taken([Int])
}

/// How an attempt ended.
package struct AttemptEnd: Sendable {
    package enum State: Int, Sendable {
        case open = 0
        /// Answered, with nothing left open by it.
        case clean = 1
        /// Answered, but some of its records have to be sent again or are in doubt.
        case unclean = 2
        /// It certainly never reached the server.
        case notSent = 3
        case unanswered = 4
        /// Refused as a whole. Nothing was done, or that is being found out: then its records are in doubt.
        case refused = 5
    }
    package var state: State
    package var ended: Timestamp
    package var status: Int?
    package var requestID: String?
    package var trouble: String?

    package init(
        state: State, ended: Timestamp, status: Int? = nil, requestID: String? = nil,
        trouble: String? = nil
    ) {
        self.state = state
        self.ended = ended
        self.status = status
        self.requestID = requestID
        self.trouble = trouble
    }
}

/// What happened to one record. Most have nothing more to tell than the event, and are small.
package struct Settlement: Sendable {
    package var record: Int64
    package var event: RecordState.Event
    package var detail: StateByte.Detail
    package var serverID: ServerID?
    private var more: More?

    /// What few have.
    private final class More: Sendable {
        let trouble: Candidate.Trouble?
        let refusal: Refusal?
        let warnings: [Warning]
        let evidence: Evidence?
        let tries: Int

        init(
            _ trouble: Candidate.Trouble?, _ refusal: Refusal?, _ warnings: [Warning],
            _ evidence: Evidence?, _ tries: Int
        ) {
            self.trouble = trouble
            self.refusal = refusal
            self.warnings = warnings
            self.evidence = evidence
            self.tries = tries
        }
    }

    /// What a person needs to fix the record.
    package var trouble: Candidate.Trouble? { more?.trouble }
    /// The reason of a record that is known from the server alone, so that there is no ``trouble``; where
    /// it is in the input is taken from its chunk, as nearly as that tells.
    package var refusal: Refusal? { more?.refusal }
    package var warnings: [Warning] { more?.warnings ?? [] }
    /// For `lostAnswer`: what a later look-up needs, and how many attempts reached the server so far.
    package var evidence: Evidence? { more?.evidence }
    package var tries: Int { more?.tries ?? 0 }

    /// There is more than an event and an id.
    var hasMore: Bool { more != nil }

    package init(
        record: Int64, event: RecordState.Event, detail: StateByte.Detail = .none,
        serverID: ServerID? = nil,
        trouble: Candidate.Trouble? = nil, refusal: Refusal? = nil, warnings: [Warning] = [],
        evidence: Evidence? = nil, tries: Int = 0
    ) {
        self.record = record
        self.event = event
        self.detail = detail
        self.serverID = serverID
        if trouble != nil || refusal != nil || !warnings.isEmpty || evidence != nil || tries != 0 {
            more = More(trouble, refusal, warnings, evidence, tries)
        }
    }
}

extension Ledger {
    /// Makes an attempt durable and reserves its identities, in one transaction.
    package func intend(_ attempt: NewAttempt) async throws -> Intent {
        try writer.check()
        let (intent, counter) = try await writer.write { context -> (Intent, Int64?) in
            let db = context.aside
            context.enter(run: attempt.run)
            // Where no other process has written since the members were let in, nobody can have
            // taken their identities.
            if context.foreignChanges != attempt.mark {
                let taken = try self.takenByOthers(attempt, context)
                if !taken.isEmpty { return (.taken(taken), nil) }
            }
            try db.cachedStatement(
                sql: """
                    INSERT INTO attempt (run, state, started, count, digest, members) VALUES (?, 0, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                attempt.run, attempt.started.milliseconds, attempt.members.records.count,
                Int64(bitPattern: attempt.digest), Data(attempt.members.bytes),
            ])
            let id = db.lastInsertedRowID
            for record in attempt.members.records {
                _ = try context.chunks.change(record, of: attempt.run, .intended, .none, db)
            }
            let callID = try Self.nameCall(attempt, id, db)
            return (.durable(attempt: id, callID: callID), try Self.raise(db).counter)
        }
        // Durable now, and not sent yet.
        if let counter { try note(counter) }
        return intent
    }

    /// The first of its ids that no request of the scope has had: what was asked under one of those is over, or
    /// is asked again under that very id.
    private static func nameCall(_ attempt: NewAttempt, _ number: Int64, _ db: Database) throws
        -> String?
    {
        guard let callID = attempt.callID else { return nil }
        // The number may have been that of an attempt that was pruned.
        try db.execute(sql: "UPDATE call SET attempt = 0 WHERE attempt = ?", arguments: [number])
        for generation in 0... {
            let id = callID(generation)
            try db.execute(
                sql: "INSERT INTO call VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [attempt.scope, id, number])
            if db.changesCount > 0 { return id }
        }
        return nil
    }

    /// The id that an attempt's request had.
    package func callID(attempt: Int64) throws -> String? {
        try pool.read { db in
            try String.fetchOne(db, sql: "SELECT id FROM call WHERE attempt = ?", arguments: [attempt])
        }
    }

    private func takenByOthers(_ attempt: NewAttempt, _ context: Writer.Context) throws -> [Int] {
        let keys = context.keys(of: attempt.scope)
        let members = attempt.members.members
        let db = context.db
        let owners = try keys.lookUp(members.map(\.identity), in: db)
        let line = KeyHistory(keys: keys, db: db)
        var taken: [Int] = []
        var regained: [KeyEntry] = []
        for (index, member) in members.enumerated() {
            let own = KeyEntry(
                identity: member.identity, content: member.content, run: attempt.run,
                record: member.record)
            guard let owner = owners[index] else {
                regained.append(own)
                continue
            }
            if (owner.run, owner.record) == (own.run, own.record) { continue }
            let holder = try line.holder(
                of: member.identity, from: owner, asking: own.run, own.record)
            if let holder, Self.stands(holder, against: own, owner) {
                taken.append(index)
                continue
            }
            regained.append(own)
            if let link = try line.link(from: own, to: owner) { regained.append(link) }
        }
        if taken.isEmpty, !regained.isEmpty {
            try keys.append(regained, in: db)
            // A repeat in the same input was let in against the owner of between.
            context.noteChangeOfHands()
        }
        return taken
    }

    /// Whether a record has to be judged again for one that holds its identity. What the owner took over from,
    /// and is older than both, does not matter unless it is another run's and on its way.
    private static func stands(
        _ holder: (entry: KeyEntry, state: RecordState), against own: KeyEntry, _ owner: KeyEntry
    ) -> Bool {
        let entry = holder.entry
        if (entry.run, entry.record) == (owner.run, owner.record) { return true }
        if (entry.run, entry.record) > (own.run, own.record) { return true }
        return entry.run != own.run && [.sent, .inDoubt, .parked].contains(holder.state)
    }

    /// Notes how an attempt ended and what that means for its records.
    package func settle(
        attempt: Int64, run: Int64, end: AttemptEnd, _ settlements: [Settlement]
    ) async throws {
        try await writer.write { context in
            try Self.settle(attempt: attempt, run: run, end: end, settlements, context)
        }
    }

    /// The same, durable with whatever is written next, and soon: nobody waits for it. A crash before that leaves
    /// the records in doubt, as one before the answer does. What is intended later is written later, too, so that
    /// no record goes before the outcome that it waited for is as durable as its own intent.
    ///
    /// Where it fails, what is intended next throws that, and ``flush()`` does.
    package func settleSoon(
        attempt: Int64, run: Int64, end: AttemptEnd, _ settlements: [Settlement]
    ) {
        writer.writeSoon { context in
            try Self.settle(attempt: attempt, run: run, end: end, settlements, context)
        }
    }

    /// Returns once everything that was submitted before is durable.
    ///
    /// - Throws: Also what ``settleSoon(attempt:run:end:_:)`` could not write.
    package func flush() async throws {
        try await writer.write { _ in }
        try writer.check()
    }

    private static func settle(
        attempt: Int64, run: Int64, end: AttemptEnd, _ settlements: [Settlement],
        _ context: Writer.Context
    ) throws {
        try context.aside.cachedStatement(
            sql: """
                UPDATE attempt SET state = ?, ended = ?, status = ?, request_id = ?, trouble = ?, results = ?
                WHERE id = ?
                """
        ).execute(arguments: [
            end.state.rawValue, end.ended.milliseconds, end.status, end.requestID, end.trouble,
            Data(settlements.map { $0.event.code }), attempt,
        ])
        try apply(settlements, run: run, attempt: attempt, at: end.ended, context)
    }

    /// Notes what was found out about records without an attempt: by look-ups, by giving up, or by a person.
    ///
    /// - Returns: Those left as they are, since another record of the scope had claimed their server id.
    @discardableResult
    package func settle(run: Int64, scope: Int64, at: Timestamp, _ settlements: [Settlement])
        async throws -> Set<Int64>
    {
        guard !settlements.isEmpty else { return [] }
        return try await writer.write { context in
            var late = Set<Int64>()
            for settlement in settlements {
                guard let id = settlement.serverID else { continue }
                if try !Self.claim(id, scope: scope, run: run, settlement.record, context.db) {
                    late.insert(settlement.record)
                }
            }
            let standing = late.isEmpty ? settlements : settlements.filter { !late.contains($0.record) }
            try Self.apply(standing, run: run, attempt: nil, at: at, context)
            return late
        }
    }

    /// Makes a server id one record's own. Returns whether it is.
    private static func claim(
        _ id: ServerID, scope: Int64, run: Int64, _ record: Int64, _ db: Database
    ) throws -> Bool {
        if try isHeld(id, scope: scope, byOtherThan: (run, record), db) { return false }
        try db.execute(
            sql: "INSERT INTO claim VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [scope, id.text, run, record])
        return true
    }

    /// Every change of a record's state goes through here, or is its intent, and so through its life's one table.
    static func apply(
        _ settlements: [Settlement], run: Int64, attempt: Int64?, at: Timestamp,
        _ context: Writer.Context
    ) throws {
        let db = context.aside
        let troubled = try troubled(settlements, run: run, db)
        for settlement in settlements {
            let record = settlement.record
            let before = try context.chunks.change(
                record, of: run, settlement.event, settlement.detail, db)
            if let id = settlement.serverID, try !context.chunks.note(id, of: record, of: run, db) {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO server_text VALUES (?, ?, ?)",
                    arguments: [run, record, id.text])
            }
            if settlement.event.endsTrouble, settlement.trouble == nil, settlement.refusal == nil,
                troubled.contains(record)
            {
                // It was accepted: what an earlier attempt complained of is history, not a trouble.
                try db.cachedStatement(sql: "DELETE FROM trouble WHERE run = ? AND record = ?")
                    .execute(arguments: [run, record])
            }
            if settlement.hasMore || before == .inDoubt {
                try noteDetails(settlement, before: before, run: run, attempt: attempt, at: at, db)
            }
        }
    }

    /// Those that end troubles, and of which something is complained: nearly always none, so one question for
    /// all of a request.
    private static func troubled(_ settlements: [Settlement], run: Int64, _ db: Database) throws
        -> Set<Int64>
    {
        var range: ClosedRange<Int64>?
        for settlement in settlements where settlement.event.endsTrouble {
            let record = settlement.record
            range = min(range?.lowerBound ?? record, record)...max(range?.upperBound ?? record, record)
        }
        guard let range else { return [] }
        let statement = try db.cachedStatement(
            sql: "SELECT record FROM trouble WHERE run = ? AND record BETWEEN ? AND ?")
        return try Set(
            Int64.fetchAll(statement, arguments: [run, range.lowerBound, range.upperBound]))
    }

    private static func noteDetails(
        _ settlement: Settlement, before: RecordState, run: Int64, attempt: Int64?, at: Timestamp,
        _ db: Database
    ) throws {
        let record = settlement.record
        if before == .inDoubt, settlement.event != .lostAnswer {
            try db.cachedStatement(sql: "DELETE FROM doubt WHERE run = ? AND record = ?")
                .execute(arguments: [run, record])
        }
        if settlement.event == .lostAnswer, let evidence = settlement.evidence {
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO doubt (run, record, attempt, since, tries, evidence)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                run, record, attempt ?? 0, at.milliseconds, settlement.tries, Data(evidence.bytes),
            ])
        }
        if let trouble = settlement.trouble {
            try note(trouble, run: run, record: record, db)
        } else if let refusal = settlement.refusal {
            try note(refusal, run: run, record: record, db)
        }
        for warning in settlement.warnings {
            try db.cachedStatement(
                sql:
                    "INSERT INTO event (run, record, at, kind, code, message) VALUES (?, ?, ?, 'warning', ?, ?)"
            ).execute(arguments: [run, record, at.milliseconds, warning.code, warning.message])
        }
    }

    private static func note(_ refusal: Refusal, run: Int64, record: Int64, _ db: Database) throws {
        guard let id = try ChunkStates.chunk(db, run: run, record: record) else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO trouble (run, record, stage, reason, field, server_code, message, key, file, row, line,
                    start, length, stored)
                SELECT ?1, ?2, 'server', ?3, ?4, ?5, ?6, '', file, row, line, start, 0, NULL FROM chunk WHERE id = ?7
                ON CONFLICT (run, record) DO UPDATE SET stage = 'server', reason = excluded.reason,
                    field = excluded.field, server_code = excluded.server_code, message = excluded.message
                """)
        try statement.execute(arguments: [
            run, record, refusal.reason.code, refusal.field, refusal.serverCode, refusal.message,
            id.rawValue,
        ])
    }

    /// Notes something a person may want to read in a record's history.
    package func remember(run: Int64, record: Int64, at: Timestamp, kind: String, _ message: String)
        async throws
    {
        try await writer.write { context in
            try context.db.cachedStatement(
                sql: "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [run, record, at.milliseconds, kind, message])
        }
    }
}

extension RecordState.Event {
    /// The record was imported: nothing is to be complained of any more.
    fileprivate var endsTrouble: Bool {
        switch self {
        case .answeredAccepted, .provedPresent, .provedEqual, .decidedPresent: true
        default: false
        }
    }
}
