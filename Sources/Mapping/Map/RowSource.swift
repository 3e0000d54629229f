import Records

/// Rows and the bytes they point into: those of a block, or those of a group carried from block to block.
struct RowSource: Sendable {
    var text: [UInt8] = []
    var stored: [UInt8] = []
    var fields: [Range<Int32>] = []
    var rows: [Row] = []
    /// How many characters part two cells.
    var separatorLength = 1

    init() {}

    init(_ block: borrowing RowBlock) {
        text = block.text
        stored = block.stored
        fields = block.fields
        rows = block.rows
        separatorLength = block.separatorLength
    }

    // The rows are borrowed, since each copy of one is counted.

    /// The first of its fields.
    @inline(__always)
    func base(_ row: Int) -> Int { rows.span[row].fields.lowerBound }

    @inline(__always)
    func fieldCount(_ row: Int) -> Int { rows.span[row].fields.count }

    /// Where a field is in `text`.
    @inline(__always)
    func place(_ field: Int) -> Range<Int> {
        let range = fields[field]
        return Int(range.lowerBound)..<Int(range.upperBound)
    }

    /// Whether a row may be mapped, as far as can be told quickly: CSV with the right number of fields.
    @inline(__always)
    func isSound(_ row: Int, _ columnCount: Int?) -> Bool {
        guard let columnCount else { return false }
        let rows = rows.span
        return rows[row].fields.count == columnCount && rows[row].problem == nil
    }

    /// Adds a copy of a row with all it points to.
    mutating func append(_ row: Row, of other: RowSource) {
        separatorLength = other.separatorLength
        let firstField = fields.count
        for field in other.fields[row.fields] {
            let start = Int32(text.count)
            text.append(contentsOf: other.text[Int(field.lowerBound)..<Int(field.upperBound)])
            fields.append(start..<Int32(text.count))
        }
        let value = text.count
        text.append(contentsOf: other.text[row.value])
        let bytes = stored.count
        stored.append(contentsOf: other.stored[row.stored])
        rows.append(
            Row(
                position: row.position, fields: firstField..<fields.count, value: value..<text.count,
                stored: bytes..<stored.count, lineEnds: row.lineEnds, problem: row.problem,
                at: row.problemPosition, origin: row.origin))
    }

    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
        stored.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
    }
}
