import App
import ArgumentParser

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Whether the ledger is the newest of itself; taking an older one into use.",
        subcommands: [Show.self, Adopt.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Its id and counter, and what tells of more than it knows.",
            discussion: "Exit status 9: it is older than what was sent on it.")

        @OptionGroup var options: StateOptions

        func run() async throws {
            throw ExitCode(try await LedgerStatus.show(options.app()))
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a ledger into use that was restored from a backup, or copied.",
            discussion: """
                It takes up what the folders of lost runs tell. From then on, each record that the ledger would send
                for the first time is looked up before; what is there is skipped, what may be there is listed, and
                calls that cannot be looked up send nothing. `sluice plan JOB` shows what the looks cost. That ends
                for runs that begin on a day you name, once all that the lost runs sent has been run again:

                Example: sluice ledger adopt
                         sluice ledger adopt --trust-from 2026-12-05
                """)

        @Option(
            help: "End the looks for runs that begin then or later: a day (UTC), an instant, or `now`.")
        var trustFrom: String?

        @Flag(help: "Although nothing tells that it is older: a whole machine was restored.")
        var force = false

        @OptionGroup var options: StateOptions

        func validate() throws {
            if force, trustFrom != nil {
                throw ValidationError("--force and --trust-from exclude each other.")
            }
        }

        func run() async throws {
            try await LedgerStatus.adopt(trustFrom: trustFrom, force: force, options.app())
        }
    }
}
