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
    /// Pages that share a row of the sieve; 0 where the filter is fine enough by itself.
    let sieve: Int
    let state: State
    let into: Int64?
    private var bits: [UInt8] = []

    init(row: Row) throws {
        id = row["id"]
        entries = row["entries"]
        buckets = row["buckets"]
        width = row["width"]
        sieve = row["sieve"]
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

    // MARK: - Filters

    /// Marks `hash` in the filter of one page, the `width` bytes from `base` on.
    static func mark(_ hash: UInt64, in bits: inout [UInt8], at base: Int, width: Int) {
        var probe = Probe(hash, width: width)
        for _ in 0..<Probe.count(width) {
            let bit = probe.next()
            bits[base + bit >> 3] |= 1 << UInt8(bit & 7)
        }
    }

    /// What the sieve marks and asks, unlike what the filter in memory does: where that is wrong,
    /// this is no more likely to be.
    static func sieveHash(_ low: UInt64) -> UInt64 { low &* 0x9E37_79B9_7F4A_7C15 }

    /// Those of `asked` that may be in here, with their pages; both sorted by identity.
    ///
    /// The filter has to be loaded.
    func candidates(_ asked: [AskedKey]) -> [(page: Int64, key: AskedKey)] {
        let probes = Probe.count(width)
        let width = width
        let buckets = buckets
        let bits = bits
        let first = rows.lowerBound
        var result: [(page: Int64, key: AskedKey)] = []
        for key in asked {
            let bucket = Self.bucket(key.high, of: buckets)
            let base = bucket * width
            var probe = Probe(key.low, width: width)
            func next() -> UInt8 {
                let bit = probe.next()
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

    /// Those of `candidates` that pass the sieve; all of them where there is none.
    func sift(_ candidates: [(page: Int64, key: AskedKey)], in db: Database) throws
        -> [(page: Int64, key: AskedKey)]
    {
        guard sieve > 0, !candidates.isEmpty else { return candidates }
        let first = rows.lowerBound
        let width = KeyShape.sieveWidth
        var result: [(page: Int64, key: AskedKey)] = []
        var seen = 0
        let ids = candidates.map { first + ($0.page - first) / Int64(sieve) }
        try KeyRows.sieves.visit(ids, in: db) { range, bits in
            for candidate in candidates[range] {
                seen += 1
                let base = Int(candidate.page - first) % sieve * width
                guard base + width <= bits.count else { throw LedgerError.damagedKeys }
                var probe = Probe(Self.sieveHash(candidate.key.low), width: width)
                var left = Probe.count(width)
                while left > 0 {
                    let bit = probe.next()
                    if bits[bits.startIndex + base + bit >> 3] & 1 << UInt8(bit & 7) == 0 { break }
                    left -= 1
                }
                if left == 0 { result.append(candidate) }
            }
        }
        guard seen == candidates.count else { throw LedgerError.damagedKeys }
        return result
    }

    /// Reads the filter into memory, once.
    func load(_ db: Database) throws {
        guard bits.isEmpty else { return }
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

/// The bits of a page's filter that stand for one hash, one after the other.
private struct Probe {
    private var hash: UInt32
    private let step: UInt32
    private let range: UInt64

    init(_ hash: UInt64, width: Int) {
        self.hash = UInt32(truncatingIfNeeded: hash)
        step = UInt32(truncatingIfNeeded: hash >> 32) | 1
        range = UInt64(width * 8)
    }

    mutating func next() -> Int {
        defer { hash &+= step }
        return Int((UInt64(hash) * range) >> 32)
    }

    /// How many bits an entry marks: the best for a page as full as pages are meant to be.
    static func count(_ width: Int) -> Int {
        max(1, min(7, (width * 8 * 69 + 50 * KeyShape.pageEntries) / (100 * KeyShape.pageEntries)))
    }
}
