package import Ledger

/// What `sluice prune` removes and keeps.
package enum PruneText {
    /// What was removed from the ledger, in one line.
    package static func removed(_ pruned: Pruned) -> String {
        "\(Wording.count(pruned.runs, "run")) pruned: \(Wording.count(pruned.payloads, "row")) of records not "
            + "accepted, \(Wording.count(pruned.attempts, "attempt")), "
            + "\(Wording.count(pruned.chunks, "stretch", "stretches")) of records without a key"
            + (pruned.exports > 0 ? "; the items of \(Wording.count(pruned.exports, "export"))" : "")
            + (pruned.cards > 0
                ? "; \(Wording.count(pruned.cards, "answer")) with numbers of cards" : "")
    }

    /// - Parameter count: How many folders of runs go, at least 1.
    package static func folders(_ count: Int) -> String {
        "\(Wording.count(count, "run folder")) with lists of rejects and reasons \(count == 1 ? "goes" : "go") too"
    }

    /// A run whose folder stays, because its rows exist nowhere else.
    package static func kept(_ run: PruneCandidate, folder: String) -> String {
        "kept, because \(Wording.count(run.open, "record")) in it \(run.open == 1 ? "is" : "are") open: \(folder)"
    }
}
