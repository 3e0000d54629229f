/// Writes JSON text to the end of a buffer.
package enum JSONWriter {
    /// Appends `text[range]`, UTF-8, as a JSON string with its quotes. Only what has to be escaped is.
    package static func appendString(
        _ text: [UInt8], in range: Range<Int>, to result: inout [UInt8]
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        text.withBytes { append($0, in: range, to: &result) }
    }

    package static func appendString(_ text: String, to result: inout [UInt8]) {
        var text = text
        text.withUTF8 { buffer in
            unsafe append(Bytes(buffer), in: 0..<buffer.count, to: &result)
        }
    }

    private static func append(_ bytes: Bytes, in range: Range<Int>, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\""))
        var done = range.lowerBound
        var at = done
        while at < range.upperBound {
            if at + 8 <= range.upperBound {
                let word = bytes.word(at: at)
                let hits =
                    Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\"")))
                    | Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\\")))
                    | Swar.lowestLess(word, than: 0x20)
                guard hits != 0 else {
                    at += 8
                    continue
                }
                at += hits.trailingZeroBitCount >> 3
            }
            let byte = bytes[at]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            unsafe result.append(contentsOf: bytes.slice(done..<at))
            escape(byte, to: &result)
            at += 1
            done = at
        }
        unsafe result.append(contentsOf: bytes.slice(done..<range.upperBound))
        result.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: result.append(UInt8(ascii: "b"))
        case 0x09: result.append(UInt8(ascii: "t"))
        case 0x0A: result.append(UInt8(ascii: "n"))
        case 0x0C: result.append(UInt8(ascii: "f"))
        case 0x0D: result.append(UInt8(ascii: "r"))
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            result.append(contentsOf: "u00".utf8)
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        default: result.append(byte)
        }
    }
}
