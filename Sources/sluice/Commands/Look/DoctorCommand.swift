import App
import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the ledger, the connections, the clock and the org's settings.",
        discussion: """
            Examples:
              sluice doctor
              sluice doctor eu-prod

            It sends one read for each connection, changes nothing and shows no secrets.

            Exit status: 0 no problem, or notes only · 2 a setting is wrong
            5 a server does not answer · 8 credentials are refused
            """)

    @Argument(
        help: "Check only this connection; by default all in the file.", completion: .connections)
    var connection: String?

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try await Diagnostics.report(connection: connection, options.app(connections)))
    }
}
