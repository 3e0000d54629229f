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
            Console.print(try Console.json(document(standing)))
        } else {
            Console.print(lines(standing).joined(separator: "\n"))
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
            try await context.ledger.adopt(found, besides: context.host.path, at: now)
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
            var document = document(standing)
            document["adopted_runs"] = found.unknownRuns.map(\.run)
            return Console.print(try Console.json(document))
        }
        guard !options.quiet else { return }
        if trustFrom == nil, found.isBehind || force {
            for run in found.unknownRuns { Console.print(line(run)) }
        }
        Console.print(lines(standing).joined(separator: "\n"))
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

    // MARK: Words

    private static func document(_ standing: LedgerStanding) -> [String: Any] {
        var document: [String: Any] = [
            "schema": 1, "id": standing.id, "counter": standing.counter, "behind": standing.isBehind,
            "findings": standing.findings,
            "unknown_runs": standing.unknownRuns.map { mark in
                [
                    "run": mark.run, "job": mark.job, "endpoint": mark.endpoint, "org": mark.org,
                    "connection": mark.connection, "started": mark.begun.iso8601,
                    "inputs": mark.inputs.map(\.path),
                ] as [String: Any]
            },
        ]
        if let adoption = standing.adoption {
            document["adopted"] = adoption.at.iso8601
            document["trust_from"] = adoption.trustFrom?.iso8601
        }
        return document
    }

    private static func lines(_ standing: LedgerStanding) -> [String] {
        var lines = ["ledger \(standing.id), counter \(standing.counter)"]
        guard !standing.isBehind else {
            lines += standing.findings.map { "older than what was sent: " + $0 }
            lines += standing.unknownRuns.map(line)
            return lines + [
                "Nothing is sent with it. Restore the newest copy, or use this one:",
                "  sluice ledger adopt",
            ]
        }
        guard let adoption = standing.adoption else {
            return lines + ["It is the newest one known."]
        }
        if let from = adoption.trustFrom {
            return lines + [
                "adopted \(adoption.at.iso8601); runs that start at \(from.iso8601) or later send without a look-up first"
            ]
        }
        return lines + [
            "adopted \(adoption.at.iso8601): each record is looked up before it is sent for the first time",
            "Run the jobs of the lost runs again, in their order; `sluice plan JOB` shows how many look-ups they need.",
            "Then end the look-ups:",
            "  sluice ledger adopt --trust-from DAY",
        ]
    }

    private static func line(_ mark: RunMark) -> String {
        let inputs = mark.inputs.map(\.name).joined(separator: ", ")
        return
            "  lost run \(mark.run): \(mark.job) (\(mark.jobFile)), \(mark.endpoint) to org \(mark.org) over "
            + "\(mark.connection), \(inputs)"
    }
}
