import Catalog
import Ledger
import Model

// When a run stops by itself, and how it ends.
extension Execution {
    func checkThreshold() {
        guard !isStopping else { return }
        if tally.looksImportedBefore, plan.verifyExisting != .all {
            let note = EngineNote.Run.importedBefore(existed: tally.existed, judged: tally.judged)
            stop(StopReason(.stopped, words(.run(note))))
        } else if let breach = tally.breach(of: plan.stop.errors) {
            stop(StopReason(.stopped, words(.run(breach))))
        }
    }

    static func cause(of error: SlotError) -> StopReason {
        switch error.code {
        case .authentication, .certificate: StopReason(.authentication, error.message)
        case .paused: StopReason(.passing, error.message)
        case .unreachable: StopReason(.passing, error.message, isOutage: true)
        }
    }

    func finish() async throws -> RunResult {
        try await ledger.flush()
        if !isStopping { try await sweep() }
        let growth = try checkGrowth()
        let open = doubts.compactMapValues { $0.mayPass ? nil : $0.givenUp }
        try await ledger.note(run: run.number, why: open)
        let isWhole = isFed && !isSettlingOnly
        for difference in try BalanceCheck.check(
            run: run.number, ledger: ledger, isInputEnded: !isStopping && (run.inputEnded || isWhole))
        {
            stopping.note(difference)
        }
        let result = stopping.result(
            at: StopController.End(
                totals: try ledger.totals(run: run.number), isInputEnded: run.inputEnded,
                isFed: isWhole, isInputGone: run.inputGone != nil,
                hasGivenUp: doubts.values.contains(where: \.isGivenUp),
                waiting: deferred.runs.isEmpty ? nil : waitingWords, growth: growth),
            environment.words)
        let now = environment.now()
        try await ledger.end(
            run: run.number, state: result.isFinished ? .finished : .stopped,
            ending: result.reason ?? "ended", exitCode: Int(result.exitCode), at: now,
            effort: effort(at: now))
        return result
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
        try? await ledger.flush()
        let account = try? BalanceCheck.check(run: run.number, ledger: ledger, isInputEnded: false)
        let unbalanced = Unbalanced(
            differences: stopping.differences + (account ?? []), cause: environment.words(of: error))
        let isBalanced = unbalanced.differences.isEmpty
        let now = environment.now()
        // It may be the ledger itself that cannot be written.
        try? await ledger.end(
            run: run.number, state: .stopped,
            ending: environment.words(of: isBalanced ? error : unbalanced),
            exitCode: nil, at: now, effort: effort(at: now))
        return isBalanced ? error : unbalanced
    }
}

/// A run that broke off, and whose count does not balance.
package struct Unbalanced: Error, Equatable {
    package let differences: [BalanceDifference]
    /// What it broke off for, as people read it.
    package let cause: String
}
