import Foundation
import Records

/// The table in a file: where it begins and ends, and how its cells are separated.
package struct TableGuess: Sendable {
    /// As `input.encoding` takes it; nil where it is detected.
    package var encoding: String?
    /// As `input.delimiter` takes it; nil where it is detected, or is none.
    package var delimiter: String?
    /// Lines above the header.
    package var skip = 0
    /// Whether its first row has the names of the columns.
    package var hasHeader = true
    /// Rows at the end that are none.
    package var footer = 0
    /// Names as the reader gives them, no two alike.
    package var columns: [String] = []
    /// Rows of the sample, without those at the end; each has a cell for each column.
    package var rows: [[String]] = []
    /// Rows among the others that look like totals, by the column and the word that tells.
    package var totals: (column: String, word: String)?
    /// What was found, in the order of the file.
    package var findings: [GuessFinding] = []
    /// What keeps the file from being read; empty where nothing does.
    package var gaps: [String] = []

    /// A table that was read already, such as JSON rows.
    package init(columns: [String], rows: [[String]]) {
        self.columns = columns
        self.rows = rows
    }

    /// A file of text with delimiters.
    package init(_ sample: FileSample) {
        let encoding = EncodingGuess.of(sample)
        self.encoding = encoding.name
        findings.append(encoding.finding)
        if encoding.finding.confidence == .unsure { gaps.append(encoding.finding.why) }
        func text(_ bytes: [UInt8]) -> String {
            EncodingGuess.decode(bytes, encoding, head: sample.head)
        }
        var head = text(sample.head)
        var separator: Character?
        // Excel's own first line says how cells are parted, and is none of the lines.
        if head.lowercased().hasPrefix("sep="), let sign = head.dropFirst(4).first {
            separator = sign
            head = String(head.drop { !$0.isNewline }.dropFirst())
        }
        let (sign, count) = Self.delimiter(head, separator)
        note(sign, count, wasSaid: separator != nil)
        var lines = DelimitedText.rows(head, sign)
        takeHeader(&lines, count)
        var body = lines.map(\.cells).filter { $0.count == count }
        let middle = DelimitedText.rows(text(sample.middle), sign).map(\.cells)
        body += middle.filter { $0.count == count }
        let tail = DelimitedText.rows(text(sample.tail), sign).map(\.cells)
        let end = sample.tail.isEmpty ? lines.map(\.cells) : tail
        if sample.hasEnd {
            takeFooter(end, count)
        } else {
            findings.append(
                GuessFinding(
                    "footer", "", .unsure, "the end of the file was not read: look for total rows"))
        }
        body += tail.filter { $0.count == count }
        // The rows at the end are the last of those with as many cells as the header, or have others.
        let cut = end.suffix(footer).count { $0.count == count }
        body.removeLast(min(cut, body.count))
        rows = body.filter { row in
            guard let total = Self.total(row, columns) else { return true }
            if totals == nil { totals = total }
            return false
        }
        if let totals {
            findings.append(
                GuessFinding(
                    "total rows", "\(totals.column) “\(totals.word)”", .likely,
                    "rows among the others; `where` leaves them out"))
        }
    }

    // MARK: Delimiter

    private static func delimiter(_ text: String, _ said: Character?) -> (Character, Int) {
        var best: (sign: Character, count: Int, score: Double) = (",", 1, 0)
        // As much as the reader looks at for that.
        let text = String(text.prefix(1 << 16))
        for sign: Character in said.map({ [$0] }) ?? [",", ";", "\t", "|"] {
            let counts = DelimitedText.rows(text, sign).prefix(2000).map(\.cells.count)
            let frequency = Dictionary(counts.map { ($0, 1) }, uniquingKeysWith: +)
            // The most rows have as many cells as the table; a title has one.
            guard
                let mode = frequency.filter({ $0.key > 1 }).max(by: {
                    ($0.value, $0.key) < ($1.value, $1.key)
                })
            else { continue }
            let score = Double(mode.value) / Double(counts.count) * (1 + Double(min(mode.key, 8)) / 8)
            if score > best.score { best = (sign, mode.key, score) }
        }
        return (best.sign, best.count)
    }

    private mutating func note(_ sign: Character, _ count: Int, wasSaid: Bool) {
        let names: [Character: String] = [",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"]
        let name = names[sign] ?? String(sign)
        guard count > 1 else {
            findings.append(GuessFinding("delimiter", "", .likely, "one column"))
            return
        }
        if !wasSaid { delimiter = name }
        findings.append(
            GuessFinding(
                "delimiter", name, .sure,
                wasSaid ? "the first line says so" : "\(count) columns in most rows"))
    }

    // MARK: Header

    private mutating func takeHeader(_ lines: inout [DelimitedText.Row], _ count: Int) {
        // Titles have few cells, or are padded with empty ones.
        for (index, line) in lines.prefix(30).enumerated() {
            let cells = line.cells.map(Self.trimmed)
            guard cells.count == count else { continue }
            let filled = cells.filter { !$0.isEmpty }
            guard filled.count * 10 >= count * 6, filled.count > min(1, count - 1) else { continue }
            guard !HeaderLook.isData(filled), Set(filled.map { $0.lowercased() }).count == filled.count,
                !filled.contains(where: { $0.count > 60 })
            else { break }
            skip = line.line - 1
            columns = Self.names(cells)
            lines.removeFirst(index + 1)
            findings.append(
                GuessFinding("header", "line \(line.line)", .likely, "names, and data below"))
            if skip > 0 {
                findings.append(
                    GuessFinding("skip", "\(skip)", .likely, "lines above the names of the columns"))
            }
            return
        }
        hasHeader = false
        columns = (1...max(1, count)).map { "column_\($0)" }
        findings.append(
            GuessFinding(
                "header", "", .likely, "the first line looks like data: columns are column_1, …"))
    }

    /// As the reader names columns: one without a name, or with another's, gets its own.
    private static func names(_ cells: [String]) -> [String] {
        var taken: Set<String> = []
        return cells.enumerated().map { index, cell in
            var name = cell.isEmpty ? "column_\(index + 1)" : cell
            if !taken.insert(name).inserted { name += "_\(index + 1)" }
            taken.insert(name)
            return name
        }
    }

    static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The end

    private static let totalWords = [
        "summe", "gesamt", "gesamtsumme", "zwischensumme", "endsumme", "saldo", "total", "totale",
        "grand total", "subtotal", "sub-total", "sum", "totaal", "suma", "somme", "sous-total",
        "total general", "total général", "total geral", "razem", "toplam", "anzahl", "count", "eof",
        "end of file", "end of report", "ende", "fin", "datensätze", "records",
    ]

    /// The column and the word that make a row a total; nil where none does.
    private static func total(_ row: [String], _ columns: [String]) -> (column: String, word: String)? {
        for (index, cell) in row.enumerated() {
            let cell = trimmed(cell)
            guard !cell.isEmpty else { continue }
            let word = cell.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: " :.=*-"))
            // Only the first text of a row: an article may be called “Total”.
            guard let known = totalWords.first(where: { word == $0 || word.hasPrefix($0 + " ") }),
                index < columns.count
            else { return nil }
            let others = row.indices.filter { $0 != index && !trimmed(row[$0]).isEmpty }
            guard others.count * 2 <= row.count else { return nil }
            // The whole cell, or what its texts begin with.
            return (
                columns[index],
                cell.count > known.count && cell.dropFirst(known.count).first == " "
                    ? String(cell.prefix(known.count)) + " %" : cell
            )
        }
        return nil
    }

    private mutating func takeFooter(_ rows: [[String]], _ count: Int) {
        var found = 0
        for row in rows.reversed() {
            let filled = row.filter { !Self.trimmed($0).isEmpty }.count
            if filled == 0, row.count == 1 { continue }
            let isNote = count > 2 && filled <= 1
            guard isNote || Self.total(row, Array(repeating: "", count: max(count, row.count))) != nil
            else { break }
            found += 1
        }
        guard found > 0, found <= 20, found < rows.count else { return }
        footer = found
        findings.append(
            GuessFinding(
                "footer", "\(found)", .likely,
                "\(found == 1 ? "a total or a note" : "totals or notes") at the end of the file"))
    }
}

/// Rows of text with delimiters, as a sample needs them: what is not whole comes out as it is.
enum DelimitedText {
    struct Row {
        var cells: [String]
        /// That it begins on, from 1.
        var line: Int
    }

    /// Blank lines are no rows.
    static func rows(_ text: String, _ delimiter: Character) -> [Row] {
        var rows: [Row] = []
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var line = 1
        var start = 1
        func end() {
            cells.append(cell)
            if cells.count > 1 || !TableGuess.trimmed(cell).isEmpty {
                rows.append(Row(cells: cells, line: start))
            }
            cells = []
            cell = ""
        }
        var characters = text.makeIterator()
        var next = characters.next()
        while let character = next {
            next = characters.next()
            if isQuoted {
                if character == "\"" {
                    if next == "\"" {
                        cell.append("\"")
                        next = characters.next()
                    } else {
                        isQuoted = false
                    }
                } else {
                    if character.isNewline { line += 1 }
                    cell.append(character)
                }
            } else if character == "\"", cell.isEmpty {
                isQuoted = true
            } else if character == delimiter {
                cells.append(cell)
                cell = ""
            } else if character.isNewline {
                end()
                line += 1
                start = line
            } else {
                cell.append(character)
            }
        }
        if !cell.isEmpty || !cells.isEmpty { end() }
        return rows
    }
}
