package import Model

/// A file of rows that were brought together: each with its bytes, its fields, and where it is in the
/// files of the run. What reads it needs none of those.
package struct StagedRows: Sendable, Equatable {
    package var path: String
    /// The names that all files have; nil for JSON.
    package var columns: [String]?
    /// How long the file is.
    package var bytes: Int
    /// How many rows are in it.
    package var rows: Int

    package init(path: String, columns: [String]?, bytes: Int, rows: Int) {
        self.path = path
        self.columns = columns
        self.bytes = bytes
        self.rows = rows
    }

    /// What the file begins with.
    static let magic = Array("sluice rows 1\n".utf8)

    /// The first byte of the first row.
    package static var start: Int { magic.count }
}

/// One row of such a file: its length, then numbers in LEB128, then its bytes.
package struct StagedRow: Sendable, Equatable {
    /// Where it is in the files of the run.
    package var position: Position
    package var lineEnds: Int
    package var problem: Refusal?
    package var problemPosition: Position?
    /// UTF-8; what `fields` and `value` point into.
    package var text: [UInt8]
    package var fields: [Range<Int>]
    package var value: Range<Int>
    /// Its bytes as they are to be written again; nil where they are the first `storedCount` of `text`.
    package var stored: [UInt8]?
    package var storedCount: Int

    /// Takes a row out of a block.
    ///
    /// - Parameter order: For each column of the staged file, which field of the row it is; nil where both have
    ///   the same columns. A column that the row's file does not have is empty.
    package init(_ row: Row, of block: borrowing RowBlock, order: [Int?]?) {
        position = row.origin ?? row.position
        lineEnds = row.lineEnds
        problem = row.problem
        problemPosition = row.problemPosition
        value = 0..<0
        text = []
        fields = []
        stored = nil
        storedCount = row.stored.count
        let isPlain = !block.isTranscoded
        if isPlain {
            text.append(contentsOf: block.text[row.stored])
        } else {
            stored = Array(block.stored[row.stored])
        }
        func place(_ range: Range<Int>, _ text: inout [UInt8]) -> Range<Int> {
            if isPlain, range.lowerBound >= row.stored.lowerBound,
                range.upperBound <= row.stored.upperBound
            {
                return range.lowerBound - row.stored.lowerBound..<range.upperBound
                    - row.stored.lowerBound
            }
            let start = text.count
            text.append(contentsOf: block.text[range])
            return start..<text.count
        }
        if !row.value.isEmpty { value = place(row.value, &text) }
        func field(_ index: Int, _ text: inout [UInt8]) -> Range<Int> {
            let range = block.fields[row.fields.lowerBound + index]
            return place(Int(range.lowerBound)..<Int(range.upperBound), &text)
        }
        guard let order, !row.fields.isEmpty else {
            for index in 0..<row.fields.count { fields.append(field(index, &text)) }
            return
        }
        for index in order {
            if let index, index < row.fields.count {
                fields.append(field(index, &text))
            } else {
                fields.append(0..<0)
            }
        }
    }

    package func cell(_ index: Int) -> ArraySlice<UInt8> { text[fields[index]] }

    // MARK: Bytes

    /// The row as it is written to the file.
    package var encoded: [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(text.count + (stored?.count ?? 0) + 2 * fields.count + 48)
        func number(_ value: Int) { Varint.append(value, to: &body) }
        number((problem == nil ? 0 : 1) | (stored == nil ? 0 : 2) | (problemPosition == nil ? 0 : 4))
        for value in [
            position.file, position.row, position.line, position.offset, position.length, lineEnds,
            storedCount, text.count, value.lowerBound, value.count, fields.count,
        ] { number(value) }
        for field in fields {
            number(field.lowerBound)
            number(field.count)
        }
        if let problem {
            for text in [problem.reason.code, problem.field ?? "", problem.message] {
                number(text.utf8.count)
                body.append(contentsOf: text.utf8)
            }
        }
        if let place = problemPosition {
            for value in [place.row, place.line, place.offset] { number(value) }
        }
        body.append(contentsOf: text)
        if let stored { body.append(contentsOf: stored) }
        var out: [UInt8] = []
        out.reserveCapacity(body.count + 5)
        Varint.append(body.count, to: &out)
        return out + body
    }
}

/// Writes rows one after the other.
package final class StagedWriter {
    private let file: SpillFile
    package private(set) var rows = 0

    /// Makes the file; one of that name must not exist.
    package init(creating path: String) throws(ReadError) {
        file = try SpillFile(creating: path)
        try file.append(StagedRows.magic)
    }

    /// Appends what ``StagedRow/encoded`` gave.
    package func append(_ encoded: [UInt8]) throws(ReadError) {
        try file.append(encoded)
        rows += 1
    }

    /// Makes it durable.
    package func finish(columns: [String]?) throws(ReadError) -> StagedRows {
        try file.synchronize()
        return StagedRows(path: file.path, columns: columns, bytes: file.size, rows: rows)
    }
}

/// Whole numbers from 0 in as few bytes as they need, seven bits each, the lowest first.
enum Varint {
    static func append(_ value: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The number at `at`, which moves after it; nil where there is no whole one.
    static func read(_ bytes: [UInt8], _ at: inout Int, end: Int) -> Int? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 63 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int(value) }
            shift += 7
        }
        return nil
    }
}
