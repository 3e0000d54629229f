package import Model

/// Where to continue reading an input.
package struct Resume: Sendable, Hashable {
    /// The byte to continue at, from 0: the start of a row, or the end of one.
    package var offset: Int
    /// The number that the next row bears, from 1.
    package var row: Int
    /// The line that `offset` lies on, from 1.
    package var line: Int

    package init(offset: Int = 0, row: Int = 1, line: Int = 1) {
        self.offset = offset
        self.row = row
        self.line = line
    }

    /// At this row, to read it again.
    package init(at row: Row) {
        self.init(offset: row.position.offset, row: row.position.row, line: row.position.line)
    }

    /// At what was recorded of a row, to read it again.
    package init(at position: Position) {
        self.init(offset: position.offset, row: position.row, line: position.line)
    }

    /// After this row.
    package init(after row: Row) {
        self.init(
            offset: row.position.end, row: row.position.row + 1,
            line: row.position.line + row.lineEnds)
    }
}
