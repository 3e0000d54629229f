/// Where a record is in its life. Exactly one at a time; the raw value is what the ledger stores.
package enum RecordState: UInt8, Sendable, CaseIterable {
    /// Read, and certainly without effect on the server: it waits, or the run stopped first.
    case unsent = 0
    /// An attempt that holds it is under way.
    case sent = 1
    /// Sent, and nobody knows.
    case inDoubt = 2
    /// The server has it.
    case accepted = 3
    /// The server said no, or has one of that key with other content.
    case rejected = 4
    /// Refused here; never sent.
    case invalid = 5
    /// Not needed: accepted before, on the server already, or a true repeat.
    case skipped = 6
    /// In the server's own queue of rejected transactions.
    case parked = 7
    /// Given up on for a temporary error: safe to retry.
    case failed = 8

    /// The word a person reads.
    package var word: String {
        switch self {
        case .unsent: "unsent"
        case .sent: "sent"
        case .inDoubt: "in doubt"
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .invalid: "invalid"
        case .skipped: "skipped"
        case .parked: "parked"
        case .failed: "failed"
        }
    }

    /// Something may be on the server, or soon may: its identity is reserved against all others.
    package var holdsIdentity: Bool {
        switch self {
        case .sent, .inDoubt, .accepted, .parked, .skipped: true
        case .unsent, .rejected, .invalid, .failed: false
        }
    }

    /// What can happen to a record.
    package enum Event: String, Sendable, CaseIterable {
        /// The reader, the mapping or the endpoint's checks refuse it.
        case foundInvalid
        /// It need not be sent.
        case foundDone
        /// An earlier run's record of its key is in the server's queue.
        case foundParked
        /// An attempt that holds it became durable.
        case intended
        /// That attempt certainly never reached the server, or certainly did nothing for it.
        case undone
        /// Nobody knows what that attempt did.
        case lostAnswer
        case answeredAccepted, answeredRejected, answeredParked
        /// Enough attempts on a temporary error.
        case gaveUp
        /// A read-back found it, as ours.
        case provedPresent
        /// A read-back proved that it is not there: it may be sent again.
        case provedAbsent
        /// A read-back found it in the server's queue.
        case provedParked
        /// A read-back found another of its key.
        case provedConflict
        /// The server said "exists", and its copy is equal.
        case provedEqual
        /// A person says that it was accepted, or that it may be sent again.
        case decidedPresent, decidedAbsent
        /// Asked again in a way that does nothing twice, the server said no; or its file's job ended without it.
        case provedRejected
    }

    /// The state after `event`, or nil where the event cannot happen in this state.
    ///
    /// This is the whole life of a record. Doubt sticks: out of it lead only proofs, and a person who decides.
    package func after(_ event: Event) -> RecordState? {
        switch (self, event) {
        case (.unsent, .foundInvalid): .invalid
        case (.unsent, .foundDone): .skipped
        case (.unsent, .foundParked): .parked
        case (.unsent, .intended): .sent
        case (.unsent, .gaveUp): .failed
        case (.sent, .undone): .unsent
        case (.sent, .lostAnswer): .inDoubt
        case (.sent, .answeredAccepted): .accepted
        case (.sent, .answeredRejected): .rejected
        case (.sent, .answeredParked): .parked
        case (.inDoubt, .provedPresent): .accepted
        case (.inDoubt, .provedAbsent): .unsent
        case (.inDoubt, .provedParked): .parked
        case (.inDoubt, .provedConflict): .rejected
        case (.inDoubt, .provedRejected): .rejected
        case (.inDoubt, .decidedPresent): .accepted
        case (.inDoubt, .decidedAbsent): .unsent
        // "Exists" is rejected until it is looked up.
        case (.rejected, .provedEqual): .skipped
        case (.rejected, .provedConflict): .rejected
        // Acceptance is provisional until the sweep of the server's queue.
        case (.accepted, .provedParked): .parked
        // The queue replays what was fixed, or gives it up.
        case (.parked, .provedPresent): .accepted
        case (.parked, .provedEqual): .skipped
        case (.parked, .provedParked): .parked
        default: nil
        }
    }
}

extension RecordState.Event {
    /// What the ledger stores, one byte. A code never changes its meaning; a new event takes the next number.
    package var code: UInt8 {
        switch self {
        case .foundInvalid: 0
        case .foundDone: 1
        case .foundParked: 2
        case .intended: 3
        case .undone: 4
        case .lostAnswer: 5
        case .answeredAccepted: 6
        case .answeredRejected: 7
        case .answeredParked: 8
        case .gaveUp: 9
        case .provedPresent: 10
        case .provedAbsent: 11
        case .provedParked: 12
        case .provedConflict: 13
        case .provedEqual: 14
        case .decidedPresent: 15
        case .decidedAbsent: 16
        case .provedRejected: 17
        }
    }

    package init?(code: UInt8) {
        guard let event = Self.byCode[code] else { return nil }
        self = event
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })
}
