/// The text of a cell as it is meant: Excel writes characters that XML has not as `_x000D_`.
///
/// Source: ECMA-376, part 1, section 22.9.2.19, `ST_Xstring`.
enum CellText {
    /// Turns `_xHHHH_` in `text[start...]` to the character of that number; two of them may be one character.
    static func unescape(_ text: inout [UInt8], from start: Int) {
        guard var at = nextEscape(text, from: start) else { return }
        var kept = at
        var high: UInt32?
        while at < text.count {
            guard let unit = escape(text, at: at) else {
                if high != nil { high = nil }
                text[kept] = text[at]
                kept += 1
                at += 1
                continue
            }
            at += 7
            switch unit {
            case 0xD800..<0xDC00:
                high = unit
                kept = put("\u{FFFD}", &text, kept)
            case 0xDC00..<0xE000:
                if let first = high,
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + unit - 0xDC00)
                {
                    kept = put(scalar, &text, kept - 3)
                } else {
                    kept = put("\u{FFFD}", &text, kept)
                }
                high = nil
            default:
                kept = put(Unicode.Scalar(unit) ?? "\u{FFFD}", &text, kept)
                high = nil
            }
        }
        text.removeLast(text.count - kept)
    }

    /// At most four bytes, where seven or more were.
    private static func put(_ scalar: Unicode.Scalar, _ text: inout [UInt8], _ at: Int) -> Int {
        var at = at
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            text[at] = byte
            at += 1
        }
        return at
    }

    private static func nextEscape(_ text: [UInt8], from start: Int) -> Int? {
        guard text.count - start >= 7 else { return nil }
        for at in start...text.count - 7 where text[at] == UInt8(ascii: "_") {
            if escape(text, at: at) != nil { return at }
        }
        return nil
    }

    private static func escape(_ text: [UInt8], at: Int) -> UInt32? {
        guard at + 7 <= text.count, text[at] == UInt8(ascii: "_"), text[at + 1] == UInt8(ascii: "x"),
            text[at + 6] == UInt8(ascii: "_")
        else { return nil }
        var unit: UInt32 = 0
        for byte in text[at + 2..<at + 6] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte & 15)
            case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                unit = unit << 4 | UInt32(byte & 15) + 9
            default: return nil
            }
        }
        return unit
    }

    /// Drops the white space around `text[start...]`, as Excel does where `xml:space` does not say otherwise.
    static func trim(_ text: inout [UInt8], from start: Int) {
        while text.count > start, isSpace(text[text.count - 1]) { text.removeLast() }
        var first = start
        while first < text.count, isSpace(text[first]) { first += 1 }
        if first > start { text.removeSubrange(start..<first) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
