import Foundation
import GRDB
package import Model

extension Ledger {
    /// The ledger's number of a scope, made where it is new, and whether it was new.
    package func scope(org: String, endpoint: String) async throws -> (id: Int64, isNew: Bool) {
        try await writer.write { try Self.scope($0.db, org: org, endpoint: endpoint) }
    }

    static func scope(_ db: Database, org: String, endpoint: String) throws -> (Int64, Bool) {
        if let id = try Int64.fetchOne(
            db, sql: "SELECT id FROM scope WHERE org = ? AND endpoint = ?", arguments: [org, endpoint])
        {
            return (id, false)
        }
        try db.execute(
            sql: "INSERT INTO scope (org, endpoint) VALUES (?, ?)", arguments: [org, endpoint])
        return (db.lastInsertedRowID, true)
    }

    /// Makes a run, in the state `running`.
    package func begin(_ run: NewRun) async throws -> RunRow {
        try await writer.write { context in
            let db = context.db
            let (scope, _) = try Self.scope(db, org: run.org, endpoint: run.endpoint)
            try db.execute(
                sql: """
                    INSERT INTO run (name, job, job_text, job_file, connection, scope, state, started, parent,
                        rules)
                    VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?)
                    """,
                arguments: [
                    run.id.text, run.job, run.jobText, run.jobFile, run.connection, scope,
                    run.started.milliseconds, run.parent, run.rules.rawValue,
                ])
            let number = db.lastInsertedRowID
            try db.execute(sql: "DELETE FROM pending WHERE name = ?", arguments: [run.id.text])
            for (file, input) in run.inputs.enumerated() {
                try db.execute(
                    sql: """
                        INSERT INTO input (run, file, path, member, name, fingerprint)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [number, file, input.path, input.member, input.name, input.fingerprint])
            }
            if let grouping = run.grouping { try Self.note(grouping, of: number, db) }
            guard let row = try Self.runs(db, "WHERE run.id = ?", [number]).first else {
                throw LedgerError(.missing(.newRun))
            }
            return row
        }
    }

    /// Notes what a file's first rows told.
    package func noteHeader(
        run: Int64, file: Int, columns: [String]?, header: [UInt8], headerBytes: Int
    ) async throws {
        let names = try columns.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try await writer.write { context in
            try context.db.execute(
                sql:
                    "UPDATE input SET columns = ?, header = ?, header_bytes = ? WHERE run = ? AND file = ?",
                arguments: [names, Data(header), headerBytes, run, file])
        }
    }

    /// Notes that a file was read to its end.
    package func noteEnd(run: Int64, file: Int, totalBytes: Int) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE input SET total_bytes = ? WHERE run = ? AND file = ?",
                arguments: [totalBytes, run, file])
        }
    }

    /// Notes that the whole input is in chunks.
    package func noteInputEnded(run: Int64) async throws {
        try await writer.write {
            try $0.db.execute(sql: "UPDATE run SET input_ended = 1 WHERE id = ?", arguments: [run])
        }
    }

    package func noteSweep(run: Int64, until: Timestamp) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET swept = ? WHERE id = ?", arguments: [until.milliseconds, run])
        }
    }

    /// Sets a run under way again.
    package func reopen(run: Int64) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET state = 'running', ending = NULL, exit_code = NULL WHERE id = ?",
                arguments: [run])
        }
    }

    /// Takes back a run that has not taken over a single record: it leaves nothing behind.
    ///
    /// - Returns: False where it has records: then it stays.
    package func discard(run: Int64) async throws -> Bool {
        try await writer.write { context in
            let db = context.db
            let isUsed = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM chunk WHERE id BETWEEN ?1 AND ?2)
                        OR EXISTS (SELECT 1 FROM attempt WHERE run = ?3)
                    """,
                arguments: [
                    ChunkID(run: run, first: 0).rawValue, ChunkID(run: run + 1, first: 0).rawValue - 1,
                    run,
                ])
            guard isUsed == false else { return false }
            try db.execute(sql: "DELETE FROM input WHERE run = ?", arguments: [run])
            try db.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
            return true
        }
    }

    /// Closes the rest of a run whose input is gone: nothing of it is read or sent any more. What is in
    /// doubt stays to be settled, and what it was to repair is open again.
    package func closeInput(run: Int64, at: Timestamp) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET input_gone = coalesce(input_gone, ?) WHERE id = ?",
                arguments: [at.milliseconds, run])
            try RepairChain.letGo(context.db, run: run)
        }
    }

    /// Notes how one execution of a run ended. One that was abandoned stays so.
    package func end(
        run: Int64, state: RunRow.State, ending: String, exitCode: Int?, at: Timestamp,
        effort: RunEffort
    ) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    UPDATE run SET state = CASE state WHEN 'abandoned' THEN state ELSE ? END,
                        ending = ?, exit_code = ?, ended = ?,
                        active_ms = ?, requests = ?, wait = ? WHERE id = ?
                    """,
                arguments: [
                    state.rawValue, ending, exitCode, at.milliseconds, effort.active.milliseconds,
                    effort.requests, effort.pace.stored, run,
                ])
        }
    }

    /// Notes what a run has cost so far.
    package func note(_ effort: RunEffort, of run: Int64) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET active_ms = ?, requests = ?, wait = ? WHERE id = ?",
                arguments: [effort.active.milliseconds, effort.requests, effort.pace.stored, run])
        }
    }

    /// Closes a run for good; the evidence stays, and so do the reservations of what may have arrived.
    package func abandon(run: Int64, because reason: String? = nil, at: Timestamp) async throws {
        let ending = reason.map { "abandoned: " + $0 } ?? "abandoned"
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET state = 'abandoned', ended = ?, ending = ? WHERE id = ?",
                arguments: [at.milliseconds, ending, run])
            try RepairChain.letGo(context.db, run: run)
        }
    }

    /// All runs, or those of a job; the newest first.
    package func runs(job: String? = nil, limit: Int = 1000) throws -> [RunRow] {
        try pool.read { db in
            try Self.runs(
                db,
                job == nil
                    ? "ORDER BY run.id DESC LIMIT ?" : "WHERE job = ? ORDER BY run.id DESC LIMIT ?",
                job.map { [$0, limit] } ?? [limit])
        }
    }

    /// All unfinished runs, or those of a job; the oldest first.
    package func openRuns(job: String? = nil) throws -> [RunRow] {
        try pool.read { db in
            try Self.runs(
                db,
                "WHERE state IN ('running', 'stopped') \(job == nil ? "" : "AND job = ?") ORDER BY run.id",
                job.map { [$0] } ?? [])
        }
    }

    /// The run of that name, or the only one whose name begins or ends so.
    package func run(named text: String) throws -> RunRow? {
        try pool.read { db in
            if let exact = try Self.runs(db, "WHERE name = ?", [text]).first { return exact }
            let near = try Self.runs(
                db, "WHERE substr(name, 1, length(?1)) = ?1 OR substr(name, -length(?1)) = ?1 LIMIT 2",
                [text])
            return near.count == 1 ? near[0] : nil
        }
    }

    static func runs(_ db: Database, _ clause: String, _ arguments: StatementArguments) throws
        -> [RunRow]
    {
        try Row.fetchAll(
            db,
            sql:
                "SELECT run.*, scope.org, scope.endpoint FROM run JOIN scope ON scope.id = run.scope \(clause)",
            arguments: arguments
        ).compactMap { row in
            guard let id = RunID(row["name"] as String),
                let state = RunRow.State(rawValue: row["state"])
            else {
                return nil
            }
            return RunRow(
                number: row["id"], id: id, job: row["job"], jobText: row["job_text"],
                jobFile: row["job_file"],
                connection: row["connection"], scope: row["scope"], org: row["org"],
                endpoint: row["endpoint"],
                state: state, started: Timestamp(milliseconds: row["started"]),
                ended: (row["ended"] as Int64?).map(Timestamp.init(milliseconds:)),
                active: .milliseconds(row["active_ms"] as Int64), ending: row["ending"],
                exitCode: row["exit_code"], inputEnded: row["input_ended"],
                swept: (row["swept"] as Int64?).map(Timestamp.init(milliseconds:)),
                requests: row["requests"],
                pace: RunPace(stored: row["wait"]), parent: row["parent"],
                rules: Ruleset(rawValue: row["rules"]),
                inputGone: (row["input_gone"] as Int64?).map(Timestamp.init(milliseconds:)))
        }
    }

    package func inputs(of run: Int64) throws -> [InputRow] {
        try pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM input WHERE run = ? ORDER BY file", arguments: [run]
            ).map { row in
                let columns = (row["columns"] as String?).flatMap {
                    try? JSONDecoder().decode([String].self, from: Data($0.utf8))
                }
                return InputRow(
                    file: row["file"], path: row["path"], member: row["member"], name: row["name"],
                    fingerprint: row["fingerprint"], columns: columns,
                    header: (row["header"] as Data?).map { Array($0) } ?? [],
                    headerBytes: row["header_bytes"],
                    totalBytes: row["total_bytes"])
            }
        }
    }

    /// What a connection has taught: kept by name, over all runs.
    package func learnt(_ name: String, connection: String) throws -> String? {
        try pool.read { db in
            try String.fetchOne(
                db, sql: "SELECT value FROM learnt WHERE connection = ? AND name = ?",
                arguments: [connection, name])
        }
    }

    package func learn(_ name: String, _ value: String, connection: String) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    INSERT INTO learnt VALUES (?, ?, ?) ON CONFLICT (connection, name) DO UPDATE SET value = excluded.value
                    """,
                arguments: [connection, name, value])
        }
    }
}
