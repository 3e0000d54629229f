package import Model
package import Records

/// Turns rows into records, one block after another.
package struct Mapper: Sendable {
    private let spec: MappingSpec?
    private let columns: [String]?

    /// A mapper for the rows of one input.
    ///
    /// - Parameters:
    ///   - spec: Nil: JSON rows are the items; CSV rows become objects of texts.
    ///   - columns: The header's names; nil for JSON.
    ///   - attribution: Where a record's attribution comes from; only a column matters here.
    /// - Throws: ``MappingError`` for a column that is not there, or a rule that makes no sense.
    package init(
        spec: MappingSpec?, columns: [String]?, attribution: SendSettings.AttributionSource?
    ) throws(MappingError) {
        self.spec = spec
        self.columns = columns
    }

    /// Maps the rows of `block`, appending the records they finish to `batch`. An open group stays
    /// inside until the next call or ``finish(into:)``.
    package mutating func map(_ block: borrowing RowBlock, into batch: inout RecordBatch) {
        let text = block.text
        let stored = block.stored
        for row in block.rows {
            let item = batch.bytes.count
            let start = batch.stored.count
            batch.bytes.append(contentsOf: text[row.value])
            batch.stored.append(contentsOf: stored[row.stored])
            batch.records.append(
                MappedRecord(
                    position: row.position, rows: 1, item: item..<batch.bytes.count,
                    stored: start..<batch.stored.count, problems: row.problem.map { [$0] } ?? []))
        }
    }

    /// Ends an open group: no more rows follow in this input.
    package mutating func finish(into batch: inout RecordBatch) {
    }

    /// Goes on with another input that has these columns; the counters of templates go on counting.
    package mutating func start(columns: [String]?) throws(MappingError) {
    }

    /// Whether what a row becomes depends on rows before it: `{#}`, or groups that come back. A run
    /// resumed in the middle then needs ``state``, or has the rows before mapped again.
    package var remembersRows: Bool { false }

    /// What the mapper remembers of the records given out so far; setting it makes this mapper go on as
    /// the other would have. An open group is no part of it.
    package var state: [UInt8] {
        get { [] }
        set {}
    }
}
