// The one place where entries and their bytes meet; all that is unsafe in the key set is here.
// A blob is entries of 32 bytes, four little-endian words each: the memory of both machines this
// runs on, so a page is copied as it is.

import Foundation
import Model

enum KeyBlob {
    static let entrySize = 32

    static func data(_ keys: ArraySlice<PackedKey>) -> Data {
        unsafe keys.withUnsafeBytes { unsafe Data($0) }
    }

    /// Appends the entries of `blob` whose first word lies in `range`.
    ///
    /// - Throws: ``LedgerError`` where the blob is no list of entries.
    static func append(
        _ blob: Data, within range: ClosedRange<UInt64> = 0...(.max), to keys: inout [PackedKey]
    ) throws {
        try check(blob)
        unsafe blob.withUnsafeBytes { bytes in
            for at in stride(from: 0, to: bytes.count, by: entrySize) {
                let key = unsafe bytes.loadUnaligned(fromByteOffset: at, as: PackedKey.self)
                if range.contains(key.high) { keys.append(key) }
            }
        }
    }

    /// The entry of the identity `high`, `low` in a blob sorted by identity; nil where it is not in it.
    static func find(high: UInt64, low: UInt64, in blob: Data) throws -> PackedKey? {
        try check(blob)
        return unsafe blob.withUnsafeBytes { bytes in
            var first = 0
            var end = bytes.count / entrySize
            while first < end {
                let middle = (first + end) / 2
                let key = unsafe bytes.loadUnaligned(
                    fromByteOffset: middle * entrySize, as: PackedKey.self)
                if key.high == high && key.low == low { return key }
                let isBefore = key.high != high ? key.high < high : key.low < low
                if isBefore { first = middle + 1 } else { end = middle }
            }
            return nil
        }
    }

    private static func check(_ blob: Data) throws {
        guard blob.count % entrySize == 0 else { throw LedgerError.damagedKeys }
    }
}

extension LedgerError {
    static var damagedKeys: LedgerError { LedgerError(.keys) }
}
