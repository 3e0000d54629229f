import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

extension ImportRun {
    /// Continues with what is unfinished of a job, the oldest first, then begins a run of it; last, with what that
    /// may have freed. For cron: no night needs a hand that the night before did not ask for.
    ///
    /// - Returns: The exit status that weighs most.
    func resumeAndBegin(_ job: Job, _ source: JobSource, over connection: String?)
        async throws
        -> ExitStatus
    {
        let lock = try context.lock(job.name)
        defer { withExtendedLifetime(lock) {} }
        let open = try context.ledger.openRuns(job: job.name)
        if let stopped = open.first(where: { [3, 9].contains($0.exitCode) }) {
            Console.complain(Self.refusal(stopped))
            return stopped.exitCode == 9 ? .unbalanced : .stopped
        }
        let before = try context.ledger.replacedRuns(job: job.name)
        guard !open.isEmpty else {
            let status = try await start(job, source, over: connection)
            return ExitStatus.worst(of: [status, try listed(job, since: before)])
        }
        var context = context
        // Several are one document.
        context.isPart = context.isPart || context.options.json
        let run = ImportRun(context: context)
        let closesInput = Self.isThere(job)
        var sequence = RunSequence(context.ledger)
        for row in open {
            var unreachable: RunStartError?
            let status = try await sequence.perform(row.id) {
                do {
                    return try await run.resume(
                        locked: row, isSettlingOnly: false, closesInput: closesInput) ?? .fine
                } catch let error as RunStartError where error.code == .unreachable {
                    unreachable = error
                    throw error
                }
            }
            guard status.letsTheNextBegin else {
                Console.complain("no new run of \(job.name) starts until run \(row.id) is resolved.")
                return try finish(sequence, context)
            }
            if let unreachable, row.connection == connection ?? job.connection {
                // The server is not asked twice: what was to begin waits for it.
                try await PendingRun.leave(
                    job.name, endpoint: job.endpoint.name, source, over: row.connection,
                    because: Failure(.passing, unreachable.text), reading: job, context)
                return try finish(sequence, context)
            }
        }
        let id = RunStarter.name()
        let status = try await sequence.perform(id) {
            try await run.start(job, source, over: connection, named: id)
        }
        // What was added to an input of an earlier one is in this one.
        if [.fine, .problems].contains(status) {
            for row in open { try sequence.passOverGrowth(of: row.id) }
        }
        while !sequence.worst.endsAll, let row = try sequence.nextToRetry() {
            _ = try await sequence.perform(row.id) {
                try await run.resume(locked: row, isSettlingOnly: false, closesInput: closesInput)
                    ?? .fine
            }
        }
        return ExitStatus.worst(of: [try finish(sequence, context), try listed(job, since: before)])
    }

    /// What runs that never began are now listed with.
    private func listed(_ job: Job, since before: Int) throws -> ExitStatus {
        try context.ledger.replacedRuns(job: job.name) > before ? .problems : .fine
    }

    private func finish(_ sequence: RunSequence, _ context: AppContext) throws -> ExitStatus {
        if context.options.json, !self.context.isPart {
            try Resumption.printSummary(of: sequence, context)
        }
        return sequence.worst
    }

    private static func refusal(_ run: RunRow) -> String {
        let ending = run.ending.map { ": \($0)" } ?? ""
        return run.exitCode == 9
            ? "the counts of run \(run.id) of \(run.job) do not balance\(ending). Nothing is continued or started: "
                + "`sluice report \(run.id)`."
            : "run \(run.id) of \(run.job) was stopped\(ending). Nothing is continued or started until that is resolved: "
                + "fix the cause, then `sluice resume \(run.id)`; or close the run with `sluice abandon \(run.id)`."
    }

    /// Whether there is an input to begin with: where there is none, what a run has read is perhaps out of
    /// reach for a while, and not replaced.
    private static func isThere(_ job: Job) -> Bool {
        // A program is asked when the run begins, not before.
        if job.input.command != nil { return true }
        let files = try? InputList.resolve(
            job.patterns, options: job.input,
            relativeTo: FileManager.default.currentDirectoryPath)
        return files?.isEmpty == false
    }
}
