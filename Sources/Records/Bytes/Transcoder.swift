/// Turns UTF-16, Windows-1252 and Latin-1 to UTF-8, a stretch at a time.
///
/// A text's stored length follows from its UTF-8: each scalar value takes one byte, or two or four.
/// What is no character becomes U+FFFD, which takes as many stored bytes as what it stands for; the
/// places are remembered, since a U+FFFD may also be written.
struct Transcoder: Sendable {
    enum Encoding: Sendable, Equatable {
        case utf16(bigEndian: Bool), windows1252, latin1

        var name: String {
            switch self {
            case .utf16: "UTF-16"
            case .windows1252: "Windows-1252"
            case .latin1: "Latin-1"
            }
        }
    }

    let encoding: Encoding
    /// Where something was replaced, in bytes of the input.
    private(set) var badOffsets: [Int] = []
    /// Of the first byte of the raw buffer.
    private var rawOffset: Int
    /// How much of the raw buffer is decoded.
    private var done = 0

    init(_ encoding: Encoding, offset: Int) {
        self.encoding = encoding
        rawOffset = offset
    }

    mutating func restart(at offset: Int) {
        rawOffset = offset
        done = 0
        badOffsets.removeAll(keepingCapacity: true)
    }

    /// Appends what is new in `raw`, except half a character at its end, unless it is the last.
    mutating func decode(_ raw: ArraySlice<UInt8>, isLast: Bool, into text: inout [UInt8]) {
        switch encoding {
        case .latin1:
            for byte in raw[done...] { JSONText.append(UInt32(byte), to: &text) }
            done = raw.count
        case .windows1252:
            for index in done..<raw.count {
                let byte = raw[index]
                var scalar = UInt32(byte)
                if byte & 0xE0 == 0x80 { scalar = UInt32(Transcoder.windows1252[Int(byte & 0x1F)]) }
                if scalar == 0xFFFD { badOffsets.append(rawOffset + index) }
                JSONText.append(scalar, to: &text)
            }
            done = raw.count
        case .utf16(let bigEndian):
            func unit(_ index: Int) -> UInt32 {
                let first = UInt32(raw[index])
                let second = UInt32(raw[index + 1])
                return bigEndian ? first << 8 | second : second << 8 | first
            }
            while done + 2 <= raw.count {
                var scalar = unit(done)
                var length = 2
                if scalar & 0xFC00 == 0xD800 {
                    // Its other half may be on its way.
                    if done + 4 > raw.count, !isLast { return }
                    if done + 4 <= raw.count, unit(done + 2) & 0xFC00 == 0xDC00 {
                        scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(done + 2) & 0x3FF
                        length = 4
                    }
                }
                if scalar & 0xFFFF_F800 == 0xD800 {
                    badOffsets.append(rawOffset + done)
                    scalar = 0xFFFD
                }
                JSONText.append(scalar, to: &text)
                done += length
            }
            if isLast, done < raw.count {
                badOffsets.append(rawOffset + done)
                JSONText.append(0xFFFD, to: &text)
                done = raw.count
            }
        }
    }

    /// The first `count` bytes of the raw buffer are about to go; they end before `offset`.
    mutating func forget(before offset: Int, raw count: Int) {
        rawOffset += count
        done -= count
        let gone = badOffsets.prefix { $0 < offset }.count
        if gone > 0 { badOffsets.removeFirst(gone) }
    }

    /// The first place in a stretch of the input where something was replaced.
    func firstBad(in range: Range<Int>) -> Int? {
        var low = 0
        var high = badOffsets.count
        while low < high {
            let middle = (low + high) / 2
            if badOffsets[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < badOffsets.count && badOffsets[low] < range.upperBound ? badOffsets[low] : nil
    }

    /// How many stored bytes the text takes. `rest` is what the input has left at most: the last
    /// character of UTF-16 may be cut in half.
    func storedLength(_ bytes: Bytes, in range: Range<Int>, rest: Int) -> Int {
        var scalars = 0
        var pairs = 0
        for index in range {
            let byte = bytes[index]
            if byte & 0xC0 != 0x80 { scalars += 1 }
            if byte >= 0xF0 { pairs += 1 }
        }
        if case .utf16 = encoding { return min(2 * (scalars + pairs), rest) }
        return scalars
    }

    /// How a one-byte encoding writes a scalar; nil where it cannot.
    static func byte(of scalar: UInt32, in encoding: Encoding) -> UInt8? {
        if encoding == .windows1252, let index = windows1252.firstIndex(of: UInt16(clamping: scalar)),
            scalar != 0xFFFD, scalar <= 0xFFFF
        {
            return UInt8(0x80 + index)
        }
        if encoding == .windows1252, scalar & 0xFFFF_FFE0 == 0x80 { return nil }
        return UInt8(exactly: scalar)
    }

    /// 0x80 to 0x9F.
    private static let windows1252: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
    ]
}
