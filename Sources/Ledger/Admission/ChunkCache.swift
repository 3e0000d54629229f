import Foundation
import GRDB
import Model

/// The states and server ids of the chunks that the writer works on: read once, changed record by record, and
/// written once a commit, however many requests share it.
///
/// Only ever touched on the writer's thread, within a transaction. What it holds is what the tables would say if
/// it were written now: it is emptied where another process has written, where a transaction was rolled back, and
/// where statements of others may change chunks.
final class ChunkCache {
    private struct Chunk {
        let id: ChunkID
        var states: [UInt8]
        /// By record, 0 where it has none that fits; empty where no record has any.
        var serverIDs: [Int64]
        /// The smallest and the largest of them: who asks whose an id is reads few chunks, since servers
        /// number upwards.
        var range: ClosedRange<Int64>?
        /// How many are not settled.
        var open: Int
        var isChanged = false
        var hasNewIDs = false

        var first: Int64 { id.first }
        var end: Int64 { id.first + Int64(states.count) }
    }

    /// Records that it holds at most between two transactions: some two megabytes.
    static let limit = 200_000

    /// In the order of their ids.
    private var chunks: [Chunk] = []
    private var records = 0
    /// Where the last one was found: neighbours follow each other.
    private var last = 0
    private var isChanged = false

    /// Moves a record on to the state that follows.
    ///
    /// - Returns: The state before.
    /// - Throws: ``LedgerError`` where the event cannot follow, or the record is in no chunk.
    func change(
        _ record: Int64, of run: Int64, _ event: RecordState.Event,
        _ detail: StateByte.Detail, _ db: Database
    ) throws -> RecordState {
        let place = try find(record, of: run, db)
        let index = Int(record - chunks[place].first)
        guard let before = StateByte(raw: chunks[place].states[index]) else { throw missing(record) }
        guard let state = before.state.after(event) else {
            throw LedgerError(.cannotFollow(record: record, state: before.state, event: event))
        }
        let after = StateByte(state, detail)
        chunks[place].states[index] = after.raw
        chunks[place].open += (after.isSettled ? 0 : 1) - (before.isSettled ? 0 : 1)
        chunks[place].isChanged = true
        isChanged = true
        return before.state
    }

    /// Keeps what the server calls a record. Returns false where that is no number that would be written
    /// the same again.
    func note(_ serverID: ServerID, of record: Int64, of run: Int64, _ db: Database) throws -> Bool {
        guard let number = Int64(serverID.text), number > 0, String(number) == serverID.text else {
            return false
        }
        let place = try find(record, of: run, db)
        if chunks[place].serverIDs.isEmpty {
            chunks[place].serverIDs = [Int64](repeating: 0, count: chunks[place].states.count)
        }
        let index = Int(record - chunks[place].first)
        let replaced = chunks[place].serverIDs[index]
        chunks[place].serverIDs[index] = number
        if replaced == 0 {
            let range = chunks[place].range ?? number...number
            chunks[place].range = min(range.lowerBound, number)...max(range.upperBound, number)
        } else if replaced != number {
            chunks[place].range = Self.range(chunks[place].serverIDs)
        }
        chunks[place].hasNewIDs = true
        chunks[place].isChanged = true
        isChanged = true
        return true
    }

    /// The states of a chunk that is stored.
    func states(of id: ChunkID, _ db: Database) throws -> [UInt8] {
        let place = try find(id.first, of: id.run, db)
        guard chunks[place].id == id else { throw missing(id.first) }
        return chunks[place].states
    }

    /// Takes other states for a chunk: as many as it has records.
    func replace(_ states: [UInt8], of id: ChunkID, _ db: Database) throws {
        let place = try find(id.first, of: id.run, db)
        guard chunks[place].id == id, chunks[place].states.count == states.count else {
            throw missing(id.first)
        }
        guard chunks[place].states != states else { return }
        chunks[place].states = states
        chunks[place].open = ChunkStates.open(states)
        chunks[place].isChanged = true
        isChanged = true
    }

    /// Takes a chunk in that was just inserted.
    func insert(_ id: ChunkID, states: [UInt8], open: Int) {
        take(Chunk(id: id, states: states, serverIDs: [], range: nil, open: open))
    }

    /// Writes what has changed.
    func write(_ db: Database) throws {
        guard isChanged else { return }
        for place in chunks.indices where chunks[place].isChanged {
            try write(chunks[place], db)
            chunks[place].isChanged = false
            chunks[place].hasNewIDs = false
        }
        isChanged = false
        if records > Self.limit { removeAll() }
    }

    /// Forgets everything, what was not written as well.
    func removeAll() {
        chunks.removeAll()
        records = 0
        last = 0
        isChanged = false
    }

    private func write(_ chunk: Chunk, _ db: Database) throws {
        guard chunk.hasNewIDs else {
            return try ChunkStates.write(db, chunk.id, states: chunk.states, open: chunk.open)
        }
        try db.cachedStatement(
            sql: """
                UPDATE chunk SET states = ?, server_ids = ?, id_low = ?, id_high = ?, open = ? WHERE id = ?
                """
        ).execute(arguments: [
            Data(chunk.states), PackedIDs.data(chunk.serverIDs), chunk.range?.lowerBound,
            chunk.range?.upperBound, chunk.open, chunk.id.rawValue,
        ])
    }

    // MARK: Finding

    private func find(_ record: Int64, of run: Int64, _ db: Database) throws -> Int {
        if last < chunks.count, holds(last, record, of: run) { return last }
        let sought = ChunkID(run: run, first: record)
        var first = 0
        var end = chunks.count
        while first < end {
            let middle = (first + end) / 2
            if chunks[middle].id.rawValue <= sought.rawValue {
                first = middle + 1
            } else {
                end = middle
            }
        }
        if first > 0, holds(first - 1, record, of: run) {
            last = first - 1
            return last
        }
        guard let found = try ChunkStates.read(db, run: run, record: record),
            record < found.id.first + Int64(found.states.count)
        else { throw missing(record) }
        let ids = found.serverIDs.map(PackedIDs.numbers) ?? []
        take(
            Chunk(
                id: found.id, states: found.states,
                serverIDs: ids.count == found.states.count ? ids : [], range: Self.range(ids),
                open: ChunkStates.open(found.states)))
        return last
    }

    private func holds(_ place: Int, _ record: Int64, of run: Int64) -> Bool {
        chunks[place].id.run == run && record >= chunks[place].first && record < chunks[place].end
    }

    private func take(_ chunk: Chunk) {
        // Nearly always it comes after all others.
        var place = chunks.count
        while place > 0, chunks[place - 1].id.rawValue >= chunk.id.rawValue { place -= 1 }
        chunks.insert(chunk, at: place)
        records += chunk.states.count
        last = place
    }

    private static func range(_ serverIDs: [Int64]) -> ClosedRange<Int64>? {
        var range: ClosedRange<Int64>?
        for number in serverIDs where number != 0 {
            range = min(range?.lowerBound ?? number, number)...max(range?.upperBound ?? number, number)
        }
        return range
    }

    private func missing(_ record: Int64) -> LedgerError {
        LedgerError(.noChunk(record: record))
    }
}

/// Server ids as a chunk keeps them: eight bytes a record, little endian; 0 where it has none that fits.
enum PackedIDs {
    static func data(_ numbers: [Int64]) -> Data {
        unsafe numbers.withUnsafeBytes { unsafe Data($0) }
    }

    static func numbers(_ bytes: [UInt8]) -> [Int64] {
        stride(from: 0, to: bytes.count - 7, by: 8).map {
            Int64(bitPattern: MemberPacking.integer(bytes, $0))
        }
    }

    /// The smallest and the largest.
    static func range(_ bytes: [UInt8]) -> (low: Int64?, high: Int64?) {
        let numbers = numbers(bytes).filter { $0 != 0 }
        return (numbers.min(), numbers.max())
    }
}
