/// A 64-bit digest of bytes that come a stretch at a time: XXH64 with seed 0.
///
/// Tells edits from no edits; it is no defence against someone who wants two files to look alike.
/// Source: Yann Collet, "xxHash fast digest algorithm", version 0.1.1.
struct Digest: Sendable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    private var lanes = (
        Digest.prime1 &+ Digest.prime2, Digest.prime2, 0 as UInt64, 0 &- Digest.prime1
    )
    private var total = 0
    /// Fewer than 32 bytes that make no stripe yet.
    private var rest: [UInt8] = []

    mutating func update(_ bytes: [UInt8], in range: Range<Int>) {
        total += range.count
        var at = range.lowerBound
        if !rest.isEmpty {
            let count = min(32 - rest.count, range.count)
            rest.append(contentsOf: bytes[at..<at + count])
            at += count
            guard rest.count == 32 else { return }
            rest.withBytes { stripes($0, from: 0, to: 32) }
            rest.removeAll(keepingCapacity: true)
        }
        let end = range.upperBound - (range.upperBound - at) % 32
        bytes.withBytes { stripes($0, from: at, to: end) }
        rest.append(contentsOf: bytes[end..<range.upperBound])
    }

    private mutating func stripes(_ bytes: Bytes, from start: Int, to end: Int) {
        var lanes = self.lanes
        var at = start
        while at < end {
            lanes.0 = Digest.round(lanes.0, bytes.word(at: at))
            lanes.1 = Digest.round(lanes.1, bytes.word(at: at + 8))
            lanes.2 = Digest.round(lanes.2, bytes.word(at: at + 16))
            lanes.3 = Digest.round(lanes.3, bytes.word(at: at + 24))
            at += 32
        }
        self.lanes = lanes
    }

    var value: UInt64 {
        var hash = Digest.prime5
        if total >= 32 {
            hash =
                rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ Digest.round(0, lane)) &* Digest.prime1 &+ Digest.prime4
            }
        }
        hash &+= UInt64(total)
        var at = 0
        while at + 8 <= rest.count {
            let word = rest.withBytes { $0.word(at: at) }
            hash = rotate(hash ^ Digest.round(0, word), 27) &* Digest.prime1 &+ Digest.prime4
            at += 8
        }
        if at + 4 <= rest.count {
            let half = (0..<4).reduce(0 as UInt64) { $0 | UInt64(rest[at + $1]) << UInt64(8 * $1) }
            hash = rotate(hash ^ half &* Digest.prime1, 23) &* Digest.prime2 &+ Digest.prime3
            at += 4
        }
        while at < rest.count {
            hash = rotate(hash ^ UInt64(rest[at]) &* Digest.prime5, 11) &* Digest.prime1
            at += 1
        }
        hash = (hash ^ hash >> 33) &* Digest.prime2
        hash = (hash ^ hash >> 29) &* Digest.prime3
        return hash ^ hash >> 32
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }
}

@inline(__always)
private func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
}
