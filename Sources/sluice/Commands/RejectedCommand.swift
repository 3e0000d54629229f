import App
import ArgumentParser
import Reports

struct RejectedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejected",
        abstract: "The API's own queue of rejected transactions: list, replay, give up.",
        discussion: """
            A bill that names an unknown item or payment mode may be parked at the server instead of booked. Once
            the master data is mended, the server replays it; it is never sent again.

            Example: sluice rejected list --error-code 683
                     sluice rejected retrigger --run RUN
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

    @Option(help: "Only bills whose error names this: an item code, a payment mode.")
    var errorValue: String?

    @Option(help: "Only bills of this customer, by the server's number.")
    var customer: String?

    @Option(help: "From this day on (YYYY-MM-DD); 30 days ago when left out.")
    var from: String?

    @Option(help: "Up to this day.")
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
            abstract: "What stands in the queue; all but what is booked, of the last 30 days.")

        @Argument(help: "Only these bills.")
        var bills: [String] = []

        @OptionGroup var selection: QueueArguments

        @Flag(help: "With the bills as they were sent (JSON and CSV). They hold personal data.")
        var payloads = false

        @Option(help: "table, json or csv.")
        var format: QueueTable.Format = .table

        @Option(name: .shortAndLong, help: "Write to this new file, readable by its owner alone.")
        var output: String?

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func run() async throws {
            try await QueueListing.list(
                bills, selection.plain, payloads: payloads, format: format, output: output,
                connection: connection, options.app(connections))
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retrigger",
            abstract: "Have the server check bills again and book those whose causes are mended.",
            discussion: """
                What is under way from an earlier call is followed first. Interrupted, it goes on with
                `sluice rejected status`.
                """)

        @Argument(help: "These bills.")
        var bills: [String] = []

        @Option(help: "The bills that this run left parked.")
        var run: String?

        @Flag(help: "All that are open.")
        var all = false

        @OptionGroup var selection: QueueArguments

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var yes = false

        @Option(help: "How many seconds to follow it.")
        var wait = 600

        @Option(help: "The connection; the run's, else that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func validate() throws {
            let isChosen =
                !bills.isEmpty || run != nil || all || selection.errorCode != nil
                || selection.errorValue != nil || selection.customer != nil
            if !isChosen {
                throw ValidationError(
                    "Name bills, or say --run, --error-code, --error-value, --customer or --all.")
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
            abstract: "Follow what is under way; the retriggers so far.")

        @Argument(help: "The server's number of a retrigger: how far it is.")
        var id: String?

        @Option(help: "How many seconds to follow what is under way.")
        var wait = 600

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func run() async throws {
            throw ExitCode(
                try await QueueListing.status(
                    of: id, wait: .seconds(wait), connection: connection, options.app(connections)))
        }
    }

    struct MarkFailed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mark-failed", abstract: "Give bills of the queue up for good.")

        @Argument(help: "These bills.")
        var bills: [String] = []

        @Option(
            help: "Bills with this error; without bills, only with --force: it takes every one of them."
        )
        var errorCode: Int?

        @Flag(help: "Mark every bill of the error code.")
        var force = false

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var yes = false

        @Option(help: "Why; the server keeps it.")
        var comment: String

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func validate() throws {
            if bills.isEmpty, errorCode == nil { throw ValidationError("Name the bills.") }
            if bills.isEmpty, !force {
                throw ValidationError(
                    "An error code alone takes every bill that has it, also those of others: name the bills, or say --force."
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
