/// Keeps personal data out of texts that may be mailed: the server's words quote phone numbers, bill
/// numbers and addresses of customers.
///
/// Words of our own stay: `HTTP status 413`, `byte 1234567`, `67108864 bytes`, the names of runs.
///
/// It knows no names: where a message may quote one, only leaving the message out helps.
package enum Masking {
    /// The text with its digits as `#`, and every word around an `@` as `<email>`.
    ///
    /// - Parameter length: Numbers of fewer digits stay as they are; 1 or more.
    package static func mask(_ text: String, numbersOf length: Int = 1) -> String {
        // By scalars: an accent on a digit or an `@` makes another character of it.
        var result = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        var isStatus = false
        var isByte = false
        func end(before rest: Substring.UnicodeScalarView) {
            let plain = String(word)
            let isPlace = isByte || String(rest.prefix(6)) == " bytes"
            let isOurs = isStatus && isStatusCode(plain) || isPlace && isNumber(plain)
            result += isOurs ? word : masked(word, length)
            isByte = plain == "byte" || word.isEmpty && isByte
            isStatus =
                plain == "status" && String(result).hasSuffix("HTTP status") || word.isEmpty && isStatus
            word.removeAll()
        }
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            let scalar = scalars[index]
            if scalar.properties.isWhitespace || ends.contains(scalar) {
                end(before: scalars[index...])
                result.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        end(before: scalars[scalars.endIndex...])
        return String(result)
    }

    private static func isNumber(_ word: String) -> Bool {
        let digits = word.hasSuffix(".") ? word.dropLast() : word[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isStatusCode(_ word: String) -> Bool {
        let digits = word.hasSuffix(".") ? word.dropLast() : word[...]
        return digits.utf8.count == 3 && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// `20260203T141500-7k2m9qd4xz`, perhaps with `#17` or a full stop after it.
    private static func isRun(_ word: String) -> Bool {
        let bytes = Array((word.hasSuffix(".") ? word.dropLast() : word[...]).utf8)
        guard bytes.count >= 26, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "-"),
            (Array(bytes[..<8]) + bytes[9..<15]).allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            bytes[16..<26].allSatisfy({
                $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7A
            })
        else { return false }
        let rest = bytes[26...]
        return rest.isEmpty
            || rest.first == UInt8(ascii: "#")
                && rest.dropFirst().allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static let ends = Set("\"'“”‘’`<>()[]{},;:=|".unicodeScalars)

    private static func masked(
        _ word: String.UnicodeScalarView, _ length: Int
    ) -> String.UnicodeScalarView {
        // It is ours, and the next step may need it.
        if isRun(String(word)) { return word }
        if let at = word.firstIndex(of: "@"), at != word.startIndex,
            word.index(after: at) != word.endIndex
        {
            return "<email>".unicodeScalars
        }
        var result = String.UnicodeScalarView()
        var digits = String.UnicodeScalarView()
        func endNumber() {
            let hidden = String.UnicodeScalarView(repeatElement("#", count: digits.count))
            result += digits.count >= length ? hidden : digits
            digits.removeAll()
        }
        for scalar in word {
            if scalar.properties.numericType != nil {
                digits.append(scalar)
            } else {
                endNumber()
                result.append(scalar)
            }
        }
        endNumber()
        return result
    }
}
