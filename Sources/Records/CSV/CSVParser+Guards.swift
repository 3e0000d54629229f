import Model

// What keeps rows that are none, and rows that a stray quote joins, from becoming records.
extension CSVParser {
    /// Leaves out what is no row where one begins: comments, and a byte order mark, which files that were joined
    /// have in the middle.
    ///
    /// - Returns: Where the row begins; nil where more bytes have to come to tell.
    mutating func behindMark(_ index: Int) -> Int? {
        var index = index
        while index < sink.filled {
            if isStrict, sink.bytes[index] == 0xEF {
                guard sink.filled - index >= 3 else { return sink.isAtEnd ? index : nil }
                if sink.bytes[index + 1] == 0xBB, sink.bytes[index + 2] == 0xBF {
                    index += 3
                    sink.mark(upTo: index)
                    continue
                }
            }
            guard let first = dialect.comment.first, sink.bytes[index] == first else { return index }
            let end = min(index + dialect.comment.count, sink.filled)
            for at in index..<end where sink.bytes[at] != dialect.comment[at - index] { return index }
            if end < index + dialect.comment.count { return sink.isAtEnd ? index : nil }
            guard let next = lineEnd(from: end) else { return nil }
            sink.comment(upTo: next.at, lineEnds: next.lines)
            index = next.at
        }
        return index
    }

    /// Where the line that reaches over `start` ends; nil where that is not in the window.
    private func lineEnd(from start: Int) -> (at: Int, lines: Int)? {
        var at = start
        while at < sink.filled, sink.bytes[at] != 0x0A, sink.bytes[at] != 0x0D { at += 1 }
        guard at < sink.filled else { return sink.isAtEnd ? (at, 0) : nil }
        guard sink.bytes[at] == 0x0D else { return (at + 1, 1) }
        guard at + 1 < sink.filled else { return sink.isAtEnd ? (at + 1, 1) : nil }
        return (sink.bytes[at + 1] == 0x0A ? at + 2 : at + 1, 1)
    }

    /// Whether a row has nothing in any of its fields, as padding below a table.
    func isPadding(_ fields: Range<Int>) -> Bool {
        guard isStrict, fields.count > 1 else { return false }
        switch sink.bytes[sink.at] {
        case dialect.separator.first ?? delimiter, 0x20, 0x09, 0x22, 0xC2: break
        default: return false
        }
        // A quote is something.
        if let last = decodedFields.last, last >= fields.lowerBound { return false }
        for field in fields {
            for index in room.range(of: field, shift: sink.shift) {
                switch sink.bytes[index] {
                case 0x20, 0x09, 0x0A, 0x0D, 0xC2, 0xA0: continue
                default: return false
                }
            }
        }
        return true
    }

    /// A row over several lines each of which is a row by itself: stray quotes have joined them.
    ///
    /// A line counts where it has as many fields as the header, and where they look like those of the first
    /// line: numbers where it has numbers, words where it has words. A text of several lines does not. The first
    /// line has to count, and more than half of all: a bad row among them makes the others no text.
    ///
    /// - Parameter end: Where the row ends, its line end left out.
    func joinedRows(upTo end: Int) -> ScanStop? {
        guard isStrict, quote == .auto, !dialect.isOdd, let columnCount, columnCount > 1 else {
            return nil
        }
        var first: [Shape]?
        var open: Int?
        var quoted: Int?
        var alike = 0
        var lines = 0
        var all = 0
        var start = sink.at
        while start <= end {
            var stop = start
            while stop < end, sink.bytes[stop] != 0x0A, sink.bytes[stop] != 0x0D { stop += 1 }
            all += 1
            if stop > start {
                let line = shapes(of: start..<stop)
                let isRow = line.fields.count == columnCount
                if let first {
                    if isRow, Self.agree(first, line.fields, besides: quoted) { alike += 1 }
                } else {
                    guard isRow else { return nil }
                    first = line.fields
                    open = line.open?.index
                    quoted = line.open?.field
                    alike = 1
                }
                lines += 1
            }
            guard stop < end else { break }
            let isPair = sink.bytes[stop] == 0x0D && stop + 1 < end && sink.bytes[stop + 1] == 0x0A
            start = stop + (isPair ? 2 : 1)
        }
        guard alike > 1, alike * 2 > lines else { return nil }
        let place = sink.place(of: open ?? sink.at, lineEnds: 0)
        return .skip(
            notBefore: end,
            Refusal(
                .unreadable,
                message:
                    "a quote joins lines \(place.line) to \(place.line + all - 1), but most of them are rows on "
                    + "their own; set `input.quote: none` if the file does not quote, or `double` if it is one field"
            ),
            place)
    }

    private enum Shape {
        case empty, number, words

        func agrees(with other: Shape) -> Bool { self == .empty || other == .empty || self == other }
    }

    /// Whether two lines may be rows of one table: no field is of another shape, and one at least is filled in
    /// both, the one that a quote opens left out.
    private static func agree(_ one: [Shape], _ other: [Shape], besides quoted: Int?) -> Bool {
        var isAlike = false
        for (index, pair) in zip(one, other).enumerated() {
            guard pair.0.agrees(with: pair.1) else { return false }
            if index != quoted, pair.0 == pair.1, pair.0 != .empty { isAlike = true }
        }
        return isAlike
    }

    /// The fields of a single line, and the quote in it that it does not close.
    private func shapes(
        of line: Range<Int>
    ) -> (fields: [Shape], open: (index: Int, field: Int)?) {
        var fields: [Shape] = []
        var open: (index: Int, field: Int)?
        var at = line.lowerBound
        while true {
            var stop = at
            var content: Range<Int>?
            if at < line.upperBound, sink.bytes[at] == 0x22 {
                if let close = closingQuote(at, line.upperBound) {
                    content = at + 1..<close
                    stop = close + 1
                } else {
                    open = open ?? (at, fields.count)
                }
            }
            if content == nil {
                while stop < line.upperBound, sink.bytes[stop] != delimiter { stop += 1 }
            }
            fields.append(shape(of: content ?? at..<stop))
            guard stop < line.upperBound else { return (fields, open) }
            at = stop + 1
        }
    }

    /// The quote that closes the field within its line.
    private func closingQuote(_ open: Int, _ end: Int) -> Int? {
        var at = open + 1
        while at < end {
            guard sink.bytes[at] == 0x22 else {
                at += 1
                continue
            }
            if at + 1 == end || sink.bytes[at + 1] == delimiter { return at }
            guard sink.bytes[at + 1] == 0x22 else { return nil }
            at += 2
        }
        return nil
    }

    private func shape(of field: Range<Int>) -> Shape {
        var hasDigit = false
        for index in field {
            switch sink.bytes[index] {
            case 0x30...0x39: hasDigit = true
            // The T and Z of a time are no words.
            case UInt8(ascii: "T"), UInt8(ascii: "Z"): if !hasDigit { return .words }
            case 0x41...0x5A, 0x61...0x7A, 0x80...: return .words
            default: break
            }
        }
        return hasDigit ? .number : .empty
    }
}
