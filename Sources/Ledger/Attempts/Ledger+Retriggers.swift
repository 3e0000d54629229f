import Foundation
import GRDB
package import Model

/// A retrigger of the server's queue: which bills it names, and how far it came.
package struct RetriggerRow: Sendable, Equatable {
    package var number: Int64
    package var org: String
    package var connection: String
    package var started: Timestamp
    package var bills: [String]
    /// The days between which the bills were put into the queue, as the server takes them.
    package var from: String
    package var to: String
    /// The server's; nil until it has answered.
    package var serverID: String?
    package var ended: Timestamp?
    /// How it ended, for a person.
    package var ending: String?

    package init(
        number: Int64 = 0, org: String, connection: String, started: Timestamp, bills: [String],
        from: String, to: String, serverID: String? = nil, ended: Timestamp? = nil,
        ending: String? = nil
    ) {
        self.number = number
        self.org = org
        self.connection = connection
        self.started = started
        self.bills = bills
        self.from = from
        self.to = to
        self.serverID = serverID
        self.ended = ended
        self.ending = ending
    }
}

// Retriggers are noted before they leave, so that one that was interrupted is followed to its end.
extension Ledger {
    /// Notes what is about to be requested.
    ///
    /// - Returns: Its number.
    package func beginRetrigger(_ row: RetriggerRow) async throws -> Int64 {
        let bills = String(decoding: try JSONEncoder().encode(row.bills), as: UTF8.self)
        let (number, counter) = try await writer.write { context -> (Int64, Int64) in
            try context.db.execute(
                sql: """
                    INSERT INTO retrigger (org, connection, started, bills, from_day, to_day)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.org, row.connection, row.started.milliseconds, bills, row.from, row.to,
                ])
            return (context.db.lastInsertedRowID, try Self.raise(context.db).counter)
        }
        try note(counter)
        return number
    }

    package func noteRetrigger(_ number: Int64, serverID: String) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE retrigger SET server_id = ? WHERE id = ?", arguments: [serverID, number])
        }
    }

    package func endRetrigger(_ number: Int64, at: Timestamp, _ ending: String) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE retrigger SET ended = ?, ending = ? WHERE id = ?",
                arguments: [at.milliseconds, ending, number])
        }
    }

    /// The newest first.
    ///
    /// - Parameters:
    ///   - org: Of that org; nil: of all.
    ///   - isOpen: Only those that are not followed to their end.
    package func retriggers(org: String? = nil, isOpen: Bool = false, limit: Int = 1000) throws
        -> [RetriggerRow]
    {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM retrigger WHERE (?1 IS NULL OR org = ?1) AND (?2 = 0 OR ended IS NULL)
                    ORDER BY id DESC LIMIT ?3
                    """, arguments: [org, isOpen ? 1 : 0, limit]
            ).map { row in
                let bills: String = row["bills"]
                let ended: Int64? = row["ended"]
                return RetriggerRow(
                    number: row["id"], org: row["org"], connection: row["connection"],
                    started: Timestamp(milliseconds: row["started"]),
                    bills: (try? JSONDecoder().decode([String].self, from: Data(bills.utf8))) ?? [],
                    from: row["from_day"], to: row["to_day"], serverID: row["server_id"],
                    ended: ended.map { Timestamp(milliseconds: $0) }, ending: row["ending"])
            }
        }
    }
}
