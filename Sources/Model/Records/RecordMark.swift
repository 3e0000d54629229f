/// The mark that a record bears in a file for sending again: a leading column, or a leading member of JSON,
/// that holds its ``RecordID``. Whoever reads such a file strips it, so that what is sent and what is kept
/// is the record as it was.
package enum RecordMark {
    /// The name of the column and of the member.
    package static let name = "_sluice"

    /// What a mark may hold: the characters of a ``RecordID``.
    private static func isOfID(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == 0x2D || byte == 0x5F || byte == 0x23
    }

    /// The mark at the start of a CSV row, in any encoding of one or two bytes a character.
    ///
    /// - Parameter separator: How many characters part two cells.
    /// - Returns: What the first cell holds, perhaps nothing or what is no mark, and how many bytes it takes
    ///   with its delimiter.
    package static func csv(
        _ row: ArraySlice<UInt8>, separator: Int = 1
    ) -> (text: String, length: Int) {
        let width =
            row.count > 1 && (row[row.startIndex] == 0) != (row[row.startIndex + 1] == 0) ? 2 : 1
        let lead = width == 2 && row[row.startIndex] == 0 ? 1 : 0
        func byte(_ index: Int) -> UInt8? {
            let at = row.startIndex + index * width + lead
            return at < row.endIndex ? row[at] : nil
        }
        let isQuoted = byte(0) == UInt8(ascii: "\"")
        let start = isQuoted ? 1 : 0
        var end = start
        while let next = byte(end), isOfID(next) { end += 1 }
        func text() -> String { String(decoding: (start..<end).compactMap(byte), as: UTF8.self) }
        let isID =
            isQuoted
            ? byte(end) == UInt8(ascii: "\"")
            : RecordID(text()) != nil || byte(end).map { ",;\t|\r\n".utf8.contains($0) } ?? true
        if !isID {
            // Somebody has written something else there: up to what parts cells in most files.
            while let next = byte(end), !",;\t|\r\n".utf8.contains(next) { end += 1 }
        }
        let text = text()
        if isID, isQuoted { end += 1 }
        switch byte(end) {
        case nil, 0x0A, 0x0D: return (text, min(end * width, row.count))
        default: return (text, min((end + separator) * width, row.count))
        }
    }

    /// The mark that leads a JSON object.
    ///
    /// - Returns: What it holds, perhaps nothing, and the bytes to leave out, the comma after it included;
    ///   nil where another member leads.
    package static func json(_ text: ArraySlice<UInt8>) -> (text: String, cut: Range<Int>)? {
        var at = text.startIndex
        func skipSpace() {
            while at < text.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(text[at]) { at += 1 }
        }
        func take(_ bytes: some Collection<UInt8>) -> Bool {
            guard text[at...].starts(with: bytes) else { return false }
            at += bytes.count
            return true
        }
        skipSpace()
        guard take("{".utf8) else { return nil }
        let cut = at
        skipSpace()
        guard take("\"_sluice\"".utf8) else { return nil }
        skipSpace()
        guard take(":".utf8) else { return nil }
        skipSpace()
        guard take("\"".utf8) else { return nil }
        let start = at
        while at < text.endIndex, isOfID(text[at]) { at += 1 }
        let id = String(decoding: text[start..<at], as: UTF8.self)
        guard take("\"".utf8) else { return nil }
        skipSpace()
        _ = take(",".utf8)
        return (id, cut..<at)
    }
}
