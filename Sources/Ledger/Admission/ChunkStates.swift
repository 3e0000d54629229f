import Foundation
import GRDB
import Model

/// A chunk's row id: the run in the upper bits, the first record number in the lower forty.
struct ChunkID: Hashable {
    let rawValue: Int64
    init(rawValue: Int64) { self.rawValue = rawValue }
    init(run: Int64, first: Int64) { rawValue = run << 40 | first }
    var first: Int64 { rawValue & (1 << 40 - 1) }
    var run: Int64 { rawValue >> 40 }
}

/// Reading and writing the state bytes of chunks.
enum ChunkStates {
    static func open(_ states: [UInt8]) -> Int {
        states.reduce(0) { $0 + ((StateByte(raw: $1)?.isSettled ?? false) ? 0 : 1) }
    }

    static func read(_ db: Database, _ id: ChunkID) throws -> (states: [UInt8], serverIDs: [UInt8]?) {
        let statement = try db.cachedStatement(sql: "SELECT states, server_ids FROM chunk WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]) else {
            throw LedgerError(.missing(.chunk))
        }
        return (Array(row[0] as Data), (row[1] as Data?).map { Array($0) })
    }

    /// The chunk that holds a record, and what it says; nil where there is none.
    static func read(_ db: Database, run: Int64, record: Int64) throws
        -> (id: ChunkID, states: [UInt8], serverIDs: [UInt8]?)?
    {
        let statement = try db.cachedStatement(
            sql: "SELECT id, states, server_ids FROM chunk WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let sought = ChunkID(run: run, first: record).rawValue
        let cursor = try Row.fetchCursor(statement, arguments: [sought])
        guard let row = try cursor.next() else { return nil }
        let id = ChunkID(rawValue: row[0])
        guard id.run == run else { return nil }
        func bytes(_ index: Int) throws -> [UInt8]? {
            try row.withUnsafeData(atIndex: index) { $0.map(Array.init) }
        }
        return (id, try bytes(1) ?? [], try bytes(2))
    }

    static func write(_ db: Database, _ id: ChunkID, states: [UInt8], open: Int) throws {
        try db.cachedStatement(sql: "UPDATE chunk SET states = ?, open = ? WHERE id = ?")
            .execute(arguments: [Data(states), open, id.rawValue])
    }

    /// The chunk that holds a record.
    static func chunk(_ db: Database, run: Int64, record: Int64) throws -> ChunkID? {
        let statement = try db.cachedStatement(
            sql: "SELECT id FROM chunk WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let sought = ChunkID(run: run, first: record).rawValue
        return try Int64.fetchOne(statement, arguments: [sought]).map(ChunkID.init(rawValue:))
            .flatMap { $0.run == run ? $0 : nil }
    }

    static func state(_ db: Database, run: Int64, record: Int64) throws -> StateByte? {
        guard let id = try chunk(db, run: run, record: record) else { return nil }
        let states = try read(db, id).states
        let index = Int(record - id.first)
        return states.indices.contains(index) ? StateByte(raw: states[index]) : nil
    }
}
