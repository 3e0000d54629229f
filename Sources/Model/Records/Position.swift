/// Where a row or a record is in the input of a run.
///
/// Offsets are bytes of the file as it is stored; of a compressed input, of the decompressed member;
/// of a sheet, of the CSV that it is read as.
package struct Position: Hashable, Sendable {
    /// Index into the run's list of inputs, from 0.
    package var file: Int
    /// Number of the data row within its file, from 1. Headers and blank lines do not count.
    package var row: Int
    /// The line it begins on, from 1; of a sheet, its row there.
    package var line: Int
    /// The byte it begins at, from 0.
    package var offset: Int
    /// How many bytes it takes, line end included.
    package var length: Int

    package init(file: Int, row: Int, line: Int, offset: Int, length: Int) {
        self.file = file
        self.row = row
        self.line = line
        self.offset = offset
        self.length = length
    }

    /// The first byte after it.
    package var end: Int { offset + length }
}
