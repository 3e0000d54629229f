import Model

/// Many rows at once, in buffers that are used again: `reader.read(into: &block, rows: 512)`.
package struct RowBlock: Sendable {
    /// UTF-8, except within rows whose problem is their encoding. What `fields` and `Row.value` point
    /// into; after the rows stand copies of the quoted fields that held doubled quotes.
    package internal(set) var text: [UInt8] = []
    /// Where the fields are in `text`. Only the indices that `Row.fields` names mean anything.
    package internal(set) var fields: [Range<Int32>] = []
    package internal(set) var rows: [Row] = []
    /// Of the bytes this block covers.
    package internal(set) var account = ByteAccount()
    /// Where reading continues after it.
    package internal(set) var next = Resume()
    /// Whether the last row ends with the file and not with a line end: somebody may still be
    /// writing it.
    package internal(set) var endsInsideLine = false

    /// How long what parts two cells of CSV is, in characters of the stored text (of UTF-8, in bytes).
    package internal(set) var separatorLength = 1

    /// The stored bytes where they differ from `text`.
    var transcoded: [UInt8] = []
    var isTranscoded = false

    package init() {}

    /// The rows' bytes as in the file; `Row.stored` points into it.
    package var stored: [UInt8] { isTranscoded ? transcoded : text }

    /// The text of a field, 0 ..< `row.fields.count`; what is not UTF-8 in it is replaced.
    package func field(_ index: Int, of row: Row) -> String {
        let range = fields[row.fields.lowerBound + index]
        return String(decoding: text[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }

    /// Makes the last rows blank.
    mutating func dropRows(_ count: Int) {
        for row in rows.suffix(count) {
            let length = row.position.length
            if row.problem?.reason == .unreadable, row.fields.isEmpty, row.value.isEmpty {
                account.unreadable -= length
            } else {
                account.rows -= length
            }
            account.blank += length
        }
        if count > 0 {
            rows.removeLast(count)
            endsInsideLine = false
        }
    }

    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        transcoded.removeAll(keepingCapacity: true)
        endsInsideLine = false
    }
}
