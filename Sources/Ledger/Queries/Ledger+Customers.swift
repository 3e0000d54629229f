import Foundation
import GRDB
package import Model

/// The server's number of a customer, and when it was looked up.
package struct CustomerNumber: Sendable, Equatable {
    package var number: String
    package var at: Timestamp
}

// Customers that were looked up by another name. The name itself is not kept, only its digest.
extension Ledger {
    /// - Parameter keys: Digests of what the customers were looked up by.
    package func customerNumbers(org: String, keys: [[UInt8]]) throws -> [[UInt8]: CustomerNumber] {
        guard !keys.isEmpty else { return [:] }
        return try pool.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT number, at FROM customer_number WHERE org = ? AND key = ?")
            var found: [[UInt8]: CustomerNumber] = [:]
            for key in keys {
                guard let row = try Row.fetchOne(statement, arguments: [org, Data(key)]) else {
                    continue
                }
                found[key] = CustomerNumber(
                    number: row[0], at: Timestamp(milliseconds: row[1]))
            }
            return found
        }
    }

    package func keepCustomerNumbers(
        _ found: [(key: [UInt8], number: String)], org: String, at: Timestamp
    ) async throws {
        guard !found.isEmpty else { return }
        try await writer.write { context in
            let statement = try context.db.cachedStatement(
                sql: """
                    INSERT INTO customer_number VALUES (?, ?, ?, ?) ON CONFLICT (org, key)
                    DO UPDATE SET number = excluded.number, at = excluded.at
                    """)
            for one in found {
                try statement.execute(
                    arguments: [org, Data(one.key), one.number, at.milliseconds])
            }
        }
    }

    /// Forgets those looked up before `cutoff`, a few at a time.
    func pruneCustomerNumbers(before cutoff: Timestamp) async throws {
        while true {
            let removed = try await writer.write { context in
                try context.db.execute(
                    sql: """
                        DELETE FROM customer_number WHERE (org, key) IN
                        (SELECT org, key FROM customer_number WHERE at < ? LIMIT 2000)
                        """, arguments: [cutoff.milliseconds])
                return context.db.changesCount
            }
            if removed == 0 { return }
        }
    }
}

extension Schema {
    /// Customers that were looked up.
    static func addCustomerNumbers(_ db: Database) throws {
        try db.execute(
            sql: """
                -- key: a digest of the name that it was found by
                CREATE TABLE customer_number (
                    org TEXT NOT NULL, key BLOB NOT NULL, number TEXT NOT NULL, at INTEGER NOT NULL,
                    PRIMARY KEY (org, key)) WITHOUT ROWID;
                """)
    }
}
