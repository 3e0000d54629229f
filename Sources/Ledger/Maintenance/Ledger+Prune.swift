import Foundation
import GRDB
package import Model

// Removing what is old. Never a key, nor what a key needs: the state of the record that owns it. Never what is
// pending, in doubt or parked, nor a line of repair. A run's totals are written down before the first of its
// records goes, so that a pruning which is killed leaves nothing that does not add up; the next one continues.
extension Ledger {
    /// Removes the bytes of records that were not accepted, and what else is not needed any more, of runs that
    /// ended before `cutoff`.
    ///
    /// - Parameters:
    ///   - isHeld: A process is at that job: its runs are left alone.
    ///   - announce: Told before anything is removed which runs go, and which of them have open rejects:
    ///     their folders are to be kept.
    /// - Returns: What was removed, by this call.
    /// - Complexity: Reads all keys once. Writes in small transactions, so that runs continue in the meantime.
    package func prune(
        endedBefore cutoff: Timestamp, at now: Timestamp,
        isHeld: (_ job: String) -> Bool = { _ in false },
        announce: (_ runs: [PruneCandidate]) -> Void = { _ in }
    ) async throws -> Pruned {
        try await pruneCustomerNumbers(before: cutoff)
        let done = Set(try tombstones(finished: true))
        let old = try runs(limit: .max).filter { run in
            guard !run.isOpen, !done.contains(run.number), let ended = run.ended else { return false }
            return ended < cutoff && !isHeld(run.job)
        }
        var going: [(row: RunRow, totals: Totals, run: PruneCandidate)] = []
        for run in old {
            let totals = try self.totals(run: run.number)
            let isSettled = totals[.sent] + totals[.inDoubt] + totals[.parked] == 0
            going.append(
                (
                    run, totals,
                    PruneCandidate(
                        id: run.id, job: run.job, isWhole: isSettled,
                        open: try openHere(run: run.number))
                ))
        }
        announce(going.map(\.run))
        var pruned = Pruned()
        pruned.cards = try await pruneCards(endedBefore: cutoff)
        pruned.exports = try await pruneExports(endedBefore: cutoff)
        guard !old.isEmpty else { return pruned }
        let owned = try ownedBlocks(of: Set(old.map(\.number)))
        for (run, totals, what) in going {
            try Task.checkCancellation()
            let isSettled = what.isWhole
            if isSettled {
                try await bury(run.number, totals, keepsFolder: what.open > 0, at: now)
            }
            pruned.payloads += try await removePayloads(of: run.number)
            guard isSettled else { continue }
            pruned.attempts += try await removeAll(
                "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE run = ? LIMIT 500)",
                of: run.number)
            _ = try await removeAll(
                "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE run = ? LIMIT 2000)",
                of: run.number)
            pruned.chunks += try await removeChunks(of: run.number, owned)
            _ = try await removeAll("DELETE FROM refused WHERE run = ?", of: run.number)
            _ = try await removeAll("DELETE FROM filtered WHERE run = ?", of: run.number)
            try await writer.write {
                try $0.db.execute(
                    sql: "UPDATE tombstone SET done = 1 WHERE run = ?", arguments: [run.number])
            }
            pruned.runs += 1
        }
        return pruned
    }

    /// The runs of which only a pruned run is left: what is kept of them beside the ledger can go, unless some
    /// of their rejects were open by then, whose rows stand nowhere else.
    package func prunedRuns() throws -> [RunID] {
        try pool.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM run
                    WHERE id IN (SELECT run FROM tombstone WHERE done = 1 AND keeps_folder = 0)
                    """)
        }.compactMap(RunID.init)
    }

    /// What is left of a run whose records were removed; nil where they are all there.
    package func prunedRun(run: Int64) throws -> PrunedRun? {
        try pool.read { db in
            try Row.fetchOne(
                db, sql: "SELECT at, totals, inputs, keeps_folder FROM tombstone WHERE run = ?",
                arguments: [run]
            ).map { row in
                var totals = Totals()
                for (raw, count) in try JSONDecoder().decode(
                    [UInt8: Int].self, from: Data((row[1] as String).utf8))
                {
                    totals.add(StateByte(raw: raw) ?? StateByte(.inDoubt), count)
                }
                return PrunedRun(
                    at: Timestamp(milliseconds: row[0]), totals: totals,
                    inputs: try JSONDecoder().decode(
                        [PrunedRun.Input].self, from: Data((row[2] as String).utf8)),
                    keepsFolder: row[3])
            }
        }
    }

    /// How large the ledger is.
    package func size() throws -> LedgerSize {
        let (pages, free, page) = try pool.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            )
        }
        let log =
            try? FileManager.default.attributesOfItem(
                atPath: Self.path(in: directory) + "-wal")[.size] as? Int
        return LedgerSize(bytes: pages * page + (log ?? 0), free: free * page)
    }

    /// Gives free room back to the file system. It needs as much room again for as long as it takes, and
    /// holds up all who write.
    package func shrink() async throws {
        await writer.stop()
        try vacuum()
    }

    private func vacuum() throws { try pool.pool.vacuum() }

    // MARK: Steps

    private func tombstones(finished: Bool) throws -> [Int64] {
        try pool.read { db in
            try Int64.fetchAll(
                db, sql: "SELECT run FROM tombstone WHERE done = ?", arguments: [finished])
        }
    }

    private func bury(_ run: Int64, _ totals: Totals, keepsFolder: Bool, at now: Timestamp) async throws
    {
        var inputs: [Int: PrunedRun.Input] = [:]
        try chunks(run: run) { chunk in
            var input = inputs[chunk.file] ?? PrunedRun.Input(file: chunk.file)
            input.rows += chunk.rows
            input.rowBytes += chunk.rowBytes
            input.blankBytes += chunk.blankBytes
            input.unreadableBytes += chunk.unreadableBytes
            input.stop = max(input.stop, chunk.stop)
            inputs[chunk.file] = input
            return true
        }
        if let files = try grouping(of: run)?.files, !files.isEmpty {
            inputs = [:]
            for (index, file) in files.enumerated() {
                inputs[index] = PrunedRun.Input(
                    file: index, rows: file.rows, rowBytes: file.rowBytes,
                    blankBytes: file.blankBytes, unreadableBytes: file.unreadableBytes,
                    stop: file.totalBytes)
            }
        }
        for (file, filtered) in try self.filtered(run: run) {
            inputs[file, default: PrunedRun.Input(file: file)].filteredRows = filtered.rows
            inputs[file]?.filteredBytes = filtered.bytes
        }
        let counts = Dictionary(uniqueKeysWithValues: totals.counts.map { ($0.key.raw, $0.value) })
        let texts = (
            String(decoding: try JSONEncoder().encode(counts), as: UTF8.self),
            String(
                decoding: try JSONEncoder().encode(inputs.values.sorted { $0.file < $1.file }),
                as: UTF8.self)
        )
        try await writer.write {
            // One that an earlier pruning wrote is the true one: since then, chunks may be gone.
            try $0.db.execute(
                sql: """
                    INSERT OR IGNORE INTO tombstone (run, at, totals, inputs, keeps_folder)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [run, now.milliseconds, texts.0, texts.1, keepsFolder])
        }
    }

    private func removePayloads(of run: Int64) async throws -> Int {
        var removed = 0
        var from: Int64 = 0
        while true {
            let start = from
            let (last, count) = try await writer.write { context -> (Int64?, Int) in
                let db = context.db
                let records = try Int64.fetchAll(
                    db,
                    sql: """
                        SELECT record FROM trouble WHERE run = ? AND record >= ? AND stored IS NOT NULL
                        ORDER BY record LIMIT 500
                        """, arguments: [run, start])
                var states = StateCache(db: db)
                var count = 0
                for record in records {
                    switch try states.state(run: run, record: record)?.state {
                    case .parked, .inDoubt, .sent: continue
                    case .rejected, .invalid, .failed, .unsent, .accepted, .skipped, nil: break
                    }
                    try db.cachedStatement(
                        sql: "UPDATE trouble SET stored = NULL WHERE run = ? AND record = ?"
                    ).execute(arguments: [run, record])
                    count += 1
                }
                return (records.last, count)
            }
            removed += count
            guard let last else { return removed }
            from = last + 1
        }
    }

    /// Repeats a statement that removes a few rows until it finds none.
    func removeAll(_ sql: String, of run: Int64) async throws -> Int {
        var removed = 0
        while true {
            let count = try await writer.write { context in
                try context.db.execute(sql: sql, arguments: [run])
                return context.db.changesCount
            }
            if count == 0 { return removed }
            removed += count
        }
    }

    /// Removes the chunks that no key and no line of repair needs; the rest lets go of what only a resume
    /// would read.
    private func removeChunks(of run: Int64, _ owned: Set<Int64>) async throws -> Int {
        var removed = 0
        var from = ChunkID(run: run, first: 0).rawValue
        let end = ChunkID(run: run + 1, first: 0).rawValue
        while true {
            let start = from
            let (next, count) = try await writer.write { context -> (Int64?, Int) in
                let db = context.db
                let rows = try Row.fetchAll(
                    db,
                    sql:
                        "SELECT id, count, mapper IS NOT NULL, states FROM chunk WHERE id >= ? AND id < ? ORDER BY id LIMIT 256",
                    arguments: [start, end])
                var count = 0
                for row in rows {
                    let id = ChunkID(rawValue: row[0])
                    let records = id.first..<id.first + Int64(row[1] as Int)
                    let holds = (row[3] as Data).contains {
                        StateByte(raw: $0)?.state.holdsIdentity ?? true
                    }
                    if try Self.isNeeded(run, records, holds ? owned : [], db) {
                        if row[2] {
                            try db.cachedStatement(sql: "UPDATE chunk SET mapper = NULL WHERE id = ?")
                                .execute(arguments: [id.rawValue])
                        }
                        continue
                    }
                    try db.cachedStatement(sql: "DELETE FROM chunk WHERE id = ?")
                        .execute(arguments: [id.rawValue])
                    for table in ["trouble", "server_text"] {
                        try db.cachedStatement(
                            sql: "DELETE FROM \(table) WHERE run = ? AND record >= ? AND record < ?"
                        ).execute(arguments: [run, records.lowerBound, records.upperBound])
                    }
                    count += 1
                }
                return (rows.last.map { ($0[0] as Int64) + 1 }, count)
            }
            removed += count
            guard let next else { return removed }
            from = next
        }
    }

    /// Whether one of these records owns a key, or is in a line of repair.
    ///
    /// - Parameter owned: The blocks in which a record owns a key that matters: one that was refused owns
    ///   its key as if it did not.
    private static func isNeeded(
        _ run: Int64, _ records: Range<Int64>, _ owned: Set<Int64>, _ db: Database
    ) throws -> Bool {
        let blocks = records.lowerBound >> blockBits...(records.upperBound - 1) >> blockBits
        if blocks.contains(where: { owned.contains(block(run, $0 << blockBits)) }) { return true }
        for (own, other) in [("run", "record"), ("parent_run", "parent_record")] {
            let found = try Bool.fetchOne(
                db.cachedStatement(
                    sql:
                        "SELECT EXISTS (SELECT 1 FROM repairs WHERE \(own) = ? AND \(other) >= ? AND \(other) < ?)"
                ), arguments: [run, records.lowerBound, records.upperBound])
            if found ?? false { return true }
        }
        return false
    }

    // MARK: Keys

    /// Records are remembered by blocks of this many bits: a run that imported millions takes a few
    /// hundred.
    private static let blockBits: Int64 = 8

    private static func block(_ run: Int64, _ record: Int64) -> Int64 {
        run << 40 | record >> blockBits
    }

    /// The blocks in which a record of one of these runs owns a key, or did until a merge forgets it.
    private func ownedBlocks(of runs: Set<Int64>) throws -> Set<Int64> {
        try pool.read { db in
            var owned = Set<Int64>()
            var keys: [PackedKey] = []
            for sql in [
                "SELECT entries FROM key_log",
                """
                SELECT p.entries FROM key_page p JOIN key_segment s ON s.id = p.id >> 32 WHERE s.state < 2
                """,
            ] {
                let rows = try Row.fetchCursor(db, sql: sql)
                while let row = try rows.next() {
                    keys.removeAll(keepingCapacity: true)
                    try row.withUnsafeData(atIndex: 0) { try KeyBlob.append($0 ?? Data(), to: &keys) }
                    for key in keys {
                        let run = Int64(key.owner >> 40)
                        guard runs.contains(run) else { continue }
                        owned.insert(Self.block(run, Int64(key.owner & (1 << 40 - 1))))
                    }
                }
            }
            return owned
        }
    }
}
