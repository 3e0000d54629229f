import Foundation
import GRDB
import Model

/// A sorted, unchanging part of the set: pages of entries, and a Bloom filter a page.
///
/// Identities are digests, spread evenly: so page `b` of `buckets` simply holds those whose first
/// word lies in the `b`th of as many equal shares of all numbers. No directory has to be kept or
/// searched. Uneven identities would cost time, never truth.
final class KeySegment {
    enum State: Int { case building = 0, live = 1, dead = 2 }

    /// Greater is newer, also for what a merge builds: it gets its id when the merge begins, as the
    /// newest segment after its inputs.
    let id: Int64
    /// While it is built, or goes into another: how many it has so far, and which one it goes into.
    let entries: Int
    let buckets: Int
    /// Filter bytes a page.
    let width: Int
    let state: State
    let into: Int64?
    private var bits: [UInt8] = []

    init(row: Row) throws {
        id = row["id"]
        entries = row["entries"]
        buckets = row["buckets"]
        width = row["width"]
        guard let state = State(rawValue: row["state"]), buckets > 0, width > 0 else {
            throw LedgerError.damagedKeys
        }
        self.state = state
        into = row["into_id"]
    }

    /// Takes the filter that `other`, the same segment as read before, has loaded.
    func adopt(_ other: KeySegment) { bits = other.bits }

    /// Row ids of its pages, and of the parts of its filter: the segment, then the page.
    var rows: Range<Int64> { id << 32..<(id + 1) << 32 }

    static func bucket(_ high: UInt64, of buckets: Int) -> Int {
        Int(high.multipliedFullWidth(by: UInt64(buckets)).high)
    }

    /// The first words that belong into the pages `range` of `buckets`.
    static func span(_ range: Range<Int>, of buckets: Int) -> ClosedRange<UInt64> {
        func first(_ bucket: Int) -> UInt64 {
            let (quotient, remainder) = UInt64(buckets).dividingFullWidth((UInt64(bucket), 0))
            return quotient + (remainder > 0 ? 1 : 0)
        }
        let last = range.upperBound < buckets ? first(range.upperBound) - 1 : .max
        return first(range.lowerBound)...last
    }

    // MARK: - Filter

    /// Marks `low` in the filter of one page that begins at `base`.
    static func mark(_ low: UInt64, in bits: inout [UInt8], at base: Int, width: Int) {
        var hash = UInt32(truncatingIfNeeded: low)
        let step = UInt32(truncatingIfNeeded: low >> 32) | 1
        for _ in 0..<probes(width) {
            let bit = Int((UInt64(hash) * UInt64(width * 8)) >> 32)
            bits[base + bit >> 3] |= 1 << UInt8(bit & 7)
            hash &+= step
        }
    }

    /// How many bits an entry marks: the best for a page as full as pages are meant to be.
    private static func probes(_ width: Int) -> Int {
        max(1, min(7, (width * 8 * 69 + 50 * KeyShape.pageEntries) / (100 * KeyShape.pageEntries)))
    }

    /// Those of `asked` that may be in here, with their pages; both sorted by identity.
    func candidates(_ asked: [AskedKey], in db: Database) throws -> [(page: Int64, key: AskedKey)] {
        if bits.isEmpty { try load(db) }
        let probes = Self.probes(width)
        let range = UInt64(width * 8)
        let buckets = buckets
        let bits = bits
        let first = rows.lowerBound
        var result: [(page: Int64, key: AskedKey)] = []
        for key in asked {
            let bucket = Self.bucket(key.high, of: buckets)
            let base = bucket * width
            var hash = UInt32(truncatingIfNeeded: key.low)
            let step = UInt32(truncatingIfNeeded: key.low >> 32) | 1
            func next() -> UInt8 {
                let bit = Int((UInt64(hash) * range) >> 32)
                hash &+= step
                return bits[base + bit >> 3] >> UInt8(bit & 7)
            }
            // Three at once where there are as many: one branch that is nearly always the same
            // is faster than three that are not.
            var all: UInt8 = 1
            var left = probes
            if left >= 3 {
                all = next() & next() & next()
                left -= 3
            }
            while left > 0, all & 1 != 0 {
                all &= next()
                left -= 1
            }
            if all & 1 != 0 { result.append((first + Int64(bucket), key)) }
        }
        return result
    }

    private func load(_ db: Database) throws {
        var bits: [UInt8] = []
        bits.reserveCapacity(buckets * width)
        let statement = try db.cachedStatement(
            sql: "SELECT bits FROM key_filter WHERE id >= ? AND id < ? ORDER BY id")
        let parts = try Data.fetchCursor(statement, arguments: [rows.lowerBound, rows.upperBound])
        while let part = try parts.next() { bits.append(contentsOf: part) }
        guard bits.count == buckets * width else { throw LedgerError.damagedKeys }
        self.bits = bits
    }
}

/// An identity that is looked up, and which of the caller's it is.
struct AskedKey {
    let high: UInt64
    let low: UInt64
    let index: Int
}
