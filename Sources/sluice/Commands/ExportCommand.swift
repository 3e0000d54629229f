import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Pages of the API into CSV or JSON Lines, resumable.",
        discussion: """
            Example: sluice export stores -o stores.csv --connection eu-prod

            Said again after a stop, it goes on where it stopped. The file has its name once it is complete;
            until then it is NAME.part. `sluice export` by itself lists what can be exported.
            """)

    @Argument(help: "What: stores, transactions, customers …")
    var what: String?

    @Option(
        name: .shortAndLong,
        help: "The file, .jsonl or .csv, and .gz, .zst, .xz, .bz2 or .lz4 behind it to compress it.")
    var output: String?

    @OptionGroup var choice: ExportChoice

    @Flag(help: "Begin anew although an export to this file is unfinished.")
    var anew = false

    @Flag(help: "Tell how many requests it would take, and how long, and write nothing.")
    var plan = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        guard let what else { return Console.print(try ListingList.text(json: options.json)) }
        guard let output = output ?? (plan ? choice.selection.nameless : nil) else {
            throw Failure(.usage, "a file is wanted: sluice export \(what) -o \(what).jsonl")
        }
        let choice = choice.selection
        let order = try choice.order(what, output: output)
        let context = try AppContext(options.app(connections))
        let api = try await context.connect(to: choice.connection, sending: false)
        if plan {
            try await api.use { try await ExportEstimation(context: context, api: api).print(order) }
            return await context.ledger.close()
        }
        let status: ExitStatus
        do {
            status = try await ExportController(context: context, api: api).run(
                order, since: choice.since, series: nil, output: output,
                isAnew: anew)
        } catch {
            await api.close()
            throw error
        }
        if status == .fine || status == .problems, choice.job { try writeJob(order, output) }
        await api.close()
        await context.ledger.close()
        throw ExitCode(status)
    }

    private func writeJob(_ order: ExportOrder, _ output: String) throws {
        let path = ImportJob.path(of: output)
        let input =
            output.hasPrefix("/")
            ? output : FileManager.default.currentDirectoryPath + "/" + output
        guard let text = ImportJob.text(try ListingList.find(order.listing), order, export: input)
        else {
            return
        }
        if let there = try? String(contentsOfFile: path, encoding: .utf8), there != text {
            return Console.warn("\(path) is there already and says something else: it is left as it is")
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        if !options.quiet {
            Console.print("\(path): bring it in with `sluice run \(path) --connection NAME`")
        }
    }
}
