/// One place where counts that have to agree do not. Names are those of inputs, ranges are of bytes.
package enum BalanceDifference: Sendable, Equatable {
    // Of chunks, by their first record.
    case notConsecutive(from: Int64, to: Int64)
    case stateCount(chunk: Int64, states: Int, records: Int)
    case unknownStates(chunk: Int64)
    case openCount(chunk: Int64, open: Int, stored: Int)
    // Of records and what is kept of them.
    case doubts(records: Int, stored: Int)
    case inFlight(records: Int, stored: Int)
    // Of bytes.
    case inNoRow(name: String, from: Int, to: Int)
    case doNotAddUp(name: String, from: Int, to: Int)
    case endNotReached(name: String)
    case accountedFor(name: String, bytes: Int, of: Int)
    // Of rows that were brought together.
    case readAndGrouped(read: Int, grouped: Int)
    case groupedAndRead(grouped: Int, read: Int)
    /// What a reader counted of a file, and what was kept of it.
    case account(name: String, read: Bytes, recorded: Bytes)
    /// A source whose bytes its reader cannot account for, in its words.
    case source(String)

    /// Bytes by what they lie in.
    package struct Bytes: Sendable, Equatable {
        package var rows: Int
        package var blank: Int
        package var unreadable: Int

        package init(rows: Int, blank: Int, unreadable: Int) {
            self.rows = rows
            self.blank = blank
            self.unreadable = unreadable
        }
    }
}
