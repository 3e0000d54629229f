import Foundation
import GRDB
package import Model

/// A record of which nobody knows whether the server has it.
package struct Doubt: Sendable, Equatable {
    package var record: Int64
    package var attempt: Int64
    /// When the attempt that left it in doubt ended.
    package var since: Timestamp
    /// How many attempts of it may have reached the server.
    package var tries: Int
    /// How many look-ups in a row have missed it, and when the last one did.
    package var misses: Int
    package var looked: Timestamp?
    package var evidence: Evidence
    /// What the server said, where it refused the request as a whole; nil where no answer came.
    package var refusal: Refusal?
    /// How many records travelled in that request.
    package var company: Int
    /// Why no further look-up settles it, for a person: what a look-up shows that may be it, both forms side by side.
    package var why: String?

    package init(
        record: Int64, attempt: Int64, since: Timestamp, tries: Int, misses: Int, looked: Timestamp?,
        evidence: Evidence, refusal: Refusal? = nil, company: Int = 1, why: String? = nil
    ) {
        self.refusal = refusal
        self.company = company
        self.why = why
        self.record = record
        self.attempt = attempt
        self.since = since
        self.tries = tries
        self.misses = misses
        self.looked = looked
        self.evidence = evidence
    }
}

extension Ledger {
    /// Turns every attempt that a dead process left open into a lost answer.
    ///
    /// - Parameter trouble: What is kept as the trouble of these attempts.
    /// - Returns: How many records came into doubt.
    package func loseOpenAttempts(run: Int64, trouble: String, at: Timestamp) async throws -> Int {
        try await writer.write { context in
            let db = context.db
            let open = try Row.fetchAll(
                db, sql: "SELECT id, started, members FROM attempt WHERE run = ? AND state = 0",
                arguments: [run])
            var count = 0
            for row in open {
                let attempt: Int64 = row["id"]
                let members = MemberPacking.unpack(Array(row["members"] as Data))
                try db.execute(
                    sql:
                        "UPDATE attempt SET state = ?, ended = ?, trouble = ?, results = ? WHERE id = ?",
                    arguments: [
                        AttemptEnd.State.unanswered.rawValue, at.milliseconds, trouble,
                        Data(members.map { _ in RecordState.Event.lostAnswer.code }), attempt,
                    ])
                // The request may have been on its way until now: the wait counts from here.
                try Self.apply(
                    members.map {
                        Settlement(
                            record: $0.record, event: .lostAnswer, evidence: $0.evidence, tries: 1)
                    }, run: run, attempt: attempt, at: at, context)
                count += members.count
            }
            return count
        }
    }

    package func doubts(run: Int64) throws -> [Doubt] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT doubt.*, attempt.state AS attempt_state, attempt.status AS attempt_status,
                        attempt.trouble AS attempt_trouble, coalesce(attempt.count, 1) AS company
                    FROM doubt LEFT JOIN attempt ON attempt.id = doubt.attempt
                    WHERE doubt.run = ? ORDER BY doubt.record
                    """, arguments: [run]
            ).map { row in
                let state: Int? = row["attempt_state"]
                let isRefused = state == AttemptEnd.State.refused.rawValue
                return Doubt(
                    record: row["record"], attempt: row["attempt"],
                    since: Timestamp(milliseconds: row["since"]), tries: row["tries"],
                    misses: row["misses"],
                    looked: (row["looked"] as Int64?).map(Timestamp.init(milliseconds:)),
                    evidence: Evidence(stored: Array(row["evidence"] as Data)),
                    refusal: isRefused
                        ? Refusal(
                            .refused, serverCode: row["attempt_status"],
                            message: row["attempt_trouble"] ?? "") : nil,
                    company: row["company"], why: row["why"])
            }
        }
    }

    /// Whether something of a run is in doubt, or was on its way when its process ended.
    package func hasDoubts(run: Int64) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM doubt WHERE run = ?1)
                        OR EXISTS (SELECT 1 FROM attempt WHERE run = ?1 AND state = 0)
                    """, arguments: [run]) ?? false
        }
    }

    /// Notes a look-up that settled nothing: a miss counts on, anything else only says when.
    package func noteLook(run: Int64, record: Int64, at: Timestamp, missed: Bool, _ words: String)
        async throws
    {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    UPDATE doubt SET looked = ?1, misses = misses + ?2,
                        why = CASE WHEN ?2 THEN NULL ELSE why END
                    WHERE run = ?3 AND record = ?4
                    """, arguments: [at.milliseconds, missed ? 1 : 0, run, record])
            try context.db.execute(
                sql: "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, 'look', ?)",
                arguments: [run, record, at.milliseconds, words])
        }
    }

    /// Notes what a look-up shows that may be the record in another form. Misses before it were none.
    ///
    /// - Parameter words: Both forms side by side.
    package func noteForms(run: Int64, record: Int64, at: Timestamp, _ words: String) async throws {
        try await writer.write { context in
            let known = try Row.fetchOne(
                context.db, sql: "SELECT why FROM doubt WHERE run = ? AND record = ?",
                arguments: [run, record])
            try context.db.execute(
                sql: "UPDATE doubt SET looked = ?, misses = 0, why = ? WHERE run = ? AND record = ?",
                arguments: [at.milliseconds, words, run, record])
            if known?["why"] == words { return }
            try context.db.execute(
                sql: "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, 'look', ?)",
                arguments: [run, record, at.milliseconds, words])
        }
    }

    /// Notes why no further look-up settles these, for a person.
    package func note(run: Int64, why: [Int64: String]) async throws {
        guard !why.isEmpty else { return }
        try await writer.write { context in
            for (record, words) in why {
                try context.db.execute(
                    sql: "UPDATE doubt SET why = ? WHERE run = ? AND record = ?",
                    arguments: [words, run, record])
            }
        }
    }

    /// Which of these server ids another record of the scope than `record` of `run` holds already.
    package func claimed(_ ids: Set<String>, scope: Int64, run: Int64, record: Int64) throws
        -> Set<String>
    {
        try pool.read { db in
            try ids.filter {
                try Self.isHeld(ServerID($0), scope: scope, byOtherThan: (run, record), db)
            }
        }
    }

    /// Whether a server id belongs to another record of the scope: by a claim, or by an answer.
    static func isHeld(
        _ id: ServerID, scope: Int64, byOtherThan own: (run: Int64, record: Int64), _ db: Database
    ) throws -> Bool {
        let claim = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT run, record FROM claim WHERE scope = ? AND server_id = ?"),
            arguments: [scope, id.text])
        if let claim { return (claim[0], claim[1]) != own }
        func isOurs(_ run: Int64) throws -> Bool {
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT scope FROM run WHERE id = ?"), arguments: [run])
                == scope
        }
        let texts = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT run, record FROM server_text WHERE id = ?"),
            arguments: [id.text])
        for row in texts where (row[0], row[1]) != own {
            if try isOurs(row[0]) { return true }
        }
        guard let number = Int64(id.text), number > 0 else { return false }
        let chunks = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT id, server_ids FROM chunk WHERE id_high >= ?1 AND id_low <= ?1"),
            arguments: [number])
        for row in chunks {
            let chunk = ChunkID(rawValue: row[0])
            for (index, other) in PackedIDs.numbers(Array(row[1] as Data)).enumerated()
            where other == number && (chunk.run, chunk.first + Int64(index)) != own {
                if try isOurs(chunk.run) { return true }
            }
        }
        return false
    }

    /// How many attempts of a run's open records count: they reached the server, or may have, and are not
    /// proved to have done nothing. A record that is open and not in doubt had its lost answers proved so;
    /// of these only the ones that it travelled in alone count, so that a record that kills the server is
    /// given up at last, and its neighbours are not.
    ///
    /// - Returns: By record, 0 where none of its attempts counts; those that were never tried are left out.
    package func tries(run: Int64) throws -> [Int64: Int] {
        let open = try openChunks(run: run, from: 0, limit: 100_000).map {
            $0.first..<$0.first + Int64($0.count)
        }
        guard !open.isEmpty else { return [:] }
        func isOpen(_ record: Int64) -> Bool {
            var low = 0
            var high = open.count
            while low < high {
                let middle = (low + high) / 2
                if open[middle].upperBound <= record { low = middle + 1 } else { high = middle }
            }
            return low < open.count && open[low].contains(record)
        }
        var tries: [Int64: Int] = [:]
        try pool.read { db in
            // What was throttled or not let in did not reach what does the work.
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT members, state, count, results FROM attempt WHERE run = ? AND state IN (2, 4, 5)
                        AND (status IS NULL OR status NOT IN (401, 429))
                    """, arguments: [run])
            while let row = try cursor.next() {
                let isRefused = (row["state"] as Int) == AttemptEnd.State.refused.rawValue
                let isAlone = (row["count"] as Int) == 1
                let results = (row["results"] as Data?).map { Array($0) } ?? []
                let members = MemberPacking.unpack(Array(row["members"] as Data))
                for (index, member) in members.enumerated() where isOpen(member.record) {
                    let isLost =
                        index >= results.count
                        || results[index] == RecordState.Event.lostAnswer.code
                    let counts = !isRefused && (isAlone || !isLost)
                    tries[member.record, default: 0] += counts ? 1 : 0
                }
            }
        }
        return tries
    }
}
