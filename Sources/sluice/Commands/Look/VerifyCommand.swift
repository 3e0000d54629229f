import App
import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read accepted records back from the server, and compare them with what was sent.",
        discussion: """
            Examples:
              sluice verify
              sluice verify RUN --all

            Fields that were not sent are not compared. Sent fields that the server does
            not show are listed.

            Exit status: 0 all checked records are as sent · 1 some differ or are missing
            5 the server did not answer for some
            """)

    @Argument(help: "The run; by default the newest.", completion: .runs)
    var run: String?

    @Option(help: "Check this number of accepted records, chosen at random.")
    var sample = 100

    @Flag(help: "Check all accepted records.")
    var all = false

    @Option(help: "Use this connection instead of the run's.", completion: .connections)
    var connection: String?

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        guard sample > 0 else { throw Failure(.usage, "--sample: expected a number of 1 or more.") }
        throw ExitCode(
            try await Verification.verify(
                run, sample: all ? nil : sample, connection: connection, options.app(connections)))
    }
}
