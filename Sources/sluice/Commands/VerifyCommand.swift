import App
import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read accepted records back from the server, and compare them with what was sent.",
        discussion: """
            Example: sluice verify 20260203T141500-7k2m9qd4xz --all

            Exit status 0: all that were checked are there as they were sent; 1: some differ or are missing; 5: the server
            did not say of some. Fields that were not sent are not compared; which of the sent ones the server does not
            show is told.
            """)

    @Argument(help: "The run; else the newest.")
    var run: String?

    @Option(help: "So many of its accepted records, chosen by chance.")
    var sample = 100

    @Flag(help: "All of them.")
    var all = false

    @Option(help: "Another connection than the run's.")
    var connection: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        guard sample > 0 else { throw Failure(.usage, "--sample: a number from 1 on is wanted.") }
        throw ExitCode(
            try await Verification.verify(
                run, sample: all ? nil : sample, connection: connection, options.app(connections)))
    }
}
