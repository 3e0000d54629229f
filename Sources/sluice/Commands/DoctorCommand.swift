import App
import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the ledger, the connections, the clock and the org's settings that matter.",
        discussion: """
            Sends one read for each connection, and changes nothing. Tells no secrets.

            Exit status 0: all is well, or worth a note at most; 2: the settings are wrong; 5: a server does not answer;
            8: credentials are refused.
            """)

    @Argument(help: "Only this connection; else all that are in the file.")
    var connection: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try await Diagnostics.report(connection: connection, options.app(connections)))
    }
}
