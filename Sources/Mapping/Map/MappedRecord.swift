package import Model

/// One record, made of one row or of the rows of a group.
package struct MappedRecord: Sendable {
    /// Of its first row; the length reaches to the end of its last row.
    package var position: Position
    /// Where its first row is in the run's own files, and how many bytes its rows have there; nil where
    /// `position` says that.
    package var origin: Position?
    /// How many rows it is made of.
    package var rows: Int
    /// Its JSON object in ``RecordBatch/bytes``. Of an invalid record, what could be mapped of it, or
    /// nothing; not fit to be sent.
    package var item: Range<Int>
    /// Its rows' bytes in ``RecordBatch/stored``, without marks and blank lines between them. Of a group beyond
    /// the limit, only the beginning: the rest is in the file, within `position`.
    package var stored: Range<Int>
    /// How many bytes those are in the file, marks included.
    package var rowBytes: Int
    /// What its rows hold as their ``RecordMark``, each once: several where they were records of their own
    /// before.
    package var marks: [String]
    /// The attribution's code where it comes from a column and is not empty.
    package var attribution: String?
    /// Where its item names customers otherwise than by the server's number, in the order of their places.
    package var customers: [NamedCustomer]
    /// Why it is invalid; empty when it is not.
    package var problems: [Refusal]

    package init(
        position: Position, origin: Position? = nil, rows: Int, item: Range<Int>, stored: Range<Int>,
        rowBytes: Int? = nil,
        marks: [String] = [], attribution: String? = nil, customers: [NamedCustomer] = [],
        problems: [Refusal] = []
    ) {
        self.position = position
        self.origin = origin
        self.rows = rows
        self.item = item
        self.stored = stored
        self.rowBytes = rowBytes ?? stored.count
        self.marks = marks
        self.attribution = attribution
        self.customers = customers
        self.problems = problems
    }

    /// Where it is in the run's own files.
    package var home: Position { origin ?? position }
}
