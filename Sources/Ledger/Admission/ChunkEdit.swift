import Foundation
import GRDB
import Model

/// One chunk's states and server ids, read once, changed record by record, written once.
struct ChunkEdit {
    private let id: ChunkID
    private var states: [UInt8]
    /// Eight bytes a record, little endian; 0 where it has none that fits.
    private var serverIDs: [UInt8]?
    private var hasNewIDs = false

    init(_ db: Database, run: Int64, record: Int64) throws {
        guard let chunk = try ChunkStates.read(db, run: run, record: record) else {
            throw Self.missing(record)
        }
        (id, states, serverIDs) = chunk
        guard holds(record) else { throw Self.missing(record) }
    }

    private static func missing(_ record: Int64) -> LedgerError {
        LedgerError(
            .inconsistent, "record \(record) is in no chunk", next: "Keep the ledger and report it.")
    }

    func holds(_ record: Int64) -> Bool {
        record >= id.first && record < id.first + Int64(states.count)
    }

    /// Moves a record on to the state that follows. Returns the one before.
    mutating func change(
        _ record: Int64, _ event: RecordState.Event, _ detail: StateByte.Detail = .none
    ) throws -> RecordState {
        let index = Int(record - id.first)
        guard let before = StateByte(raw: states[index]) else { throw Self.missing(record) }
        guard let after = before.state.after(event) else {
            throw LedgerError(
                .inconsistent,
                "record \(record) is \(before.state.word): \(event) cannot follow",
                next: "Keep the ledger and report it.")
        }
        states[index] = StateByte(after, detail).raw
        return before.state
    }

    /// Keeps what the server calls a record. Returns false where that is no number that would be written
    /// the same again.
    mutating func note(_ serverID: ServerID, of record: Int64) -> Bool {
        guard let number = Int64(serverID.text), number > 0, String(number) == serverID.text else {
            return false
        }
        if serverIDs == nil { serverIDs = [UInt8](repeating: 0, count: states.count * 8) }
        let at = Int(record - id.first) * 8
        for byte in 0..<8 {
            serverIDs?[at + byte] = UInt8(truncatingIfNeeded: number >> Int64(8 * byte))
        }
        hasNewIDs = true
        return true
    }

    func write(_ db: Database) throws {
        guard hasNewIDs, let serverIDs else { return try ChunkStates.write(db, id, states: states) }
        let (low, high) = Self.range(serverIDs)
        try db.cachedStatement(
            sql: """
                UPDATE chunk SET states = ?, server_ids = ?, id_low = ?, id_high = ?, open = ? WHERE id = ?
                """
        ).execute(arguments: [
            Data(states), Data(serverIDs), low, high, ChunkStates.open(states), id.rawValue,
        ])
    }

    /// The smallest and the largest of packed server ids: who asks whose an id is reads few chunks,
    /// since servers number upwards.
    static func range(_ serverIDs: [UInt8]) -> (low: Int64?, high: Int64?) {
        var low: Int64?
        var high: Int64?
        for at in stride(from: 0, to: serverIDs.count - 7, by: 8) {
            let value = Int64(bitPattern: Packing.integer(serverIDs, at))
            if value == 0 { continue }
            low = min(low ?? value, value)
            high = max(high ?? value, value)
        }
        return (low, high)
    }
}
