/// Bytes from a file of text: its beginning, some from its middle, its end.
package struct FileSample: Sendable {
    /// From the first byte on; ends with a line end, or with the file.
    package var head: [UInt8]
    /// Each begins where a line does and ends with a line end.
    package var middle: [UInt8]
    /// Begins where a line does; empty where `head` is the whole file.
    package var tail: [UInt8]
    /// The end of the file is known: total rows can be seen.
    package var hasEnd: Bool

    package init(head: [UInt8], middle: [UInt8] = [], tail: [UInt8] = [], hasEnd: Bool = true) {
        self.head = head
        self.middle = middle
        self.tail = tail
        self.hasEnd = hasEnd
    }

    /// A whole file.
    package init(_ text: String) { self.init(head: Array(text.utf8)) }
}

/// The encoding of a file, by its bytes.
package struct EncodingGuess: Sendable, Equatable {
    /// As `input.encoding` takes it; nil where it is detected when the file is read.
    package var name: String?
    /// For people.
    package var finding: GuessFinding

    /// By byte order mark, zero bytes, and whether it is valid UTF-8.
    package static func of(_ sample: FileSample) -> EncodingGuess {
        let all = sample.head + sample.middle + sample.tail
        func detected(_ name: String, _ why: String) -> EncodingGuess {
            EncodingGuess(name: nil, finding: GuessFinding("encoding", name, .sure, why))
        }
        if all.starts(with: [0xEF, 0xBB, 0xBF]) { return detected("utf-8", "byte order mark") }
        if all.starts(with: [0xFF, 0xFE]) || all.starts(with: [0xFE, 0xFF]) {
            return detected("utf-16", "byte order mark")
        }
        if all.prefix(4096).count(where: { $0 == 0 }) > min(4096, all.count) / 8 {
            return detected("utf-16", "zero bytes")
        }
        let parts = [sample.head, sample.middle, sample.tail]
        if parts.allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) {
            let isPlain = all.allSatisfy { $0 < 0x80 }
            return detected("utf-8", isPlain ? "only ASCII so far" : "all of it is valid UTF-8")
        }
        // Letters of the code pages of DOS are where windows-1252 has nothing, or signs that no word has inside.
        let isLetter: (UInt8) -> Bool = { 0x41...0x5A ~= $0 & 0xDF }
        var odd = 0
        for index in all.indices where 0x80...0x9F ~= all[index] {
            let before = index > 0 && isLetter(all[index - 1])
            let after = index + 1 < all.count && isLetter(all[index + 1])
            let isUnused = [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(all[index])
            if isUnused || before && after && all[index] != 0x92 { odd += 1 }
        }
        if odd > 0 {
            return EncodingGuess(
                name: nil,
                finding: GuessFinding(
                    "encoding", "", .unsure,
                    "it is neither UTF-8 nor windows-1252, perhaps a code page of DOS: save it as UTF-8"
                ))
        }
        return EncodingGuess(
            name: "windows-1252",
            finding: GuessFinding(
                "encoding", "windows-1252", .likely, "it is not UTF-8; Excel for Windows writes this"))
    }

    /// The text of bytes in that encoding.
    static func decode(_ bytes: [UInt8], _ guess: EncodingGuess, head: [UInt8]) -> String {
        if guess.finding.value == "utf-16" {
            let isBig =
                head.starts(with: [0xFE, 0xFF])
                || !head.starts(with: [0xFF, 0xFE]) && head.first == 0
            var units: [UInt16] = []
            var at = 0
            while at + 1 < bytes.count {
                let (a, b) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
                units.append(isBig ? a << 8 | b : b << 8 | a)
                at += 2
            }
            if units.first == 0xFEFF { units.removeFirst() }
            return String(decoding: units, as: UTF16.self)
        }
        if guess.name == "windows-1252" {
            var text = String.UnicodeScalarView()
            for byte in bytes {
                let code = 0x80...0x9F ~= byte ? high[Int(byte) - 0x80] : UInt32(byte)
                text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
            }
            return String(text)
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        return String(decoding: isMarked ? Array(bytes.dropFirst(3)) : bytes, as: UTF8.self)
    }

    /// 0x80 to 0x9F of windows-1252.
    private static let high: [UInt32] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
    ]
}
