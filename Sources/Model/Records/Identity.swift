/// The digest of a record's identity within a scope: 128 bits of a SHA-256.
///
/// Two records with equal digests are taken for the same thing, so it has to be wide enough that
/// chance never makes two equal: among 10^10 records, one in 10^18.
package struct Identity: Hashable, Sendable, Comparable {
    /// The first 64 bits of the digest.
    package var high: UInt64
    /// The other 64 bits.
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (a: Identity, b: Identity) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }
}
