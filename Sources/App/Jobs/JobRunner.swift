import Foundation
import Jobs
import Ledger
import Records

/// A job file as it was read.
struct JobSource: Sendable {
    /// As it was named; relative to the working directory.
    var path: String
    var text: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

/// Runs the jobs of one kind.
protocol JobRunner: Sendable {
    /// The job's.
    var name: String { get }

    var source: JobSource { get }

    /// - Throws: ``Failure`` where the request makes no sense for this kind. Called before the ledger is opened.
    func check(_ request: RunRequest) throws

    /// Runs the job as one command.
    ///
    /// - Returns: The exit status, which the data decides.
    /// - Throws: ``Failure``, or an error that ``Failure/init(translating:)`` knows, where the run did not begin or
    ///   could not end.
    func run(_ request: RunRequest, _ options: AppOptions) async throws -> ExitStatus

    /// Runs the job as one of several that share a context. The caller closes the ledger.
    func run(_ request: RunRequest, in context: AppContext) async throws -> ExitStatus

    /// Begins a run that could not begin before. The job file is as it is now.
    func resume(_ pending: PendingRow, in context: AppContext) async throws -> ExitStatus

    /// Prints what a run would send or read, and sends nothing that changes anything.
    func estimate(_ options: AppOptions) async throws

    /// The job, for commands that take its records.
    ///
    /// - Throws: ``Failure`` for a job of another kind: names the command that takes it.
    func importJob() throws -> Job
}

extension JobRunner {
    func check(_ request: RunRequest) throws {}

    func run(_ request: RunRequest, _ options: AppOptions) async throws -> ExitStatus {
        try check(request)
        let context = try AppContext(options)
        let status = try await run(request, in: context)
        await context.ledger.close()
        return status
    }

    func estimate(_ options: AppOptions) async throws { _ = try importJob() }
}

extension JobFile {
    /// The only place that tells the kinds of jobs apart.
    func runner(_ source: JobSource) -> any JobRunner {
        switch self {
        case .records(let job): ImportRunner(job: job, source: source)
        case .export(let job): ExportRunner(job: job, source: source)
        case .cards(let job): CardsRunner(job: job, source: source)
        case .queue(let job): QueueRunner(job: job, source: source)
        case .plan(let plan): PlanRunner(plan, source: source)
        }
    }
}

/// Reads job files.
enum JobLoader {
    /// - Throws: ``Failure`` where the file cannot be read; `JobError` where it is no valid job.
    static func load(_ path: String) throws -> any JobRunner {
        let text: String
        do {
            text = try WholeText.read(path)
        } catch {
            throw Failure(
                .usage, "\(path): the job file cannot be read: \(error.message). Check the name.")
        }
        do {
            return try parse(JobSource(path: path, text: text))
        } catch {
            throw OpenGaps.explained(error, in: text, path)
        }
    }

    /// - Throws: `JobError`
    static func parse(_ source: JobSource) throws -> any JobRunner {
        try JobFile.parse(yaml: source.text, file: source.path).runner(source)
    }

    /// A job that imports records.
    ///
    /// - Throws: As ``load(_:)``; ``Failure`` where it is a job of another kind.
    static func importJob(at path: String) throws -> (job: Job, text: String) {
        let runner = try load(path)
        return (try runner.importJob(), runner.source.text)
    }
}
