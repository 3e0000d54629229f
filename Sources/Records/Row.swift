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
    private let trouble: Trouble?

    package init(
        position: Position, fields: Range<Int>, value: Range<Int>, stored: Range<Int>,
        lineEnds: Int, problem: Refusal? = nil, at place: Position? = nil
    ) {
        self.position = position
        self.fields = fields
        self.value = value
        self.stored = stored
        self.lineEnds = lineEnds
        trouble = problem.map { Trouble(refusal: $0, place: place) }
    }

    /// What is wrong with it; the record it belongs to is invalid then. Free of the row's content.
    package var problem: Refusal? { trouble?.refusal }
    /// Where the trouble starts, as the quote that is never closed; its length is 0.
    package var problemPosition: Position? { trouble?.place }

    /// Out of line, since almost no row has one.
    private final class Trouble: Sendable {
        let refusal: Refusal
        let place: Position?
        init(refusal: Refusal, place: Position?) {
            self.refusal = refusal
            self.place = place
        }
    }
}
