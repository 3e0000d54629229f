import GRDB
package import Model

// Records that nobody will fix. Their outcome stays what it is; they are not open any more: no list asks for
// them, and `retry` leaves them out. One that comes again under its key, or in a fixed file, is judged as ever.
extension Ledger {
    /// Closes records that were rejected, invalid or failed.
    ///
    /// - Parameter reason: In the person's words; it is kept with each record's history.
    package func close(_ places: [RecordPlace], because reason: String, at: Timestamp) async throws {
        try await writer.write { context in
            for place in places {
                try context.db.execute(
                    sql: "INSERT OR IGNORE INTO closed VALUES (?, ?, ?, ?)",
                    arguments: [place.run, place.record, at.milliseconds, reason])
                guard context.db.changesCount > 0 else { continue }
                try context.db.execute(
                    sql:
                        "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, 'decision', ?)",
                    arguments: [
                        place.run, place.record, at.milliseconds, "a person closed it: \(reason)",
                    ])
            }
        }
    }

    /// How many of a run's own records are open: rejected, invalid or failed, with nothing sent for them
    /// since, and not closed.
    package func openHere(run: Int64) throws -> Int {
        try pool.read { db in
            var states = StateCache(db: db)
            var open = 0
            let cursor = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT record FROM trouble t WHERE run = ?1 AND NOT EXISTS (
                        SELECT 1 FROM repairs c WHERE c.parent_run = ?1 AND c.parent_record = t.record)
                        AND NOT EXISTS (SELECT 1 FROM closed d WHERE d.run = ?1 AND d.record = t.record)
                    ORDER BY record
                    """, arguments: [run])
            while let record = try cursor.next() {
                switch try states.state(run: run, record: record)?.state {
                case .rejected, .invalid, .failed: open += 1
                default: break
                }
            }
            return open
        }
    }
}
