import Model

/// Reads a file of staged rows, from its start or from where a record begins.
///
/// A row's `position` is its place in that file, so that chunks and resumes go by it; but `line` and `origin`
/// name the place in the run's own files. Not `Sendable`: one task reads at a time.
package final class StagedReader: RowReading {
    package let columns: [String]?
    package let header: [UInt8] = []
    package let notes: [String] = []
    package private(set) var account: ByteAccount

    /// A block ends before a row that begins after this many bytes.
    private static let blockSize = 1 << 22

    private let rows: StagedRows
    /// What `Position.file` is.
    private let index: Int
    private let source: ByteSource
    private var buffer: [UInt8] = []
    private var at = 0
    private var next: Resume

    /// - Parameter resume: The start of a row; nil is the first one.
    /// - Throws: ``ReadError`` where the file is gone, or is not what was written.
    package init(_ rows: StagedRows, index: Int, from resume: Resume? = nil) throws(ReadError) {
        self.rows = rows
        self.index = index
        columns = rows.columns
        source = try ByteSource.open(InputFile(path: rows.path))
        next = resume ?? Resume(offset: StagedRows.start)
        account = ByteAccount(startingAt: resume?.offset ?? 0)
        guard resume == nil else {
            try source.skip(to: next.offset)
            return
        }
        guard try have(StagedRows.start), buffer[..<StagedRows.start].elementsEqual(StagedRows.magic)
        else { throw changed() }
        at = StagedRows.start
        account.header = StagedRows.start
        account.end = StagedRows.start
    }

    package func read(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool {
        precondition(rows > 0)
        block.removeAll()
        block.isTranscoded = true
        block.account = ByteAccount(startingAt: next.offset)
        if account.end == StagedRows.start, next.offset == StagedRows.start {
            block.account = account
        }
        var fieldCount = 0
        while block.rows.count < rows, block.text.count < Self.blockSize, next.offset < self.rows.bytes
        {
            try row(into: &block, &fieldCount)
        }
        block.next = next
        if block.account.start == account.end {
            account.append(block.account)
        } else {
            account = block.account
        }
        return !block.rows.isEmpty
    }

    private func row(into block: inout RowBlock, _ fieldCount: inout Int) throws(ReadError) {
        _ = try have(10)
        var place = at
        guard let length = Varint.read(buffer, &place, end: buffer.count) else { throw changed() }
        let head = place - at
        guard length <= rows.bytes - next.offset - head, try have(head + length) else {
            throw changed()
        }
        place = at + head
        let end = place + length
        func number() throws(ReadError) -> Int {
            guard let value = Varint.read(buffer, &place, end: end) else { throw changed() }
            return value
        }
        func bytes(_ count: Int) throws(ReadError) -> ArraySlice<UInt8> {
            guard count <= end - place else { throw changed() }
            place += count
            return buffer[place - count..<place]
        }
        let flags = try number()
        let origin = Position(
            file: try number(), row: try number(), line: try number(), offset: try number(),
            length: try number())
        let lineEnds = try number()
        let storedCount = try number()
        let textCount = try number()
        let valueStart = try number()
        let valueCount = try number()
        let fields = try number()
        let base = block.text.count
        for _ in 0..<fields {
            let start = try number()
            let count = try number()
            guard start + count <= textCount else { throw changed() }
            let range = Int32(base + start)..<Int32(base + start + count)
            if fieldCount < block.fields.count {
                block.fields[fieldCount] = range
            } else {
                block.fields.append(range)
            }
            fieldCount += 1
        }
        var problem: Refusal?
        var problemPlace: Position?
        if flags & 1 != 0 {
            var texts: [String] = []
            for _ in 0..<3 { texts.append(String(decoding: try bytes(try number()), as: UTF8.self)) }
            problem = Refusal(
                Reason.named(texts[0]), field: texts[1].isEmpty ? nil : texts[1], message: texts[2])
        }
        if flags & 4 != 0 {
            problemPlace = Position(
                file: origin.file, row: try number(), line: try number(), offset: try number(),
                length: 0)
        }
        let text = try bytes(textCount)
        guard valueStart + valueCount <= textCount else { throw changed() }
        block.text.append(contentsOf: text)
        let storedStart = block.transcoded.count
        if flags & 2 != 0 {
            block.transcoded.append(contentsOf: try bytes(storedCount))
        } else {
            guard storedCount <= textCount else { throw changed() }
            block.transcoded.append(contentsOf: text.prefix(storedCount))
        }
        let size = head + length
        block.rows.append(
            Row(
                position: Position(
                    file: index, row: next.row, line: origin.line, offset: next.offset, length: size),
                fields: fieldCount - fields..<fieldCount,
                value: base + valueStart..<base + valueStart + valueCount,
                stored: storedStart..<block.transcoded.count, lineEnds: lineEnds, problem: problem,
                at: problemPlace, origin: origin))
        if problem?.reason == .unreadable {
            block.account.unreadable += size
        } else {
            block.account.rows += size
        }
        next = Resume(offset: next.offset + size, row: next.row + 1, line: origin.line)
        block.account.end = next.offset
        at += size
    }

    /// Whether `count` more bytes are there; as many as there are, are in the buffer then.
    private func have(_ count: Int) throws(ReadError) -> Bool {
        while buffer.count - at < count {
            if at > 0 {
                buffer.removeSubrange(..<at)
                at = 0
            }
            let filled = buffer.count
            let room = max(1 << 18, count - filled)
            buffer.append(contentsOf: repeatElement(0, count: room))
            let got = try source.read(into: &buffer, in: filled..<filled + room)
            buffer.removeLast(room - got)
            if got == 0 { return false }
        }
        return true
    }

    private func changed() -> ReadError {
        ReadError(
            .resume, name: rows.path,
            message:
                "the temporary file of grouped rows was cut or changed at byte \(next.offset): "
                + "`sluice abandon` the run, and run the job again.")
    }
}
