import Engine
import Foundation
import Ledger
import Model
import Reports

/// Removes what is old from the ledger, and the folders of the runs that are gone.
package enum Pruning {
    /// Removes what ended before that, and prints what is gone.
    ///
    /// - Parameters:
    ///   - age: How long ago a run has to have ended.
    ///   - shrink: Give free room back to the file system.
    package static func run(olderThan age: Duration, shrink: Bool, _ options: AppOptions) async throws {
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
            announce(runs, kept: kept, options)
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
        Console.print(PruneText.removed(pruned))
        Console.print("ledger: \(before.words) before, \(after.words) now")
    }

    /// What goes and what stays beside the ledger, before it does.
    private static func announce(
        _ runs: [PruneCandidate], kept: [PruneCandidate], _ options: AppOptions
    ) {
        guard !options.quiet else { return }
        let whole = runs.count { $0.isWhole } - kept.count
        if whole > 0 { Console.warn(PruneText.folders(whole)) }
        for run in kept {
            Console.warn(PruneText.kept(run, folder: "\(options.directory)/runs/\(run.id)"))
        }
    }
}
