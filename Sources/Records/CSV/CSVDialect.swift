/// What a file writes otherwise than RFC 4180.
struct CSVDialect: Sendable, Equatable {
    /// Parts cells, where that takes several bytes; empty: one byte does.
    var separator: [UInt8] = []
    /// Stands around a cell.
    var mark = UInt8(ascii: "\"")
    /// Takes the meaning of the byte after it.
    var escape: UInt8?
    /// A line that begins with it is no row; empty: there are none.
    var comment: [UInt8] = []

    /// Whether rows have to be told apart byte by byte.
    var isOdd: Bool { !separator.isEmpty || mark != UInt8(ascii: "\"") || escape != nil }
}

extension InputOptions {
    var dialect: CSVDialect {
        CSVDialect(separator: separator, mark: quoteMark, escape: escape, comment: comment)
    }
}
