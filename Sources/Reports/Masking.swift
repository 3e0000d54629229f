/// Keeps personal data out of texts that may be mailed: the server's words quote phone numbers, bill
/// numbers and addresses of customers.
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
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || ends.contains(scalar) {
                result += masked(word, length)
                word.removeAll()
                result.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        result += masked(word, length)
        return String(result)
    }

    private static let ends = Set("\"'“”‘’`<>()[]{},;:=|".unicodeScalars)

    /// The name of a run, also at the end of a sentence: it is ours, and the next step may need it.
    private static func isOurs(_ word: String.UnicodeScalarView) -> Bool {
        let name = word.last == "." ? word.dropLast() : word[...]
        guard name.count == 26 else { return false }
        return name.enumerated().allSatisfy { index, scalar in
            switch index {
            case 8: scalar == "T"
            case 15: scalar == "-"
            case 0..<15: ("0"..."9").contains(scalar)
            default: ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar)
            }
        }
    }

    private static func masked(
        _ word: String.UnicodeScalarView, _ length: Int
    ) -> String.UnicodeScalarView {
        if isOurs(word) { return word }
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
