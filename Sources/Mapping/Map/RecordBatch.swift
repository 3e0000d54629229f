/// Mapped records in a few buffers that are used again.
package struct RecordBatch: Sendable {
    /// The items, each the text of a JSON object, one after the other.
    package var bytes: [UInt8] = []
    /// The rows of each record as they are in the file.
    package var stored: [UInt8] = []
    package var records: [MappedRecord] = []
    /// Rows that the job leaves out, in the order of the file.
    package var filtered: [FilteredStretch] = []

    package init() {}

    package mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        stored.removeAll(keepingCapacity: keepingCapacity)
        records.removeAll(keepingCapacity: keepingCapacity)
        filtered.removeAll(keepingCapacity: keepingCapacity)
    }
}

/// Rows that belong to no record because the job says so, with no other row among them.
package struct FilteredStretch: Sendable, Equatable {
    /// Of the first byte in the file that is read.
    package var offset: Int
    package var rows: Int
    /// Blank lines between them left out.
    package var bytes: Int

    package init(offset: Int, rows: Int, bytes: Int) {
        self.offset = offset
        self.rows = rows
        self.bytes = bytes
    }
}
