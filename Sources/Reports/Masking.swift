/// Keeps personal data out of texts that may be mailed: the server's words quote phone numbers, bill
/// numbers and addresses of customers.
///
/// It knows no names: where a message may quote one, only leaving the message out helps.
package enum Masking {
    /// The text with every digit as `#`, and every word around an `@` as `<email>`.
    package static func mask(_ text: String) -> String {
        // By scalars: an accent on a digit or an `@` makes another character of it.
        var result = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || ends.contains(scalar) {
                result += masked(word)
                word.removeAll()
                result.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        result += masked(word)
        return String(result)
    }

    private static let ends = Set("\"'“”‘’`<>()[]{},;:=|".unicodeScalars)

    private static func masked(_ word: String.UnicodeScalarView) -> String.UnicodeScalarView {
        if let at = word.firstIndex(of: "@"), at != word.startIndex, word.index(after: at) != word.endIndex {
            return "<email>".unicodeScalars
        }
        var result = String.UnicodeScalarView()
        for scalar in word { result.append(scalar.properties.numericType == nil ? scalar : "#") }
        return result
    }
}
