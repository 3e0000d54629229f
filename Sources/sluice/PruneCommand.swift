import ArgumentParser
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract:
            "Remove what is old from the ledger: rows of what did not land, and the story of old runs.",
        discussion: """
            A run's totals stay, and so does every key that was brought in, is pending, in doubt or parked, and
            which record repaired which: nothing is sent again because of it. What was not repaired by then can
            no longer be sent again from the ledger. May be interrupted, and called while runs go on.

            Example, for cron: sluice prune --older-than 90d --quiet
            """)

    @Option(help: "Only runs that ended longer ago: 90d, 12h.")
    var olderThan: String

    @Flag(
        help:
            "Give free room back to the file system. Needs as much again meanwhile, and holds up runs.")
    var shrink = false

    @OptionGroup var options: StateOptions

    func run() async throws {
        guard let age = Quantity.duration(olderThan) else {
            throw Failure(.usage, "--older-than \(olderThan): a time is written as 90d or 12h.")
        }
        let ledger = try Ledger.open(at: options.directory)
        let before = try ledger.size()
        let now = Surroundings.real.now()
        // Held until the end, so that nothing begins to read what is being removed.
        var locks: [String: JobLock] = [:]
        let pruned = try await ledger.prune(endedBefore: now - age, at: now) { job in
            if locks[job] != nil { return false }
            guard let lock = try? JobLock.take(job: job, in: options.directory) else { return true }
            locks[job] = lock
            return false
        }
        defer { withExtendedLifetime(locks) {} }
        // Also of those that an earlier call was killed over.
        for name in try ledger.prunedRuns() {
            try? FileManager.default.removeItem(atPath: options.directory + "/runs/" + name.text)
        }
        SpoolFolder(options.directory, ledger).sweep()
        if shrink { try await ledger.shrink() } else { await ledger.close() }
        let after = try ledger.size()
        if options.json {
            return Console.print(
                try Console.json([
                    "schema": 1, "runs": pruned.runs, "payloads": pruned.payloads,
                    "attempts": pruned.attempts, "chunks": pruned.chunks, "card_answers": pruned.cards,
                    "exports": pruned.exports,
                    "ledger_bytes_before": before.bytes, "ledger_bytes": after.bytes,
                    "ledger_free_bytes": after.free,
                ]))
        }
        guard !options.quiet else { return }
        Console.print(
            "\(Wording.count(pruned.runs, "run")) pruned: \(Wording.count(pruned.payloads, "row")) of what did not "
                + "land, \(Wording.count(pruned.attempts, "attempt")), "
                + "\(Wording.count(pruned.chunks, "stretch", "stretches")) of records without a key"
                + (pruned.exports > 0
                    ? "; the items of \(Wording.count(pruned.exports, "export"))" : "")
                + (pruned.cards > 0
                    ? "; \(Wording.count(pruned.cards, "answer")) with numbers of cards" : ""))
        Console.print("ledger: \(before.words) before, \(after.words) now")
    }
}
