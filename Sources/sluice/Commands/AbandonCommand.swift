import App
import ArgumentParser
import Engine
import Ledger
import Model
import Reports

struct AbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Close a run for good, or records of it that nobody will fix.",
        discussion: """
            The evidence stays, and what may have arrived stays reserved.

            --records closes single records that were rejected, invalid or failed, in the run and in those that
            retried it, by the keys that `sluice explain` takes, or record:N. They keep their outcome, and no
            list asks for them any more. What is in doubt is for `sluice reconcile`, what is parked for `sluice
            rejected`.

            Example: sluice abandon RUN --records BILL-17 BILL-18 --reason "test data, agreed with the store"
            """)

    @Argument(help: "The run.")
    var run: String

    @Option(
        parsing: .upToNextOption,
        help: "Only these records, by their keys; the run itself stays as it is.")
    var records: [String] = []

    @Option(help: "Why; kept with the records, or with the run.")
    var reason: String?

    @OptionGroup var options: StateOptions

    func validate() throws {
        if !records.isEmpty, (reason ?? "").isEmpty {
            throw ValidationError("--records needs a --reason: it is kept with the records.")
        }
    }

    func run() async throws {
        let context = try AppContext(options.app())
        if records.isEmpty, try context.ledger.run(named: run) == nil,
            let pending = try context.ledger.pending(named: run)
        {
            let lock = try context.lock(pending.run.job, sending: false)
            defer { withExtendedLifetime(lock) {} }
            try await context.ledger.remove(pending: pending.id)
            await context.ledger.close()
            return say("run \(pending.id) is closed: it had not begun")
        }
        let row = try context.run(run)
        let lock = try context.lock(row.job, sending: false)
        defer { withExtendedLifetime(lock) {} }
        let now = Environment.real.now()
        if records.isEmpty {
            try await context.ledger.abandon(run: row.number, because: reason, at: now)
            SpoolFolder(context).sweep()
            say("run \(row.id) is closed")
        } else {
            let places = try chosen(of: row, context.ledger)
            try await context.ledger.close(places, because: reason ?? "", at: now)
            say("\(Wording.count(places.count, "record")) of run \(row.id) closed")
        }
        await context.ledger.close()
    }

    /// The open records of these keys: all of them, or none is closed.
    private func chosen(of run: RunRow, _ ledger: Ledger) throws -> [RecordPlace] {
        var found: [String: [OpenFailure]] = [:]
        let family = try ledger.family(of: run.number)
        try ledger.openFailures(of: family.map(\.number)) { failure in
            let names = [
                failure.row.trouble.key, "record:\(failure.row.record)", failure.id.description,
            ]
            for name in Set(names) where records.contains(name) {
                // A number names a record of the run that was asked for.
                if name == names[1], failure.run.number != run.number { continue }
                found[name, default: []].append(failure)
            }
            return true
        }
        var places: [RecordPlace] = []
        for key in records {
            let failures = found[key] ?? []
            guard let one = failures.first else {
                throw Failure(
                    .usage,
                    "nothing of run \(run.id) is open under \(key): rejected, invalid or failed, not repaired, not "
                        + "closed. `sluice report \(run.id)` lists what is.")
            }
            guard failures.count == 1 else {
                throw Failure(
                    .usage,
                    "several records are open under \(key): name one of "
                        + failures.prefix(10).map(\.id.description).joined(separator: ", ") + ".")
            }
            places.append(RecordPlace(run: one.run.number, record: one.row.record))
        }
        return places
    }

    private func say(_ words: String) {
        if !options.quiet { Console.warn(words) }
    }
}
