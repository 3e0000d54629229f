import GRDB
import Model

// Which record repairs which. A record is repaired by one at most, and that one again, so that each line has
// one leaf: what is open is what the leaves say. A record may repair several, whose lines meet in it: rows that
// were records of their own while they were malformed become one bill once they are fixed.

/// A record's place in the ledger.
package struct RecordPlace: Hashable, Comparable, Sendable {
    package var run: Int64
    package var record: Int64

    package init(run: Int64, record: Int64) {
        self.run = run
        self.record = record
    }

    package static func < (one: RecordPlace, other: RecordPlace) -> Bool {
        (one.run, one.record) < (other.run, other.record)
    }
}

/// Reading and writing of lines of repair.
enum RepairChain {
    /// The record that repairs this one; nil where it is a leaf.
    static func child(_ db: Database, of place: RecordPlace) throws -> RecordPlace? {
        try Row.fetchOne(
            db.cachedStatement(
                sql:
                    "SELECT run, record FROM repairs WHERE parent_run = ? AND parent_record = ? LIMIT 1"
            ),
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
    static func latest(_ db: Database, of place: RecordPlace) throws -> RecordPlace {
        var latest = place
        while let next = try child(db, of: latest) { latest = next }
        return latest
    }

    static func line(_ db: Database, of place: RecordPlace) throws -> RepairLine {
        let roots = try ties(db, of: place).map(\.root)
        return RepairLine(
            record: place, roots: roots.isEmpty ? [place] : roots, latest: try latest(db, of: place))
    }

    /// A record that another repairs, and the first of one line that leads to it.
    private struct Tie {
        var parent: RecordPlace
        var root: RecordPlace
    }

    /// What a record repairs, the oldest root first.
    private static func ties(_ db: Database, of place: RecordPlace) throws -> [Tie] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT parent_run, parent_record, root_run, root_record FROM repairs
                    WHERE run = ? AND record = ? ORDER BY root_run, root_record
                    """), arguments: [place.run, place.record]
        ).map {
            Tie(
                parent: RecordPlace(run: $0[0], record: $0[1]),
                root: RecordPlace(run: $0[2], record: $0[3]))
        }
    }

    /// Notes that a record repairs others, beside those that it repairs already. Each is the last of its line.
    static func tie(_ db: Database, _ place: RecordPlace, to parents: [RecordPlace]) throws {
        guard !parents.isEmpty else { return }
        var all = try ties(db, of: place)
        let hadAny = !all.isEmpty
        for parent in parents {
            let own = try ties(db, of: parent)
            all +=
                own.isEmpty
                ? [Tie(parent: parent, root: parent)] : own.map { Tie(parent: parent, root: $0.root) }
        }
        if hadAny { try untie(db, place) }
        all.sort { $0.root < $1.root }
        for (index, tie) in all.enumerated() {
            try db.cachedStatement(
                sql: """
                    INSERT OR IGNORE INTO \(index == 0 ? "repair" : "repair_more")
                        (run, record, parent_run, parent_record, root_run, root_record)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                place.run, place.record, tie.parent.run, tie.parent.record, tie.root.run,
                tie.root.record,
            ])
        }
    }

    private static func untie(_ db: Database, _ place: RecordPlace) throws {
        for table in ["repair", "repair_more"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) WHERE run = ? AND record = ?")
                .execute(arguments: [place.run, place.record])
        }
    }

    /// Unties the records of a run that were never sent and never will be: what they were to repair is open
    /// again.
    static func letGo(_ db: Database, run: Int64) throws {
        let records = try Int64.fetchAll(
            db, sql: "SELECT record FROM repair WHERE run = ?", arguments: [run])
        var states = StateCache(db: db)
        for record in records where try states.state(run: run, record: record)?.state == .unsent {
            try untie(db, RecordPlace(run: run, record: record))
        }
    }
}

/// States of records that are requested in their order: each chunk is read once.
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
