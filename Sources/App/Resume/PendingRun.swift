import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Mapping
import Model
import Records
import Reports

/// A run between its command and its beginning. Should the process die or the server not be reached, `resume`
/// tries it again under this name.
struct PendingRun {
    let id: RunID
    private let job: String
    /// It was in the ledger before this command.
    private let isOld: Bool
    /// It is in the ledger.
    private let isKept: Bool

    /// - Parameter again: The one that is tried again.
    static func note(
        _ job: Job, as id: RunID, _ source: JobSource, over connection: String?,
        again: PendingRow?, _ context: AppContext
    ) async throws -> PendingRun {
        if let again { return PendingRun(id: again.id, job: job.name, isOld: true, isKept: true) }
        let isKept = canBeReadAgain(job.patterns + (job.join?.lines ?? []))
        if isKept {
            _ = try await context.ledger.begin(
                new(
                    id, job.name, endpoint: job.endpoint.name, source,
                    over: connection ?? job.connection), isGone: isGone)
        } else {
            try await context.ledger.removePending(ofJob: job.name)
        }
        return PendingRun(id: id, job: job.name, isOld: false, isKept: isKept)
    }

    /// Notes what it is going to read.
    func reads(_ files: [InputFile], _ context: AppContext) async throws {
        guard isKept else { return }
        try await context.ledger.note(pending: id, files: Self.marks(of: files))
    }

    private static func marks(of files: [InputFile]) -> [PendingFile] {
        files.map {
            PendingFile(
                path: $0.path, member: $0.member, name: $0.name,
                mark: (try? ExportTarget.mark(of: $0.path)) ?? "")
        }
    }

    /// Whether others are there now, or nothing.
    private static func isGone(_ files: [PendingFile]) -> Bool {
        files.contains { (try? ExportTarget.mark(of: $0.path)) != $0.mark }
    }

    /// Notes why it has not started. What has to be set right first, or is another's, leaves nothing behind; one
    /// that `resume` tried again stays.
    ///
    /// - Returns: What to throw.
    func keep(_ error: any Error, _ context: AppContext) async -> any Error {
        try? FileManager.default.removeItem(atPath: context.options.directory + "/runs/" + id.text)
        guard isKept else { return error }
        let failure = error as? Failure ?? Failure(translating: error)
        if let failure, [.usage, .held].contains(failure.status), !isOld {
            try? await context.ledger.remove(pending: id)
            return error
        }
        try? await context.ledger.end(
            pending: id, ending: failure?.message ?? "\(error)",
            exitCode: Int((failure?.status ?? .defect).rawValue), at: Environment.real.now())
        guard var failure, !context.options.json else { return error }
        failure.message +=
            " Run \(id) of \(job) has not started: `sluice resume \(id)`, or the job's next run."
        return failure
    }

    /// Notes a run that another command begins later.
    ///
    /// - Parameter job: The import whose files it is going to read.
    static func leave(
        _ name: String, endpoint: String, _ source: JobSource, over connection: String,
        because failure: Failure, reading job: Job? = nil, _ context: AppContext
    ) async throws {
        let id = RunStarter.name()
        _ = try await context.ledger.begin(
            new(id, name, endpoint: endpoint, source, over: connection),
            isGone: isGone)
        if let job, job.input.command == nil,
            let files = try? InputList.resolve(
                job.patterns, options: job.input,
                relativeTo: FileManager.default.currentDirectoryPath)
        {
            try await context.ledger.note(pending: id, files: marks(of: files))
        }
        try await context.ledger.end(
            pending: id, ending: failure.message, exitCode: Int(failure.status.rawValue),
            at: Environment.real.now())
    }

    private static func new(
        _ id: RunID, _ job: String, endpoint: String, _ source: JobSource, over connection: String
    ) -> NewPending {
        NewPending(
            id: id, job: job, jobText: source.text,
            jobFile: source.path.hasPrefix("/")
                ? source.path : FileManager.default.currentDirectoryPath + "/" + source.path,
            directory: FileManager.default.currentDirectoryPath, connection: connection,
            endpoint: endpoint, started: Environment.real.now())
    }

    /// Whether the input is there a second time: a pipe is read once, and only by the command that has it.
    private static func canBeReadAgain(_ patterns: [String]) -> Bool {
        patterns.allSatisfy { $0 != "-" && !Spool.isOnceOnly($0) }
    }
}
