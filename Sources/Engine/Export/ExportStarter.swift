import Foundation
package import Ledger
package import Model

/// From what an export is to be to one that may be executed.
package enum ExportStarter {
    /// Makes an export, or takes over the one that was at this file.
    ///
    /// - Parameters:
    ///   - series: Exports that are compared with each other; a job's name, else what is requested.
    ///   - isAnew: An unfinished one is given up.
    /// - Throws: ``RunStartError``: another unfinished one is at this file.
    package static func begin(
        _ order: ExportOrder, series: String, path: String, connection: Connection, org: String,
        ledger: Ledger, isAnew: Bool, environment: Environment
    ) async throws -> (row: ExportRow, order: ExportOrder, isResumed: Bool) {
        if let open = try ledger.openExport(to: path) {
            let now = environment.now()
            let files = FileManager.default
            if open.place.flatMap(ExportPlace.init(json:))?.isDone == true,
                files.fileExists(atPath: path), !files.fileExists(atPath: path + ".part")
            {
                // Its file has its name; only the ledger did not learn of it.
                try await ledger.endExport(
                    open.number, state: .finished, exitCode: 0, ending: "fine", columns: nil, at: now)
            } else if !isAnew {
                guard let frozen = ExportOrder(json: open.wanted), frozen.asksTheSame(as: order),
                    open.org == org
                else {
                    throw RunStartError(
                        .exportUnfinished(id: open.id, listing: open.listing, path: path))
                }
                try await ledger.reopenExport(open.number)
                return (open, frozen, true)
            } else {
                try await ledger.endExport(
                    open.number, state: .abandoned, exitCode: 0, ending: "abandoned", columns: nil,
                    at: now)
                try? files.removeItem(atPath: path + ".part")
            }
        }
        let now = environment.now()
        let row = try await ledger.beginExport(
            NewExport(
                id: RunStarter.name(at: now), series: series, listing: order.listing,
                connection: connection.name, org: org, wanted: order.json, path: path, started: now))
        return (row, order, false)
    }
}
