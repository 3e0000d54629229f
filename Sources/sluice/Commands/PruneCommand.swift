import App
import ArgumentParser
import Jobs

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract:
            "Remove old data from the ledger: rows of records that were not accepted, and the history of old runs.",
        discussion: """
            Example, for cron:
              sluice prune --older-than 90d --quiet

            It removes the rows of records that were not accepted, the history of old
            runs, and their folders. A run with open rejects keeps its folder, because
            their rows exist nowhere else; sluice says so before it removes anything. Send
            them again, or close them with `sluice abandon RUN --records`.

            What prevents a repeat is never removed: the totals of a run, every key that
            was accepted or is pending, in doubt or parked, and which record repaired
            which. Records that were not repaired before can no longer be sent again from
            the ledger. Pruning may be interrupted, and may run while runs are active.
            """)

    @Option(help: "Prune runs that ended longer ago than this: 90d, 12h.")
    var olderThan: String

    @Flag(
        help:
            "Return free space to the file system. Needs the same space again while it works, and runs wait for it."
    )
    var shrink = false

    @OptionGroup(title: "Common options") var options: StateOptions

    func run() async throws {
        guard let age = Quantity.duration(olderThan) else {
            throw Failure(.usage, "--older-than \(olderThan): expected a time such as 90d or 12h.")
        }
        try await Pruning.run(olderThan: age, shrink: shrink, options.app())
    }
}
