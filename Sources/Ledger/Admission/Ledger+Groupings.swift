import Foundation
import GRDB

/// That the groups of a run's input were looked at before it began, and what came of it.
package struct Grouping: Sendable, Equatable {
    /// The file in which rows were brought together; such a run reads nothing else.
    package struct Staged: Sendable, Equatable {
        package var path: String
        /// Nil for JSON.
        package var columns: [String]?
        package var bytes: Int
        package var fingerprint: String

        package init(path: String, columns: [String]?, bytes: Int, fingerprint: String) {
            self.path = path
            self.columns = columns
            self.bytes = bytes
            self.fingerprint = fingerprint
        }
    }

    /// Where the bytes of an input went when its rows were brought together.
    package struct File: Sendable, Equatable {
        package var columns: [String]?
        package var header: [UInt8]
        package var headerBytes: Int
        package var totalBytes: Int
        package var rows: Int
        package var rowBytes: Int
        package var blankBytes: Int
        package var unreadableBytes: Int

        package init(
            columns: [String]?, header: [UInt8], headerBytes: Int, totalBytes: Int, rows: Int,
            rowBytes: Int, blankBytes: Int, unreadableBytes: Int
        ) {
            self.columns = columns
            self.header = header
            self.headerBytes = headerBytes
            self.totalBytes = totalBytes
            self.rows = rows
            self.rowBytes = rowBytes
            self.blankBytes = blankBytes
            self.unreadableBytes = unreadableBytes
        }
    }

    /// Nil where the rows were together: the inputs themselves are read.
    package var staged: Staged?
    /// One an input, where there is a staged file.
    package var files: [File] = []
    package var rows = 0
    /// Groups whose rows did not stand together, and rows that went elsewhere.
    package var apart = 0
    package var moved = 0

    package init() {}
}

extension Ledger {
    /// What was found of the groups of a run's input; nil where nobody looked.
    package func grouping(of run: Int64) throws -> Grouping? {
        try pool.read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM grouping WHERE run = ?", arguments: [run])
            else { return nil }
            var grouping = Grouping()
            grouping.rows = row["rows"]
            grouping.apart = row["apart"]
            grouping.moved = row["moved"]
            if let path = row["path"] as String? {
                grouping.staged = Grouping.Staged(
                    path: path,
                    columns: try (row["columns"] as String?).map {
                        try JSONDecoder().decode([String].self, from: Data($0.utf8))
                    }, bytes: row["bytes"], fingerprint: row["fingerprint"])
            }
            grouping.files = try Row.fetchAll(
                db,
                sql: """
                    SELECT g.rows, g.row_bytes, g.blank_bytes, g.unreadable_bytes,
                        i.header_bytes, i.total_bytes, i.header, i.columns
                    FROM grouped_input g JOIN input i ON i.run = g.run AND i.file = g.file
                    WHERE g.run = ? ORDER BY g.file
                    """, arguments: [run]
            ).map { row in
                Grouping.File(
                    columns: (row[7] as String?).flatMap {
                        try? JSONDecoder().decode([String].self, from: Data($0.utf8))
                    },
                    header: (row[6] as Data?).map { Array($0) } ?? [], headerBytes: row[4] ?? 0,
                    totalBytes: row[5] ?? 0, rows: row[0], rowBytes: row[1], blankBytes: row[2],
                    unreadableBytes: row[3])
            }
            return grouping
        }
    }

    /// Keeps it with a run that begins.
    static func note(_ grouping: Grouping, of run: Int64, _ db: Database) throws {
        func text(_ columns: [String]?) throws -> String? {
            try columns.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        }
        try db.execute(
            sql: """
                INSERT INTO grouping (run, path, columns, bytes, fingerprint, rows, apart, moved)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run, grouping.staged?.path, try text(grouping.staged?.columns),
                grouping.staged?.bytes ?? 0, grouping.staged?.fingerprint ?? "", grouping.rows,
                grouping.apart, grouping.moved,
            ])
        for (index, file) in grouping.files.enumerated() {
            try db.execute(
                sql: """
                    INSERT INTO grouped_input (run, file, rows, row_bytes, blank_bytes, unreadable_bytes)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run, index, file.rows, file.rowBytes, file.blankBytes, file.unreadableBytes,
                ])
            try db.execute(
                sql: """
                    UPDATE input SET columns = ?, header = ?, header_bytes = ?, total_bytes = ?
                    WHERE run = ? AND file = ?
                    """,
                arguments: [
                    try text(file.columns), Data(file.header), file.headerBytes, file.totalBytes, run,
                    index,
                ])
        }
    }
}

extension Schema {
    /// Version 13: runs whose groups were looked at before they began.
    static func addGroupings(_ db: Database) throws {
        try db.execute(
            sql: """
                -- path: the file of rows that were brought together; null where they stood together
                CREATE TABLE grouping (
                    run INTEGER PRIMARY KEY REFERENCES run, path TEXT, columns TEXT,
                    bytes INTEGER NOT NULL, fingerprint TEXT NOT NULL, rows INTEGER NOT NULL,
                    apart INTEGER NOT NULL, moved INTEGER NOT NULL);
                CREATE TABLE grouped_input (
                    run INTEGER NOT NULL, file INTEGER NOT NULL, rows INTEGER NOT NULL,
                    row_bytes INTEGER NOT NULL, blank_bytes INTEGER NOT NULL,
                    unreadable_bytes INTEGER NOT NULL, PRIMARY KEY (run, file)) WITHOUT ROWID;
                """)
    }
}
