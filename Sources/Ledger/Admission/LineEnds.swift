import Model

/// The ends of the lines that a record says it repairs, by what became of them.
struct LineEnds {
    /// Rejected, invalid or failed: it repairs these.
    var open: [RecordPlace] = []
    /// Imported already.
    var done: [RecordPlace] = []
    /// Another run's, and not settled.
    var underWay: [RecordPlace] = []
    /// Other records of the run at hand, which repair them.
    var here: [RecordPlace] = []
    /// It repairs some of them already (on a resume).
    var isTied = false
    /// The record sets values: sending them twice changes nothing.
    var sets = false

    /// Why a record is invalid of which a part was imported before: sent whole, that would be imported twice, and
    /// skipped, the rest would be lost. Nil where it is no such record.
    var partly: Admission? {
        guard !sets, let first = done.first, !open.isEmpty || isTied else { return nil }
        return .invalid(.partlyImported, other: other(first))
    }

    /// What they decide; nil where the record continues to be judged by its key.
    ///
    /// - Parameter isSound: Nothing else is wrong with the record: otherwise it is invalid for that.
    func admission(isSound: Bool) -> Admission? {
        if let first = here.first { return .invalid(.repeatedMark, other: other(first)) }
        if partly != nil { return nil }
        if !done.isEmpty, underWay.isEmpty, open.isEmpty, !isTied { return .skipped(.acceptedBefore) }
        guard let first = underWay.first, isSound else { return nil }
        return .waits(.repairedInFlight, other: other(first))
    }

    private func other(_ place: RecordPlace) -> Admission.Other {
        Admission.Other(run: place.run, record: place.record)
    }
}
