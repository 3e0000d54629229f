import Model

/// What hands out rows in order: the reader of an input, or that of rows that were brought together on disk.
package protocol RowReading: AnyObject {
    /// The names of the CSV columns; nil for JSON.
    var columns: [String]? { get }
    /// The byte order mark and the header row, as stored; empty where there is none.
    var header: [UInt8] { get }
    /// What is worth saying once.
    var notes: [String] { get }
    /// What is worth saying at the end.
    var lateNotes: [String] { get }
    /// Of everything read so far.
    var account: ByteAccount { get }

    /// Replaces what is in `block` by the next rows, at most `rows` of them. False at the end.
    func read(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool
}

extension RowReading {
    package var lateNotes: [String] { [] }
}

extension RowReader: RowReading {}
