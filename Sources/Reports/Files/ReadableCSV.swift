/// CSV for people and their spreadsheets, by RFC 4180 with LF line ends.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe before it (CWE-1236), so this
/// is never the form in which records are sent again.
package enum ReadableCSV {
    /// One line of cells, with its line end.
    package static func line(_ cells: [String]) -> String {
        cells.map(cell).joined(separator: ",") + "\n"
    }

    /// One cell, quoted where needed, and never a formula.
    package static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, isDangerous(first) { text = "'" + text }
        // By scalars: CR LF is one character that equals neither, and an accent can hide a quote.
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
            return text
        }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    /// The full-width forms are read as the plain ones by some spreadsheets.
    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(scalar)
    }
}
