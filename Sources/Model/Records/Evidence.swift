/// What the ledger keeps of a record so that the server's copy can be found, and told from others,
/// long after the input file is gone: a list of short texts whose meaning the endpoint defines.
///
/// Stored as each text's length (LEB128) and its UTF-8 bytes, one after the other.
package struct Evidence: Hashable, Sendable {
    /// As the ledger stores it: each field after its length. Frozen.
    package private(set) var bytes: [UInt8]

    package init() { bytes = [] }

    /// Takes bytes that ``bytes`` gave earlier.
    package init(stored bytes: [UInt8]) { self.bytes = bytes }

    package init(_ fields: [String]) {
        bytes = []
        for field in fields { append(field.utf8) }
    }

    /// Adds a field at the end.
    package mutating func append(_ field: some Collection<UInt8>) {
        var length = field.count
        repeat {
            bytes.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
        bytes.append(contentsOf: field)
    }

    /// Empties it, and keeps its room.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The fields in their order. Bytes that are no list of fields end it early.
    package var fields: [String] {
        var result: [String] = []
        var at = 0
        while at < bytes.count, let range = Evidence.nextField(in: bytes, at: &at) {
            result.append(String(decoding: bytes[range], as: UTF8.self))
        }
        return result
    }

    /// Where the field lies that begins at `at`, which moves behind it; an empty range at the end. Nil where the
    /// bytes are no list of fields.
    @inlinable
    package static func nextField(in bytes: [UInt8], at: inout Int) -> Range<Int>? {
        var length = 0
        var shift = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 || shift > 28 { break }
        }
        guard length <= bytes.count - at else { return nil }
        defer { at += length }
        return at..<at + length
    }
}
