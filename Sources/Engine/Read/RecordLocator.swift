package import Ledger
package import Model

/// Finds again in the input what the ledger knows only the chunk of: of what was accepted it keeps no place.
package enum RecordLocator {
    /// The place of one record, found by reading its chunk again.
    ///
    /// - Parameters:
    ///   - evidence: What was sent of it: a file that was edited since does not pass for the old one.
    ///   - plan: Of the run, as it was frozen.
    /// - Returns: Nil where the input is gone, or is not what it was.
    package static func place(
        of record: Int64, evidence: Evidence, run: RunRow, plan: Plan, ledger: Ledger
    ) -> Position? {
        guard let row = try? ledger.place(run: run.number, record: record) else { return nil }
        var found: Position?
        var reading = ChunkReader(
            plan: plan, ledger: ledger, run: run.number,
            customers: CustomerNumbers(ledger: ledger, run: run)
        ) { item in
            guard case .chunk(let chunk) = item else { return true }
            let index = Int(record - chunk.first)
            guard chunk.records.indices.contains(index), chunk.evidence(index) == evidence
            else {
                return true
            }
            found = chunk.records[index].position
            return true
        }
        _ = try? reading.again([row])
        return found
    }
}
