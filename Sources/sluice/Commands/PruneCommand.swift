import App
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
            With a pruned run goes its folder of lists. One whose rejects are still open is kept: their rows
            stand nowhere else then, and it is said before anything is removed. Send them again, or close them
            with `sluice abandon RUN --records`.

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
        let now = Environment.real.now()
        // Held until the end, so that nothing begins to read what is being removed.
        var locks: [String: JobLock] = [:]
        var kept: [PruneCandidate] = []
        let pruned = try await ledger.prune(endedBefore: now - age, at: now) { job in
            if locks[job] != nil { return false }
            guard let lock = try? JobLock.take(job: job, in: options.directory) else { return true }
            locks[job] = lock
            return false
        } announce: { runs in
            kept = runs.filter { $0.isWhole && $0.open > 0 }
            announce(runs, kept: kept)
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
                    "exports": pruned.exports, "kept_folders": kept.map(\.id.text),
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

    /// What goes and what stays beside the ledger, before it does.
    private func announce(_ runs: [PruneCandidate], kept: [PruneCandidate]) {
        guard !options.quiet else { return }
        let whole = runs.count { $0.isWhole }
        if whole > kept.count {
            Console.warn(
                "\(Wording.count(whole - kept.count, "run folder")) with lists of rejects and reasons \(whole - kept.count == 1 ? "goes" : "go") too"
            )
        }
        for run in kept {
            Console.warn(
                "kept, for \(Wording.count(run.open, "record")) in it \(run.open == 1 ? "is" : "are") open: "
                    + "\(options.directory)/runs/\(run.id)")
        }
    }
}
