package import Model

/// What is left of a run once its records were removed: how many there were of each state, and where the
/// bytes of its files went.
package struct PrunedRun: Sendable, Equatable {
    /// One file of the run, as its chunks added up.
    package struct Input: Sendable, Equatable, Codable {
        package var file: Int
        package var rows = 0
        package var rowBytes = 0
        package var blankBytes = 0
        package var unreadableBytes = 0
        /// Of rows that the job left out.
        package var filteredRows: Int?
        package var filteredBytes: Int?
        /// Where the last chunk ended.
        package var stop = 0
    }
    package var at: Timestamp
    package var totals: Totals
    package var inputs: [Input]
    /// Some of its rejects were open: the folder with their lists is still there.
    package var keepsFolder: Bool
}

/// A run that is about to be pruned.
package struct PruneCandidate: Sendable, Equatable {
    package var id: RunID
    package var job: String
    /// All of it goes but its totals; else the rows alone.
    package var isWhole: Bool
    /// Its records that were not imported, and that nothing has repaired or closed.
    package var open: Int
}

/// What a pruning did.
package struct Pruned: Sendable, Equatable {
    /// Runs that are now but a pruned run, and what is kept for the keys.
    package var runs = 0
    /// Records whose bytes were removed.
    package var payloads = 0
    package var attempts = 0
    package var chunks = 0
    /// Exports whose pages, keys and items were removed.
    package var exports = 0
    /// Answers with the numbers of cards.
    package var cards = 0
}

/// How large the ledger is.
package struct LedgerSize: Sendable, Equatable {
    /// On the disk, with what is not yet moved into the database itself.
    package var bytes: Int
    /// Of that, empty and used before the file grows again.
    package var free: Int

    package init(bytes: Int, free: Int) {
        self.bytes = bytes
        self.free = free
    }
}
