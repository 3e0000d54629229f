/// Mapped records in a few buffers that are used again.
package struct RecordBatch: Sendable {
    /// The items, each the text of a JSON object, one after the other.
    package var bytes: [UInt8] = []
    /// The rows of each record as they are in the file.
    package var stored: [UInt8] = []
    package var records: [MappedRecord] = []

    package init() {}

    package mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        stored.removeAll(keepingCapacity: keepingCapacity)
        records.removeAll(keepingCapacity: keepingCapacity)
    }
}
