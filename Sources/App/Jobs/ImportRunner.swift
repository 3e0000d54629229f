import Jobs
import Ledger

/// Runs jobs that import records.
struct ImportRunner: JobRunner {
    let job: Job
    let source: JobSource

    var name: String { job.name }

    func run(_ request: RunRequest, in context: AppContext) async throws -> ExitStatus {
        let run = ImportRun(context: context)
        var unfinished = request.unfinished
        if job.resumesByItself, unfinished != .leave { unfinished = .resumeFirst }
        switch unfinished {
        case .resumeFirst:
            return try await run.resumeAndBegin(job, source, over: request.connection)
        case .resumeInstead:
            if let open = try context.ledger.openRuns(job: job.name).last,
                let status = try await run.resume(open, isSettlingOnly: false)
            {
                return status
            }
        case .refuse, .leave: break
        }
        return try await run.begin(
            job, source, over: request.connection, anew: unfinished == .leave)
    }

    func resume(_ pending: PendingRow, in context: AppContext) async throws -> ExitStatus {
        try await ImportRun(context: context).begin(
            job, source, over: pending.run.connection, anew: true, pending: pending)
    }

    func estimate(_ options: AppOptions) async throws {
        try SendEstimation.run(job, source, options)
    }

    func importJob() throws -> Job { job }
}
