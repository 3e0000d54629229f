import Model

// Records after their marks: a column before the others, or a first member.
extension Layout {
    /// Whether there is a place for marks.
    var takesMarks: Bool {
        if isJSON { return width == .one }
        // Two bytes a character without a byte order mark: not to be told apart from one.
        return !columns.isEmpty && (width != .one || !header.contains(0))
    }

    /// The header with the column of marks before the others; one of the columns' names where the input had
    /// none.
    var markedHeader: [UInt8] {
        if isJSON { return header }
        guard header.contains(where: { $0 < 0x80 && $0 != 0 }) else {
            let names = Self.header([RecordMark.name] + columns, delimiter: delimiter)
            return header + Self.wide(names, width) + lineEnd
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let lead =
            width != .one ? Array(header.prefix(2)) : header.starts(with: mark) ? mark : []
        return lead + Self.wide(Array(RecordMark.name.utf8) + delimiter, width)
            + header[lead.count...]
    }

    /// A record's bytes as they are to be written, each of its rows after the mark.
    ///
    /// - Parameters:
    ///   - id: Nil leaves the mark empty.
    ///   - isOneRow: Its quotes do not tell where rows end.
    func marked(_ stored: [UInt8], as id: RecordID?, isOneRow: Bool = false) -> [UInt8] {
        marked(stored, as: id.map { [$0] } ?? [], isOneRow: isOneRow)
    }

    /// The same of a record that repairs several: the first rows each bear one of the marks, the rest the last.
    ///
    /// - Parameter ids: As many as there are rows, at most; without any, the marks are empty.
    func marked(_ stored: [UInt8], as ids: [RecordID], isOneRow: Bool = false) -> [UInt8] {
        func text(_ row: Int) -> [UInt8] {
            ids.isEmpty ? [] : Array("\(ids[min(row, ids.count - 1)])".utf8)
        }
        guard isJSON else {
            let lines = lines(stored)
            func mark(_ row: Int) -> [UInt8] { Self.wide(text(row) + delimiter, width) }
            if isOneRow { return mark(0) + lines }
            return rows(of: lines).enumerated().flatMap { mark($0) + lines[$1] }
        }
        guard width == .one else { return markedLine(lines(stored), text(0)) }
        return jsonLines(stored).enumerated().flatMap { markedLine($1, text($0)) }
    }

    private func markedLine(_ lines: [UInt8], _ text: [UInt8]) -> [UInt8] {
        guard !text.isEmpty, let brace = lines.firstIndex(where: { $0 > 0x20 }),
            lines[brace] == UInt8(ascii: "{")
        else { return lines }
        let isEmpty = lines[(brace + 1)...].first { $0 > 0x20 } == UInt8(ascii: "}")
        let member =
            Array("\"\(RecordMark.name)\":\"".utf8) + text + Array(isEmpty ? "\"".utf8 : "\",".utf8)
        return lines[...brace] + member + lines[(brace + 1)...]
    }

    /// Where each row of a CSV record is: a line end within quotes ends none.
    private func rows(of lines: [UInt8]) -> [Range<Int>] {
        let step = width == .one ? 1 : 2
        let lead = width == .bigEndian ? 1 : 0
        func character(_ at: Int) -> UInt8? {
            guard at + step <= lines.count else { return nil }
            return step == 2 && lines[at + (lead ^ 1)] != 0 ? 0xFF : lines[at + lead]
        }
        var rows: [Range<Int>] = []
        var start = 0
        var at = 0
        var isQuoted = false
        var beginsCell = true
        var isClosed = false
        while let byte = character(at) {
            at += step
            switch byte {
            case UInt8(ascii: "\""):
                // A doubled one within quotes ends them and begins them again.
                let opens = !isQuoted && (beginsCell || isClosed)
                isClosed = isQuoted
                isQuoted = opens
                beginsCell = false
            case 0x0A, 0x0D:
                guard !isQuoted else { continue }
                if byte == 0x0D, character(at) == 0x0A { at += step }
                rows.append(start..<at)
                start = at
                beginsCell = true
                isClosed = false
            default:
                beginsCell = byte == delimiter.last && !isQuoted
                isClosed = false
            }
        }
        if start < lines.count { rows.append(start..<lines.count) }
        return rows
    }

    /// A header without the column of marks that leads it.
    static func unmarked(_ header: [UInt8]) -> [UInt8] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let lead =
            header.starts(with: mark)
            ? 3 : header.starts(with: [0xFF, 0xFE]) || header.starts(with: [0xFE, 0xFF]) ? 2 : 0
        return Array(header[..<lead] + header[(lead + RecordMark.csv(header[lead...]).length)...])
    }
}
