import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Ledger
import Model
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
        let context = try AppContext(options.app())
        let rows = try chosen(context)
        if let successes { return try write(successes, rows[0], context.ledger) }
        // Of a single run on a terminal the rest is not read.
        let isWhole = options.json || format != .text
        let reports = try rows.map { try report($0, context, isWhole: isWhole) }
        let isPeriod = rows.count > 1 || job != nil
        let all =
            isPeriod
            ? try Set(rows.map(\.job)).flatMap { try context.ledger.runs(job: $0, limit: .max) } : []
        let overview = Overview(
            reports, failures: try FailureReport(runs: all, ledger: context.ledger))
        let text = try overview.text(options.json ? .json : format, width: 100)
        try Console.deliver(text, to: output, quiet: options.quiet)
    }

    /// The newest first; at least one.
    private func chosen(_ context: AppContext) throws -> [RunRow] {
        if !runs.isEmpty {
            var seen = Set<Int64>()
            return try runs.map { name in
                try context.ledger.run(named: name) == nil
                    ? context.ledger.pending(named: name)?.run ?? context.run(name) : context.run(name)
            }.filter { seen.insert($0.number).inserted }
                .sorted { $0.number > $1.number }
        }
        guard job != nil || last != nil || since != nil || until != nil else {
            if !options.quiet {
                for pending in try context.ledger.pending() {
                    Console.warn(
                        "run \(pending.id) of \(pending.run.job) has not begun: `sluice report \(pending.id)`"
                    )
                }
            }
            return [try context.run(nil)]
        }
        func day(_ text: String?, _ name: String) throws -> Int? {
            guard let text else { return nil }
            guard let day = CivilDay(iso8601: text) else {
                throw Failure(.usage, "\(name) \(text): a day such as 2026-02-03 is wanted.")
            }
            return day.daysSinceEpoch
        }
        let from = try day(since, "--since") ?? .min
        let to = try day(until, "--until") ?? .max
        let rows = try context.ledger.runs(job: job, limit: .max).filter { run in
            let day = Int(run.started.milliseconds.flooringDivided(by: 86_400_000))
            return (from...max(from, to)).contains(day)
        }
        guard !rows.isEmpty else {
            throw Failure(.usage, "there is no such run. `sluice runs` lists them.")
        }
        return last.map { Array(rows.prefix($0)) } ?? rows
    }

    private func report(_ row: RunRow, _ context: AppContext, isWhole: Bool) throws -> RunReport {
        let isHeld = (try? JobLock.take(job: row.job, in: options.directory)) == nil
        let isPruned =
            try row.state == .pending || context.ledger.prunedRun(run: row.number) != nil
        let folder = isPruned ? "" : try context.ledger.folder(of: row.id)
        // A process that died after its last record may not have come to writing them.
        let rejects =
            isHeld || isPruned
            ? try RejectFiles.latest(in: folder)
            : try RejectFiles.write(
                run: row, ledger: context.ledger, folder: folder, isMarked: !plain,
                key: Endpoint.named(row.endpoint)?.key)
        return try RunReport(
            run: row, ledger: context.ledger, rejects: rejects, isHeld: isHeld, showData: showData,
            hasQueue: Endpoint.named(row.endpoint)?.hasQueue ?? true, isWhole: isWhole)
    }

    private func write(_ path: String, _ run: RunRow, _ ledger: Ledger) throws {
        guard let key = Endpoint.named(run.endpoint)?.key else {
            throw Failure(.usage, "this sluice does not know the endpoint \(run.endpoint).")
        }
        let count = try Console.newFile(path) {
            try SuccessFile.write(run: run, ledger: ledger, path: path, key: key)
        }
        if !options.quiet { Console.warn("\(path): \(Wording.count(count, "accepted record"))") }
    }
}

extension Overview.Format: ExpressibleByArgument {}
