/// Where the bytes of a stretch of input went, in bytes of the file as stored.
///
/// Every byte lies in exactly one of them; what comes after ``end`` is the unread rest.
package struct ByteAccount: Sendable, Equatable {
    /// The first byte it covers.
    package var start: Int
    /// The first byte after what it covers.
    package var end: Int
    /// A byte order mark, the header row, the opening bracket of an array.
    package var header = 0
    /// Rows, their line ends included; also those with a problem that leaves them whole.
    package var rows = 0
    /// Blank lines, and what is between the elements of an array.
    package var blank = 0
    /// Spans in which no row can be told.
    package var unreadable = 0

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    package init(startingAt start: Int = 0) { self.init(start: start, end: start) }

    /// Whether every byte it covers is accounted for.
    package var isBalanced: Bool { header + rows + blank + unreadable == end - start }

    /// Adds the stretch that follows this one.
    package mutating func append(_ next: ByteAccount) {
        precondition(next.start == end, "stretches follow each other")
        end = next.end
        header += next.header
        rows += next.rows
        blank += next.blank
        unreadable += next.unreadable
    }
}
