import Catalog
import Model

/// A listing's span of time, in pieces that its call takes.
///
/// A piece that gives a full reply of a listing without a second page is halved until it is not full: what
/// lies beyond a full reply cannot be had otherwise.
struct TimeSlices {
    private let span: Listing.Span?
    private let from: Int64?
    private let to: Int64?
    private let longest: Int64?

    init(_ span: Listing.Span?, _ order: ExportOrder) {
        self.span = span
        to = span == nil ? nil : order.to
        from = span == nil ? nil : order.from
        longest = span?.longest?.milliseconds
    }

    /// Whether there is more than one piece to come.
    var isBounded: Bool { from != nil }

    private var unit: Int64 { span?.style == .day ? 86_400_000 : 1000 }

    /// The piece to read now: the one that was started, else the one after it.
    func next(after place: ExportPlace) -> (from: Int64?, to: Int64?)? {
        guard let from, let to else { return (from, self.to) }
        if let begun = place.from, let end = place.to { return (begun, end) }
        let start = place.from ?? from
        guard start < to || start == from && place.from == nil else { return nil }
        return (start, longest.map { min(start + $0, to) } ?? to)
    }

    /// The piece is read: the next begins where it ended.
    func finish(_ place: inout ExportPlace) {
        guard let end = place.to, from != nil else { return }
        // Of whole days the end was a part.
        place.from = span?.style == .day ? end + unit : end
        place.to = nil
    }

    /// Makes a piece smaller whose reply was full.
    ///
    /// - Returns: Whether it has become smaller, and is to be requested again.
    func halve(_ place: inout ExportPlace, isFull: Bool) -> Bool {
        guard isFull, let start = place.from, let end = place.to else { return false }
        let half = (end - start) / 2 / unit * unit
        guard half >= (span?.style == .day ? 0 : unit), start + half < end else { return false }
        place.to = start + half
        return true
    }
}
