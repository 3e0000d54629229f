import Catalog
import Engine
package import Jobs
package import Ledger
import Model

/// Jobs that send no records: exports, cards, the server's queue. Each goes on by itself when it is run again.
package struct OtherRun {
    package let context: AppContext

    package init(context: AppContext) { self.context = context }

    /// - Parameter pending: The run that could not begin before, and does so now.
    package func begin(
        _ file: JobFile, text: String, path: String, over connection: String?, anew: Bool,
        pending: PendingRow? = nil
    ) async throws -> ExitStatus {
        do {
            let status = try await perform(file, over: connection, anew: anew)
            try await context.ledger.removePending(ofJob: file.name)
            return status
        } catch {
            // Before its org is known nothing of it stands anywhere.
            guard let failure = Failure(translating: error), error is RunStartError,
                [.passing, .authentication].contains(failure.status)
            else {
                try? await context.ledger.removePending(ofJob: file.name)
                throw error
            }
            Console.warn(
                "\(file.name) has not begun: `sluice resume` tries it again, and so does its next run.")
            if let pending {
                try? await context.ledger.end(
                    pending: pending.id, ending: failure.message,
                    exitCode: Int(failure.status.rawValue), at: Environment.real.now())
            } else {
                try? await Pending.leave(
                    file, endpoint: Self.kind(file), text: text, path: path,
                    over: connection ?? Self.connection(file), because: failure, context)
            }
            throw error
        }
    }

    private func perform(_ file: JobFile, over connection: String?, anew: Bool) async throws
        -> ExitStatus
    {
        switch file {
        case .queue(let job):
            return try await QueueRun.run(job, connection, context.options)
        case .cards(let job):
            let code = try await CardRun(job, over: connection, context.options).run()
            return ExitStatus(rawValue: code) ?? .defect
        case .export(let job):
            let code = try await ExportRun.run(
                job, over: connection, anew: anew, context.options)
            return ExitStatus(rawValue: code) ?? .defect
        case .records, .plan: return .usage
        }
    }

    private static func kind(_ file: JobFile) -> String {
        switch file {
        case .records(let job): job.endpoint.name
        case .export(let job): "export " + job.listing
        case .queue: "rejected"
        case .cards: "cards"
        case .plan: "plan"
        }
    }

    private static func connection(_ file: JobFile) -> String {
        switch file {
        case .records(let job): job.connection
        case .export(let job): job.connection
        case .queue(let job): job.connection
        case .cards(let job): job.connection
        case .plan: ""
        }
    }
}
