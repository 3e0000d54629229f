import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Runs jobs that export a listing into a file.
struct ExportRunner: SelfResumingRunner {
    let job: ExportJob
    let source: JobSource

    var name: String { job.name }
    var connection: String { job.connection }
    var endpoint: String { "export " + job.listing }

    func perform(over connection: String?, anew: Bool, _ context: AppContext) async throws -> ExitStatus
    {
        let order = try selection.order(job.listing, output: file)
        let context = try AppContext(context.options)
        let api = try await context.connect(to: connection ?? job.connection, sending: false)
        let status = try await api.use {
            try await ExportController(context: context, api: api).run(
                order, since: job.since, series: "job " + job.name, output: file, isAnew: anew)
        }
        await context.ledger.close()
        return status
    }

    /// Asks the server how much there is.
    func estimate(_ options: AppOptions) async throws {
        let context = try AppContext(options)
        let api = try await context.connect(to: job.connection, sending: false)
        let order = try selection.order(job.listing, output: file)
        try await api.use { try await ExportEstimation(context: context, api: api).print(order) }
        await context.ledger.close()
    }

    func importJob() throws -> Job {
        throw Failure(
            .usage,
            "\(source.path): the job \(job.name) is an export; use it with `sluice run`.")
    }

    /// What the job asks for, as the options of `sluice export` say it.
    private var selection: ExportSelection {
        var selection = ExportSelection()
        selection.connection = job.connection
        selection.filters = job.filters.map { $0.name + "=" + $0.value }
        selection.keys = job.keys
        selection.by = job.by
        selection.from = job.from
        selection.to = job.to
        selection.since = job.since
        selection.columns = job.columns?.joined(separator: ",")
        selection.lists = job.lists
        selection.zone = job.zone
        selection.mask = job.masks
        selection.changedOnly = job.changedOnly
        selection.noDetails = !job.details
        return selection
    }

    /// Where it writes today.
    private var file: String {
        job.file.replacing("{date}", with: String(Environment.real.now().iso8601.prefix(10)))
    }
}
