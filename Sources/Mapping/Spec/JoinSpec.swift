/// What a job's `input.join` says: which rows of two kinds of files make one record.
package struct JoinSpec: Sendable, Equatable {
    /// Columns of the joined file that no input has: which record a row is of, where it stood, what is wrong.
    package static let record = "_record"
    package static let from = "_from"
    package static let trouble = "_trouble"

    /// Columns that agree, by their names on either side.
    package struct Key: Sendable, Equatable {
        package var head: String
        package var line: String

        package init(head: String, line: String) {
            self.head = head
            self.line = line
        }
    }

    /// Paths or globs of the files of lines.
    package var lines: [String]
    /// Never empty.
    package var on: [Key]

    package init(lines: [String], on: [Key]) {
        self.lines = lines
        self.on = on
    }
}
