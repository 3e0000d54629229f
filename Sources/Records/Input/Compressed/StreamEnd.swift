/// What the last bytes of a compressed file tell where libarchive says no more than that it needs others: whether the
/// file was cut, is damaged, or is followed by something else.
enum StreamEnd {
    /// How many bytes are looked at.
    static let reach = 4096

    /// Whether the file ends as that compression does: then nothing is missing, and it is damaged before.
    static func isWhole(_ tail: [UInt8], _ kind: InputOptions.Compression) -> Bool {
        switch kind {
        case .bzip2: endsBzip2(tail)
        case .xz: isFooter(tail, at: tail.count - 12)
        case .none, .gzip, .zip, .tar, .zstd, .lz4: false
        }
    }

    /// How many bytes stand after the last stream of an xz file and belong to none; nil where there are none.
    static func xzTail(_ tail: [UInt8]) -> Int? {
        guard tail.count > 12 else { return nil }
        for start in stride(from: tail.count - 13, through: 0, by: -1) where isFooter(tail, at: start) {
            let rest = tail[(start + 12)...].drop { $0 == 0 }
            // Another stream, or what is left of one.
            return rest.isEmpty || rest.starts(with: xzMagic.prefix(rest.count)) ? nil : rest.count
        }
        return nil
    }

    private static let xzMagic: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]

    /// A footer of xz: a sum, the size of the index and the flags, which it is of, and `YZ`.
    private static func isFooter(_ bytes: [UInt8], at start: Int) -> Bool {
        guard start >= 0, start + 12 <= bytes.count, bytes[start + 10] == UInt8(ascii: "Y"),
            bytes[start + 11] == UInt8(ascii: "Z")
        else { return false }
        let sum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
        return sum == crc32(bytes[start + 4..<start + 10])
    }

    private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }

    /// A stream of bzip2 ends with 48 fixed bits and a sum of 32, at any bit; zeros fill the last byte.
    private static func endsBzip2(_ tail: [UInt8]) -> Bool {
        guard tail.count >= 11 else { return false }
        for padding in 0..<8 {
            let begin = tail.count * 8 - padding - 80
            var magic: UInt64 = 0
            for bit in begin..<begin + 48 {
                magic = magic << 1 | UInt64(tail[bit / 8] >> UInt8(7 - bit % 8) & 1)
            }
            if magic == 0x1772_4538_5090 { return true }
        }
        return false
    }
}
