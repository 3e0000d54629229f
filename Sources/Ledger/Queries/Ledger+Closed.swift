import GRDB
package import Model

// Records that nobody will fix. Their outcome stays what it is; they are not open any more: no list asks for
// them, and `retry` leaves them out. One that comes again under its key, or in a fixed file, is judged as ever.
extension Ledger {
    /// Closes records that were rejected, invalid or failed.
    ///
    /// - Parameters:
    ///   - reason: In the person's words.
    ///   - note: What is kept in each record's history: that a person closed it, and the reason.
    package func close(
        _ places: [RecordPlace], because reason: String, note: String, at: Timestamp
    ) async throws {
        try await writer.write { context in
            for place in places {
                try context.db.execute(
                    sql: "INSERT OR IGNORE INTO closed VALUES (?, ?, ?, ?)",
                    arguments: [place.run, place.record, at.milliseconds, reason])
                guard context.db.changesCount > 0 else { continue }
                try context.db.execute(
                    sql:
                        "INSERT INTO event (run, record, at, kind, message) VALUES (?, ?, ?, 'decision', ?)",
                    arguments: [place.run, place.record, at.milliseconds, note])
            }
        }
    }

    /// How many records a person has to see to because of this run: its own, those of earlier runs that failed
    /// in it again, and what its retries left open.
    package func open(of run: RunRow) throws -> Int {
        guard run.parent == nil else { return try openHere(run: run.number) }
        return try repairs(of: run.number).open + openHere(run: run.number, isOlder: true)
    }

    /// How many of a run's own records are open: rejected, invalid or failed, with nothing sent for them
    /// since, and not closed.
    ///
    /// - Parameter isOlder: Only those that failed in an earlier run before, as a row does that is bad every night.
    package func openHere(run: Int64, isOlder: Bool = false) throws -> Int {
        try pool.read { db in
            var states = StateCache(db: db)
            var open = 0
            let cursor = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT record FROM trouble t WHERE run = ?1 AND NOT EXISTS (
                        SELECT 1 FROM repairs c WHERE c.parent_run = ?1 AND c.parent_record = t.record)
                        AND NOT EXISTS (SELECT 1 FROM closed d WHERE d.run = ?1 AND d.record = t.record)
                        AND (NOT ?2 OR EXISTS (
                            SELECT 1 FROM repairs r
                            WHERE r.run = ?1 AND r.record = t.record AND r.root_run <> ?1))
                    ORDER BY record
                    """, arguments: [run, isOlder])
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
