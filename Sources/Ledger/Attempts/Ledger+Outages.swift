import GRDB
package import Model

/// A server that could not be reached when it was last tried.
package struct OutageRow: Sendable, Equatable {
    package var since: Timestamp
    package var cause: String

    package init(since: Timestamp, cause: String) {
        self.since = since
        self.cause = cause
    }
}

// They stand among the events, under no record.
extension Ledger {
    private static let noRecord: Int64 = -1

    /// - Parameter cause: Nil where the server answers again.
    package func noteOutage(run: Int64, at: Timestamp, _ cause: String?) async throws {
        try await remember(
            run: run, record: Self.noRecord, at: at, kind: cause == nil ? "reachable" : "unreachable",
            cause ?? "")
    }

    /// The outage that a run is in, or ended in; nil where the server answered last.
    package func outage(run: Int64) throws -> OutageRow? {
        try pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT at, kind, message FROM event WHERE run = ? AND record = ?
                        AND kind IN ('reachable', 'unreachable') ORDER BY id DESC LIMIT 1
                    """, arguments: [run, Self.noRecord])
            guard let row, row["kind"] == "unreachable" else { return nil }
            return OutageRow(
                since: Timestamp(milliseconds: row["at"]), cause: row["message"])
        }
    }
}
