import Engine
import Ledger
import Model
import Reports

/// Closes runs, or records of them.
package enum Abandonment {
    /// - Parameters:
    ///   - run: Its name.
    ///   - records: Keys of records, or `record:N`; empty: the run itself is closed.
    ///   - reason: Kept with the records, or with the run.
    /// - Throws: ``Failure`` where a key names no open record, or several; then none is closed.
    package static func close(
        _ run: String, records: [String], reason: String?, _ options: AppOptions
    ) async throws {
        let context = try AppContext(options)
        if records.isEmpty, try context.ledger.run(named: run) == nil,
            let pending = try context.ledger.pending(named: run)
        {
            let lock = try context.lock(pending.run.job, sending: false)
            defer { withExtendedLifetime(lock) {} }
            try await context.ledger.remove(pending: pending.id)
            await context.ledger.close()
            return say("run \(pending.id) is closed: it had not started", options)
        }
        let row = try context.run(run)
        let lock = try context.lock(row.job, sending: false)
        defer { withExtendedLifetime(lock) {} }
        let now = Environment.real.now()
        if records.isEmpty {
            try await context.ledger.abandon(run: row.number, because: reason, at: now)
            SpoolFolder(context).sweep()
            say("run \(row.id) is closed", options)
        } else {
            let places = try open(records, of: row, context.ledger)
            try await context.ledger.close(
                places, because: reason ?? "", note: LedgerText.closed(because: reason ?? ""), at: now)
            say("\(Wording.count(places.count, "record")) of run \(row.id) closed", options)
        }
        await context.ledger.close()
    }

    /// The open records of these keys: all of them, or none is closed.
    private static func open(
        _ records: [String], of run: RunRow, _ ledger: Ledger
    ) throws -> [RecordPlace] {
        var found: [String: [OpenFailure]] = [:]
        let family = try ledger.family(of: run.number)
        try ledger.openFailures(of: family.map(\.number)) { failure in
            let names = [
                failure.row.trouble.key, "record:\(failure.row.record)", failure.id.description,
            ]
            for name in Set(names) where records.contains(name) {
                // A number names a record of the run that was requested.
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
                    "run \(run.id) has no open record \(key), that is one rejected, invalid or failed, and neither repaired nor "
                        + "closed. `sluice report \(run.id)` lists the open records.")
            }
            guard failures.count == 1 else {
                throw Failure(
                    .usage,
                    "several open records have the key \(key): name one of "
                        + failures.prefix(10).map(\.id.description).joined(separator: ", ") + ".")
            }
            places.append(RecordPlace(run: one.run.number, record: one.row.record))
        }
        return places
    }

    private static func say(_ words: String, _ options: AppOptions) {
        if !options.quiet { Console.warn(words) }
    }
}
