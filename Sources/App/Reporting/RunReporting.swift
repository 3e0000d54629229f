import Catalog
import Engine
import Foundation
import Ledger
import Model
package import Reports

/// A report on runs: which, and how it is written.
package struct RunReporting {
    /// Names of runs; empty: those of the job and the period, else the newest.
    package var runs: [String] = []
    /// Only runs of this job, with what is open over all of them.
    package var job: String?
    /// How many of them, the newest, from 1 on.
    package var last: Int?
    /// The first day on which a run may have started, YYYY-MM-DD in UTC.
    package var since: String?
    /// The last such day.
    package var until: String?
    /// How it is written.
    package var format: Overview.Format = .text
    /// A new file; nil: stdout.
    package var output: String?
    /// Keys and the server's words are shown as they are.
    package var showData = false
    /// Files for sending again lack the column that ties them to their records.
    package var plain = false
    /// A new file of what was accepted; nothing else is written then.
    package var successes: String?
    let options: AppOptions

    package init(_ options: AppOptions) { self.options = options }

    /// Writes the report to stdout or to its file.
    ///
    /// - Throws: ``Failure`` where there is no such run, or the file exists already.
    package func write() throws {
        let context = try AppContext(options)
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
                        "run \(pending.id) of \(pending.run.job) has not started: `sluice report \(pending.id)`"
                    )
                }
            }
            return [try context.run(nil)]
        }
        func day(_ text: String?, _ name: String) throws -> Int? {
            guard let text else { return nil }
            guard let day = CivilDay(iso8601: text) else {
                throw Failure(.usage, "\(name) \(text): expected a day such as 2026-02-03.")
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
        // A pruned run has its folder only where something in it is open.
        let folder =
            isPruned
            ? options.directory + "/runs/" + row.id.text : try context.ledger.folder(of: row.id)
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
            throw Failure(.usage, "this version of sluice does not know the endpoint \(run.endpoint).")
        }
        let count = try Console.newFile(path) {
            try SuccessFile.write(run: run, ledger: ledger, path: path, key: key)
        }
        if !options.quiet { Console.warn("\(path): \(Wording.count(count, "accepted record"))") }
    }
}
