import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// The history of one record.
package enum RecordLookup {
    /// Prints everything the ledger knows of one record, over all runs.
    ///
    /// - Parameter key: Of a record, or the number of a card that was made.
    /// - Returns: ``ExitStatus/problems`` where nothing is known.
    package static func explain(_ key: String, _ options: AppOptions) throws -> ExitStatus {
        let context = try AppContext(options)
        let history = try RecordHistory(
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
        if history.isEmpty, let (call, order) = try context.ledger.cardCall(of: key) {
            try print(call, order, of: key, options)
            return .fine
        }
        Console.print(options.json ? try history.json() : history.text(width: 100))
        for pending in try context.ledger.pending() where history.isEmpty && !options.quiet {
            Console.warn(
                "run \(pending.id) of \(pending.run.job) has not started: its input is not read yet")
        }
        return history.isEmpty ? .problems : .fine
    }

    /// Of a card that the server made.
    private static func print(
        _ call: CardCall, _ order: CardOrder, of key: String, _ options: AppOptions
    ) throws {
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
                + "  call \(call.number) of order \(order.number), requested at \(call.started.iso8601), one of "
                + "\(Wording.count(call.received, "card"))\n  written to \(order.path)")
    }
}
