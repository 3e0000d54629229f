/// A stretch of memory, read without bounds checks in release builds: the one place where the parsers
/// touch pointers. It is valid only within the closure that made it, and debug builds check every index.
@safe struct Bytes {
    private let base: UnsafePointer<UInt8>
    /// How many bytes may be read.
    let count: Int

    @inline(__always)
    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        // An empty array may have no address; nothing is read from the stand-in then.
        unsafe base = buffer.baseAddress ?? UnsafePointer(bitPattern: 8).unsafelyUnwrapped
        count = buffer.count
    }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        assert(index >= 0 && index < count)
        return unsafe base[index]
    }

    /// Eight bytes, the first in the lowest bits.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        assert(index >= 0 && index + 8 <= count)
        return unsafe UInt64(
            littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        assert(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// The index of the first `byte` in `range`; nil if there is none.
    @inline(__always)
    func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        let pattern = Swar.repeated(byte)
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            let hits = Swar.lowestEqual(word(at: at), to: pattern)
            if hits != 0 { return at + hits.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < range.upperBound {
            if self[at] == byte { return at }
            at += 1
        }
        return nil
    }

    /// The first byte of the first sequence in `range` that is not UTF-8; nil if all of it is.
    ///
    /// Well-formed is what Unicode's table 3-7 lists: no overlong forms, no surrogates, nothing above
    /// U+10FFFF.
    func firstInvalidUTF8(in range: Range<Int>) -> Int? {
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            if at + 8 <= end, word(at: at) & Swar.highBits == 0 {
                at += 8
                continue
            }
            let lead = self[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            var low: UInt8 = 0x80
            var high: UInt8 = 0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, low) = (3, 0xA0)
            case 0xED: (length, high) = (3, 0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, low) = (4, 0x90)
            case 0xF4: (length, high) = (4, 0x8F)
            case 0xF1...0xF3: length = 4
            default: return at
            }
            guard at + length <= end, self[at + 1] >= low, self[at + 1] <= high else { return at }
            var index = 2
            while index < length {
                guard self[at + index] & 0xC0 == 0x80 else { return at }
                index += 1
            }
            at += length
        }
        return nil
    }
}

/// Eight bytes at a time in a 64-bit word.
enum Swar {
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    static let lowBits: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func repeated(_ byte: UInt8) -> UInt64 { UInt64(byte) &* lowBits }

    /// The high bit of each byte that equals `pattern`'s: all of them exact.
    @inline(__always)
    static func equal(_ word: UInt64, to pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return ~(((difference & ~highBits) &+ ~highBits) | difference | ~highBits)
    }

    /// The same, cheaper: the lowest bit set is exact, those above it need not be.
    @inline(__always)
    static func lowestEqual(_ word: UInt64, to pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- lowBits) & ~difference & highBits
    }

    /// The high bit of each byte below `limit` (at most 128): the lowest bit set is exact.
    @inline(__always)
    static func lowestLess(_ word: UInt64, than limit: UInt8) -> UInt64 {
        (word &- repeated(limit)) & ~word & highBits
    }
}

extension [UInt8] {
    /// The array's bytes, valid within `body`.
    @inline(__always)
    func withBytes<Result, Failure: Error>(
        _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBufferPointer { (buffer) throws(Failure) in
            try unsafe body(Bytes(buffer))
        }
    }
}
