package import Ledger
import Model

/// Why and how a run ends: the first reason to stop, the error that broke it off, what did not balance, and the
/// one record that has to confirm a refusal of everything first. It makes the run's result of that, and does
/// nothing itself.
package struct StopController: Sendable {
    /// The first reason to stop; nil while the run continues, and where it comes to its end.
    package private(set) var reason: StopReason?
    /// Nothing more is done.
    package private(set) var isOver = false
    /// The first error that ended it.
    package private(set) var failure: (any Error)?
    /// Where counts that have to agree do not.
    package private(set) var differences: [BalanceDifference] = []
    /// The next request is one record, to confirm a refusal of the whole; nothing else leaves.
    package private(set) var isConfirming = false
    /// That record, once it is on its way: only its answer may stop the run.
    private var confirming: Int64?

    package init() {}

    package var isStopping: Bool { reason != nil }

    /// Takes a reason to stop. Returns whether it is the first.
    @discardableResult
    package mutating func stop(_ reason: StopReason) -> Bool {
        guard self.reason == nil else { return false }
        self.reason = reason
        return true
    }

    /// Ends it, for the error where there is one.
    package mutating func end(_ error: (any Error)? = nil) {
        if !isOver, failure == nil { failure = error }
        isOver = true
    }

    package mutating func note(_ difference: BalanceDifference) { differences.append(difference) }

    // MARK: Confirming

    /// One record has to confirm what a request of several was told.
    package mutating func confirm() { isConfirming = true }

    /// These records leave. While nothing else is in flight, a single one is what confirms.
    package mutating func leaves(_ records: [Int64], others inFlight: Int) {
        guard isConfirming, inFlight == 0 else { return }
        confirming = records.count == 1 ? records[0] : nil
    }

    /// Whether an answer to these records is what was waited for.
    package func confirms(_ records: [Int64]) -> Bool {
        isConfirming && records.count == 1 && records[0] == confirming
    }

    /// A request was answered record by record: not everything is refused.
    package mutating func contradicted() { isConfirming = false }

    // MARK: The result

    /// What is known at the end.
    package struct End: Sendable {
        package var totals: Totals
        /// The whole input is in chunks.
        package var isInputEnded: Bool
        /// This execution has read the input to its end, and was there to send.
        package var isFed: Bool
        /// The input is gone: what was never sent is closed, and listed.
        package var isInputGone: Bool
        /// Some doubts can only be settled by a person, or by a later resume.
        package var hasGivenUp: Bool
        /// What unsent records wait for, for a person; nil where they wait for nothing.
        package var waiting: String?
        /// What is to be said of inputs that are larger than what was read of them; nil where none is.
        package var growth: String?

        package init(
            totals: Totals, isInputEnded: Bool, isFed: Bool, isInputGone: Bool, hasGivenUp: Bool,
            waiting: String? = nil, growth: String? = nil
        ) {
            self.growth = growth
            self.totals = totals
            self.isInputEnded = isInputEnded
            self.isFed = isFed
            self.isInputGone = isInputGone
            self.hasGivenUp = hasGivenUp
            self.waiting = waiting
        }
    }

    /// How the run ended, told in these words.
    package func result(at end: End, _ words: EngineWords) -> RunResult {
        let totals = end.totals
        let isUnknown = totals[.inDoubt] + totals[.sent] > 0
        let isLeft = totals[.unsent] > 0
        var conditions = Set<RunResult.Condition>()
        if !differences.isEmpty { conditions.insert(.unbalanced) }
        if let reason { conditions.insert(reason.condition) }
        // What an outage left in doubt is settled by the next resume.
        let settlesItself = reason?.isOutage ?? false && !end.hasGivenUp
        if isUnknown, !settlesItself { conditions.insert(.inDoubt) }
        if end.isInputGone, isLeft || !end.isInputEnded { conditions.insert(.problems) }
        if isLeft, !end.isInputGone, reason == nil { conditions.insert(.timeLimit) }
        if totals[.rejected] + totals[.invalid] + totals[.parked] + totals[.failed] > 0 {
            conditions.insert(.problems)
        }
        if end.growth != nil { conditions.insert(.grown) }
        if conditions.isEmpty { conditions.insert(.fine) }
        let isFinished =
            reason == nil && !isUnknown && (end.isInputGone || !isLeft && end.isFed)
        return RunResult(
            conditions: conditions, reason: text(isLeft: isLeft, end, words), isFinished: isFinished)
    }

    private func text(isLeft: Bool, _ end: End, _ words: EngineWords) -> String? {
        if !differences.isEmpty { return words(.run(.unbalanced(differences))) }
        if let reason { return reason.words }
        guard isLeft, let waiting = end.waiting else { return end.growth }
        return words(.run(.unsent(end.totals[.unsent], waiting: waiting)))
    }
}
