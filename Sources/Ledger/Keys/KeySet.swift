// Keys: which identities of a scope are owned, by which run and record; a log-structured merge set
// inside the ledger's database, so that reservations commit together with what they reserve.
// Identities are digests: inserted into a B-tree, each would cost a page read and written at random.
//
//   append ─▶ key_log, one row an append, and the table in memory        (KeyTable)
//                │ flush, when the table is full
//                ▼
//             key_segment: sorted pages (key_page) and Bloom filters (key_filter)   (KeySegment)
//                │ merge, in steps, when enough are alike                (KeyShape)
//                ▼
//             fewer, larger segments
//
// A look-up asks the table, then the segments, newest first, and reads a page only where a filter
// (in memory) says maybe. The newest entry of an identity wins. With tens of millions of keys the
// filter of the largest segment has two bits a key or fewer, and says maybe to nearly half of the
// fresh ones: those go through its sieve first (key_sieve), a finer filter that stays on disk. It
// is a thirtieth of the pages' size, so it finds room in the system's cache where they do not.
//
// Between processes: the log is the truth about what is newer than the segments, and all reading
// and writing happens in immediate transactions. The first use in a transaction takes in the log
// rows that others appended; a generation, raised by whoever changes the segments, tells to read
// their list again.
//
// Crashes: a step of upkeep is one transaction and keeps all its state in the tables (how far a
// merge got is the `cursor` of the segment it builds), so whichever process comes next continues with
// it; there is no lease that would have to heal. A segment being built is seen by nobody until the
// transaction that makes it live and its inputs dead.

import Foundation
import GRDB
import Model

/// The owned identities of one scope. Used only on the ledger's writer.
///
/// Each transaction in which ``lookUp(_:in:)`` or ``append(_:in:)`` was called has to be followed
/// by ``transactionDidCommit()`` or ``transactionDidRollBack()``.
final class KeySet {
    let scope: Int64
    let shape: KeyShape
    var table = KeyTable()
    /// The newest log row taken in; nil before the first.
    private(set) var lastSeen: Int64?
    /// Live, newest first.
    private(set) var segments: [KeySegment] = []
    private var generation: Int64?
    /// Everything others committed is taken in: true until the transaction ends.
    private var isCurrent = false
    private var hasAppended = false
    /// A step of upkeep may find something to do.
    var mayHaveWork = false

    /// - Parameter memoryBudget: Bytes for the filters. The newest entries take about 6 MB more, and
    ///   a step of upkeep up to 8 MB while it runs.
    convenience init(scope: Int64, memoryBudget: Int) {
        self.init(scope: scope, shape: KeyShape(memoryBudget: memoryBudget))
    }

    init(scope: Int64, shape: KeyShape) {
        precondition((0..<1 << 22).contains(scope))
        precondition(shape.stepPages % shape.sievePages == 0)
        self.scope = scope
        self.shape = shape
    }

    /// Creates the tables.
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                -- flushed: the last log row that went into a segment
                CREATE TABLE key_state (
                    scope INTEGER PRIMARY KEY, generation INTEGER NOT NULL, flushed INTEGER NOT NULL);
                -- id: scope << 40 | a sequence without gaps
                CREATE TABLE key_log (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
                -- state: 0 building, 1 live, 2 dead. into_id: the segment it is being merged into
                CREATE TABLE key_segment (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL, state INTEGER NOT NULL,
                    entries INTEGER NOT NULL, buckets INTEGER NOT NULL, width INTEGER NOT NULL,
                    sieve INTEGER NOT NULL, cursor INTEGER NOT NULL, into_id INTEGER);
                CREATE INDEX key_segment_scope ON key_segment (scope, state);
                -- id: segment << 32 | page
                CREATE TABLE key_page (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
                -- id: segment << 32 | first page it is about
                CREATE TABLE key_filter (id INTEGER PRIMARY KEY, bits BLOB NOT NULL);
                -- id: segment << 32 | page / sieve
                CREATE TABLE key_sieve (id INTEGER PRIMARY KEY, bits BLOB NOT NULL);
                """)
    }

    // MARK: - Reading and writing

    /// The newest entries of `identities`, nil where there is none. In a write transaction.
    ///
    /// - Throws: ``LedgerError`` where the stored keys are damaged; errors of the database.
    /// - Complexity: For a fresh identity mostly memory only; for one that is owned a page is read.
    func lookUp(_ identities: [Identity], in db: Database) throws -> [KeyEntry?] {
        try catchUp(db)
        var found = [KeyEntry?](repeating: nil, count: identities.count)
        var open: [AskedKey] = []
        open.reserveCapacity(identities.count)
        for (index, identity) in identities.enumerated() {
            if let key = table.find(identity) {
                found[index] = key.entry
            } else {
                open.append(AskedKey(high: identity.high, low: identity.low, index: index))
            }
        }
        // Pages are in this order too: filters and pages are then gone through from front to back.
        if !segments.isEmpty { open.sort { $0.high < $1.high } }
        for segment in segments {
            if open.isEmpty { break }
            try segment.load(db)
            let candidates = try segment.sift(segment.candidates(open), in: db)
            guard !candidates.isEmpty else { continue }
            try KeyRows.pages.visit(candidates.map(\.page), in: db) { range, page in
                for (_, key) in candidates[range] {
                    if let hit = try KeyBlob.find(high: key.high, low: key.low, in: page) {
                        found[key.index] = hit.entry
                    }
                }
            }
            open.removeAll { found[$0.index] != nil }
        }
        return found
    }

    /// Whether one of `identities` has an entry. They are in ascending order.
    func ownsAny(of identities: [Identity], in db: Database) throws -> Bool {
        try catchUp(db)
        if table.count > 0, identities.contains(where: { table.find($0) != nil }) { return true }
        guard !segments.isEmpty else { return false }
        return try lookUp(identities, in: db).contains { $0 != nil }
    }

    /// Makes `entries` the newest of their identities; durable when the transaction commits.
    func append(_ entries: [KeyEntry], in db: Database) throws {
        guard !entries.isEmpty else { return }
        try catchUp(db)
        let keys = entries.map(PackedKey.init)
        let sequence = (lastSeen ?? 0) + 1
        hasAppended = true
        try db.cachedStatement(sql: "INSERT INTO key_log (id, entries) VALUES (?, ?)")
            .execute(arguments: [logID(sequence), KeyBlob.data(keys[...])])
        take(keys, from: sequence)
    }

    /// How many entries stand, counting one that several segments hold as often; in a transaction.
    func count(in db: Database) throws -> Int {
        try catchUp(db)
        return table.count + entriesInSegments
    }

    var entriesInSegments: Int { segments.reduce(0) { $0 + $1.entries } }

    func transactionDidCommit() {
        isCurrent = false
        hasAppended = false
    }

    func transactionDidRollBack() {
        if hasAppended { forget() }
        isCurrent = false
    }

    /// Forgets what the log holds as well: it is read again at the next use.
    func forget() {
        table = KeyTable()
        lastSeen = nil
        generation = nil
        isCurrent = false
        hasAppended = false
    }

    // MARK: - Between processes

    func logID(_ sequence: Int64) -> Int64 { scope << 40 | sequence }

    /// Takes in what others have changed since the last transaction.
    func catchUp(_ db: Database) throws {
        precondition(db.isInsideTransaction, "the key set is used in write transactions only")
        if isCurrent { return }
        let state = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT generation, flushed FROM key_state WHERE scope = ?"),
            arguments: [scope])
        let now: Int64 = state?["generation"] ?? 0
        if now != generation {
            try readSegments(db)
            // A flush takes all that the log holds, and is noticed before anything newer is read:
            // so either all of the table was flushed or nothing of it.
            let flushed: Int64 = state?["flushed"] ?? 0
            if flushed >= lastSeen ?? 0 {
                table.removeAll()
                lastSeen = flushed
            }
            generation = now
            mayHaveWork = true
        }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT id, entries FROM key_log WHERE id > ? AND id < ? ORDER BY id"),
            arguments: [logID(lastSeen ?? 0), (scope + 1) << 40])
        while let row = try rows.next() {
            var keys: [PackedKey] = []
            try row.withUnsafeData(atIndex: 1) { try KeyBlob.append($0 ?? Data(), to: &keys) }
            let id: Int64 = row[0]
            take(keys, from: id & (1 << 40 - 1))
        }
        isCurrent = true
    }

    private func take(_ keys: [PackedKey], from sequence: Int64) {
        for key in keys { table.append(key) }
        lastSeen = sequence
        if table.count >= shape.tableEntries { mayHaveWork = true }
    }

    private func readSegments(_ db: Database) throws {
        let known = Dictionary(uniqueKeysWithValues: segments.map { ($0.id, $0) })
        segments = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT * FROM key_segment WHERE scope = ? AND state = ? ORDER BY id DESC"),
            arguments: [scope, KeySegment.State.live.rawValue]
        ).map { row in
            let segment = try KeySegment(row: row)
            if let before = known[segment.id] { segment.adopt(before) }
            return segment
        }
    }
}
