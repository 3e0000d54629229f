import App
import ArgumentParser
import Reports

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show runs: counts, reasons, files, and what to do next.",
        discussion: """
            Examples:
              sluice report
              sluice report --format html -o night.html
              sluice report --job nightly --last 7 --format markdown
            """)

    @Argument(help: "The runs; by default the newest.", completion: .runs)
    var runs: [String] = []

    @Option(
        help: "The runs of this job, with the records still open over all of them.",
        completion: .jobNames)
    var job: String?

    @Option(help: "The number of runs, newest first.")
    var last: Int?

    @Option(help: "Runs started on this day or later (YYYY-MM-DD, UTC).")
    var since: String?

    @Option(help: "Runs started on this day or earlier.")
    var until: String?

    @Option(help: "The format: text, json, csv (for spreadsheets), html (one file) or markdown.")
    var format: Overview.Format = .text

    @Option(
        name: .shortAndLong, help: "Write to this new file, readable only by you.",
        completion: .dataFiles)
    var output: String?

    @Flag(help: "Show keys and server messages unmasked. They may hold personal data.")
    var showData = false

    @Flag(help: "Write the reject files without the `_sluice` column.")
    var plain = false

    @Option(
        help: "Write the accepted records to this new file: key, server id, warnings.",
        completion: .dataFiles)
    var successes: String?

    @OptionGroup(title: "Common options") var options: StateOptions

    func validate() throws {
        let isPeriod = job != nil || last != nil || since != nil || until != nil
        if isPeriod, !runs.isEmpty { throw ValidationError("Name runs, or a job and a period.") }
        if let last, last < 1 { throw ValidationError("--last: expected a number of 1 or more.") }
        if successes != nil, isPeriod || runs.count > 1 {
            throw ValidationError("--successes needs one run.")
        }
    }

    func run() async throws {
        var report = RunReporting(options.app())
        report.runs = runs
        report.job = job
        report.last = last
        report.since = since
        report.until = until
        report.format = format
        report.output = output
        report.showData = showData
        report.plain = plain
        report.successes = successes
        try report.write()
    }
}

extension Overview.Format: ExpressibleByArgument {}
