import Model

/// Evidence, written as what differs from the evidence before it.
///
/// First the number of its fields plus one; then, until all are told:
///
/// | byte | meaning |
/// |---|---|
/// | `0nnnnnnn` | that many fields are as in the one before |
/// | `1dpppppp` | a field begins with as many bytes of its counterpart; then the number of bytes that follow, and these, two a byte where `d` is set (digits and signs of ``nibbles``) |
///
/// A zero instead of the number of fields: the length and the bytes follow as they are, whatever they are. The next
/// evidence then has none before it.
enum EvidenceDelta {
    private static let nibbles = Array("0123456789.-:+TZ".utf8)

    // MARK: Writing

    /// - Parameters:
    ///   - evidence: As ``Evidence/bytes`` has it.
    ///   - before: What the last call returned; empty for the first.
    /// - Returns: What the next evidence is compared with.
    static func append(
        _ evidence: ArraySlice<UInt8>, after before: ArraySlice<UInt8>, to bytes: inout [UInt8]
    ) -> ArraySlice<UInt8> {
        guard let fields = count(evidence) else {
            bytes.append(0)
            LEB128.append(evidence.count, to: &bytes)
            bytes.append(contentsOf: evidence)
            return []
        }
        LEB128.append(fields + 1, to: &bytes)
        var at = evidence.startIndex
        var old = before.startIndex
        var equal: UInt8 = 0
        for _ in 0..<fields {
            guard let field = next(evidence, &at) else { break }
            let counterpart = next(before, &old)
            let common = common(evidence, field, before, counterpart ?? old..<old)
            if let counterpart, common == field.count, common == counterpart.count {
                equal += 1
                if equal == 0x7F { flush(&equal, to: &bytes) }
            } else {
                flush(&equal, to: &bytes)
                let kept = min(common, 0x3F)
                append(evidence[field.lowerBound + kept..<field.upperBound], kept, to: &bytes)
            }
        }
        flush(&equal, to: &bytes)
        return evidence
    }

    private static func flush(_ equal: inout UInt8, to bytes: inout [UInt8]) {
        if equal > 0 { bytes.append(equal) }
        equal = 0
    }

    private static func append(_ rest: ArraySlice<UInt8>, _ common: Int, to bytes: inout [UInt8]) {
        let isDense = rest.allSatisfy { nibble($0) != nil }
        bytes.append(0x80 | (isDense ? 0x40 : 0) | UInt8(common))
        LEB128.append(rest.count, to: &bytes)
        guard isDense else { return bytes.append(contentsOf: rest) }
        var at = rest.startIndex
        while at < rest.endIndex {
            let low = at + 1 < rest.endIndex ? nibble(rest[at + 1]) ?? 0 : 0
            bytes.append((nibble(rest[at]) ?? 0) << 4 | low)
            at += 2
        }
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x2E: 10
        case 0x2D: 11
        case 0x3A: 12
        case 0x2B: 13
        case 0x54: 14
        case 0x5A: 15
        default: nil
        }
    }

    /// The number of its fields, where they are written the one way that ``Evidence`` writes them.
    private static func count(_ evidence: ArraySlice<UInt8>) -> Int? {
        var at = evidence.startIndex
        var fields = 0
        while at < evidence.endIndex {
            let start = at
            guard let field = next(evidence, &at) else { return nil }
            guard field.lowerBound - start == width(field.count) else { return nil }
            fields += 1
        }
        return fields
    }

    private static func width(_ length: Int) -> Int {
        length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5
    }

    /// Where the field at `at` is, which moves behind it. Nil at the end, or where the bytes are no fields.
    private static func next(_ evidence: ArraySlice<UInt8>, _ at: inout Int) -> Range<Int>? {
        guard let length = LEB128.read(evidence, &at), length <= UInt64(evidence.endIndex - at) else {
            return nil
        }
        defer { at += Int(length) }
        return at..<at + Int(length)
    }

    private static func common(
        _ first: ArraySlice<UInt8>, _ field: Range<Int>, _ second: ArraySlice<UInt8>,
        _ other: Range<Int>
    ) -> Int {
        let most = min(field.count, other.count)
        var count = 0
        while count < most, first[field.lowerBound + count] == second[other.lowerBound + count] {
            count += 1
        }
        return count
    }

    // MARK: Reading

    /// Reads one evidence after the other, without room of its own for each.
    struct Reader {
        /// The last that was read.
        private(set) var evidence: [UInt8] = []
        /// What it was compared with.
        private var before: [UInt8] = []
        private var isPlain = false

        /// Reads the evidence at `at`, which moves behind it. False where the bytes are none.
        mutating func read(_ bytes: [UInt8], _ at: inout Int) -> Bool {
            swap(&evidence, &before)
            if isPlain { before.removeAll(keepingCapacity: true) }
            evidence.removeAll(keepingCapacity: true)
            guard let head = LEB128.read(bytes, &at) else { return false }
            isPlain = head == 0
            if isPlain {
                guard let length = LEB128.count(bytes, &at, most: bytes.count - at) else {
                    return false
                }
                evidence.append(contentsOf: bytes[at..<at + length])
                at += length
                return true
            }
            var old = 0
            var fields = head - 1
            while fields > 0 {
                guard at < bytes.count else { return false }
                let byte = bytes[at]
                at += 1
                if byte & 0x80 == 0 {
                    guard byte > 0, UInt64(byte) <= fields else { return false }
                    let start = old
                    for _ in 0..<byte { guard next(before[...], &old) != nil else { return false } }
                    evidence.append(contentsOf: before[start..<old])
                    fields -= UInt64(byte)
                } else {
                    guard changed(byte, bytes, &at, &old) else { return false }
                    fields -= 1
                }
            }
            return true
        }

        /// A field that differs from its counterpart, which is at `old`.
        private mutating func changed(
            _ byte: UInt8, _ bytes: [UInt8], _ at: inout Int, _ old: inout Int
        ) -> Bool {
            let counterpart = next(before[...], &old) ?? old..<old
            let kept = Int(byte & 0x3F)
            let isDense = byte & 0x40 != 0
            let room = bytes.count - at
            guard kept <= counterpart.count,
                let count = LEB128.count(bytes, &at, most: isDense ? room * 2 : room)
            else { return false }
            let stored = isDense ? (count + 1) / 2 : count
            guard stored <= bytes.count - at else { return false }
            LEB128.append(kept + count, to: &evidence)
            evidence.append(
                contentsOf: before[counterpart.lowerBound..<counterpart.lowerBound + kept])
            if isDense {
                for index in 0..<count {
                    let pair = bytes[at + index / 2]
                    evidence.append(nibbles[Int(index % 2 == 0 ? pair >> 4 : pair & 0x0F)])
                }
            } else {
                evidence.append(contentsOf: bytes[at..<at + count])
            }
            at += stored
            return true
        }
    }
}
