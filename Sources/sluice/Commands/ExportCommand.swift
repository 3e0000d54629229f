import App
import ArgumentParser

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

    @OptionGroup var choice: ExportArguments

    @Flag(help: "Begin anew although an export to this file is unfinished.")
    var anew = false

    @Flag(help: "Tell how many requests it would take, and how long, and write nothing.")
    var plan = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        guard let what else { return Console.print(try ListingList.text(json: options.json)) }
        let (selection, options) = (choice.selection, options.app(connections))
        if plan { return try await Export.estimate(what, selection, to: output, options) }
        guard let output else {
            throw Failure(.usage, "a file is wanted: sluice export \(what) -o \(what).jsonl")
        }
        throw ExitCode(
            try await Export.run(what, selection, to: output, anew: anew, options))
    }
}
