import App
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
        let report = try StatusReport(ledger: ledger, isWriting: options.app().isWriting) { job in
            options.app().isHeld(job)
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
        var list = try RunList(ledger: ledger, job: job, limit: limit, isHeld: options.app().isHeld)
        list.exports =
            job == nil
            ? try ExportList(ledger: ledger, limit: limit, isHeld: options.app().isWriting) : nil
        Console.print(options.json ? try list.json() : list.text(width: 100))
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Everything the ledger knows of one record, over all runs.")

    @Argument(help: "The record's key: a bill number; or the number of a card that was made.")
    var key: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        let context = try AppContext(options.app())
        let story = try RecordHistory(
            key: key, ledger: context.ledger,
            locate: { run, record, evidence in
                guard let plan = try? context.frozenPlan(of: run) else { return nil }
                return RecordLocator.place(
                    of: record, evidence: evidence, run: run, plan: plan, ledger: context.ledger)
            },
            details: { Endpoint.named($0)?.details($1) ?? [] }
        ) { (endpoint: String, evidence: Evidence) -> String in
            Endpoint.named(endpoint).map { $0.key(evidence) } ?? ""
        }
        if story.isEmpty, let (call, order) = try context.ledger.cardCall(of: key) {
            return try tell(call, order)
        }
        Console.print(options.json ? try story.json() : story.text(width: 100))
        for pending in try context.ledger.pending() where story.isEmpty && !options.quiet {
            Console.warn(
                "run \(pending.id) of \(pending.run.job) has not begun: its input is not read yet")
        }
        if story.isEmpty { throw ExitCode(ExitStatus.problems.rawValue) }
    }

    /// Of a card that the server made.
    private func tell(_ call: CardCall, _ order: CardOrder) throws {
        if options.json {
            return Console.print(
                try Console.json([
                    "schema": 1, "key": key, "card_call": call.number, "order": order.number,
                    "series": call.series, "asked": call.started.iso8601, "file": order.path,
                    "org": order.org, "connection": order.connection,
                ]))
        }
        Console.print(
            "\(key): a card of series \(call.series), made for org \(order.org) over \(order.connection)\n"
                + "  call \(call.number) of order \(order.number), asked for at \(call.started.iso8601), one of "
                + "\(Wording.count(call.received, "card"))\n  written to \(order.path)")
    }
}
