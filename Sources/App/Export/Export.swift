import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// An export as a command asks for it.
package enum Export {
    /// Writes a listing to a file, or continues where that stopped; then the import job, if requested.
    ///
    /// - Parameters:
    ///   - what: The listing's name.
    ///   - output: The file; its ending says the form.
    ///   - anew: Begin again although an export to this file is unfinished.
    /// - Throws: ``Failure``, or what it translates.
    package static func run(
        _ what: String, _ selection: ExportSelection, to output: String, anew: Bool,
        _ options: AppOptions
    ) async throws -> ExitStatus {
        let order = try selection.order(what, output: output)
        let context = try AppContext(options)
        let api = try await context.connect(to: selection.connection, sending: false)
        let status = try await api.use {
            let status = try await ExportController(context: context, api: api).run(
                order, since: selection.since, series: nil, output: output, isAnew: anew)
            if status == .fine || status == .problems, selection.job {
                try writeJob(order, output, options)
            }
            return status
        }
        await context.ledger.close()
        return status
    }

    /// Prints how many requests that would take, and how long; writes nothing.
    ///
    /// - Parameter output: The file; nil: none is written, so its name does not matter.
    package static func estimate(
        _ what: String, _ selection: ExportSelection, to output: String?, _ options: AppOptions
    ) async throws {
        let order = try selection.order(what, output: output ?? selection.nameless)
        let context = try AppContext(options)
        let api = try await context.connect(to: selection.connection, sending: false)
        try await api.use { try await ExportEstimation(context: context, api: api).print(order) }
        await context.ledger.close()
    }

    private static func writeJob(
        _ order: ExportOrder, _ output: String, _ options: AppOptions
    ) throws {
        let path = ImportJob.path(of: output)
        let input =
            output.hasPrefix("/")
            ? output : FileManager.default.currentDirectoryPath + "/" + output
        guard let text = ImportJob.text(try ListingList.find(order.listing), order, export: input)
        else {
            return
        }
        if let there = try? String(contentsOfFile: path, encoding: .utf8), there != text {
            return Console.warn("\(path) exists already with other content and is left unchanged")
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        if !options.quiet {
            Console.print("\(path): import it with `sluice run \(path) --connection NAME`")
        }
    }
}
