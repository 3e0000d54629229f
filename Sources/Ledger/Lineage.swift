import GRDB
import Model

// Which record repairs which. A record is repaired by one at most, and that one again, so that each line has
// one leaf: what is open is what the leaves say.

/// A record's place in the ledger.
package struct RecordPlace: Hashable, Sendable {
    package var run: Int64
    package var record: Int64

    package init(run: Int64, record: Int64) {
        self.run = run
        self.record = record
    }
}

/// Reading and writing of lines of repair.
enum Lineage {
    /// The record that repairs this one; nil where it is a leaf.
    static func child(_ db: Database, of place: RecordPlace) throws -> RecordPlace? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT run, record FROM repair WHERE parent_run = ? AND parent_record = ?"),
            arguments: [place.run, place.record]
        ).map { RecordPlace(run: $0[0], record: $0[1]) }
    }

    /// Where the record of that name is; nil where this ledger has none, or not in the scope of `run`.
    static func place(_ db: Database, of id: RecordID, inScopeOf run: Int64) throws -> RecordPlace? {
        let number = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id FROM run WHERE name = ? AND scope = (SELECT scope FROM run WHERE id = ?)
                    """), arguments: [id.run.text, run])
        guard let number else { return nil }
        let place = RecordPlace(run: number, record: id.record)
        return try ChunkStates.state(db, run: number, record: id.record) == nil ? nil : place
    }

    /// The last of the line that a record is in.
    static func leaf(_ db: Database, of place: RecordPlace) throws -> RecordPlace {
        var leaf = place
        while let next = try child(db, of: leaf) { leaf = next }
        return leaf
    }

    static func line(_ db: Database, of place: RecordPlace) throws -> RepairLine {
        let root = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT root_run, root_record FROM repair WHERE run = ? AND record = ?"),
            arguments: [place.run, place.record]
        ).map { RecordPlace(run: $0[0], record: $0[1]) }
        return RepairLine(record: place, root: root ?? place, leaf: try leaf(db, of: place))
    }

    /// Notes that a record repairs another, which is the last of its line.
    static func tie(_ db: Database, _ place: RecordPlace, to parent: RecordPlace) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO repair (run, record, parent_run, parent_record, root_run, root_record)
                VALUES (?1, ?2, ?3, ?4,
                    coalesce((SELECT root_run FROM repair WHERE run = ?3 AND record = ?4), ?3),
                    coalesce((SELECT root_record FROM repair WHERE run = ?3 AND record = ?4), ?4))
                """
        ).execute(arguments: [place.run, place.record, parent.run, parent.record])
    }

    /// Unties the records of a run that were never sent and never will be: what they were to repair is open
    /// again.
    static func letGo(_ db: Database, run: Int64) throws {
        let records = try Int64.fetchAll(
            db, sql: "SELECT record FROM repair WHERE run = ?", arguments: [run])
        var states = StateCache(db: db)
        for record in records where try states.state(run: run, record: record)?.state == .unsent {
            try db.cachedStatement(sql: "DELETE FROM repair WHERE run = ? AND record = ?")
                .execute(arguments: [run, record])
        }
    }
}

/// States of records that are asked for in their order: each chunk is read once.
struct StateCache {
    let db: Database
    private var chunk: (id: ChunkID, states: [UInt8])?

    init(db: Database) { self.db = db }

    mutating func state(run: Int64, record: Int64) throws -> StateByte? {
        if let chunk, chunk.id.run == run, record >= chunk.id.first,
            record < chunk.id.first + Int64(chunk.states.count)
        {
            return StateByte(raw: chunk.states[Int(record - chunk.id.first)])
        }
        guard let id = try ChunkStates.chunk(db, run: run, record: record) else { return nil }
        let states = try ChunkStates.read(db, id).states
        chunk = (id, states)
        let index = Int(record - id.first)
        return states.indices.contains(index) ? StateByte(raw: states[index]) : nil
    }
}
