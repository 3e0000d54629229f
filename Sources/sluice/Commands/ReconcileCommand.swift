import App
import ArgumentParser

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Settle what is in doubt; send nothing new.",
        discussion: """
            What no look can settle, you can: --accept and --resend name records by the key that
            `sluice explain` takes, and --reason keeps why in their story.

            Example: sluice reconcile --accept BILL-17 --reason "seen in the member care screen"
            """)

    @Argument(help: "The run; all unfinished ones when left out, or to decide, the newest of them.")
    var run: String?

    @Option(parsing: .upToNextOption, help: "Records in doubt that landed, as you have seen.")
    var accept: [String] = []

    @Option(parsing: .upToNextOption, help: "Records in doubt that did not land: they go again.")
    var resend: [String] = []

    @Option(help: "Why; kept with the records.")
    var reason: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func validate() throws {
        let decides = !accept.isEmpty || !resend.isEmpty
        if decides, (reason ?? "").isEmpty {
            throw ValidationError("--accept and --resend need a --reason: it is kept with the records.")
        }
        if !decides, reason != nil {
            throw ValidationError("--reason goes with --accept or --resend.")
        }
    }

    func run() async throws {
        let options = options.app(connections)
        if let reason {
            return try await ManualDecision.decide(
                run, accept: accept, resend: resend, reason: reason, options)
        }
        throw ExitCode(try await Resumption.run(run, options, isSettlingOnly: true))
    }
}
