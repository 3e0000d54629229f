/// The documents' Markdown as text for a terminal.
///
/// Knows what the documents use: headings, paragraphs, lists, fenced code, tables; bold, italics, code and links
/// within a line.
package enum MarkdownText {
    /// A part of a document.
    package enum Block: Equatable {
        case heading(String, level: Int)
        case paragraph(String)
        case list([String])
        case code(String)
        case table(Table)
    }

    package struct Table: Equatable {
        /// The names of the columns.
        package var head: [String]
        /// Their cells, with their marks; a row may have fewer than the head.
        package var rows: [[String]]
    }

    /// A stretch of a line in one style.
    package struct Run: Equatable {
        /// How a stretch of a line is set.
        package enum Style { case plain, strong, emphasis, code }
        /// Without its marks.
        package var text: String
        /// How it is set.
        package var style: Style
    }

    /// The section below a heading, with the heading; nil where no heading has that text.
    ///
    /// It ends at the next heading of the same level, or of one above it.
    package static func section(_ heading: String, of document: String) -> String? {
        let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
        return range(of: heading, in: lines).map { lines[$0].joined(separator: "\n") }
    }

    /// A document without one of its sections.
    package static func without(_ heading: String, _ document: String) -> String {
        var lines = document.split(separator: "\n", omittingEmptySubsequences: false)
        if let range = range(of: heading, in: lines) { lines.removeSubrange(range) }
        return lines.joined(separator: "\n")
    }

    private static func range(of heading: String, in lines: [Substring]) -> Range<Int>? {
        var start: Int?
        var level = 0
        var isCode = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            let marks = isCode ? 0 : headingLevel(line)
            guard marks > 0 else { continue }
            if let start, marks <= level { return start..<index }
            if start == nil, line.dropFirst(marks + 1) == heading { (start, level) = (index, marks) }
        }
        return start.map { $0..<lines.count }
    }

    /// - Parameter width: Lines of running text and tables are at most this wide; code stays as it is.
    package static func plain(_ markdown: String, width: Int) -> String {
        var parts: [String] = []
        for block in blocks(of: markdown) {
            switch block {
            case .heading(let text, let level):
                let words = bare(text)
                parts.append(level <= 2 ? words.uppercased() : words)
            case .paragraph(let text) where isContents(text): continue
            case .paragraph(let text):
                parts.append(Wording.wrap(plain(text), width: width).joined(separator: "\n"))
            case .list(let items):
                parts.append(items.map { hanging("- ", plain($0), width) }.joined(separator: "\n"))
            case .code(let text):
                parts.append(text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
            case .table(let table): parts.append(plain(table, width: width))
            }
        }
        return parts.joined(separator: "\n\n")
    }

    /// The first cell of each row, and the others beside it; from the third on under the names of their columns.
    private static func plain(_ table: Table, width: Int) -> String {
        let longest = table.rows.map { bare($0.first ?? "").count }.max() ?? 0
        let column = min(longest, 22) + 4
        return table.rows.flatMap { row -> [String] in
            let cells = zip(table.head, row).dropFirst().enumerated().map { index, cell in
                index == 0 ? plain(cell.1) : plain(cell.0) + ": " + plain(cell.1)
            }
            let indent = String(repeating: " ", count: column)
            var lines = cells.flatMap { Wording.wrap($0, width: width, indent: indent) }
            let head = "  " + bare(row.first ?? "")
            if head.count + 2 <= column, let first = lines.first {
                lines[0] =
                    head + String(repeating: " ", count: column - head.count)
                    + first.dropFirst(column)
                return lines
            }
            return [head] + lines
        }.joined(separator: "\n")
    }

    private static func hanging(_ mark: String, _ text: String, _ width: Int) -> String {
        let indent = String(repeating: " ", count: mark.count)
        let lines = Wording.wrap(text, width: width, indent: indent)
        return lines.enumerated().map {
            $0.offset == 0 ? mark + $0.element.dropFirst(mark.count) : $0.element
        }
        .joined(separator: "\n")
    }

    /// Code keeps its marks: without them `retry --from` would not stand out in a sentence.
    private static func plain(_ text: String) -> String {
        runs(of: text).map { $0.style == .code ? "`\($0.text)`" : $0.text }.joined()
    }

    /// Links to the headings of the same page, and nothing else: a terminal has nowhere to go.
    private static func isContents(_ text: String) -> Bool {
        text.split(separator: "·").allSatisfy { part in
            let words = part.drop { $0 == " " }
            return words.hasPrefix("[") && words.firstRange(of: "](#") != nil
        }
    }

    private static func bare(_ text: String) -> String { runs(of: text).map(\.text).joined() }

    // MARK: Blocks

    /// The parts of a document in their order.
    package static func blocks(of markdown: String) -> [Block] {
        var blocks: [Block] = []
        var code: [Substring]?
        /// Whether the line belongs to the block before it.
        var isWithin = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let lines = code { blocks.append(.code(lines.joined(separator: "\n"))) }
                code = code == nil ? [] : nil
                isWithin = false
                continue
            }
            if code != nil {
                code?.append(line)
                continue
            }
            defer { isWithin = !line.isEmpty && headingLevel(line) == 0 }
            if line.isEmpty { continue }
            let level = headingLevel(line)
            if level > 0 {
                blocks.append(.heading(String(line.dropFirst(level + 1)), level: level))
            } else if line.hasPrefix("|") {
                add(row: line, to: &blocks, isWithin: isWithin)
            } else if line.hasPrefix("- ") {
                if isWithin, case .list(let items) = blocks.last {
                    blocks[blocks.count - 1] = .list(items + [String(line.dropFirst(2))])
                } else {
                    blocks.append(.list([String(line.dropFirst(2))]))
                }
            } else if isWithin, let last = blocks.last {
                let more = " " + line.drop { $0 == " " }
                switch last {
                case .paragraph(let text): blocks[blocks.count - 1] = .paragraph(text + more)
                case .list(var items):
                    items[items.count - 1] += more
                    blocks[blocks.count - 1] = .list(items)
                default: blocks.append(.paragraph(String(line)))
                }
            } else {
                blocks.append(.paragraph(String(line)))
            }
        }
        return blocks
    }

    private static func add(row line: Substring, to blocks: inout [Block], isWithin: Bool) {
        let cells = cells(line)
        guard isWithin, case .table(var table) = blocks.last else {
            return blocks.append(.table(Table(head: cells, rows: [])))
        }
        if cells.allSatisfy({ !$0.isEmpty && $0.allSatisfy { "-:".contains($0) } }) { return }
        table.rows.append(cells)
        blocks[blocks.count - 1] = .table(table)
    }

    /// A `|` within code does not end a cell.
    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isCode = false
        for character in line.dropFirst() {
            if character == "`" { isCode.toggle() }
            if character == "|", !isCode {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        cells.removeLast()
        return cells.map { cell in
            let start = cell.drop { $0 == " " }
            return String(start.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func headingLevel(_ line: Substring) -> Int {
        let marks = line.prefix { $0 == "#" }.count
        return (1...6).contains(marks) && line.dropFirst(marks).first == " " ? marks : 0
    }

    // MARK: Within a line

    /// Links are their words alone. A mark that is never closed is text.
    package static func runs(of line: String) -> [Run] {
        var runs: [Run] = []
        var rest = Substring(line)
        func add(_ text: some StringProtocol, _ style: Run.Style) {
            guard !text.isEmpty else { return }
            if let last = runs.last, last.style == style {
                runs[runs.count - 1].text += text
            } else {
                runs.append(Run(text: String(text), style: style))
            }
        }
        let marks: [(mark: String, style: Run.Style)] = [
            ("``", .code), ("`", .code), ("**", .strong), ("*", .emphasis),
        ]
        while let first = rest.first {
            if let (mark, style) = marks.first(where: { rest.hasPrefix($0.mark) }) {
                let inner = rest.dropFirst(mark.count)
                if let end = inner.firstRange(of: mark), end.lowerBound > inner.startIndex {
                    add(inner[..<end.lowerBound], style)
                    rest = inner[end.upperBound...]
                    continue
                }
            } else if first == "[", let middle = rest.firstRange(of: "]("),
                let end = rest[middle.upperBound...].firstIndex(of: ")")
            {
                for run in Self.runs(of: String(rest.dropFirst()[..<middle.lowerBound])) {
                    add(run.text, run.style)
                }
                rest = rest[rest.index(after: end)...]
                continue
            }
            add(String(first), .plain)
            rest = rest.dropFirst()
        }
        return runs
    }
}
