import Engine
import Foundation
package import Jobs
import Ledger
import Model

/// A job that exports, as `sluice run` takes it.
package enum ExportRun {
    /// - Returns: The exit status.
    package static func run(
        _ job: ExportJob, over connection: String?, anew: Bool, _ options: AppOptions
    ) async throws -> Int32 {
        var choice = choice(job)
        choice.connection = connection ?? job.connection
        let file = file(of: job)
        let order = try choice.order(job.listing, output: file)
        let context = try AppContext(options)
        let line = try await context.connect(to: choice.connection, sending: false)
        let code: Int32
        do {
            code = try await ExportController(context: context, line: line).conduct(
                order, since: choice.since, series: "job " + job.name, output: file,
                isAnew: anew)
        } catch {
            await line.close()
            throw error
        }
        await line.close()
        await context.ledger.close()
        return code
    }

    /// What a job asks for, as the command would be told.
    package static func choice(_ job: ExportJob) -> ExportSelection {
        var choice = ExportSelection()
        choice.connection = job.connection
        choice.filters = job.filters.map { $0.name + "=" + $0.value }
        choice.keys = job.keys
        choice.by = job.by
        choice.from = job.from
        choice.to = job.to
        choice.since = job.since
        choice.columns = job.columns?.joined(separator: ",")
        choice.lists = job.lists
        choice.zone = job.zone
        choice.mask = job.masks
        choice.changedOnly = job.changedOnly
        choice.noDetails = !job.details
        return choice
    }

    /// Where it writes today.
    package static func file(of job: ExportJob) -> String {
        job.file.replacing("{date}", with: String(Environment.real.now().iso8601.prefix(10)))
    }
}
