extension InputOptions.Compression {
    /// What the first 512 bytes of a file say it is compressed with; a shorter file may give fewer.
    ///
    /// Source: RFC 1952, 8878; the .xz, bzip2, LZ4 frame and ZIP format specifications; POSIX ustar.
    static func of(_ head: [UInt8]) -> InputOptions.Compression {
        let head = behindSkippable(head)
        if head.starts(with: [0x1F, 0x8B, 0x08]) { return .gzip }
        if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return .xz }
        if head.starts(with: [0x04, 0x22, 0x4D, 0x18]) { return .lz4 }
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            return .zip
        }
        if head.count >= 10, head.starts(with: "BZh".utf8), (0x31...0x39).contains(head[3]),
            // A block, or the end of an empty stream.
            head[4..<10].elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
                || head[4..<10].elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
        {
            return .bzip2
        }
        if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) || isTarHeader(head) {
            return .tar
        }
        return .none
    }

    /// What follows frames that LZ4 and Zstandard pass over; they say nothing of which of the two it is.
    private static func behindSkippable(_ head: [UInt8]) -> [UInt8] {
        var at = 0
        while head.count - at >= 8, head[at] & 0xF0 == 0x50,
            head[at + 1..<at + 4].elementsEqual([0x2A, 0x4D, 0x18])
        {
            let size = head[at + 4..<at + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            guard size <= head.count - at - 8 else { break }
            at += 8 + size
        }
        return at > 0 && at < head.count ? Array(head[at...]) : head
    }

    /// Whether 512 bytes bear the checksum of a tar header: the oldest kind has nothing else to tell it by.
    private static func isTarHeader(_ head: [UInt8]) -> Bool {
        guard head.count >= 512, head[0] != 0 else { return false }
        let digits = head[148..<156].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        guard (1...7).contains(digits.count) else { return false }
        let said = digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
        // The checksum's own eight bytes count as spaces.
        let sum =
            head[..<148].reduce(8 * 0x20) { $0 + Int($1) } + head[156..<512].reduce(0) { $0 + Int($1) }
        return said == sum
    }
}
