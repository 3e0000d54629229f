import ArgumentParser
import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What is going on, and what waits for a next step.")

    @OptionGroup var options: StateOptions

    func run() async throws {
        let ledger = try Ledger.open(at: options.directory)
        let report = try StatusReport(ledger: ledger) { (job: String) -> Bool in
            (try? JobLock.take(job: job, in: options.directory)) == nil
        }
        Console.print(options.json ? try report.json() : report.text(width: 100))
    }
}

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "What has been, the newest first.")

    @Option(help: "Only of this job.")
    var job: String?

    @Option(help: "How many.")
    var limit = 50

    @OptionGroup var options: StateOptions

    func run() async throws {
        let ledger = try Ledger.open(at: options.directory)
        let list = try RunList(ledger: ledger, job: job, limit: limit) { job in
            (try? JobLock.take(job: job, in: options.directory)) == nil
        }
        Console.print(options.json ? try list.json() : list.text(width: 100))
    }
}

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "One run in figures and reasons.")

    @Argument(help: "The run; the newest when left out.")
    var run: String?

    @Flag(help: "Show keys and the server's words as they are. They may hold personal data.")
    var showData = false

    @Flag(help: "Write the files for sending again without the column that ties them to their records.")
    var plain = false

    @Option(help: "Write what was accepted to this new file: key, server id, warnings.")
    var successes: String?

    @OptionGroup var options: StateOptions

    func run() async throws {
        let bench = try Workbench(options, ConnectionOptions.parse([]))
        let row = try bench.run(run)
        if let successes { return try write(successes, row, bench.ledger) }
        let isHeld = (try? JobLock.take(job: row.job, in: options.directory)) == nil
        let isPruned = try bench.ledger.tombstone(run: row.number) != nil
        let folder = isPruned ? "" : try bench.ledger.folder(of: row.id)
        // A process that died after its last record may not have come to writing them.
        let rejects =
            isHeld || isPruned
            ? try RejectFiles.latest(in: folder)
            : try RejectFiles.write(
                run: row, ledger: bench.ledger, folder: folder, isMarked: !plain,
                key: Endpoint.named(row.endpoint)?.key)
        let report = try RunReport(
            run: row, ledger: bench.ledger, rejects: rejects, isHeld: isHeld, showData: showData,
            hasQueue: Endpoint.named(row.endpoint)?.hasQueue ?? true)
        Console.print(options.json ? try report.json() : report.text(width: 100))
    }
}

extension ReportCommand {
    private func write(_ path: String, _ run: RunRow, _ ledger: Ledger) throws {
        guard let key = Endpoint.named(run.endpoint)?.key else {
            throw Failure(.usage, "this sluice does not know the endpoint \(run.endpoint).")
        }
        let count: Int
        do {
            count = try SuccessFile.write(run: run, ledger: ledger, path: path, key: key)
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw Failure(.usage, "\(path) is there already: nothing is overwritten.")
        }
        if !options.quiet { Console.warn("\(path): \(Wording.count(count, "accepted record"))") }
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Everything the ledger knows of one record, over all runs.")

    @Argument(help: "The record's key: a bill number.")
    var key: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        let bench = try Workbench(options, ConnectionOptions.parse([]))
        let story = try Story(
            key: key, ledger: bench.ledger,
            locate: { run, record, evidence in
                guard let plan = try? bench.frozenPlan(of: run) else { return nil }
                return Rereading.place(
                    of: record, evidence: evidence, run: run, plan: plan, ledger: bench.ledger)
            }
        ) { (endpoint: String, evidence: Evidence) -> String in
            Endpoint.named(endpoint).map { $0.key(evidence) } ?? ""
        }
        Console.print(options.json ? try story.json() : story.text(width: 100))
        if story.isEmpty { throw ExitCode(ExitStatus.problems.rawValue) }
    }
}
