package import Model

/// How a ledger is against the copies of its counter: whether it is the newest of itself.
package struct LedgerStanding: Sendable, Equatable {
    /// What tells about more than the ledger knows.
    package enum Sign: Sendable, Equatable {
        /// The copy outside the ledger's folder has a higher counter.
        case counter(Int64, path: String)
        /// A run's folder is there, and the ledger does not know the run.
        case unknownRun(RunMark)
        /// A run was set under way again later than the ledger knows.
        case laterRun(RunMark)
    }
    /// Random, made with the ledger.
    package var id: String
    /// Raised with everything that may send.
    package var counter: Int64
    package var signs: [Sign]
    /// Nothing beside it tells about this ledger, although it has been in use: it was copied to this host, or
    /// the folder outside it was lost.
    package var isNewHere: Bool
    package var adoption: Adoption?

    package var isBehind: Bool { !signs.isEmpty }

    /// The runs whose folders tell about them, and of which the ledger knows nothing.
    package var unknownRuns: [RunMark] {
        signs.compactMap { if case .unknownRun(let mark) = $0 { mark } else { nil } }
    }
}

/// An older ledger that was taken into use: what it sends for the first time is looked up before.
package struct Adoption: Sendable, Equatable {
    package var at: Timestamp
    /// Runs that begin then or later are trusted again; nil: none yet.
    package var trustFrom: Timestamp?

    package init(at: Timestamp, trustFrom: Timestamp? = nil) {
        self.at = at
        self.trustFrom = trustFrom
    }

    /// Whether a run that began then has its records looked up before they are sent.
    package func looksFirst(begun: Timestamp) -> Bool {
        trustFrom.map { begun < $0 } ?? true
    }
}
