import Records
import Testing

@testable import Engine

/// Fingerprints as ledgers keep them.
@Suite struct FingerprintTextTests {
    @Test("What this version writes reads as it was; what earlier ones wrote is read, too")
    func text() throws {
        let now = FileFingerprint(
            device: 0xfe00, inode: 77, size: 1 << 33, modified: 1_700_000_000_123_456_789,
            changed: 1_700_000_001_000_000_007, digests: [1, .max, 0xC0FFEE])
        #expect(FileFingerprint(text: now.text) == now)
        let old = try #require(FileFingerprint(text: "fe00 4d 200000000 17979cfe3d85cd15 1 2 3"))
        #expect(old.changed == nil && old.inode == 77 && old.digests == [1, 2, 3])
        #expect(FileFingerprint(text: old.text) == old)
        #expect(old.text == "fe00 4d 200000000 17979cfe3d85cd15 1 2 3")
        // An earlier version passes over the word that it does not know.
        let words = now.text.split(separator: " ").compactMap { UInt64($0, radix: 16) }
        #expect(words.count == 7)
        #expect(FileFingerprint(text: "") == nil)
    }
}
