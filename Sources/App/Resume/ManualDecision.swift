import Engine
import Ledger
import Model
import Reports

/// Settles records in doubt as a person has decided.
package enum ManualDecision {
    /// - Parameters:
    ///   - name: Of the run; nil: the newest unfinished one.
    ///   - accept: Keys of records that were imported.
    ///   - resend: Keys of records that were not: they are sent again.
    ///   - reason: Kept with the records.
    /// - Throws: ``Failure`` where a key names no record in doubt; then nothing is decided.
    package static func decide(
        _ name: String?, accept: [String], resend: [String], reason: String, _ options: AppOptions
    ) async throws {
        let context = try AppContext(options)
        guard
            let row = try name.map({ try context.run($0) }) ?? context.ledger.openRuns().last
        else {
            throw Failure(.usage, "no run is unfinished: nothing is in doubt.")
        }
        let lock = try context.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        let decided: [ManualResolution.Decided]
        do {
            decided = try await ManualResolution.take(
                [
                    ManualResolution(.accepted, keys: accept),
                    ManualResolution(.sendAgain, keys: resend),
                ],
                because: reason, run: row, ledger: context.ledger, environment: .real)
        } catch let refused as ManualResolution.Refused {
            throw Failure(
                .usage, refused.text + ". `sluice report \(row.id)` lists what is in doubt.")
        }
        await context.ledger.close()
        guard !options.quiet else { return }
        for one in decided {
            Console.warn("\(one.key): \(one.kind == .accepted ? "taken as accepted" : "sent again")")
        }
        Console.warn("next: sluice resume \(row.id)")
    }
}
