import Foundation
import GRDB
package import Model

// Taking a ledger into use although it is older than what was sent. What its runs' folders tell is taken over:
// which runs there were, of which org and endpoint, and what they read. Which of their records the server
// took, no folder tells: each record is looked up before this ledger sends it for the first time, until a
// person ends that.
extension Ledger {
    /// The last adoption; nil where there was none.
    package func adoption() throws -> Adoption? { try pool.read(Self.adoption) }

    static func adoption(_ db: Database) throws -> Adoption? {
        try Row.fetchOne(db, sql: "SELECT at, trust_from FROM adoption ORDER BY id DESC LIMIT 1").map {
            Adoption(
                at: Timestamp(milliseconds: $0[0]),
                trustFrom: ($0[1] as Int64?).map(Timestamp.init(milliseconds:)))
        }
    }

    /// Takes the ledger as it is for the newest there is. It gets another id: an older copy of it is told
    /// from it, and so is one that is still in use elsewhere.
    ///
    /// - Parameters:
    ///   - standing: What was found.
    ///   - ending: What is kept as the ending of the runs that only their folders tell about.
    package func adopt(
        _ standing: LedgerStanding, besides folder: String, ending: String, at now: Timestamp
    ) async throws {
        let (id, counter) = try await writer.write { context in
            let db = context.db
            for mark in standing.unknownRuns { try Self.takeUp(mark, ending, at: now, db) }
            for sign in standing.signs {
                let (id, counter) =
                    switch sign {
                    case .counter(let counter, _): (standing.id, counter)
                    case .unknownRun(let mark), .laterRun(let mark): (mark.ledger, mark.counter)
                    }
                try db.execute(
                    sql: """
                        INSERT INTO standing VALUES (?1, ?2, 0, 0) ON CONFLICT (id)
                        DO UPDATE SET counter = max(counter, ?2)
                        """, arguments: [id, counter])
            }
            try Self.begin(anew: now, db)
            try db.execute(
                sql: "INSERT INTO adoption (at, trust_from) VALUES (?, NULL)",
                arguments: [now.milliseconds])
            return try Self.raise(db)
        }
        let mark = try HostMark.open(id, in: folder, ledger: Self.path(in: directory))
        try mark.raise(to: counter, durable: true)
    }

    /// Ends the looks for runs that begin then or later.
    ///
    /// - Returns: Whether there was an adoption.
    package func trust(from: Timestamp) async throws -> Bool {
        try await writer.write { context in
            try context.db.execute(
                sql:
                    "UPDATE adoption SET trust_from = ? WHERE id = (SELECT max(id) FROM adoption)",
                arguments: [from.milliseconds])
            return context.db.changesCount > 0
        }
    }

    /// Whether the records of a run are looked up before they are sent for the first time.
    package func looksFirst(_ run: RunRow) throws -> Bool {
        try pool.read { db in
            if let said = try Bool.fetchOne(
                db, sql: "SELECT looks FROM run WHERE id = ? AND looks IS NOT NULL",
                arguments: [run.number])
            {
                return said
            }
            return try Self.adoption(db)?.looksFirst(begun: run.started) ?? false
        }
    }

    /// Fixes for a run, and for good, whether its records are looked up first.
    package func setLooks(_ looks: Bool, run: Int64) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE run SET looks = ? WHERE id = ?", arguments: [looks, run])
        }
    }

    /// Which of these identities of a scope some record owns already.
    package func owned(_ identities: [Identity], scope: Int64) async throws -> [Bool] {
        try await writer.write { context in
            try context.keys(of: scope).lookUp(identities, in: context.db).map { $0 != nil }
        }
    }

    /// A run that only its folder tells about: closed, with nothing of its records.
    private static func takeUp(
        _ mark: RunMark, _ ending: String, at now: Timestamp, _ db: Database
    ) throws {
        let (scope, _) = try scope(db, org: mark.org, endpoint: mark.endpoint)
        try db.execute(
            sql: """
                INSERT INTO run (name, job, job_text, job_file, connection, scope, state, started, ended, ending)
                VALUES (?, ?, '', ?, ?, ?, 'abandoned', ?, ?, ?) ON CONFLICT DO NOTHING
                """,
            arguments: [
                mark.run, mark.job, mark.jobFile, mark.connection, scope, mark.started,
                now.milliseconds, ending,
            ])
        guard db.changesCount > 0 else { return }
        let number = db.lastInsertedRowID
        for (file, input) in mark.inputs.enumerated() {
            try db.execute(
                sql: """
                    INSERT INTO input (run, file, path, member, name, fingerprint) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [number, file, input.path, input.member, input.name, input.fingerprint])
        }
    }
}
