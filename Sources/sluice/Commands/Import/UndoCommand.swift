import App
import ArgumentParser

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back what a run imported, where the API has a call for that.",
        discussion: """
            Examples:
              sluice undo --dry-run
              sluice undo RUN
              sluice undo RUN --yes

            Earned and imported badges, enrolments for badges and issued coupons are
            revoked, and customers who joined a group leave it: by the server's ids in the
            ledger, for the accepted records of the run and of its retries. Of other calls
            it says what to do instead.

            It is a run of its own, named undo-RUN: `sluice resume` and `sluice report`
            take it like any other, and what was taken back is not taken back twice. The
            records of the first run stay accepted in the ledger, so importing equal ones
            again skips them.
            """)

    @Argument(help: "The run; by default the newest.", completion: .runs)
    var run: String?

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Show what would be taken back, and send nothing.")
    var dryRun = false

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        var undo = Undo(of: run, options.app(connections))
        undo.yes = yes
        undo.dryRun = dryRun
        throw ExitCode(try await undo.send())
    }
}
