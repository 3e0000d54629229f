import App
import ArgumentParser
import Records

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract:
            "Send again what was rejected, failed or invalid, from the ledger or from a mended file.",
        discussion: """
            Of a run and of all that retried it, by default what may pass now: passing troubles, and reasons
            whose cause may have been mended, such as a customer that was not yet imported. The input itself
            may be gone. What has landed is never sent again, however often this is called.

            Examples: sluice retry
                      sluice retry RUN --reason customer-unknown
                      sluice retry RUN --from rejects.csv
            """)

    @Argument(help: "The run; the newest when left out.")
    var run: String?

    @Option(
        parsing: .upToNextOption,
        help: "Only these reasons, or classes: fix-data, try-later, already-done, needs-person.")
    var reason: [String] = []

    @Option(parsing: .upToNextOption, help: "Only the records of these keys, or record:N.")
    var key: [String] = []

    @Flag(help: "All that are open.")
    var all = false

    @Option(
        parsing: .upToNextOption,
        help:
            "Mended files: each record is tied to the one it repairs by its `_sluice` cell, else by its key."
    )
    var from: [String] = []

    @Option(
        help:
            "How the mended files are encoded: utf-8, utf-16, windows-1252 (what Excel calls ANSI), latin-1."
    )
    var encoding: String?

    @Flag(help: "With --from: send records that repair nothing of the run as new ones.")
    var asNew = false

    @Flag(help: "Say what would be sent, and send nothing.")
    var dryRun = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func validate() throws {
        let choices = [!reason.isEmpty, !key.isEmpty, all, !from.isEmpty].count { $0 }
        if choices > 1 {
            throw ValidationError("--reason, --key, --all and --from exclude each other.")
        }
        if encoding != nil, from.isEmpty { throw ValidationError("--encoding goes with --from.") }
        if let encoding, InputOptions.Encoding(rawValue: encoding) == nil {
            let known = InputOptions.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--encoding is one of \(known).")
        }
        if asNew, from.isEmpty { throw ValidationError("--as-new goes with --from.") }
    }

    func run() async throws {
        var retry = Retry(of: run, options.app(connections))
        retry.reason = reason
        retry.key = key
        retry.all = all
        retry.from = from
        retry.encoding = encoding
        retry.asNew = asNew
        retry.dryRun = dryRun
        throw ExitCode(try await retry.send())
    }
}
