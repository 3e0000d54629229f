import Foundation
import GRDB
import Model

extension Ledger {
    /// Stores chunks and decides record by record whether each may be sent; where a chunk is stored
    /// already, decides again for those of its records that are unsent. One transaction for all.
    ///
    /// - Returns: The admissions of each chunk, and a mark to hand to ``intend(_:)``.
    package func admit(
        _ chunks: [NewChunk], run: Int64, scope: Int64
    ) async throws -> (admissions: [Admissions], mark: Int) {
        try writer.check()
        return try await writer.write { context in
            context.enter(run: run)
            let gate = AdmissionGate(context: context, keys: context.keys(of: scope), run: run)
            let admissions = try chunks.map { try Self.admit($0, run: run, gate, context) }
            return (admissions, context.foreignChanges)
        }
    }

    private static func admit(
        _ chunk: NewChunk, run: Int64, _ gate: AdmissionGate, _ context: Writer.Context
    ) throws -> Admissions {
        let db = context.aside
        let id = ChunkID(run: run, first: chunk.first)
        var states =
            chunk.isStored
            ? try context.chunks.states(of: id, db)
            : [UInt8](repeating: StateByte(.unsent).raw, count: chunk.candidates.count)
        guard states.count == chunk.candidates.count else {
            throw LedgerError(.chunkChanged(now: chunk.candidates.count, before: states.count))
        }
        if !chunk.isStored, try gate.letInFresh(chunk.candidates) {
            try insert(chunk, id: id, states: states, run: run, context)
            return Admissions(chunk.candidates)
        }
        let admissions = try gate.judge(chunk.candidates, states: states)
        for (index, admission) in admissions.enumerated() {
            let event: (RecordState.Event, StateByte.Detail)
            switch admission {
            // Invalid and parked ones are settled together with their reason, by the caller.
            case .go, .waits, .settled, .inDoubt, .invalid, .parked: continue
            case .skipped(let detail): event = (.foundDone, detail)
            case .refused: event = (.foundInvalid, .none)
            }
            guard let next = RecordState.unsent.after(event.0) else { continue }
            states[index] = StateByte(next, event.1).raw
        }
        if chunk.isStored {
            try context.chunks.replace(states, of: id, db)
        } else {
            try insert(chunk, id: id, states: states, run: run, context)
        }
        for (candidate, admission) in zip(chunk.candidates, admissions) {
            guard admission == .refused, let trouble = candidate.trouble else { continue }
            try note(trouble, run: run, record: candidate.record, db)
        }
        return Admissions(chunk.candidates, admissions)
    }

    private static func insert(
        _ chunk: NewChunk, id: ChunkID, states: [UInt8], run: Int64, _ context: Writer.Context
    ) throws {
        let open = ChunkStates.open(states)
        let statement = try context.aside.cachedStatement(
            sql: """
                INSERT INTO chunk (id, count, file, row, line, start, stop, next_row, next_line, row_bytes,
                    blank_bytes, unreadable_bytes, rows, mapper, open, states)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            id.rawValue, chunk.candidates.count, chunk.file, chunk.row, chunk.line, chunk.start,
            chunk.stop,
            chunk.nextRow, chunk.nextLine, chunk.rowBytes, chunk.blankBytes, chunk.unreadableBytes,
            chunk.rows,
            chunk.mapper.map { Data($0) }, open, Data(states),
        ])
        context.chunks.insert(id, states: states, open: open)
        if chunk.filtered.rows > 0 {
            try note(
                chunk.filtered, run: run, file: chunk.file, first: chunk.first, context.aside)
        }
    }

    /// Judges records again that were let in and could not go, since their keys had been taken.
    ///
    /// - Returns: One admission a candidate, and a mark to hand to ``intend(_:)``.
    package func admitAgain(_ candidates: [Candidate], run: Int64, scope: Int64) async throws
        -> (admissions: [Admission], mark: Int)
    {
        try await writer.write { context in
            context.enter(run: run)
            let gate = AdmissionGate(context: context, keys: context.keys(of: scope), run: run)
            let states = try candidates.map {
                try ChunkStates.state(context.db, run: run, record: $0.record)?.raw ?? 0xFF
            }
            let admissions = try gate.judge(candidates, states: states)
            for (candidate, admission) in zip(candidates, admissions) {
                guard case .skipped(let detail) = admission else { continue }
                try Self.apply(
                    [Settlement(record: candidate.record, event: .foundDone, detail: detail)], run: run,
                    attempt: nil, at: Timestamp(milliseconds: 0), context)
            }
            return (admissions, context.foreignChanges)
        }
    }

    /// Notes what a person needs to know of records that `admit` refused or holds back.
    package func note(_ troubles: [(record: Int64, trouble: Candidate.Trouble)], run: Int64)
        async throws
    {
        guard !troubles.isEmpty else { return }
        try await writer.write { context in
            for (record, trouble) in troubles {
                try Self.note(trouble, run: run, record: record, context.db)
            }
        }
    }

    static func note(_ trouble: Candidate.Trouble, run: Int64, record: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO trouble (run, record, stage, reason, field, server_code, message, key, file, row, line,
                    start, length, stored)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run, record) DO UPDATE SET stage = excluded.stage, reason = excluded.reason,
                    field = excluded.field, server_code = excluded.server_code, message = excluded.message
                """)
        let refusal = trouble.refusal
        try statement.execute(arguments: [
            run, record, trouble.stage, refusal.reason.code, refusal.field, refusal.serverCode,
            refusal.message,
            trouble.key, trouble.position.file, trouble.position.row, trouble.position.line,
            trouble.position.offset, trouble.position.length, Data(trouble.stored),
        ])
    }
}
