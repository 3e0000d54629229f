import Foundation
import GRDB
package import Model

/// A run that is to begin, and has read nothing yet.
package struct NewPending: Sendable {
    package var id: RunID
    package var job: String
    package var jobText: String
    package var jobFile: String
    /// Where the job's paths start.
    package var directory: String
    package var connection: String
    /// Of the call; of another job than one that sends records, its kind.
    package var endpoint: String
    package var started: Timestamp

    package init(
        id: RunID, job: String, jobText: String, jobFile: String, directory: String,
        connection: String, endpoint: String, started: Timestamp
    ) {
        self.id = id
        self.job = job
        self.jobText = jobText
        self.jobFile = jobFile
        self.directory = directory
        self.connection = connection
        self.endpoint = endpoint
        self.started = started
    }
}

/// A run that ended before it read anything: the server was not reached, or its process died first.
package struct PendingRow: Sendable, Equatable {
    /// As other runs are shown. Its number is no run's, its scope and org are not known yet.
    package var run: RunRow
    package var directory: String
    /// What it would have read; empty where it did not come to looking.
    package var files: [PendingFile]
    package var id: RunID { run.id }
}

/// A file that a run would have read.
package struct PendingFile: Sendable, Equatable, Codable {
    package var path: String
    package var member: String?
    package var name: String
    /// What tells whether another one is there now.
    package var mark: String

    package init(path: String, member: String?, name: String, mark: String) {
        self.path = path
        self.member = member
        self.name = name
        self.mark = mark
    }
}

// Pending runs stand in a table of their own: no key, chunk or attempt can name one. `resume` tries one
// again under its id, the next run of the job replaces it, `abandon` drops it, and `prune` leaves it alone,
// as it does every run that is not finished.
extension Ledger {
    /// Notes a run before it has learnt anything, in the place of the job's last pending one.
    ///
    /// - Parameter isGone: Whether what a pending run would have read is not there any more. Such a run is
    ///   kept until ``closeReplaced(by:ending:at:)``, so that it is on a list.
    package func begin(_ pending: NewPending, isGone: ([PendingFile]) -> Bool = { _ in false })
        async throws -> PendingRow
    {
        let gone = try self.pending(job: pending.job).filter { !$0.files.isEmpty && isGone($0.files) }
            .map(\.id.text)
        return try await writer.write { context in
            let db = context.db
            for name in gone {
                try db.execute(
                    sql: "UPDATE pending SET replaced = 1 WHERE name = ?", arguments: [name])
            }
            try db.execute(
                sql: "DELETE FROM pending WHERE job = ? AND replaced = 0", arguments: [pending.job])
            try db.execute(
                sql: """
                    INSERT INTO pending (name, job, job_text, job_file, directory, connection, endpoint, started)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    pending.id.text, pending.job, pending.jobText, pending.jobFile,
                    pending.directory, pending.connection, pending.endpoint,
                    pending.started.milliseconds,
                ])
            guard let row = try Self.pending(db, "WHERE name = ?", [pending.id.text]).first else {
                throw LedgerError(.missing(.pendingRun))
            }
            return row
        }
    }

    /// Notes what a run is going to read.
    package func note(pending id: RunID, files: [PendingFile]) async throws {
        let text = String(decoding: try JSONEncoder().encode(files), as: UTF8.self)
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE pending SET files = ? WHERE name = ?", arguments: [text, id.text])
        }
    }

    /// Makes closed runs of the job's pending ones whose input was replaced before they began: nothing of
    /// them was ever read, and they are listed as such.
    ///
    /// - Parameters:
    ///   - run: A run of the job that has started, over the same connection.
    ///   - ending: What is kept as their ending.
    /// - Returns: Their names.
    package func closeReplaced(by run: RunRow, ending: String, at: Timestamp) async throws -> [RunID] {
        let rows = try pool.read { db in
            try Self.pending(
                db, "WHERE job = ? AND connection = ? AND endpoint = ? AND replaced = 1 ORDER BY id",
                [run.job, run.connection, run.endpoint])
        }
        guard !rows.isEmpty else { return [] }
        try await writer.write { context in
            let db = context.db
            for row in rows {
                try db.execute(
                    sql: """
                        INSERT INTO run (name, job, job_text, job_file, connection, scope, state, started,
                            ended, ending, exit_code, input_gone)
                        VALUES (?, ?, ?, ?, ?, ?, 'finished', ?, ?, ?, 1, ?)
                        """,
                    arguments: [
                        row.id.text, row.run.job, row.run.jobText, row.run.jobFile, row.run.connection,
                        run.scope, row.run.started.milliseconds, at.milliseconds,
                        ending, at.milliseconds,
                    ])
                let number = db.lastInsertedRowID
                for (file, input) in row.files.enumerated() {
                    try db.execute(
                        sql: """
                            INSERT INTO input (run, file, path, member, name, fingerprint)
                            VALUES (?, ?, ?, ?, ?, '')
                            """,
                        arguments: [number, file, input.path, input.member, input.name])
                }
                try db.execute(sql: "DELETE FROM pending WHERE name = ?", arguments: [row.id.text])
            }
        }
        return rows.map(\.id)
    }

    /// Notes why a run could not begin.
    package func end(pending id: RunID, ending: String, exitCode: Int, at: Timestamp) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE pending SET ending = ?, exit_code = ?, ended = ? WHERE name = ?",
                arguments: [ending, exitCode, at.milliseconds, id.text])
        }
    }

    package func remove(pending id: RunID) async throws {
        try await writer.write { context in
            try context.db.execute(sql: "DELETE FROM pending WHERE name = ?", arguments: [id.text])
        }
    }

    /// Drops the pending run of a job: another has taken its place.
    package func removePending(ofJob job: String) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "DELETE FROM pending WHERE job = ? AND replaced = 0", arguments: [job])
        }
    }

    /// How many runs of a job were closed before they began, since their input was replaced.
    package func replacedRuns(job: String) throws -> Int {
        try pool.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM run WHERE job = ? AND input_gone IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM chunk WHERE id BETWEEN run.id << 40 AND (run.id << 40) + ?)
                    """, arguments: [job, ChunkID(run: 1, first: 0).rawValue - 1]) ?? 0
        }
    }

    /// All pending runs, or that of a job; the oldest first.
    package func pending(job: String? = nil) throws -> [PendingRow] {
        try pool.read { db in
            try Self.pending(
                db, "WHERE replaced = 0 \(job == nil ? "" : "AND job = ?") ORDER BY id",
                job.map { [$0] } ?? [])
        }
    }

    /// The pending run of that name, or the only one whose name begins or ends so.
    package func pending(named text: String) throws -> PendingRow? {
        let near = try pending().filter {
            $0.id.text.hasPrefix(text) || $0.id.text.hasSuffix(text)
        }
        return near.count == 1 ? near[0] : near.first { $0.id.text == text }
    }

    private static func pending(
        _ db: Database, _ clause: String, _ arguments: StatementArguments
    ) throws -> [PendingRow] {
        try Row.fetchAll(db, sql: "SELECT * FROM pending \(clause)", arguments: arguments).compactMap {
            row in
            guard let id = RunID(row["name"] as String) else { return nil }
            return PendingRow(
                run: RunRow(
                    number: -(row["id"] as Int64), id: id, job: row["job"], jobText: row["job_text"],
                    jobFile: row["job_file"], connection: row["connection"], scope: 0, org: "",
                    endpoint: row["endpoint"], state: .pending,
                    started: Timestamp(milliseconds: row["started"]),
                    ended: (row["ended"] as Int64?).map(Timestamp.init(milliseconds:)),
                    active: .zero, ending: row["ending"], exitCode: row["exit_code"],
                    inputEnded: false, swept: nil, requests: 0, pace: nil, parent: nil),
                directory: row["directory"],
                files: (row["files"] as String?).flatMap {
                    try? JSONDecoder().decode([PendingFile].self, from: Data($0.utf8))
                } ?? [])
        }
    }
}
