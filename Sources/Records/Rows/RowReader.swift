import Model

/// Reads the rows of one input.
///
/// Not `Sendable`: one task reads at a time.
package final class RowReader {
    package let file: InputFile
    /// What was said and what was detected: no nil is left in it but a delimiter where there is no CSV.
    package let options: InputOptions
    /// The names of the CSV columns, no two alike; nil for JSON.
    package let columns: [String]?
    /// What is worth saying once: columns renamed, an encoding that the content contradicts.
    package let notes: [String]
    /// The byte order mark and the header row, as stored; empty where there is none. A UTF-16 file without the
    /// mark is given one: files that are written like it need it.
    package let header: [UInt8]
    /// There is nothing in it but blank lines.
    package let isEmpty: Bool
    /// Of everything this reader has read; starts where the resume did.
    package private(set) var account: ByteAccount

    /// A block ends before a row that begins after this many bytes.
    private static let blockSize = 1 << 22

    /// What the text was decoded from; nil where it is stored as it is.
    var transcoding: Transcoder.Encoding? { window.transcoder?.encoding }

    /// Byte order marks that were left out in the middle.
    private var marks = 0
    private var comments = 0
    /// Rows at the end that the job leaves out.
    private var footers = 0
    /// Rows handed out, where the file has a limit for them.
    private var given = 0
    /// Blocks whose rows may be among those; nil once the end was reached.
    private var ahead: [RowBlock]? = []
    /// Those, without the rows at the end.
    private var remaining: [RowBlock] = []

    /// What is worth saying at the end.
    package var lateNotes: [String] {
        var notes: [String] = []
        if marks > 0 {
            notes.append(
                "it has \(plural(marks, "byte order mark")) in the middle, perhaps because files were joined: ignored"
            )
        }
        if comments > 0 {
            notes.append("\(plural(comments, "comment line")) skipped (`input.comment`)")
        }
        if footers > 0 {
            notes.append("\(plural(footers, "row")) at its end left out (`input.footer`)")
        }
        return notes + (window.source.worksheet?.notes ?? [])
    }

    private let index: Int
    private let dialect: CSVDialect
    private var window: Window
    private var columnCount: Int?
    private var next: Resume
    /// What the bytes before the first row were; the first block takes it.
    private var headerAccount: ByteAccount?
    /// Of what was read ahead of an error: it comes with the next call.
    private var failure: ReadError?
    private var isDone = false
    private var isSkimming = false
    private var tape: JSONTape
    private var array = JSONArrayState()
    // Kept to be used again.
    private var decoded: [UInt8] = []
    private var decodedFields: [Int] = []

    private init(
        file: InputFile, index: Int, opening: Opening, from resume: Resume?
    ) throws(ReadError) {
        self.file = file
        self.index = index
        options = opening.options
        dialect = opening.options.dialect
        columns = opening.columns
        notes = opening.notes
        header = opening.header
        isEmpty = opening.isEmpty
        columnCount = opening.columnCount
        window = opening.window
        tape = JSONTape(depthLimit: opening.options.depthLimit)
        next = opening.next
        array = opening.array
        comments = opening.comments
        headerAccount = opening.account
        account = ByteAccount()
        guard let resume, resume.offset >= next.offset else { return }
        if options.format == .jsonArray {
            try skim(to: resume)
        } else {
            try window.move(to: resume.offset)
            next = resume
        }
        headerAccount = nil
        account = ByteAccount(startingAt: next.offset)
    }

    /// Continues in an array: only its structure tells where an element begins, so it is followed from the
    /// start, without reading the elements.
    private func skim(to resume: Resume) throws(ReadError) {
        isSkimming = true
        var block = RowBlock()
        while next.row < resume.row {
            guard try readOn(into: &block, rows: min(512, resume.row - next.row)) else {
                throw .beyondEnd(file.name)
            }
        }
        isSkimming = false
        guard next.offset <= resume.offset else { throw .beyondEnd(file.name) }
    }

    /// Opens `file`, detects what `options` leave open, and reads the header.
    ///
    /// - Parameters:
    ///   - index: What `Position.file` will be.
    ///   - resume: Where to continue; nil is the beginning. A plain file is sought in, a compressed one
    ///     is decompressed up to there, an array followed from its start.
    /// - Throws: ``ReadError`` if it cannot be opened, or has no readable header.
    package static func open(
        _ file: InputFile, index: Int, options: InputOptions, from resume: Resume? = nil
    ) throws(ReadError) -> RowReader {
        let opening = try Opening(
            ByteSource.open(file, options: options), file: file, index: index, options: options)
        return try RowReader(file: file, index: index, opening: opening, from: resume)
    }

    /// The same for bytes in memory. `readSizes` are the sizes of the stretches they arrive in, used
    /// over and over; none: all at once.
    package static func open(
        bytes: [UInt8], name: String, index: Int = 0, options: InputOptions,
        from resume: Resume? = nil, readSizes: [Int] = []
    ) throws(ReadError) -> RowReader {
        let file = InputFile(path: name)
        let source = ByteSource.memory(bytes, name: name, readSizes: readSizes)
        let opening = try Opening(source, file: file, index: index, options: options)
        return try RowReader(file: file, index: index, opening: opening, from: resume)
    }

    /// Replaces what is in `block` by the next rows.
    ///
    /// - Parameter rows: How many at most, at least 1; fewer where they are large.
    /// - Returns: False at the end: the block holds no row then, but its account may cover blank bytes.
    /// - Throws: ``ReadError`` if the input cannot be read on. The rows before that place were given.
    package func read(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool {
        precondition(rows > 0)
        var rows = rows
        if let limit = file.rowLimit {
            guard given < limit else {
                block.removeAll()
                block.account = ByteAccount(startingAt: account.end)
                return false
            }
            rows = min(rows, limit - given)
        }
        let hasRows =
            options.footer > 0
            ? try readAhead(into: &block, rows: rows) : try readOn(into: &block, rows: rows)
        given += block.rows.count
        account.append(block.account)
        if !hasRows { try checkAccount() }
        return hasRows
    }

    /// Holds back as many rows as the job leaves out at the end: only what follows tells which those are.
    private func readAhead(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool {
        while let blocks = ahead, blocks.dropFirst().reduce(0, { $0 + $1.rows.count }) < options.footer
        {
            var more = RowBlock()
            if try readOn(into: &more, rows: rows) {
                ahead = blocks + [more]
                continue
            }
            var held = blocks
            var left = options.footer
            for index in held.indices.reversed() where left > 0 {
                let count = min(left, held[index].rows.count)
                held[index].dropRows(count)
                footers += count
                left -= count
            }
            // What comes after the last row: blank lines.
            remaining = held + [more]
            ahead = nil
        }
        guard var blocks = ahead else {
            return takeRemaining(into: &block)
        }
        block = blocks.removeFirst()
        ahead = blocks
        return true
    }

    /// Gives out the next block that was held back; those without rows are added to the one after them.
    private func takeRemaining(into block: inout RowBlock) -> Bool {
        var account: ByteAccount?
        while !remaining.isEmpty {
            var next = remaining.removeFirst()
            if var before = account {
                before.append(next.account)
                next.account = before
            }
            account = next.account
            block = next
            if !next.rows.isEmpty { return true }
        }
        if account == nil {
            block.removeAll()
            block.account = ByteAccount(startingAt: self.account.end)
        }
        return false
    }

    private func readOn(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool {
        block.removeAll()
        block.isTranscoded = window.transcoder != nil
        block.separatorLength =
            window.transcoder == nil || options.separator.isEmpty
            ? max(1, options.separator.count)
            : String(decoding: options.separator, as: UTF8.self).unicodeScalars.count
        block.account = ByteAccount(startingAt: next.offset)
        if let headerAccount {
            block.account = headerAccount
            self.headerAccount = nil
        }
        decoded.removeAll(keepingCapacity: true)
        decodedFields.removeAll(keepingCapacity: true)
        var fieldCount = 0
        if let failure { throw failure }

        reading: while !isDone {
            switch scan(into: &block, rows: rows, fieldCount: &fieldCount) {
            case .full:
                if !block.rows.isEmpty { break reading }
                // Nothing but blank lines so far: however many they are, they are not the end.
                block.text.removeAll(keepingCapacity: true)
                block.transcoded.removeAll(keepingCapacity: true)
            case .end:
                isDone = true
            case .needsRoom:
                let room = max(block.fields.count, 1024)
                block.fields.append(contentsOf: repeatElement(0..<0, count: room))
            case .needsMore:
                do {
                    if window.pending > options.rowLimit + options.fieldLimit + 16 {
                        try skipTooLong(into: &block)
                    } else {
                        try more()
                    }
                } catch {
                    failure = error
                    guard !block.rows.isEmpty else { throw error }
                    break reading
                }
            case .skip(let notBefore, let problem, let place):
                do {
                    try skip(to: notBefore, problem: problem, at: place, into: &block)
                } catch {
                    failure = error
                    guard !block.rows.isEmpty else { throw error }
                    break reading
                }
            }
        }
        // Decoded fields move after the rows.
        let base = Int32(truncatingIfNeeded: block.text.count)
        for field in decodedFields {
            let range = block.fields[field]
            block.fields[field] = range.lowerBound + base..<range.upperBound + base
        }
        block.text.append(contentsOf: decoded)
        block.next = next
        return !block.rows.isEmpty
    }

    /// At the end, every byte that was read is accounted for.
    private func checkAccount() throws(ReadError) {
        guard !account.isBalanced || account.end != window.source.offset else { return }
        throw ReadError(
            .unaccounted, name: file.name,
            message:
                "\(window.source.offset) bytes were read, but \(account.end) are accounted for. This is a "
                + "defect of sluice: please report it")
    }

    /// One go over the window; what it settles goes to `block`.
    private func scan(into block: inout RowBlock, rows: Int, fieldCount: inout Int) -> ScanStop {
        var found: [Row] = []
        var room: [Range<Int32>] = []
        swap(&found, &block.rows)
        swap(&room, &block.fields)
        let shift = block.text.count - window.start
        let storedShift = window.offset - block.transcoded.count
        let firstFree = window.start
        let textLimit = window.start + max(0, RowReader.blockSize - block.text.count)
        let account = block.account

        let (stop, sink) = window.text.withBytes { bytes -> (ScanStop, RowSink) in
            let sink = RowSink(
                bytes: bytes, filled: window.filled, isAtEnd: window.isAtEnd, shift: shift,
                transcoder: window.transcoder, storedEnd: window.storedEnd, storedShift: storedShift,
                file: index, isWorksheet: file.isWorksheet, rowLimit: rows, textLimit: textLimit,
                rows: exchange(&found, for: []),
                next: next, account: account, at: firstFree)
            switch options.format {
            case .jsonl:
                var parser = JSONLinesParser(
                    rowLimit: options.rowLimit, rules: options.rules, sink: sink,
                    tape: exchange(&tape, for: .empty))
                let stop = parser.parse()
                tape = parser.tape
                return (stop, parser.sink)
            case .jsonArray:
                var parser = JSONArrayParser(
                    rowLimit: options.rowLimit, sink: sink, tape: exchange(&tape, for: .empty),
                    state: array, isSkimming: isSkimming)
                let stop = parser.parse()
                tape = parser.tape
                array = parser.state
                return (stop, parser.sink)
            case .json:
                var parser = JSONValuesParser(
                    rowLimit: options.rowLimit, sink: sink, tape: exchange(&tape, for: .empty))
                let stop = parser.parse()
                tape = parser.tape
                return (stop, parser.sink)
            case .csv, nil:
                return room.withRoom { room in
                    var parser = CSVParser(
                        delimiter: options.delimiter ?? UInt8(ascii: ","),
                        fieldLimit: options.fieldLimit, rowLimit: options.rowLimit,
                        quote: options.quote, dialect: dialect, rules: options.rules,
                        columnCount: columnCount, sink: sink, room: room,
                        decoded: exchange(&decoded, for: []),
                        decodedFields: exchange(&decodedFields, for: []), fieldCount: fieldCount)
                    let stop = parser.parse()
                    decoded = parser.decoded
                    decodedFields = parser.decodedFields
                    fieldCount = parser.fieldCount
                    return (stop, parser.sink)
                }
            }
        }
        block.rows = sink.rows
        if file.isWorksheet { noteProblems(&block.rows) }
        block.fields = room
        block.account = sink.account
        marks += sink.marks
        comments += sink.comments
        if sink.endsInsideLine { block.endsInsideLine = true }
        window.take(sink.at - firstFree, stored: sink.next.offset - next.offset, into: &block)
        next = sink.next
        return stop
    }

    /// A sheet may know what is wrong with a row that reads well as text.
    private func noteProblems(_ rows: inout [Row]) {
        guard let sheet = window.source.worksheet, sheet.hasProblems else { return }
        for index in rows.indices {
            guard let problem = sheet.takeProblem(rows[index].position.line) else { continue }
            let row = rows[index]
            rows[index] = Row(
                position: row.position, fields: row.fields, value: row.value, stored: row.stored,
                lineEnds: row.lineEnds, problem: problem, at: row.position)
        }
    }

    /// Reads on until a parse is worth another try.
    private func more() throws(ReadError) {
        let pending = window.pending
        repeat {
            try window.more()
            // A long row is looked at again only when it has doubled.
        } while !window.isAtEnd && pending > 1 << 16 && window.pending < 2 * pending
    }

    /// Leaves out a CSV row of which more is pending than a row may have.
    private func skipTooLong(into block: inout RowBlock) throws(ReadError) {
        let (problem, place) = CSVParser.tooLong(
            options.rowLimit, file: index, at: next)
        try skip(to: window.start + options.rowLimit, problem: problem, at: place, into: &block)
    }

    /// Leaves out a row that cannot be read, up to the first line end at or behind `notBefore`, an index
    /// into the window.
    private func skip(
        to notBefore: Int, problem: Refusal, at place: Position, into block: inout RowBlock
    ) throws(ReadError) {
        let start = next
        let storedStart = block.stored.count
        // How many more bytes of text are looked at only for counting lines.
        var before = notBefore - window.start
        var kept = 0
        var endsInsideLine = false
        let endsWithCR = options.format == .csv
        while true {
            let found = window.text.withBytes { bytes in
                options.format == .jsonArray && notBefore != .max
                    ? elementEnd(bytes) : lineEnd(bytes, behind: before, endsWithCR: endsWithCR)
            }
            // A CR at the end stays: an LF may follow.
            let isCut =
                found == nil && endsWithCR && window.pending > 0
                && window.text[window.filled - 1] == 0x0D
            let end = found?.end ?? window.filled - (isCut ? 1 : 0)
            let count = end - window.start
            let range = window.start..<end
            let (stored, lineEnds) = window.text.withBytes { bytes in
                (
                    window.storedLength(bytes, of: count),
                    endsWithCR ? bytes.lineEnds(in: range) : bytes.lineFeeds(in: range)
                )
            }
            let room = max(0, options.rowLimit - kept)
            if count <= room {
                window.take(count, stored: stored, into: &block)
                kept += count
            } else {
                let part = window.wholeCharacters(room)
                let partStored = window.text.withBytes { window.storedLength($0, of: part) }
                window.take(part, stored: partStored, into: &block)
                window.take(count - part, stored: stored - partStored, into: &block, keeping: false)
                kept = options.rowLimit
            }
            before = max(0, before - count)
            if found == nil { array.scan.forget(count) }
            next.offset += stored
            next.line += lineEnds
            if let found {
                endsInsideLine = !found.isLineEnd
                if options.format == .jsonArray {
                    array.scan = ElementScan()
                    array.place = found.isLineEnd ? .behindElement : .closed
                }
                break
            }
            try window.more()
        }
        next.row += 1
        let length = next.offset - start.offset
        block.account.unreadable += length
        block.account.end = next.offset
        block.endsInsideLine = endsInsideLine
        block.rows.append(
            Row(
                position: Position(
                    file: index, row: start.row, line: start.line, offset: start.offset, length: length),
                fields: 0..<0, value: 0..<0, stored: storedStart..<block.stored.count,
                lineEnds: next.line - start.line, problem: problem, at: place))
    }

    /// The end of the line in the window, at least `count` bytes after its start; of the input, if that
    /// comes first.
    private func lineEnd(_ bytes: Bytes, behind count: Int, endsWithCR: Bool) -> (
        end: Int, isLineEnd: Bool
    )? {
        var at = window.start + min(count, window.pending)
        while at < window.filled {
            if bytes[at] == 0x0A { return (at + 1, true) }
            if bytes[at] == 0x0D, endsWithCR {
                if at + 1 == window.filled, !window.isAtEnd { return nil }
                return (at + 1 < window.filled && bytes[at + 1] == 0x0A ? at + 2 : at + 1, true)
            }
            at += 1
        }
        return window.isAtEnd ? (window.filled, false) : nil
    }

    private func elementEnd(_ bytes: Bytes) -> (end: Int, isLineEnd: Bool)? {
        if let end = array.scan.end(in: bytes, from: window.start, upTo: window.filled) {
            return (end, true)
        }
        return window.isAtEnd ? (window.filled, false) : nil
    }
}

/// Puts a value in the place of another, without a copy of it left behind.
func exchange<Value>(_ place: inout Value, for value: Value) -> Value {
    var value = value
    swap(&place, &value)
    return value
}
