import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// Whether the ledger is the newest of itself, and taking an older one into use.
package enum LedgerStatus {
    /// Prints its id and counter, and what tells of more than it knows.
    ///
    /// - Returns: ``ExitStatus/unbalanced`` where it is older than what was sent on it.
    package static func show(_ options: AppOptions) async throws -> ExitStatus {
        let context = try AppContext(options)
        let standing = try context.ledger.standing(besides: context.host.path)
        if options.json {
            Console.print(try Console.json(StandingText.document(standing)))
        } else {
            Console.print(StandingText.lines(standing).joined(separator: "\n"))
        }
        await context.ledger.close()
        return standing.isBehind ? .unbalanced : .fine
    }

    /// Takes over a ledger that was restored or copied, or ends the look-ups of one that was adopted.
    ///
    /// - Parameters:
    ///   - trustFrom: Runs that begin then or later look nothing up first: a day, an instant or `now`; nil: adopt.
    ///   - force: Adopt although nothing tells that the ledger is older.
    package static func adopt(trustFrom: String?, force: Bool, _ options: AppOptions) async throws {
        let context = try AppContext(options)
        let now = Environment.real.now()
        let found = try context.ledger.standing(besides: context.host.path)
        if let trustFrom {
            try await trust(trustFrom, context, found, at: now)
        } else if found.isBehind || force {
            try await context.ledger.adopt(
                found, besides: context.host.path, ending: LedgerText.knownByFolder, at: now)
        } else if !options.quiet {
            Console.warn(
                found.adoption?.looksFirst(begun: now) == true
                    ? "the ledger is already adopted: nothing to do"
                    : "there is no sign that the ledger is older than what was sent: nothing to do. --force adopts it anyway"
            )
        }
        let standing = try context.ledger.standing(besides: context.host.path)
        await context.ledger.close()
        if options.json {
            var document = StandingText.document(standing)
            document["adopted_runs"] = found.unknownRuns.map(\.run)
            return Console.print(try Console.json(document))
        }
        guard !options.quiet else { return }
        if trustFrom == nil, found.isBehind || force {
            for run in found.unknownRuns { Console.print(StandingText.line(run)) }
        }
        Console.print(StandingText.lines(standing).joined(separator: "\n"))
    }

    private static func trust(
        _ text: String, _ context: AppContext, _ found: LedgerStanding, at now: Timestamp
    ) async throws {
        guard let from = text == "now" ? now : DayOrInstant.read(text) else {
            throw Failure(
                .usage,
                "--trust-from \(text): expected a day such as 2026-12-05, a time with its offset, or `now`."
            )
        }
        try context.ledger.refuseIfBehind(besides: context.host.path)
        guard try await context.ledger.trust(from: from) else {
            throw Failure(
                .usage, "the ledger was not adopted: it needs no --trust-from.")
        }
    }
}
