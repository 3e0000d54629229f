import App
import ArgumentParser

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export a listing of the API to CSV or JSON Lines.",
        discussion: """
            Examples:
              sluice export                                   (lists what can be exported)
              sluice export stores -o stores.csv --connection eu-prod

            Run the same command again after a stop to continue. While an export is
            unfinished, its file is called NAME.part.
            """)

    @Argument(help: "The listing: stores, transactions, customers …", completion: .listings)
    var what: String?

    @Option(
        name: .shortAndLong,
        help: "The file, .jsonl or .csv, optionally with .gz, .zst, .xz, .bz2 or .lz4.",
        completion: .dataFiles)
    var output: String?

    @OptionGroup var choice: ExportArguments

    @Flag(help: "Start again although an export to this file is unfinished.")
    var anew = false

    @Flag(help: "Show the number of requests and the time, and export nothing.")
    var plan = false

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        guard let what else { return Console.print(try ListingList.text(json: options.json)) }
        let (selection, options) = (choice.selection, options.app(connections))
        if plan { return try await Export.estimate(what, selection, to: output, options) }
        guard let output else {
            throw Failure(.usage, "name the output file: sluice export \(what) -o \(what).jsonl")
        }
        throw ExitCode(
            try await Export.run(what, selection, to: output, anew: anew, options))
    }
}
