import App
import ArgumentParser
import Reports

struct RejectedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejected",
        abstract: "The server's queue of rejected transactions: list, retrigger, mark as failed.",
        discussion: """
            Examples:
              sluice rejected list --error-code 683
              sluice rejected retrigger --run RUN

            The server may park a bill that names an unknown item or payment mode instead
            of booking it. Once the master data is fixed, the server checks the bill again
            and books it; sluice never sends it again.
            """,
        subcommands: [List.self, Replay.self, Status.self, MarkFailed.self])
}

/// Which bills of the queue.
struct QueueArguments: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help:
            "Only these states: open, partial-fixed, fixed, replayed, max-out, permanent-failed, success."
    )
    var status: [String] = []

    @Option(help: "Only bills with this error, such as 683.")
    var errorCode: Int?

    @Option(help: "Only bills whose error names this item code or payment mode.")
    var errorValue: String?

    @Option(help: "Only bills of this customer, by the server's id.")
    var customer: String?

    @Option(help: "The first day (YYYY-MM-DD); by default 30 days ago.")
    var from: String?

    @Option(help: "The last day.")
    var to: String?

    /// The same as plain values.
    var plain: QueueSelection {
        var selection = QueueSelection()
        selection.status = status
        selection.errorCode = errorCode
        selection.errorValue = errorValue
        selection.customer = customer
        selection.from = from
        selection.to = to
        return selection
    }
}

extension RejectedCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "List the bills in the queue; by default those of the last 30 days that are not booked."
        )

        @Argument(help: "Only these bills.")
        var bills: [String] = []

        @OptionGroup var selection: QueueArguments

        @Flag(help: "Include the bills as they were sent (JSON and CSV). They hold personal data.")
        var payloads = false

        @Option(help: "The format: table, json or csv.")
        var format: QueueTable.Format = .table

        @Option(
            name: .shortAndLong, help: "Write to this new file, readable only by you.",
            completion: .dataFiles)
        var output: String?

        @Option(
            help: "The connection; by default that of the newest run.", completion: .connections)
        var connection: String?

        @OptionGroup(title: "Common options") var options: StateOptions
        @OptionGroup(title: "Common options") var connections: ConnectionOptions

        func run() async throws {
            try await QueueListing.list(
                bills, selection.plain, payloads: payloads, format: format, output: output,
                connection: connection, options.app(connections))
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retrigger",
            abstract: "Have the server check bills again and book those whose cause is fixed.",
            discussion: """
                Examples:
                  sluice rejected retrigger --run RUN
                  sluice rejected retrigger --error-code 683 --yes

                An unfinished earlier retrigger is followed first. After an interruption,
                continue with `sluice rejected status`.
                """)

        @Argument(help: "The bills, by number.")
        var bills: [String] = []

        @Option(help: "The parked bills of this run.", completion: .runs)
        var run: String?

        @Flag(help: "All open ones.")
        var all = false

        @OptionGroup var selection: QueueArguments

        @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
        var yes = false

        @Option(help: "How long to follow it, in seconds.")
        var wait = 600

        @Option(
            help: "The connection; by default that of the run, or of the newest run.",
            completion: .connections)
        var connection: String?

        @OptionGroup(title: "Common options") var options: StateOptions
        @OptionGroup(title: "Common options") var connections: ConnectionOptions

        func validate() throws {
            let isChosen =
                !bills.isEmpty || run != nil || all || selection.errorCode != nil
                || selection.errorValue != nil || selection.customer != nil
            if !isChosen {
                throw ValidationError(
                    "Name bills, or use --run, --error-code, --error-value, --customer or --all.")
            }
        }

        func run() async throws {
            var replay = QueueReplay(options.app(connections))
            replay.bills = bills
            replay.run = run
            replay.selection = selection.plain
            replay.yes = yes
            replay.wait = .seconds(wait)
            replay.connection = connection
            throw ExitCode(try await replay.run())
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow an unfinished retrigger; list the retriggers so far.")

        @Argument(help: "The server's id of a retrigger, to show its progress.")
        var id: String?

        @Option(help: "How long to follow an unfinished retrigger, in seconds.")
        var wait = 600

        @Option(
            help: "The connection; by default that of the newest run.", completion: .connections)
        var connection: String?

        @OptionGroup(title: "Common options") var options: StateOptions
        @OptionGroup(title: "Common options") var connections: ConnectionOptions

        func run() async throws {
            throw ExitCode(
                try await QueueListing.status(
                    of: id, wait: .seconds(wait), connection: connection, options.app(connections)))
        }
    }

    struct MarkFailed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mark-failed", abstract: "Mark bills of the queue as failed for good.")

        @Argument(help: "The bills, by number.")
        var bills: [String] = []

        @Option(
            help:
                "Bills with this error. Without bill numbers it needs --force, because it marks all of them."
        )
        var errorCode: Int?

        @Flag(help: "Mark every bill with the error code.")
        var force = false

        @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
        var yes = false

        @Option(help: "The reason; the server stores it.")
        var comment: String

        @Option(
            help: "The connection; by default that of the newest run.", completion: .connections)
        var connection: String?

        @OptionGroup(title: "Common options") var options: StateOptions
        @OptionGroup(title: "Common options") var connections: ConnectionOptions

        func validate() throws {
            if bills.isEmpty, errorCode == nil { throw ValidationError("Name the bills.") }
            if bills.isEmpty, !force {
                throw ValidationError(
                    "An error code alone marks every bill that has it, also those of other systems: name the bills, or use --force."
                )
            }
        }

        func run() async throws {
            var giveUp = QueueGiveUp(comment: comment, options.app(connections))
            giveUp.bills = bills
            giveUp.errorCode = errorCode
            giveUp.yes = yes
            giveUp.connection = connection
            throw ExitCode(try await giveUp.run())
        }
    }
}

extension QueueTable.Format: ExpressibleByArgument {}
