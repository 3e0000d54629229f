package import Model

/// A record that is in the server's queue.
package struct ParkedRow: Sendable, Equatable {
    package var record: Int64
    /// Nil where it was never sent itself: it repeats one that is parked.
    package var evidence: Evidence?
    /// Of its trouble, where there is one.
    package var key: String?
}

extension Ledger {
    /// The parked records of a run, in their order.
    package func parked(run: Int64) throws -> [ParkedRow] {
        var rows: [Int64: ParkedRow] = [:]
        try chunks(run: run) { chunk in
            for (index, state) in chunk.states.enumerated() where state.state == .parked {
                let record = chunk.first + Int64(index)
                rows[record] = ParkedRow(record: record)
            }
            return true
        }
        guard !rows.isEmpty else { return [] }
        try eachAttempt(run: run) { attempt in
            for member in attempt.members { rows[member.record]?.evidence = member.evidence }
            return true
        }
        if rows.values.contains(where: { $0.evidence == nil }) {
            try troubles(run: run) { row in
                rows[row.record]?.key = row.trouble.key
                return true
            }
        }
        return rows.values.sorted { $0.record < $1.record }
    }
}
