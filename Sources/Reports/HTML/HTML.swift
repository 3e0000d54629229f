import Model

/// Pieces of a page. Whatever comes from outside passes through ``text(_:)``.
enum HTML {
    /// For content and for attributes in double quotes.
    static func text(_ outside: String) -> String {
        var result = ""
        result.reserveCapacity(outside.utf8.count)
        for character in Wording.harmless(outside).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Our own words, with what is in backticks as code.
    static func prose(_ words: String) -> String {
        let parts = text(words).split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return text(words) }
        return parts.enumerated().map { $0 % 2 == 1 ? "<code>\($1)</code>" : String($1) }.joined()
    }

    /// - Parameters:
    ///   - head: One word a column; an empty one for none.
    ///   - rows: Cells that are HTML already.
    ///   - numbers: Columns of numbers, which stand to the right.
    static func table(
        _ caption: String, head: [String], rows: [[String]], numbers: Set<Int> = []
    ) -> String {
        func style(_ column: Int) -> String { numbers.contains(column) ? " class=\"n\"" : "" }
        var html = "<div class=\"scroll\"><table><caption>\(text(caption))</caption><thead><tr>"
        for (column, word) in head.enumerated() {
            html += "<th scope=\"col\"\(style(column))>\(text(word))</th>"
        }
        html += "</tr></thead><tbody>"
        for row in rows {
            html += "<tr>"
            for (column, cell) in row.enumerated() { html += "<td\(style(column))>\(cell)</td>" }
            html += "</tr>"
        }
        return html + "</tbody></table></div>\n"
    }

    static func section(_ title: String, _ body: String) -> String {
        "<section><h2>\(text(title))</h2>\n\(body)</section>\n"
    }
}
