import Catalog
import Ledger
import Model

// When a run stops by itself, and how it ends.
extension Execution {
    func checkThreshold() {
        guard !isStopping else { return }
        if tally.looksImportedBefore, plan.verifyExisting != .all {
            stop(
                StopCause(
                    .stopped,
                    "\(tally.existed) of \(tally.judged) records are on the server already: was this imported "
                        + "before? `verify_existing: all` compares each one"))
        } else if let words = tally.breach(of: plan.stop.errors) {
            stop(StopCause(.stopped, words))
        }
    }

    static func cause(of error: SlotError) -> StopCause {
        switch error.code {
        case .authentication, .certificate: StopCause(.authentication, error.message)
        case .paused: StopCause(.passing, error.message)
        case .unreachable: StopCause(.passing, error.message, isOutage: true)
        }
    }

    func finish() async throws -> Ending {
        if cause == nil { try await sweep() }
        let growth = try checkGrowth()
        let open = doubts.compactMapValues { $0.mayPass ? nil : $0.givenUp }
        try await ledger.note(run: run.number, why: open)
        let totals = try ledger.totals(run: run.number)
        var conditions = Set<Ending.Condition>()
        let account = try BalanceCheck.check(
            run: run.number, ledger: ledger,
            isInputEnded: cause == nil && (run.inputEnded || (isFed && !isSettlingOnly)))
        differences += account
        if !differences.isEmpty { conditions.insert(.unbalanced) }
        if let cause { conditions.insert(cause.condition) }
        let settlesItself =
            cause?.isOutage ?? false && !doubts.values.contains(where: \.isGivenUp)
        if totals[.inDoubt] > 0 || totals[.sent] > 0, !settlesItself { conditions.insert(.inDoubt) }
        // What was never sent of an input that is gone is closed, and listed.
        let isClosed = run.inputGone != nil
        let isLeft = totals[.unsent] > 0
        if isClosed, isLeft || !run.inputEnded { conditions.insert(.problems) }
        if isLeft, !isClosed, cause == nil { conditions.insert(.timeLimit) }
        if totals[.rejected] + totals[.invalid] + totals[.parked] + totals[.failed] > 0 {
            conditions.insert(.problems)
        }
        if growth != nil { conditions.insert(.grown) }
        if conditions.isEmpty { conditions.insert(.fine) }
        let isFinished =
            cause == nil && totals[.inDoubt] + totals[.sent] == 0
            && (isClosed || !isLeft && isFed && !isSettlingOnly)
        var reason = cause?.words ?? growth
        if cause == nil, isLeft, !waitsFor.isEmpty {
            reason = "\(totals[.unsent]) records are unsent: \(waitingWords)"
        }
        if !differences.isEmpty {
            reason = "the counts do not balance: " + differences.joined(separator: "; ")
        }
        let ending = Ending(conditions: conditions, reason: reason, isFinished: isFinished)
        let now = environment.now()
        try await ledger.end(
            run: run.number, state: isFinished ? .finished : .stopped, ending: reason ?? "ended",
            exitCode: Int(ending.exitCode), at: now, effort: effort(at: now))
        return ending
    }

    /// What the run has cost so far, its earlier executions with it.
    private func effort(at now: Timestamp) -> RunEffort {
        var pace = RunPace()
        pace.requests = sender.usage.requests - usageBefore.requests
        pace.waited = waitClock.waited
        if let rate = plan.rate {
            pace.allowed = Double(rate.requests) * (now.since(begun) / rate.interval)
        }
        return RunEffort(
            active: run.active + now.since(begun), requests: run.requests + progress.requests,
            pace: (run.pace ?? RunPace()) + pace)
    }

    /// Now and then, so that little of it is lost with a process that is killed.
    func keepEffort() async throws {
        guard waitClock.isTimeToKeep else { return }
        try await ledger.note(effort(at: environment.now()), of: run.number)
    }

    /// An end by an error: as much of the account as can still be had goes into the ledger with it.
    ///
    /// - Returns: What to throw: the error, or that the count does not balance either.
    func breakOff(_ error: any Error) async -> any Error {
        let account = try? BalanceCheck.check(run: run.number, ledger: ledger, isInputEnded: false)
        let unbalanced = Unbalanced(differences: differences + (account ?? []), cause: "\(error)")
        let isBalanced = unbalanced.differences.isEmpty
        let now = environment.now()
        // It may be the ledger itself that cannot be written.
        try? await ledger.end(
            run: run.number, state: .stopped, ending: isBalanced ? "\(error)" : "\(unbalanced)",
            exitCode: nil, at: now, effort: effort(at: now))
        return isBalanced ? error : unbalanced
    }
}

/// A run that broke off, and whose count does not balance.
package struct Unbalanced: Error, Equatable, CustomStringConvertible {
    package let differences: [String]
    /// What it broke off for.
    package let cause: String

    package var description: String {
        "the counts do not balance: \(differences.joined(separator: "; ")); the run ended early: \(cause)"
    }
}
