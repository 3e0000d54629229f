import Foundation
import GRDB

/// Two kinds of rows, brought together by their keys on disk: however many there are and in whatever order,
/// memory stays at the size of a cache.
///
/// Nothing in it has to outlive the process: what was staged when it died is staged again.
package final class JoinStage {
    package enum Side: String, Sendable { case head, line }

    /// What comes out: heads in the order they went in, each followed by its lines in theirs; then the lines
    /// that have no head, those of one key together.
    package enum Event: Sendable, Equatable {
        /// - rivals: How many heads have its key; only the first of them is followed by lines.
        case head([UInt8], rivals: Int)
        case line([UInt8])
        case alone(key: [UInt8], [UInt8])
    }

    private let path: String
    private let queue: DatabaseQueue

    /// - Parameter path: Of a file that is made here and goes with ``discard()``.
    package init(at path: String) throws {
        self.path = path
        try? FileManager.default.removeItem(atPath: path)
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA temp_store = FILE; PRAGMA cache_size = -32768;
                    """)
        }
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            throw LedgerError(.stageNotCreated(path))
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { db in
                try db.execute(
                    sql: """
                        CREATE TABLE head (seq INTEGER PRIMARY KEY, key BLOB NOT NULL, row BLOB NOT NULL);
                        CREATE TABLE line (seq INTEGER PRIMARY KEY, key BLOB NOT NULL, row BLOB NOT NULL);
                        """)
            }
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        }
    }

    package func discard() {
        try? queue.close()
        for suffix in ["", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    /// Takes rows until `next` has no more. A row with an empty key belongs to nothing.
    ///
    /// - Returns: How many there were.
    package func load(_ side: Side, from next: () throws -> (key: [UInt8], row: [UInt8])?) throws
        -> Int
    {
        var count = 0
        try translated {
            try queue.inTransaction { db in
                let statement = try db.makeStatement(
                    sql: "INSERT INTO \(side.rawValue) (key, row) VALUES (?, ?)")
                while let (key, row) = try next() {
                    try statement.execute(arguments: [Data(key), Data(row)])
                    count += 1
                }
                return .commit
            }
        }
        return count
    }

    /// Hands out everything, joined.
    package func walk(_ body: (Event) throws -> Void) throws {
        try translated { try queue.inDatabase { try walk($0, body) } }
    }

    private func translated(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        }
    }

    private func walk(_ db: Database, _ body: (Event) throws -> Void) throws {
        try db.execute(
            sql: "CREATE INDEX head_key ON head (key); CREATE INDEX line_key ON line (key);")
        let rivals = try db.makeStatement(
            sql: "SELECT count(*), min(seq) FROM head WHERE key = ?")
        let lines = try db.makeStatement(sql: "SELECT row FROM line WHERE key = ? ORDER BY seq")
        let heads = try Row.fetchCursor(db, sql: "SELECT seq, key, row FROM head ORDER BY seq")
        while let head = try heads.next() {
            let key: Data = head[1]
            let row = Array(head[2] as Data)
            guard !key.isEmpty, let equal = try Row.fetchOne(rivals, arguments: [key]) else {
                try body(.head(row, rivals: 1))
                continue
            }
            try body(.head(row, rivals: equal[0]))
            guard equal[1] as Int64 == head[0] as Int64 else { continue }
            let found = try Row.fetchCursor(lines, arguments: [key])
            while let line = try found.next() { try body(.line(Array(line[0] as Data))) }
        }
        let alone = try Row.fetchCursor(
            db,
            sql: """
                SELECT key, row FROM line
                WHERE NOT EXISTS (SELECT 1 FROM head WHERE head.key = line.key AND head.key <> x'')
                ORDER BY key, seq
                """)
        while let line = try alone.next() {
            try body(.alone(key: Array(line[0] as Data), Array(line[1] as Data)))
        }
    }
}
