import App
import ArgumentParser

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check that the ledger is the newest one; adopt a restored one.",
        subcommands: [Show.self, Adopt.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show the ledger's id and counter, and any sign that it is older than what was sent.",
            discussion: "Exit status 9: the ledger is older than what was sent.")

        @OptionGroup(title: "Common options") var options: StateOptions

        func run() async throws {
            throw ExitCode(try await LedgerStatus.show(options.app()))
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use a ledger that was restored from a backup, or copied.",
            discussion: """
                Examples:
                  sluice ledger adopt
                  sluice ledger adopt --trust-from 2026-12-05

                It imports what the folders of lost runs show. From then on, each record that
                the ledger would send for the first time is looked up first: what is on the
                server is skipped, and what may be there is listed. Calls without a look-up
                send nothing. `sluice plan JOB` shows how many look-ups a job needs.

                Once all lost runs have been run again, --trust-from ends the look-ups for
                runs that begin on a given day or later.
                """)

        @Option(
            help: "End the look-ups for runs that start then or later: a day (UTC), a time, or `now`.")
        var trustFrom: String?

        @Flag(
            help:
                "Adopt it although no sign shows that it is older, as after restoring a whole machine.")
        var force = false

        @OptionGroup(title: "Common options") var options: StateOptions

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
