// The one place where entries and their bytes meet; all that is unsafe in the key set stands here.
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

    /// The entry of `identity` in a blob sorted by identity; nil where it is not in it.
    static func find(_ identity: Identity, in blob: Data) throws -> PackedKey? {
        try check(blob)
        return unsafe blob.withUnsafeBytes { bytes in
            var low = 0
            var high = bytes.count / entrySize
            while low < high {
                let middle = (low + high) / 2
                let key = unsafe bytes.loadUnaligned(
                    fromByteOffset: middle * entrySize, as: PackedKey.self)
                if key.high == identity.high && key.low == identity.low { return key }
                let isBefore =
                    key.high != identity.high ? key.high < identity.high : key.low < identity.low
                if isBefore { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    private static func check(_ blob: Data) throws {
        guard blob.count % entrySize == 0 else { throw LedgerError.damagedKeys }
    }
}

extension LedgerError {
    static var damagedKeys: LedgerError {
        LedgerError(
            .damaged, "the ledger's keys are damaged",
            next: "Keep the file aside; do not begin anew without it, or records may be sent twice.")
    }
}
