import Hashing
import Model
import Records

/// Writes texts one after the other, each with its length before it, as ``Evidence`` stores them:
/// for evidence, and for what an identity is the digest of.
struct FieldWriter {
    private(set) var bytes: [UInt8]

    /// Takes a buffer to reuse.
    init(reusing buffer: consuming [UInt8]) {
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(128)
    }

    mutating func add(_ source: [UInt8], _ range: Range<Int>) {
        add(source.span.extracting(range))
    }

    mutating func add(_ text: String) { add(text.utf8.span) }

    private mutating func add(_ text: Span<UInt8>) {
        guard text.count < 0x80 else {
            add(length: text.count)
            return bytes.append(addingCapacity: text.count) { room in
                for index in text.indices { room.append(text[index]) }
            }
        }
        // Most are short: their length and they themselves at once.
        bytes.append(addingCapacity: text.count + 1) { room in
            room.append(UInt8(truncatingIfNeeded: text.count))
            for index in text.indices { room.append(text[index]) }
        }
    }

    /// The text of a node, unescaped; an empty one for none.
    mutating func add(_ json: borrowing JSON, _ node: Int?) {
        guard let node else { return add(length: 0) }
        if json.tape.hasEscapes(node) {
            add(json.tape.text(of: node, in: json.bytes))
        } else {
            add(json.bytes, json.tape.range(of: node))
        }
    }

    /// In decimal digits; an empty text for none.
    mutating func add(integer: Int64?) {
        guard let integer else { return add(length: 0) }
        add(String(integer))
    }

    /// Its eight bytes.
    mutating func add(word: UInt64) {
        add(length: 8)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    private mutating func add(length: Int) {
        if length < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: length)) }
        var length = length
        repeat {
            bytes.append(UInt8(truncatingIfNeeded: length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
    }

    /// The first 128 bits of the SHA-256 of the texts and their lengths.
    var identity: Identity {
        let (high, low) = SHA256.words(of: bytes)
        return Identity(high: high, low: low)
    }
}
