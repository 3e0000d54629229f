import App
import ArgumentParser
import Reports

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Runs in figures and reasons, and what to do next.",
        discussion: """
            Example: sluice report
                     sluice report --format html -o night.html
                     sluice report --job nightly --last 7 --format markdown
            """)

    @Argument(help: "The runs; the newest when left out.")
    var runs: [String] = []

    @Option(help: "The runs of this job, with what is open over all of them.")
    var job: String?

    @Option(help: "How many of the job's runs, the newest.")
    var last: Int?

    @Option(help: "Runs begun on this day or later (YYYY-MM-DD, UTC).")
    var since: String?

    @Option(help: "Runs begun on this day or earlier.")
    var until: String?

    @Option(help: "text, json, csv (for spreadsheets), html (one file) or markdown.")
    var format: Overview.Format = .text

    @Option(name: .shortAndLong, help: "Write to this new file, readable by its owner alone.")
    var output: String?

    @Flag(help: "Show keys and the server's words as they are. They may hold personal data.")
    var showData = false

    @Flag(help: "Write the files for sending again without the column that ties them to their records.")
    var plain = false

    @Option(help: "Write what was accepted to this new file: key, server id, warnings.")
    var successes: String?

    @OptionGroup var options: StateOptions

    func validate() throws {
        let isPeriod = job != nil || last != nil || since != nil || until != nil
        if isPeriod, !runs.isEmpty { throw ValidationError("Name runs, or a job and a period.") }
        if let last, last < 1 { throw ValidationError("--last wants a number above 0.") }
        if successes != nil, isPeriod || runs.count > 1 {
            throw ValidationError("--successes is of one run.")
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
