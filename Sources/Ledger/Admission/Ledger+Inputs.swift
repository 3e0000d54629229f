import GRDB

extension Ledger {
    /// The paths of what the runs read that may still continue.
    package func inputsInUse() throws -> Set<String> {
        try pool.read { db in
            try String.fetchSet(
                db,
                sql: """
                    SELECT path FROM input WHERE run IN (SELECT id FROM run WHERE state IN (?, ?))
                    """,
                arguments: [RunRow.State.running.rawValue, RunRow.State.stopped.rawValue])
        }
    }
}
