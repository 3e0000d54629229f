/// A digest of 64 bits for what need not withstand malice: equal content, bindings, order keys.
///
/// Eight bytes at a time, multiplied and folded as wyhash does. What it gives is stored in ledgers:
/// it never changes. Digests of members are added by the caller where their order is no matter.
struct Digest: Equatable {
    private(set) var value: UInt64

    private static let first: UInt64 = 0x2D35_8DCC_AA6C_78A5
    private static let second: UInt64 = 0x8BB8_4B93_962E_ACC9

    /// `tag` keeps things of different kinds apart.
    init(_ tag: UInt64) { value = Digest.mix(tag ^ Digest.first, Digest.second) }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    mutating func add(_ word: UInt64) {
        value = Digest.mix(value ^ Digest.first, word ^ Digest.second)
    }

    /// The bytes with their count, so that two texts never run into one.
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        add(bytes.span.extracting(range))
    }

    mutating func add(_ text: String) { add(text.utf8.span) }

    private mutating func add(_ bytes: Span<UInt8>) {
        add(UInt64(truncatingIfNeeded: bytes.count))
        var at = 0
        while at + 8 <= bytes.count {
            add(Digest.word(bytes, at))
            at += 8
        }
        if at < bytes.count {
            var rest: UInt64 = 0
            while at < bytes.count {
                rest = rest << 8 | UInt64(bytes[at])
                at += 1
            }
            add(rest)
        }
    }

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
        UInt64(bytes[at]) << 56 | UInt64(bytes[at + 1]) << 48 | UInt64(bytes[at + 2]) << 40
            | UInt64(bytes[at + 3]) << 32 | UInt64(bytes[at + 4]) << 24 | UInt64(bytes[at + 5]) << 16
            | UInt64(bytes[at + 6]) << 8 | UInt64(bytes[at + 7])
    }
}
