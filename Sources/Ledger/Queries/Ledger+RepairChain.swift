import GRDB
package import Model

/// A record that was not accepted and that nothing has repaired: the last of its line.
package struct OpenFailure: Sendable, Equatable {
    package var run: RunRow
    package var row: DeadLetter
    /// The first of its line: where it failed first; of several lines, the oldest. The record itself where
    /// nothing was tried since.
    package var root: RecordPlace
    /// When the run in which it failed first began.
    package var since: Timestamp

    package var id: RecordID { RecordID(run: run.id, record: row.record) }
}

/// What became of the records of a run that was not accepted, through all that was sent to repair them. Each counts
/// for itself, also where one record repairs several of them.
package struct Repairs: Sendable, Equatable {
    /// Accepted since.
    package var repaired = 0
    /// Sent again, or about to be, and not settled: unsent, in doubt, or parked.
    package var underWay = 0
    /// Not repaired: rejected, invalid or failed at the end of their line.
    package var open = 0
    /// Not repaired, and closed by a person.
    package var closed = 0
    /// The runs that took part, the oldest first, the run itself not among them.
    package var runs: [Int64] = []

    /// How many were not accepted at first.
    package var failed: Int { repaired + underWay + open + closed }
}

/// The line of repair that a record is in.
package struct RepairLine: Sendable, Equatable {
    package var record: RecordPlace
    /// Where it began; several where it repairs several. The oldest first.
    package var roots: [RecordPlace]
    package var latest: RecordPlace

    /// Whether it passes through one of these runs, as far as its ends and the record tell.
    package func touches(_ runs: Set<Int64>) -> Bool {
        runs.contains(record.run) || roots.contains { runs.contains($0.run) }
            || runs.contains(latest.run)
    }
}

extension Ledger {
    /// The name of a run; nil where there is none of that number.
    package func name(of run: Int64) throws -> RunID? {
        try pool.read { db in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM run WHERE id = ?"), arguments: [run])
        }.flatMap(RunID.init)
    }

    /// The record that was sent, or is to be, in order to repair this one; nil where there is none.
    package func repair(of place: RecordPlace) throws -> RecordID? {
        guard let child = try pool.read({ try RepairChain.child($0, of: place) }),
            let name = try name(of: child.run)
        else { return nil }
        return RecordID(run: name, record: child.record)
    }

    /// Whether something was refused in a scope before it was sent: then what comes has to bear its label.
    package func hasRefused(scope: Int64) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM refused WHERE scope = ?)", arguments: [scope])
                ?? false
        }
    }

    /// A run, the run it retries and so on up to the first, and all that retry any of them; the oldest first.
    package func family(of run: Int64) throws -> [RunRow] {
        try pool.read { db in
            try Self.runs(
                db,
                """
                WHERE run.id IN (
                    WITH RECURSIVE
                    up (id, parent) AS (
                        SELECT id, parent FROM run WHERE id = ?
                        UNION SELECT run.id, run.parent FROM run JOIN up ON run.id = up.parent),
                    down (id) AS (
                        SELECT id FROM up WHERE parent IS NULL
                        UNION SELECT run.id FROM run JOIN down ON run.parent = down.id)
                    SELECT id FROM down) ORDER BY run.id
                """, [run])
        }
    }

    /// Records that are open: rejected, invalid or failed, and the last of their line.
    ///
    /// - Parameters:
    ///   - runs: Those that failed in one of these runs, or whose line began there; nil: all the ledger's.
    ///   - body: Is told each, in the order in which they failed first; returns false to stop.
    /// - Complexity: Memory does not grow with the records.
    package func openFailures(of runs: [Int64]?, _ body: (OpenFailure) throws -> Bool) throws {
        try pool.read { db in
            let known = Dictionary(
                try Self.runs(db, "", []).map { ($0.number, $0) }, uniquingKeysWith: { a, _ in a })
            // Numbers of the ledger's own, so that they can be in the text.
            let list = runs.map { "(" + $0.map(String.init).joined(separator: ",") + ")" }
            let within =
                list.map {
                    """
                    AND (t.run IN \($0) OR r.root_run IN \($0) OR EXISTS (
                        SELECT 1 FROM repair_more m
                        WHERE m.run = t.run AND m.record = t.record AND m.root_run IN \($0)))
                    """
                } ?? ""
            let columns = Self.troubleColumns.map { "t." + $0 }.joined(separator: ", ")
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(columns), t.run, coalesce(r.root_run, t.run) AS line_run, coalesce(r.root_record, t.record) AS line_record
                    FROM trouble t LEFT JOIN repair r ON r.run = t.run AND r.record = t.record
                    WHERE NOT EXISTS (SELECT 1 FROM repairs c WHERE c.parent_run = t.run AND c.parent_record = t.record)
                    AND NOT EXISTS (SELECT 1 FROM closed d WHERE d.run = t.run AND d.record = t.record)
                    \(within) ORDER BY line_run, line_record
                    """)
            var states = StateCache(db: db)
            while let row = try cursor.next() {
                let record: Int64 = row[0]
                guard let run = known[row["run"]],
                    let state = try states.state(run: run.number, record: record),
                    [.rejected, .invalid, .failed].contains(state.state)
                else { continue }
                let root = RecordPlace(run: row["line_run"], record: row["line_record"])
                let failure = OpenFailure(
                    run: run,
                    row: DeadLetter(record: record, state: state, trouble: Self.trouble(row)),
                    root: root, since: known[root.run]?.started ?? run.started)
                guard try body(failure) else { return }
            }
        }
    }

    /// What became of a run's records that were not accepted at first.
    package func repairs(of run: Int64) throws -> Repairs {
        var repairs = Repairs()
        try pool.read { db in
            var states = StateCache(db: db)
            var runs = Set<Int64>()
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT run, record, EXISTS (
                        SELECT 1 FROM repairs c WHERE c.parent_run = r.run AND c.parent_record = r.record),
                        EXISTS (SELECT 1 FROM closed d WHERE d.run = r.run AND d.record = r.record)
                    FROM repairs r WHERE root_run = ? ORDER BY run, record
                    """, arguments: [run])
            while let row = try cursor.next() {
                runs.insert(row[0])
                guard !(row[2] as Bool) else { continue }
                switch try states.state(run: row[0], record: row[1])?.state {
                case .accepted, .skipped: repairs.repaired += 1
                case .rejected, .invalid, .failed:
                    if row[3] as Bool { repairs.closed += 1 } else { repairs.open += 1 }
                case .unsent, .sent, .inDoubt, .parked, nil: repairs.underWay += 1
                }
            }
            repairs.runs = runs.sorted()
            // Those that nothing was sent for.
            states = StateCache(db: db)
            let rest = try Row.fetchCursor(
                db,
                sql: """
                    SELECT record, EXISTS (SELECT 1 FROM closed d WHERE d.run = ?1 AND d.record = t.record)
                    FROM trouble t WHERE run = ?1 AND NOT EXISTS (
                        SELECT 1 FROM repairs c WHERE c.parent_run = ?1 AND c.parent_record = t.record)
                        AND NOT EXISTS (SELECT 1 FROM repair r WHERE r.run = ?1 AND r.record = t.record)
                    ORDER BY record
                    """, arguments: [run])
            while let row = try rest.next() {
                switch try states.state(run: run, record: row[0])?.state {
                case .rejected, .invalid, .failed:
                    if row[1] as Bool { repairs.closed += 1 } else { repairs.open += 1 }
                default: break
                }
            }
        }
        return repairs
    }

    /// The line that each of these records is in; nil where the scope of `run` has no such record.
    package func lines(of ids: [RecordID], run: Int64) throws -> [RepairLine?] {
        try pool.read { db in
            try ids.map { id in
                try RepairChain.place(db, of: id, inScopeOf: run).map {
                    try RepairChain.line(db, of: $0)
                }
            }
        }
    }

    /// The line of the newest record of each of these keys; nil where there is none.
    package func lines(of identities: [Identity], scope: Int64) async throws -> [RepairLine?] {
        guard !identities.isEmpty else { return [] }
        return try await writer.write { context in
            try context.keys(of: scope).lookUp(identities, in: context.db).map { entry in
                try entry.map {
                    try RepairChain.line(context.db, of: RecordPlace(run: $0.run, record: $0.record))
                }
            }
        }
    }
}
