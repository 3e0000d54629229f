import Engine
import Ledger
import Model
import Reports

/// Runs jobs that send no records: exports, cards, the server's queue. Such a job continues where it stopped when it is
/// run again.
protocol SelfResumingRunner: JobRunner {
    /// The job's connection.
    var connection: String { get }
    /// What a pending run of it is listed with, in the place of an endpoint.
    var endpoint: String { get }

    /// - Parameters:
    ///   - connection: Another one than the job's.
    ///   - anew: Begin again although one is unfinished.
    func perform(over connection: String?, anew: Bool, _ context: AppContext) async throws -> ExitStatus
}

extension SelfResumingRunner {
    func run(_ request: RunRequest, in context: AppContext) async throws -> ExitStatus {
        try await begin(
            over: request.connection, anew: request.unfinished == .leave, pending: nil, context)
    }

    func resume(_ pending: PendingRow, in context: AppContext) async throws -> ExitStatus {
        try await Console.muted(if: context.isPart) {
            try await begin(
                over: pending.run.connection, anew: false, pending: pending, context)
        }
    }

    /// - Parameter pending: The run that could not begin before, and does so now.
    private func begin(
        over connection: String?, anew: Bool, pending: PendingRow?, _ context: AppContext
    ) async throws -> ExitStatus {
        do {
            let status = try await perform(over: connection, anew: anew, context)
            try await context.ledger.removePending(ofJob: name)
            return status
        } catch {
            // Only a server that could not be reached, or refused the credentials, leaves something to try again.
            guard let failure = Failure(translating: error), error is RunStartError,
                [.passing, .authentication].contains(failure.status)
            else {
                try? await context.ledger.removePending(ofJob: name)
                throw error
            }
            Console.warn(
                "\(name) has not started: `sluice resume` tries again, and so does its next run.")
            if let pending {
                try? await context.ledger.end(
                    pending: pending.id, ending: failure.message,
                    exitCode: Int(failure.status.rawValue), at: Environment.real.now())
            } else {
                try? await PendingRun.leave(
                    name, endpoint: endpoint, source, over: connection ?? self.connection,
                    because: failure, context)
            }
            throw error
        }
    }
}
