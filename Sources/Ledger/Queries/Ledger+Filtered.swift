import GRDB

/// Rows of one file that the job leaves out, and the bytes they take there.
package struct FilteredRows: Sendable, Equatable {
    package var rows = 0
    package var bytes = 0

    package init(rows: Int = 0, bytes: Int = 0) {
        self.rows = rows
        self.bytes = bytes
    }

    package mutating func add(_ other: FilteredRows) {
        rows += other.rows
        bytes += other.bytes
    }
}

extension Ledger {
    /// The rows that a run leaves out, by file.
    package func filtered(run: Int64) throws -> [Int: FilteredRows] {
        try pool.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT file, sum(rows), sum(bytes) FROM filtered WHERE run = ? GROUP BY file",
                arguments: [run])
            return Dictionary(
                uniqueKeysWithValues: rows.map { ($0[0], FilteredRows(rows: $0[1], bytes: $0[2])) })
        }
    }

    /// Notes the rows that are left out of a file without any record.
    package func noteFiltered(_ filtered: FilteredRows, run: Int64, file: Int) async throws {
        try await writer.write {
            try Self.note(filtered, run: run, file: file, first: -1, $0.db)
        }
    }

    static func note(
        _ filtered: FilteredRows, run: Int64, file: Int, first: Int64, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO filtered (run, file, first, rows, bytes) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [run, file, first, filtered.rows, filtered.bytes])
    }
}
