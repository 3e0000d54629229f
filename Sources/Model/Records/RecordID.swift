/// The name of one record for all time: its run's, and its number there.
///
/// The text is `20260203T141500-7k2m9qd4xz#17`: letters, digits and three marks that neither CSV nor a
/// spreadsheet reads anything into.
package struct RecordID: Hashable, Sendable, CustomStringConvertible {
    /// The run that the record belongs to.
    package var run: RunID
    /// Its number in the run, from 0 on.
    package var record: Int64

    package init(run: RunID, record: Int64) {
        self.run = run
        self.record = record
    }

    /// Nil where the text is none.
    package init?(_ text: some StringProtocol) {
        guard let mark = text.lastIndex(of: "#"), let run = RunID(String(text[..<mark])),
            let record = Int64(text[text.index(after: mark)...]), record >= 0, record < 1 << 40
        else { return nil }
        self.run = run
        self.record = record
    }

    /// `RUN#N`, as in the `_sluice` column.
    package var description: String { "\(run)#\(record)" }
}
