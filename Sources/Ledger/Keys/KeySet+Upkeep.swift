import Foundation
import GRDB

extension KeySet {
    /// One bounded step of upkeep, in a transaction of its own: called between transactions.
    ///
    /// - Returns: Whether another step may have something to do.
    /// - Complexity: About 4 MB written.
    func maintain(_ db: Database) throws -> Bool {
        guard mayHaveWork else { return false }
        do {
            var found = false
            try db.inTransaction(.immediate) {
                try catchUp(db)
                found = try step(db)
                return .commit
            }
            transactionDidCommit()
            mayHaveWork = found
            return found
        } catch {
            // What was read of it may not stand.
            forget()
            throw error
        }
    }

    private func step(_ db: Database) throws -> Bool {
        if table.count >= shape.tableEntries {
            try flush(db)
            return true
        }
        // Dead pages first, so that what is written next finds their place; small merges before
        // large ones, so that what look-ups go through stays short while a long merge runs.
        if let dead = try segment(.dead, db) {
            try remove(dead, db)
            return true
        }
        if let building = try segment(.building, db) {
            try advance(building, db)
            return true
        }
        return try planMerge(db)
    }

    /// The smallest in that state.
    private func segment(_ state: KeySegment.State, _ db: Database) throws -> Row? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT * FROM key_segment WHERE scope = ? AND state = ? ORDER BY buckets LIMIT 1"),
            arguments: [scope, state.rawValue])
    }

    private func raiseGeneration(_ db: Database, flushed: Int64? = nil) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO key_state (scope, generation, flushed) VALUES (?1, 1, ifnull(?2, 0))
                ON CONFLICT (scope) DO UPDATE SET generation = generation + 1, flushed = ifnull(?2, flushed)
                """
        ).execute(arguments: [scope, flushed])
    }

    /// Pages a row of the sieve for a segment with filters of `width`; 0: it needs none.
    private func sieve(_ width: Int) -> Int { width < shape.sieveBelow ? shape.sievePages : 0 }

    // MARK: - Flush

    /// The table becomes a segment, and its log rows go.
    private func flush(_ db: Database) throws {
        guard let lastSeen else { return }
        let keys = table.sorted()
        let buckets = KeyShape.pages(keys.count)
        let width = shape.filterWidth(entries: keys.count, total: entriesInSegments + keys.count)
        try db.cachedStatement(
            sql: """
                INSERT INTO key_segment (scope, state, entries, buckets, width, sieve, cursor)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            scope, KeySegment.State.live.rawValue, keys.count, buckets, width, sieve(width), buckets,
        ])
        let id = db.lastInsertedRowID
        try write(
            keys, pages: 0..<buckets, of: buckets, width: width, sieve: sieve(width), segment: id, db)
        try db.cachedStatement(sql: "DELETE FROM key_log WHERE id > ? AND id <= ?")
            .execute(arguments: [logID(0), logID(lastSeen)])
        try raiseGeneration(db, flushed: lastSeen)
    }

    /// Writes sorted entries that belong into `pages`, and the filter of these.
    private func write(
        _ keys: [PackedKey], pages: Range<Int>, of buckets: Int, width: Int, sieve: Int, segment: Int64,
        _ db: Database
    ) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO key_page (id, entries) VALUES (?, ?)")
        var bits = [UInt8](repeating: 0, count: pages.count * width)
        var fine = [UInt8](repeating: 0, count: sieve > 0 ? pages.count * KeyShape.sieveWidth : 0)
        var at = 0
        while at < keys.count {
            let page = KeySegment.bucket(keys[at].high, of: buckets)
            let start = at
            while at < keys.count, KeySegment.bucket(keys[at].high, of: buckets) == page {
                let index = page - pages.lowerBound
                KeySegment.mark(keys[at].low, in: &bits, at: index * width, width: width)
                if sieve > 0 {
                    KeySegment.mark(
                        KeySegment.sieveHash(keys[at].low), in: &fine, at: index * KeyShape.sieveWidth,
                        width: KeyShape.sieveWidth)
                }
                at += 1
            }
            try insert.execute(arguments: [segment << 32 | Int64(page), KeyBlob.data(keys[start..<at])])
        }
        try db.cachedStatement(sql: "INSERT INTO key_filter (id, bits) VALUES (?, ?)")
            .execute(arguments: [segment << 32 | Int64(pages.lowerBound), Data(bits)])
        guard sieve > 0 else { return }
        // The pages begin with a row's first: a step is as many as a number of rows has.
        let insertSieve = try db.cachedStatement(sql: "INSERT INTO key_sieve (id, bits) VALUES (?, ?)")
        for first in stride(from: 0, to: pages.count, by: sieve) {
            let end = min(first + sieve, pages.count)
            let part = fine[first * KeyShape.sieveWidth..<end * KeyShape.sieveWidth]
            try insertSieve.execute(arguments: [
                segment << 32 | Int64((pages.lowerBound + first) / sieve), Data(part),
            ])
        }
    }

    // MARK: - Merge

    /// Begins a merge where enough segments are alike.
    private func planMerge(_ db: Database) throws -> Bool {
        let idle = segments.prefix { $0.into == nil }
        let group = idle.prefix(shape.merge(idle.map(\.entries)))
        guard !group.isEmpty else { return false }
        let entries = group.reduce(0) { $0 + $1.entries }
        let width = shape.filterWidth(entries: entries, total: entriesInSegments)
        try db.cachedStatement(
            sql: """
                INSERT INTO key_segment (scope, state, entries, buckets, width, sieve, cursor)
                VALUES (?, ?, 0, ?, ?, ?, 0)
                """
        ).execute(arguments: [
            scope, KeySegment.State.building.rawValue, KeyShape.pages(entries), width, sieve(width),
        ])
        let output = db.lastInsertedRowID
        for segment in group {
            try db.cachedStatement(sql: "UPDATE key_segment SET into_id = ? WHERE id = ?")
                .execute(arguments: [output, segment.id])
        }
        try raiseGeneration(db)
        return true
    }

    /// Writes the next pages of `building`; with the last, it takes the place of its inputs.
    private func advance(_ building: Row, _ db: Database) throws {
        let output = try KeySegment(row: building)
        let cursor: Int = building["cursor"]
        let pages = cursor..<min(cursor + shape.stepPages, output.buckets)
        let span = KeySegment.span(pages, of: output.buckets)
        let inputs = try segments.filter { $0.into == output.id }.map { try read($0, within: span, db) }
        let keys = Self.merge(inputs)
        try write(
            keys, pages: pages, of: output.buckets, width: output.width, sieve: output.sieve,
            segment: output.id, db)
        try db.cachedStatement(
            sql: "UPDATE key_segment SET cursor = ?, entries = entries + ? WHERE id = ?"
        ).execute(arguments: [pages.upperBound, keys.count, output.id])
        guard pages.upperBound == output.buckets else { return }
        try db.cachedStatement(sql: "UPDATE key_segment SET state = ? WHERE into_id = ?")
            .execute(arguments: [KeySegment.State.dead.rawValue, output.id])
        try db.cachedStatement(sql: "UPDATE key_segment SET state = ? WHERE id = ?")
            .execute(arguments: [KeySegment.State.live.rawValue, output.id])
        try raiseGeneration(db)
    }

    private func read(_ segment: KeySegment, within span: ClosedRange<UInt64>, _ db: Database) throws
        -> [PackedKey]
    {
        let first = KeySegment.bucket(span.lowerBound, of: segment.buckets)
        let last = KeySegment.bucket(span.upperBound, of: segment.buckets)
        var keys: [PackedKey] = []
        keys.reserveCapacity((last - first + 1) * (KeyShape.pageEntries + 8))
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT entries FROM key_page WHERE id >= ? AND id <= ? ORDER BY id"),
            arguments: [segment.rows.lowerBound + Int64(first), segment.rows.lowerBound + Int64(last)])
        while let row = try rows.next() {
            try row.withUnsafeData(atIndex: 0) {
                try KeyBlob.append($0 ?? Data(), within: span, to: &keys)
            }
        }
        return keys
    }

    /// One sorted list out of several, of which the first is the newest: of equal ones it is kept.
    static func merge(_ inputs: [[PackedKey]]) -> [PackedKey] {
        var result: [PackedKey] = []
        result.reserveCapacity(inputs.reduce(0) { $0 + $1.count })
        var heads = inputs.filter { !$0.isEmpty }.map { (keys: $0, at: 0, key: $0[0]) }
        while !heads.isEmpty {
            var best = 0
            for index in heads.indices.dropFirst() where heads[index].key < heads[best].key {
                best = index
            }
            let key = heads[best].key
            result.append(key)
            // Behind `best` only, since it is the first of its equals.
            var index = heads.count - 1
            while index >= best {
                if heads[index].key == key {
                    heads[index].at += 1
                    if heads[index].at < heads[index].keys.count {
                        heads[index].key = heads[index].keys[heads[index].at]
                    } else {
                        heads.remove(at: index)
                    }
                }
                index -= 1
            }
        }
        return result
    }

    /// Deletes the next pages of a segment that was merged into another, then the segment.
    private func remove(_ dead: Row, _ db: Database) throws {
        let segment = try KeySegment(row: dead)
        let first = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT min(id) FROM key_page WHERE id >= ? AND id < ?"),
            arguments: [segment.rows.lowerBound, segment.rows.upperBound])
        if let first {
            let end = min(first + Int64(shape.stepPages * 4), segment.rows.upperBound)
            try db.cachedStatement(sql: "DELETE FROM key_page WHERE id >= ? AND id < ?")
                .execute(arguments: [first, end])
            return
        }
        for sql in [
            "DELETE FROM key_filter WHERE id >= ? AND id < ?",
            "DELETE FROM key_sieve WHERE id >= ? AND id < ?",
        ] {
            try db.cachedStatement(sql: sql)
                .execute(arguments: [segment.rows.lowerBound, segment.rows.upperBound])
        }
        try db.cachedStatement(sql: "DELETE FROM key_segment WHERE id = ?").execute(arguments: [
            segment.id
        ])
    }
}
