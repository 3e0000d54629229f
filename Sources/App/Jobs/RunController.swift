import Catalog
import Engine
import Foundation
import Ledger
import Model
import Records
import Reports
import Transport

/// Runs an execution in front of a person or a script: progress, signals, the report at its end.
struct RunController {
    let context: AppContext
    let api: APISession

    /// - Returns: The exit status.
    func run(_ plan: Plan, run: RunRow, org: OrgSettings, isSettlingOnly: Bool = false)
        async throws
        -> ExitStatus
    {
        // Before anything leaves: the folder tells about the run even where the ledger is lost.
        try context.ledger.markFolder(of: run)
        let execution = Execution(
            plan: plan, run: run, org: org, ledger: context.ledger, sender: api.sender,
            environment: .real,
            isSettlingOnly: isSettlingOnly, logger: context.logger)
        let watch = SignalWatch { number in
            Console.clearLine()
            Console.warn("stopping: waiting for the requests in flight; press again to stop at once")
            let condition: RunResult.Condition = number == SIGINT ? .interrupted : .terminated
            Task { await execution.stop(StopReason(condition, "interrupted")) }
        }
        defer { watch.end() }
        let display = Task { await show(execution) }
        let ending: RunResult
        do {
            ending = try await execution.run()
        } catch {
            display.cancel()
            await display.value
            Console.clearLine()
            throw error
        }
        display.cancel()
        await display.value
        Console.clearLine()
        return ExitStatus(ending: try report(run, plan, ending).exitCode)
    }

    // MARK: Progress

    /// A line that is drawn again on a terminal; a plain one now and then elsewhere.
    private func show(_ execution: Execution) async {
        guard !context.options.quiet else { return }
        let begun = ContinuousClock.now
        let total = execution.bytesTotal
        var printed = 0
        var lastPlain = begun
        var rate = RateMeter()
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Console.isTerminal ? 200 : 1000))
            let progress = execution.progress
            for note in progress.notes.dropFirst(printed) {
                Console.clearLine()
                Console.warn(note)
            }
            printed = progress.notes.count
            let snapshot = snapshot(progress, since: begun, total: total, rate: &rate)
            if Console.isTerminal {
                Console.redraw(ProgressLine.terminal(snapshot, width: Console.width - 1))
            } else if ContinuousClock.now - lastPlain >= .seconds(30) {
                lastPlain = ContinuousClock.now
                Console.warn(ProgressLine.plain(snapshot))
            }
        }
        for note in execution.progress.notes.dropFirst(printed) { Console.warn(note) }
    }

    private func snapshot(
        _ progress: Engine.Progress, since begun: ContinuousClock.Instant, total: Int?,
        rate: inout RateMeter
    ) -> ProgressSnapshot {
        let settled = progress.accepted + progress.rejected + progress.invalid + progress.skipped
        rate.note(settled, at: ContinuousClock.now)
        // Reading is ahead of sending: what counts is the share that is settled of what was read.
        let share = progress.read > 0 ? min(1, Double(settled) / Double(progress.read)) : 1
        let done = Int(Double(progress.bytesRead) * share)
        return ProgressSnapshot(
            read: progress.read, accepted: progress.accepted, rejected: progress.rejected,
            invalid: progress.invalid,
            skipped: progress.skipped, parked: progress.parked, failed: progress.failed,
            inDoubt: progress.inDoubt,
            inFlight: progress.inFlight, recordsPerSecond: rate.perSecond,
            waitsFor: api.sender.statistics.waitingReason ?? progress.waitsFor,
            bytesRead: done,
            bytesTotal: total, elapsed: ContinuousClock.now - begun)
    }

    // MARK: The end

    /// - Returns: The ending, with what became of telling it.
    private func report(_ run: RunRow, _ plan: Plan, _ ending: RunResult) throws -> RunResult {
        guard let ended = try context.ledger.run(named: run.id.text) else { return ending }
        var ending = ending
        var rejects: RejectFiles.Written?
        do {
            let folder = try context.ledger.folder(of: run.id)
            rejects = try RejectFiles.write(
                run: ended, ledger: context.ledger, folder: folder, isMarked: true,
                key: Endpoint.named(ended.endpoint)?.key)
        } catch let error where !(error is LedgerError) {
            // The ledger has them all: nothing is lost but the lists.
            ending.conditions.insert(.passing)
            Console.complain(
                "the reject files cannot be written: \(SystemError.message(error)). "
                    + "Check the disk; `sluice report \(run.id)` writes them then.")
        }
        let report = try RunReport(
            run: ended, ledger: context.ledger, rejects: rejects, isHeld: false,
            hasQueue: plan.endpoint.hasQueue)
        if context.isPart {
            // Told with the others.
        } else if context.options.json {
            Console.print(try report.json(conditions: ending.conditions.sorted().map(\.word)))
        } else if !context.options.quiet {
            Console.print(report.text(width: 100))
        } else if ending.exitCode != 0 {
            Console.warn(report.warning(width: 100))
        }
        if let reason = ending.reason, !context.options.json { Console.complain(reason) }
        return ending
    }
}

/// How many a second, lately.
struct RateMeter {
    private var points: [(count: Int, at: ContinuousClock.Instant)] = []

    mutating func note(_ count: Int, at now: ContinuousClock.Instant) {
        points.append((count, now))
        points.removeAll { now - $0.at > .seconds(15) }
    }

    var perSecond: Double {
        guard let first = points.first, let last = points.last, last.at > first.at else { return 0 }
        let passed = (last.at - first.at) / .seconds(1)
        return Double(last.count - first.count) / passed
    }
}
