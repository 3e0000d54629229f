/// One stream of rows: a file, or a member of an archive.
package struct InputFile: Sendable, Equatable {
    /// Where its bytes are: a file that can be read again and again.
    package var path: String
    /// Its name within the zip or tar archive at `path`; of a sheet, within the workbook there.
    package var member: String?
    /// How many members of that name stand before it in the archive.
    package var occurrence: Int
    /// For people: `orders.csv`, `a.zip:inner.csv`, `standard input`.
    package var name: String
    /// As detected; `.none` for plain bytes, which can be sought in.
    package var compression: InputOptions.Compression
    /// It is a sheet of an Excel workbook, which is read as CSV: a line is a row of the sheet.
    package var isWorksheet = false
    /// Where reading ends, in bytes of the file as stored: what is appended later is for another run. Nil:
    /// at its end, wherever that is then.
    package var end: Int?
    /// How many rows are read, for a preview; nil: all.
    package var rowLimit: Int?
    /// As far as the name tells; nil leaves it to the content.
    package var format: InputOptions.Format?

    package init(
        path: String, member: String? = nil, occurrence: Int = 0, name: String? = nil,
        compression: InputOptions.Compression = .none, format: InputOptions.Format? = nil
    ) {
        self.path = path
        self.member = member
        self.occurrence = occurrence
        self.name = name ?? member.map { path + ":" + $0 } ?? path
        self.compression = compression
        self.format = format
    }

    /// Whether a resume has to decompress what it skips.
    package var isCompressed: Bool { compression != .none }

    /// Whether it is the same stretch of bytes as `other`.
    func isSame(as other: InputFile) -> Bool {
        path == other.path && member == other.member && occurrence == other.occurrence
    }
}
