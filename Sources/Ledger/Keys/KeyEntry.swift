package import Model

/// What the set knows of one identity: its newest owner.
package struct KeyEntry: Sendable, Equatable {
    package var identity: Identity
    /// The digest of the record's compared fields.
    package var content: UInt64
    /// The ledger's row id of the run, 0..<2^23.
    package var run: Int64
    /// The record's number in its run, 0..<2^40.
    package var record: Int64

    package init(identity: Identity, content: UInt64, run: Int64, record: Int64) {
        self.identity = identity
        self.content = content
        self.run = run
        self.record = record
    }
}

/// An entry in the 32 bytes that the table in memory and every blob hold of it.
///
/// Run and record share a word, split where ``ChunkID`` splits its own.
struct PackedKey: BitwiseCopyable, Comparable {
    var high: UInt64
    var low: UInt64
    var content: UInt64
    var owner: UInt64

    init(_ entry: KeyEntry) {
        precondition((0..<1 << 23).contains(entry.run) && (0..<1 << 40).contains(entry.record))
        high = entry.identity.high
        low = entry.identity.low
        content = entry.content
        owner = UInt64(entry.run) << 40 | UInt64(entry.record)
    }

    var entry: KeyEntry {
        KeyEntry(
            identity: Identity(high: high, low: low), content: content, run: Int64(owner >> 40),
            record: Int64(owner & (1 << 40 - 1)))
    }

    /// Equal and less by identity alone.
    static func == (a: Self, b: Self) -> Bool { a.high == b.high && a.low == b.low }
    static func < (a: Self, b: Self) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }
}
