import Foundation
import GRDB

/// The tables. A version only ever moves forward, and is kept in `user_version`.
enum Schema {
    static let version = 18

    static func migrate(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            if found > version {
                throw LedgerError(.newer(found: found, known: version))
            }
            guard found < version else { return }
            try db.inTransaction(.immediate) {
                // Another process may have been first.
                let now = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                if now < 1 { try create(db) }
                if now < 2 { try addRanges(db) }
                if now < 3 { try addLineage(db) }
                if now < 4 { try addTombstones(db) }
                if now < 5 { try addRefused(db) }
                if now < 6 { try addExports(db) }
                if now < 7 { try addRetriggers(db) }
                if now < 8 { try addCalls(db) }
                if now < 9 { try addCards(db) }
                if now < 10 { try addCustomerNumbers(db) }
                if now < 11 { try addRules(db) }
                if now < 12 { try addPending(db) }
                if now < 13 { try addGroupings(db) }
                if now < 14 { try addStanding(db) }
                if now < 15 { try addForms(db) }
                if now < 16 { try addRepairs(db) }
                if now < 17 { try addFiltered(db) }
                // Version 18: members are packed in another way; those of before are read as they are.
                try db.execute(sql: "PRAGMA user_version = \(version)")
                return .commit
            }
        }
    }

    private static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE scope (
                    id INTEGER PRIMARY KEY, org TEXT NOT NULL, endpoint TEXT NOT NULL,
                    UNIQUE (org, endpoint));
                CREATE TABLE run (
                    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, job TEXT NOT NULL,
                    job_text TEXT NOT NULL, job_file TEXT NOT NULL, connection TEXT NOT NULL,
                    scope INTEGER NOT NULL REFERENCES scope, state TEXT NOT NULL,
                    started INTEGER NOT NULL, ended INTEGER, active_ms INTEGER NOT NULL DEFAULT 0,
                    ending TEXT, exit_code INTEGER,
                    input_ended INTEGER NOT NULL DEFAULT 0, swept INTEGER,
                    requests INTEGER NOT NULL DEFAULT 0, wait TEXT);
                CREATE INDEX run_job ON run (job, id);
                CREATE TABLE input (
                    run INTEGER NOT NULL REFERENCES run, file INTEGER NOT NULL, path TEXT NOT NULL,
                    member TEXT, name TEXT NOT NULL, fingerprint TEXT NOT NULL,
                    columns TEXT, header BLOB, header_bytes INTEGER, total_bytes INTEGER,
                    PRIMARY KEY (run, file)) WITHOUT ROWID;
                -- id: run << 40 | first record number
                CREATE TABLE chunk (
                    id INTEGER PRIMARY KEY, count INTEGER NOT NULL, file INTEGER NOT NULL,
                    row INTEGER NOT NULL, line INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
                    next_row INTEGER NOT NULL, next_line INTEGER NOT NULL,
                    row_bytes INTEGER NOT NULL, blank_bytes INTEGER NOT NULL,
                    unreadable_bytes INTEGER NOT NULL, rows INTEGER NOT NULL,
                    mapper BLOB, open INTEGER NOT NULL, states BLOB NOT NULL, server_ids BLOB);
                CREATE INDEX chunk_open ON chunk (id) WHERE open > 0;
                CREATE TABLE attempt (
                    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, state INTEGER NOT NULL,
                    started INTEGER NOT NULL, ended INTEGER, count INTEGER NOT NULL, digest INTEGER NOT NULL,
                    members BLOB NOT NULL, status INTEGER, request_id TEXT, trouble TEXT, results BLOB);
                CREATE INDEX attempt_run ON attempt (run, id);
                CREATE INDEX attempt_open ON attempt (run) WHERE state = 0;
                CREATE INDEX attempt_unclean ON attempt (run) WHERE state > 1;
                CREATE TABLE trouble (
                    run INTEGER NOT NULL, record INTEGER NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL,
                    field TEXT, server_code INTEGER, message TEXT NOT NULL, key TEXT NOT NULL,
                    file INTEGER NOT NULL, row INTEGER NOT NULL, line INTEGER NOT NULL,
                    start INTEGER NOT NULL, length INTEGER NOT NULL, stored BLOB,
                    PRIMARY KEY (run, record)) WITHOUT ROWID;
                CREATE TABLE doubt (
                    run INTEGER NOT NULL, record INTEGER NOT NULL, attempt INTEGER NOT NULL,
                    since INTEGER NOT NULL, tries INTEGER NOT NULL, misses INTEGER NOT NULL DEFAULT 0,
                    looked INTEGER, evidence BLOB NOT NULL,
                    PRIMARY KEY (run, record)) WITHOUT ROWID;
                CREATE TABLE claim (
                    scope INTEGER NOT NULL, server_id TEXT NOT NULL, run INTEGER NOT NULL, record INTEGER NOT NULL,
                    PRIMARY KEY (scope, server_id)) WITHOUT ROWID;
                CREATE TABLE server_text (
                    run INTEGER NOT NULL, record INTEGER NOT NULL, id TEXT NOT NULL,
                    PRIMARY KEY (run, record)) WITHOUT ROWID;
                CREATE TABLE event (
                    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, record INTEGER NOT NULL,
                    at INTEGER NOT NULL, kind TEXT NOT NULL, code INTEGER, message TEXT NOT NULL);
                CREATE INDEX event_record ON event (run, record);
                CREATE TABLE learnt (
                    connection TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                    PRIMARY KEY (connection, name)) WITHOUT ROWID;
                """)
        try KeySet.migrate(db)
    }

    /// Version 2: whose a server id is can be told without reading all chunks.
    private static func addRanges(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE chunk ADD COLUMN id_low INTEGER;
                ALTER TABLE chunk ADD COLUMN id_high INTEGER;
                """)
        let rows = try Row.fetchCursor(
            db, sql: "SELECT id, server_ids FROM chunk WHERE server_ids IS NOT NULL")
        var ranges: [(id: Int64, low: Int64?, high: Int64?)] = []
        while let row = try rows.next() {
            let (low, high) = PackedIDs.range(Array(row[1] as Data))
            ranges.append((row[0], low, high))
        }
        for range in ranges {
            try db.execute(
                sql: "UPDATE chunk SET id_low = ?, id_high = ? WHERE id = ?",
                arguments: [range.low, range.high, range.id])
        }
        try db.execute(
            sql: """
                CREATE INDEX chunk_ids ON chunk (id_high, id_low) WHERE id_high IS NOT NULL;
                CREATE INDEX server_text_id ON server_text (id);
                """)
    }

    /// Version 3: which run a run retries, and which record a record repairs.
    private static func addLineage(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE run ADD COLUMN parent INTEGER REFERENCES run;
                -- parent: the record repaired; root: the first of that line
                CREATE TABLE repair (
                    run INTEGER NOT NULL, record INTEGER NOT NULL,
                    parent_run INTEGER NOT NULL, parent_record INTEGER NOT NULL,
                    root_run INTEGER NOT NULL, root_record INTEGER NOT NULL,
                    PRIMARY KEY (run, record)) WITHOUT ROWID;
                CREATE INDEX repair_parent ON repair (parent_run, parent_record);
                CREATE INDEX repair_root ON repair (root_run, root_record);
                """)
    }

    /// Version 4: what is left of a run whose records were removed.
    private static func addTombstones(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE tombstone (
                    run INTEGER PRIMARY KEY REFERENCES run, at INTEGER NOT NULL, totals TEXT NOT NULL,
                    inputs TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0);
                """)
    }

    /// Version 5: what was refused before it was sent has no key; by its label it is known again.
    private static func addRefused(_ db: Database) throws {
        try db.execute(
            sql: """
                -- record: -1 where several of one run share the label
                CREATE TABLE refused (
                    scope INTEGER NOT NULL, label INTEGER NOT NULL, run INTEGER NOT NULL,
                    record INTEGER NOT NULL, PRIMARY KEY (scope, label)) WITHOUT ROWID;
                """)
    }

    /// Version 11: a run keeps the rules for reading and checking that it began with.
    private static func addRules(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE run ADD COLUMN rules INTEGER NOT NULL DEFAULT 0")
    }

    /// Version 7: what was asked of the server's queue.
    private static func addRetriggers(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE retrigger (
                    id INTEGER PRIMARY KEY, org TEXT NOT NULL, connection TEXT NOT NULL,
                    started INTEGER NOT NULL, bills TEXT NOT NULL, from_day TEXT NOT NULL,
                    to_day TEXT NOT NULL, server_id TEXT, ended INTEGER, ending TEXT);
                """)
    }
}
