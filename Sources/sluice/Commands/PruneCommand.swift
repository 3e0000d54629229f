import App
import ArgumentParser
import Jobs

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
        try await Pruning.run(olderThan: age, shrink: shrink, options.app())
    }
}
