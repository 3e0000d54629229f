import App
import ArgumentParser

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show the first rows beside the records they become, to edit a mapping and check it.",
        discussion: """
            Examples:
              sluice preview nightly.yaml
              sluice preview nightly.yaml --rows 50 --text | less
              sluice preview nightly.yaml --where "bill_no = 'B-1002'"
              sluice preview nightly.yaml --json | jq '.records[].item'

            It shows each record with the rows it is made of, invalid ones with the reason,
            and the rows that the job leaves out. It reads only the rows it shows; with
            --where, up to the last of them. Later rows of the same group are not read.
            It opens no ledger, sends nothing and looks nothing up: `sluice validate`
            checks the whole input.

            On a terminal it prints a table, elsewhere one JSON document. Both contain
            personal data.
            """)

    @Argument(help: "The job file.", completion: .jobFiles)
    var job: String

    @Option(name: .shortAndLong, help: "The number of rows to show.")
    var rows = 10

    @Option(
        name: .customLong("where"),
        help: "Show only rows for which this expression is true, written as in the job's `where`.")
    var filter: String?

    @Flag(help: "Print the table even if the output is not a terminal.")
    var text = false

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func validate() throws {
        if text, options.json { throw ValidationError("--text and --json exclude each other.") }
    }

    func run() async throws {
        try PreviewRequest(rows: rows, filter: filter, isText: text)
            .run(job, options.app(connections))
    }
}
