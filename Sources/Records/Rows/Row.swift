package import Model

/// A CSV record, a JSON line or an element of a JSON array; or a span in which no row can be told.
package struct Row: Sendable {
    package var position: Position
    /// Its fields, as indices into ``RowBlock/fields``; empty for JSON and unreadable spans.
    package var fields: Range<Int>
    /// Its JSON text in ``RowBlock/text``, without the white space around it; empty for CSV.
    package var value: Range<Int>
    /// Its bytes in ``RowBlock/stored``. Of a span longer than the row limit, only the beginning.
    package var stored: Range<Int>
    /// Line ends within it: what follows begins on line `position.line + lineEnds`.
    package var lineEnds: Int
    private let rare: Rare?

    package init(
        position: Position, fields: Range<Int>, value: Range<Int>, stored: Range<Int>,
        lineEnds: Int, problem: Refusal? = nil, at place: Position? = nil, origin: Position? = nil
    ) {
        self.position = position
        self.fields = fields
        self.value = value
        self.stored = stored
        self.lineEnds = lineEnds
        rare =
            problem == nil && origin == nil
            ? nil : Rare(refusal: problem, place: place, origin: origin)
    }

    /// What is wrong with it; the record it belongs to is invalid then. Free of the row's content.
    package var problem: Refusal? { rare?.refusal }
    /// Where the error starts, as the quote that is never closed; its length is 0.
    package var problemPosition: Position? { rare?.place }
    /// Where it is in the run's own files; nil where `position` says that.
    package var origin: Position? { rare?.origin }

    /// Out of line, since almost no row has any of it.
    private final class Rare: Sendable {
        let refusal: Refusal?
        let place: Position?
        let origin: Position?
        init(refusal: Refusal?, place: Position?, origin: Position?) {
            self.refusal = refusal
            self.place = place
            self.origin = origin
        }
    }
}
