import Model

/// Where a parser puts what it finds in one go over a window, and the count of what it has used up.
struct RowSink {
    /// The window's text and the part of it that is filled.
    let bytes: Bytes
    let filled: Int
    /// Whether nothing comes after it.
    let isAtEnd: Bool
    /// Add this to an index into the window: an index into the block's text.
    let shift: Int
    let transcoder: Transcoder?
    /// The offset in the input that the window ends at.
    let storedEnd: Int
    /// Subtract this from an offset in the input: an index into the block's stored bytes.
    let storedShift: Int
    let file: Int
    /// A row is one line, whatever is in its cells: a row of a sheet.
    let isWorksheet: Bool

    /// No more rows than that.
    let rowLimit: Int
    /// No row begins at or after this index, so that a block of large rows ends early.
    let textLimit: Int

    var rows: [Row]
    /// The place that everything before is settled of.
    var next: Resume
    var account: ByteAccount
    /// The same place in the window.
    var at: Int
    /// Byte order marks that was where a row begins.
    var marks = 0
    var comments = 0
    /// The last row ended with the input and not with a line end.
    var endsInsideLine = false

    var isFull: Bool { rows.count >= rowLimit || at >= textLimit }

    @inline(__always)
    func storedLength(_ range: Range<Int>, from offset: Int) -> Int {
        guard let transcoder else { return range.count }
        // The window ends where the input was decoded to: nothing is cut in half before its end.
        let rest = isAtEnd && range.upperBound == filled ? storedEnd - offset : .max
        return transcoder.storedLength(bytes, in: range, rest: rest)
    }

    /// Settles the bytes up to `end` as blank.
    mutating func blank(upTo end: Int, lineEnds: Int) {
        let length = storedLength(at..<end, from: next.offset)
        account.blank += length
        advance(to: end, by: length, lineEnds: lineEnds)
    }

    /// Settles a byte order mark, which belongs to no row.
    mutating func mark(upTo end: Int) {
        blank(upTo: end, lineEnds: 0)
        marks += 1
    }

    /// Settles a line that the job says is none of the rows.
    mutating func comment(upTo end: Int, lineEnds: Int) {
        blank(upTo: end, lineEnds: lineEnds)
        comments += 1
    }

    /// Settles the bytes up to `end` as a row.
    @inline(__always)
    mutating func row(
        upTo end: Int, fields: Range<Int>, value: Range<Int>, lineEnds: Int, problem: Refusal? = nil,
        place: Position? = nil
    ) {
        let length = storedLength(at..<end, from: next.offset)
        let lineEnds = isWorksheet ? min(1, lineEnds) : lineEnds
        let stored =
            transcoder == nil
            ? at + shift..<end + shift : next.offset - storedShift..<next.offset - storedShift + length
        rows.append(
            Row(
                position: Position(
                    file: file, row: next.row, line: next.line, offset: next.offset, length: length),
                fields: fields, value: value, stored: stored, lineEnds: lineEnds, problem: problem,
                at: place))
        account.rows += length
        next.row += 1
        advance(to: end, by: length, lineEnds: lineEnds)
    }

    @inline(__always)
    private mutating func advance(to end: Int, by length: Int, lineEnds: Int) {
        at = end
        next.offset += length
        next.line += lineEnds
        account.end = next.offset
    }

    /// The position of the byte at `index`, in the row that begins at `next`.
    func place(of index: Int, lineEnds: Int) -> Position {
        Position(
            file: file, row: next.row, line: next.line + (isWorksheet ? 0 : lineEnds),
            offset: next.offset + storedLength(at..<index, from: next.offset), length: 0)
    }

    /// The first place in the row up to `end` that is not in the encoding.
    func encodingProblem(upTo end: Int, mayBe nonASCII: Bool) -> (Refusal, Position)? {
        var place: Position?
        if let transcoder {
            let length = storedLength(at..<end, from: next.offset)
            if let offset = transcoder.firstBad(in: next.offset..<next.offset + length) {
                place = Position(
                    file: file, row: next.row, line: next.line, offset: offset, length: 0)
            }
        } else if nonASCII, let index = bytes.firstInvalidUTF8(in: at..<end) {
            place = self.place(of: index, lineEnds: bytes.lineEnds(in: at..<index))
        }
        guard let place else { return nil }
        let name = transcoder?.encoding.name ?? "UTF-8"
        return (Refusal(.encoding, message: "byte \(place.offset) of the file is not \(name)"), place)
    }
}

/// Why a parser stopped.
enum ScanStop: Equatable {
    /// The block has enough.
    case full
    /// The rest of the window is the beginning of a row.
    case needsMore
    /// There are more fields than room for them.
    case needsRoom
    /// A row begins here that cannot be read: it is to be left out up to the first line end at or behind
    /// the index `notBefore`.
    case skip(notBefore: Int, Refusal, Position)
    /// Nothing is left.
    case end
}

extension Bytes {
    func lineFeeds(in range: Range<Int>) -> Int {
        var result = 0
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            result += Swar.equal(word(at: at), to: Swar.repeated(0x0A)).nonzeroBitCount
            at += 8
        }
        while at < range.upperBound {
            if self[at] == 0x0A { result += 1 }
            at += 1
        }
        return result
    }

    /// How many lines end in `range`: by LF, CR or both.
    func lineEnds(in range: Range<Int>) -> Int {
        var result = 0
        var at = range.lowerBound
        while at < range.upperBound {
            if at + 8 <= range.upperBound,
                Swar.lowestEqual(word(at: at), to: Swar.repeated(0x0D)) == 0
            {
                result += Swar.equal(word(at: at), to: Swar.repeated(0x0A)).nonzeroBitCount
                at += 8
                continue
            }
            switch self[at] {
            case 0x0A: result += 1
            case 0x0D: if at + 1 >= range.upperBound || self[at + 1] != 0x0A { result += 1 }
            default: break
            }
            at += 1
        }
        return result
    }
}
