/// What a text may not be that tells one thing from another: an identifier or a code.
package enum KeyText {
    package enum Trouble: Equatable, Sendable {
        /// A word with which programs write that there is no value.
        case nullWord(String)
        /// A character that nobody sees.
        case invisible(Unicode.Scalar)
    }

    /// What is wrong with `bytes[range]`.
    ///
    /// - Parameter nullWords: Words that mean null are wrong; not where the job says which do.
    package static func trouble(
        in bytes: [UInt8], _ range: Range<Int>, nullWords: Bool
    ) -> Trouble? {
        var isPlain = true
        for index in range where bytes[index] &- 0x20 > 0x5E { isPlain = false }
        if !isPlain, let scalar = firstInvisible(in: bytes, range) { return .invisible(scalar) }
        if nullWords {
            let word = withoutSpace(bytes, range)
            if isNullWord(bytes, word) {
                return .nullWord(String(decoding: bytes[word], as: UTF8.self))
            }
        }
        return nil
    }

    /// `range` without the white space at its ends: ASCII's, and the no-break space.
    package static func withoutSpace(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            if bytes[low] <= 0x20 {
                low += 1
            } else if bytes[low] == 0xC2, low + 1 < high, bytes[low + 1] == 0xA0 {
                low += 2
            } else {
                break
            }
        }
        while low < high {
            if bytes[high - 1] <= 0x20 {
                high -= 1
            } else if bytes[high - 1] == 0xA0, high - low >= 2, bytes[high - 2] == 0xC2 {
                high -= 2
            } else {
                break
            }
        }
        return low..<high
    }

    // MARK: Null

    /// Words that databases, data frames and languages write for no value. `NA` and `NaN` count as R and pandas
    /// write them alone, since a code may be `na`.
    private static let words: Set<String> = [
        "null", "n/a", "none", "nil", "undefined", "(null)", "<null>", "[null]", "<nil>", "<na>",
    ]
    private static let exactWords: Set<String> = ["\\N", "NA", "NaN", "nan", "-nan"]

    package static func isNullWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard (2...9).contains(range.count) else { return false }
        switch bytes[range.lowerBound] | 0x20 {
        // n, u, \ and the brackets, as they are with that bit
        case UInt8(ascii: "n"), UInt8(ascii: "u"), UInt8(ascii: "\\") | 0x20, UInt8(ascii: "("),
            UInt8(ascii: "<") | 0x20, UInt8(ascii: "[") | 0x20, UInt8(ascii: "-"):
            let text = String(decoding: bytes[range], as: UTF8.self)
            return exactWords.contains(text) || words.contains(text.lowercased())
        default: return false
        }
    }

    // MARK: Invisible

    /// The first character of `bytes[range]` that does not show: controls, zero-width characters and marks of
    /// direction.
    package static func firstInvisible(in bytes: [UInt8], _ range: Range<Int>) -> Unicode.Scalar? {
        String(decoding: bytes[range], as: UTF8.self).unicodeScalars.first {
            isControl($0) || isMark($0)
        }
    }

    /// `bytes[range]` without characters that take no room; nil where it has none.
    package static func withoutMarks(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
        var isASCII = true
        for index in range where bytes[index] >= 0x80 { isASCII = false }
        guard !isASCII else { return nil }
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard text.unicodeScalars.contains(where: isMark) else { return nil }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: text.unicodeScalars.filter { !isMark($0) })
        return Array(String(kept).utf8)
    }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || [0x2028, 0x2029].contains(scalar.value)
    }

    /// Zero-width characters, marks of direction, fillers, tags and variation selectors.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B...0x200F,
            0x202A...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB,
            0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}

extension KeyText.Trouble {
    /// For the record's list of what is wrong.
    package var words: String {
        switch self {
        case .nullWord(let word):
            "“\(word)” usually means that there is no value. If so, set `input.null: [\"\(word)\"]` in "
                + "the job; if it is a real value, set `input.null: []`."
        case .invisible(let scalar):
            "It has an invisible character: \(scalar.codePoint)\(Self.name(scalar))."
        }
    }

    private static func name(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0: " (NUL)"
        case 0x09: " (tab)"
        case 0x0A: " (line feed)"
        case 0x0D: " (carriage return)"
        case 0x200B: " (zero width space)"
        case 0xFEFF: " (byte order mark)"
        default: (scalar.properties.name).map { " (\($0.lowercased()))" } ?? ""
        }
    }
}

extension Unicode.Scalar {
    /// `U+200B`
    package var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension String {
    /// The same with each character that does not show as its code point: `<U+200B>bill`.
    package var showingInvisible: String {
        guard unicodeScalars.contains(where: { KeyText.isControl($0) || KeyText.isMark($0) }) else {
            return self
        }
        var shown = ""
        for scalar in unicodeScalars {
            if KeyText.isControl(scalar) || KeyText.isMark(scalar) {
                shown += "<\(scalar.codePoint)>"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
