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
    /// How many looks in a row have missed it, and when the last one did.
    package var misses: Int
    package var looked: Timestamp?
    package var evidence: Evidence

    package init(
        record: Int64, attempt: Int64, since: Timestamp, tries: Int, misses: Int, looked: Timestamp?,
        evidence: Evidence
    ) {
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
    /// - Returns: How many records came into doubt.
    package func loseOpenAttempts(run: Int64, at: Timestamp) async throws -> Int {
        try await writer.write { context in
            let db = context.db
            let open = try Row.fetchAll(
                db, sql: "SELECT id, started, members FROM attempt WHERE run = ? AND state = 0",
                arguments: [run])
            var count = 0
            for row in open {
                let attempt: Int64 = row["id"]
                let members = Packing.unpack(Array(row["members"] as Data))
                try db.execute(
                    sql:
                        "UPDATE attempt SET state = ?, ended = ?, trouble = ?, results = ? WHERE id = ?",
                    arguments: [
                        AttemptEnd.State.unanswered.rawValue, at.milliseconds,
                        "the process ended before the answer",
                        Data(members.map { _ in RecordState.Event.lostAnswer.code }), attempt,
                    ])
                // The request may have been on its way until now: the wait counts from here.
                try Self.apply(
                    members.map {
                        Settlement(
                            record: $0.record, event: .lostAnswer, evidence: $0.evidence, tries: 1)
                    }, run: run, attempt: attempt, at: at, db)
                count += members.count
            }
            return count
        }
    }

    package func doubts(run: Int64) throws -> [Doubt] {
        try pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM doubt WHERE run = ? ORDER BY record", arguments: [run]
            ).map { row in
                Doubt(
                    record: row["record"], attempt: row["attempt"],
                    since: Timestamp(milliseconds: row["since"]), tries: row["tries"],
                    misses: row["misses"],
                    looked: (row["looked"] as Int64?).map(Timestamp.init(milliseconds:)),
                    evidence: Evidence(stored: Array(row["evidence"] as Data)))
            }
        }
    }

    /// Notes a look that settled nothing: a miss counts on, anything else only says when.
    package func noteLook(run: Int64, record: Int64, at: Timestamp, missed: Bool, _ words: String)
        async throws
    {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE doubt SET looked = ?, misses = misses + ? WHERE run = ? AND record = ?",
                arguments: [at.milliseconds, missed ? 1 : 0, run, record])
            try context.db.execute(
                sql: "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, 'look', ?)",
                arguments: [run, record, at.milliseconds, words])
        }
    }

    /// Which of these server ids a record of the scope holds already.
    ///
    /// - Complexity: Reads the packed ids of the whole scope once.
    package func claimed(_ ids: Set<String>, scope: Int64) throws -> Set<String> {
        guard !ids.isEmpty else { return [] }
        let numbers = Set(ids.compactMap { UInt64($0) })
        return try pool.read { db in
            var found = Set<String>()
            for id in ids {
                let claimed = try Bool.fetchOne(
                    db, sql: "SELECT 1 FROM claim WHERE scope = ? AND server_id = ?",
                    arguments: [scope, id])
                if claimed != nil { found.insert(id) }
            }
            let runs = try Int64.fetchAll(
                db, sql: "SELECT id FROM run WHERE scope = ?", arguments: [scope])
            for run in runs {
                let chunks = try Row.fetchCursor(
                    db,
                    sql:
                        "SELECT server_ids FROM chunk WHERE id BETWEEN ? AND ? AND server_ids IS NOT NULL",
                    arguments: [
                        ChunkID(run: run, first: 0).rawValue,
                        ChunkID(run: run + 1, first: 0).rawValue - 1,
                    ])
                while let row = try chunks.next() {
                    let bytes = Array(row[0] as Data)
                    for at in stride(from: 0, to: bytes.count - 7, by: 8) {
                        let value = Packing.integer(bytes, at)
                        if value != 0, numbers.contains(value) { found.insert(String(value)) }
                    }
                }
                let texts = try String.fetchAll(
                    db, sql: "SELECT id FROM server_text WHERE run = ?", arguments: [run])
                found.formUnion(ids.intersection(texts))
            }
            return found
        }
    }
}
