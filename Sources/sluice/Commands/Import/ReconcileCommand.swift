import App
import ArgumentParser

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Settle records in doubt without sending new ones, or decide them yourself.",
        discussion: """
            Examples:
              sluice reconcile
              sluice reconcile RUN --accept BILL-17 --reason "seen in member care"

            What no look-up can settle, you decide: --accept and --resend name records by
            the key that `sluice explain` takes; the reason is kept in their history.
            """)

    @Argument(
        help:
            "The run; by default all unfinished ones, or with --accept and --resend the newest of them.",
        completion: .unfinished
    )
    var run: String?

    @Option(parsing: .upToNextOption, help: "Records in doubt that the server has, as you have seen.")
    var accept: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "Records in doubt that the server does not have: send them again.")
    var resend: [String] = []

    @Option(help: "The reason; stored with the records.")
    var reason: String?

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func validate() throws {
        let decides = !accept.isEmpty || !resend.isEmpty
        if decides, (reason ?? "").isEmpty {
            throw ValidationError(
                "--accept and --resend need a --reason, which is stored with the records.")
        }
        if !decides, reason != nil {
            throw ValidationError("--reason needs --accept or --resend.")
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
