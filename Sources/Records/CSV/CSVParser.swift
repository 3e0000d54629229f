import Model

/// Finds the rows of CSV in a window.
///
/// RFC 4180 and what the world sends: a row ends with LF, CRLF or CR; a quote counts only where a field
/// begins, elsewhere it is text. A quoted field that is not closed within the field limit, or that is
/// followed by anything but a delimiter or a line end, makes its row unreadable up to the end of the line it
/// opens on, so that one stray quote costs one line.
///
/// Eight bytes are looked at together: a mask tells where among them delimiters, quotes and line ends are.
/// `PlainCSV` in the tests does the same byte by byte.
struct CSVParser {
    let delimiter: UInt8
    let fieldLimit: Int
    let rowLimit: Int
    let quote: InputOptions.Quote
    var dialect = CSVDialect()
    let rules: Ruleset
    /// How many fields a row has to have; nil lets all pass and blank lines be skipped.
    var columnCount: Int?

    var sink: RowSink
    let room: FieldRoom
    /// Fields with doubled quotes, decoded; they will be after the block's text.
    var decoded: [UInt8]
    /// Which fields they are: their ranges count from the start of `decoded`.
    var decodedFields: [Int]
    /// How many fields the block has.
    var fieldCount: Int

    var isStrict: Bool { rules >= .strict }

    private enum Quoted {
        case closed(at: Int, isDoubled: Bool)
        case needsMore
        case broken(String)
    }

    mutating func parse() -> ScanStop {
        if dialect.isOdd { return parseDialect() }
        let bytes = sink.bytes
        let filled = sink.filled
        let shift = Int32(truncatingIfNeeded: sink.shift)
        let room = self.room
        let delimiter = self.delimiter
        let delimiters = Swar.repeated(delimiter)
        // Where nothing is quoted, no quote is looked for.
        let quotes = quote == .none ? delimiters : Swar.repeated(UInt8(ascii: "\""))
        let lineFeeds = Swar.repeated(0x0A)
        let carriageReturns = Swar.repeated(0x0D)
        // Rows that begin with one of these are looked at: a byte order mark, a comment.
        let commentLead = dialect.comment.first ?? 0xEF

        var at = sink.at
        var field = at
        var count = fieldCount
        var nonASCII: UInt64 = 0
        // Of the row that has started.
        var lineEnds = 0
        var isClosed = false
        let decodedMark = (decoded.count, decodedFields.count)
        var marks = decodedMark

        if sink.isFull { return .full }
        guard let begin = behindMark(at) else { return .needsMore }
        at = begin
        field = begin
        words: while at < filled {
            var word = bytes.word(at: at)
            if filled - at < 8 { word &= 1 << UInt64(8 * (filled - at)) &- 1 }
            // The bytes cleared above match nothing: a delimiter is never NUL.
            var hits =
                Swar.equal(word, to: delimiters) | Swar.equal(word, to: quotes)
                | Swar.equal(word, to: lineFeeds) | Swar.equal(word, to: carriageReturns)
            nonASCII |= word
            guard count + 9 <= room.capacity else {
                forget(marks)
                return .needsRoom
            }
            while hits != 0 {
                let index = at + hits.trailingZeroBitCount >> 3
                hits &= hits &- 1
                let byte = bytes[index]
                if byte == delimiter {
                    room.set(count, field, index, shift)
                    count += 1
                    field = index + 1
                    continue
                }
                if byte == UInt8(ascii: "\"") {
                    // Inside a field that is not quoted it is text.
                    guard index == field || isBehindSpace(index, field) else { continue }
                    switch quoted(openedAt: index) {
                    case .needsMore:
                        forget(marks)
                        return .needsMore
                    case .broken where index > field: continue
                    case .broken(let what):
                        forget(marks)
                        return broken(what, at: index)
                    case .closed(let end, let isDoubled):
                        if isDoubled {
                            decode(index + 1..<end, into: count)
                        } else {
                            room.set(count, index + 1, end, shift)
                        }
                        count += 1
                        lineEnds += bytes.lineEnds(in: index + 1..<end)
                        nonASCII |= Swar.highBits
                        at = end + 1
                        if at < filled, bytes[at] == delimiter {
                            at += 1
                            field = at
                        } else {
                            isClosed = true
                            field = at
                        }
                        continue words
                    }
                }
                // The row ends.
                var next = index + 1
                if byte == 0x0D {
                    if next < filled {
                        if bytes[next] == 0x0A { next += 1 }
                    } else if !sink.isAtEnd {
                        forget(marks)
                        return .needsMore
                    }
                }
                if !isClosed {
                    room.set(count, field, index, shift)
                    count += 1
                }
                if let stop = endRow(
                    contentEnd: index, next: next, count: &count, lineEnds: lineEnds + 1,
                    mayBeNonASCII: nonASCII & Swar.highBits != 0)
                {
                    forget(marks)
                    return stop
                }
                field = next
                isClosed = false
                lineEnds = 0
                marks = (decoded.count, decodedFields.count)
                nonASCII = word
                if sink.isFull { return .full }
                if next < filled, bytes[next] == 0xEF || bytes[next] == commentLead {
                    guard let begin = behindMark(next) else { return .needsMore }
                    if begin > next {
                        nonASCII = 0
                        at = begin
                        field = begin
                        continue words
                    }
                }
                if next > index + 1 {
                    // The LF of a CRLF is in this word or the first byte of the next.
                    if next > at + 8 {
                        at = next
                        continue words
                    }
                    hits &= hits &- 1
                }
            }
            at += 8
        }
        guard sink.isAtEnd else {
            forget(marks)
            return .needsMore
        }
        guard sink.at < filled else { return .end }
        // The last row, without a line end.
        if !isClosed {
            room.set(count, field, filled, shift)
            count += 1
        }
        let blank = sink.account.blank
        if let stop = endRow(
            contentEnd: filled, next: filled, count: &count, lineEnds: lineEnds,
            mayBeNonASCII: nonASCII & Swar.highBits != 0)
        {
            forget(marks)
            return stop
        }
        sink.endsInsideLine = sink.account.blank == blank
        return .end
    }

    /// Settles the row from `sink.at` to `next`, whose fields are `fieldCount..<count`.
    @inline(__always)
    mutating func endRow(
        contentEnd: Int, next: Int, count: inout Int, lineEnds: Int, mayBeNonASCII: Bool
    ) -> ScanStop? {
        if contentEnd == sink.at, columnCount != 1 {
            sink.blank(upTo: next, lineEnds: lineEnds)
            count = fieldCount
            return nil
        }
        let fields = fieldCount..<count
        if isPadding(fields) {
            sink.blank(upTo: next, lineEnds: lineEnds)
            count = fieldCount
            return nil
        }
        // More than the one after it: a quoted field has some.
        if lineEnds > 1 || lineEnds == 1 && next == contentEnd,
            let stop = joinedRows(upTo: contentEnd)
        {
            return stop
        }
        if next - sink.at <= fieldLimit, !mayBeNonASCII || sink.transcoder == nil,
            columnCount == fields.count || columnCount == nil
        {
            if !mayBeNonASCII || sink.bytes.firstInvalidUTF8(in: sink.at..<next) == nil {
                sink.row(upTo: next, fields: fields, value: 0..<0, lineEnds: lineEnds)
                fieldCount = count
                return nil
            }
        }
        return endOddRow(next: next, count: &count, lineEnds: lineEnds, mayBeNonASCII: mayBeNonASCII)
    }

    /// The same for a row that is large, perhaps not in its encoding, or has too few or too many fields.
    private mutating func endOddRow(
        next: Int, count: inout Int, lineEnds: Int, mayBeNonASCII: Bool
    ) -> ScanStop? {
        if next - sink.at > rowLimit { return tooLong() }
        var problem: Refusal?
        var place: Position?
        if let bad = sink.encodingProblem(upTo: next, mayBe: mayBeNonASCII) {
            (problem, place) = bad
        } else if let long = (fieldCount..<count).first(where: { room.length(of: $0) > fieldLimit }) {
            problem = Refusal(
                .tooLarge,
                message:
                    "field \(long - fieldCount + 1) is longer than the limit of \(fieldLimit) bytes")
        } else if let columnCount, count - fieldCount != columnCount {
            problem = Refusal(
                .fieldCount,
                message:
                    "the row has \(plural(count - fieldCount, "field")), expected \(columnCount)")
        }
        sink.row(
            upTo: next, fields: fieldCount..<count, value: 0..<0, lineEnds: lineEnds, problem: problem,
            place: place)
        fieldCount = count
        return nil
    }

    /// Where the quoted field that opens at `open` is closed.
    private func quoted(openedAt open: Int) -> Quoted {
        let bytes = sink.bytes
        let filled = sink.filled
        // A closing quote after this is not looked for.
        let last = min(filled, open + 2 + fieldLimit)
        var isDoubled = false
        var at = open + 1
        while true {
            guard let quote = bytes.first(UInt8(ascii: "\""), in: at..<last) else {
                if last < filled || filled == open + 2 + fieldLimit || sink.isAtEnd {
                    return .broken("is never closed")
                }
                return .needsMore
            }
            let next = quote + 1
            guard next < filled else {
                return sink.isAtEnd ? .closed(at: quote, isDoubled: isDoubled) : .needsMore
            }
            switch bytes[next] {
            case UInt8(ascii: "\""):
                isDoubled = true
                at = next + 1
                if at > last { return .broken("is never closed") }
            case delimiter, 0x0A, 0x0D:
                return .closed(at: quote, isDoubled: isDoubled)
            default:
                return .broken("has text after its closing quote")
            }
        }
    }

    mutating func broken(_ what: String, at quote: Int) -> ScanStop {
        if quote - sink.at > rowLimit { return tooLong() }
        let bytes = sink.bytes
        let lineEnds = bytes.lineEnds(in: sink.at..<quote)
        let place = sink.place(of: quote, lineEnds: lineEnds)
        var lineStart = quote
        while lineStart > sink.at, bytes[lineStart - 1] != 0x0A, bytes[lineStart - 1] != 0x0D {
            lineStart -= 1
        }
        let column = (lineStart..<quote).count { bytes[$0] & 0xC0 != 0x80 } + 1
        return .skip(
            notBefore: quote,
            Refusal(
                .unreadable,
                message: "the quoted field that opens at line \(place.line), column \(column), \(what)"),
            place)
    }

    /// Whether nothing but white space stands between the beginning of a field and a quote: `2016, "3,000"`.
    private func isBehindSpace(_ quote: Int, _ field: Int) -> Bool {
        guard rules >= .spaced, self.quote == .auto else { return false }
        for index in field..<quote {
            guard sink.bytes[index] == 0x20 || sink.bytes[index] == 0x09 else { return false }
        }
        return true
    }

    private func tooLong() -> ScanStop {
        let (problem, place) = CSVParser.tooLong(rowLimit, file: sink.file, at: sink.next)
        return .skip(notBefore: sink.at + rowLimit, problem, place)
    }

    static func tooLong(_ limit: Int, file: Int, at next: Resume) -> (Refusal, Position) {
        (
            Refusal(.unreadable, message: "the row is longer than the limit of \(limit) bytes"),
            Position(file: file, row: next.row, line: next.line, offset: next.offset, length: 0)
        )
    }

    private mutating func decode(_ range: Range<Int>, into field: Int) {
        let bytes = sink.bytes
        let start = decoded.count
        var at = range.lowerBound
        while let quote = bytes.first(UInt8(ascii: "\""), in: at..<range.upperBound) {
            unsafe decoded.append(contentsOf: bytes.slice(at..<quote + 1))
            at = quote + 2
        }
        unsafe decoded.append(contentsOf: bytes.slice(at..<range.upperBound))
        room.set(field, start, decoded.count, 0)
        decodedFields.append(field)
    }

    /// Forgets what was decoded for a row that will be read again.
    mutating func forget(_ marks: (Int, Int)) {
        decoded.removeSubrange(marks.0...)
        decodedFields.removeSubrange(marks.1...)
    }
}

/// Where a parser writes the ranges of the fields; debug builds check every index.
@safe struct FieldRoom {
    private let buffer: UnsafeMutableBufferPointer<Range<Int32>>

    init(_ buffer: UnsafeMutableBufferPointer<Range<Int32>>) { unsafe self.buffer = buffer }

    var capacity: Int { unsafe buffer.count }

    @inline(__always)
    func set(_ index: Int, _ start: Int, _ end: Int, _ shift: Int32) {
        unsafe buffer[index] = Range(
            uncheckedBounds: (
                Int32(truncatingIfNeeded: start) &+ shift, Int32(truncatingIfNeeded: end) &+ shift
            ))
    }

    func length(of index: Int) -> Int { unsafe buffer[index].count }

    /// Where a field is in the window.
    func range(of index: Int, shift: Int) -> Range<Int> {
        let range = unsafe buffer[index]
        return Int(range.lowerBound) - shift..<Int(range.upperBound) - shift
    }
}

func plural(_ count: Int, _ word: String) -> String { count == 1 ? "1 \(word)" : "\(count) \(word)s" }
