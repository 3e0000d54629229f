import App
import ArgumentParser
import Records

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract:
            "Send rejected, failed or invalid records again, from the ledger or from a fixed file.",
        discussion: """
            Examples:
              sluice retry
              sluice retry RUN --reason customer-unknown
              sluice retry RUN --from rejects.csv

            By default it sends what may be accepted now: records that failed with a
            temporary error, and records whose cause may have been fixed outside the file,
            such as a missing customer. It covers the run and its retries, and does not
            need the input file. Accepted records are never sent again, however often you
            run it.
            """)

    @Argument(help: "The run; by default the newest.", completion: .runs)
    var run: String?

    @Option(
        parsing: .upToNextOption,
        help:
            "Only these reasons, or classes of them: fix-data, try-later, already-done, needs-person.",
        completion: .reasons
    )
    var reason: [String] = []

    @Option(parsing: .upToNextOption, help: "Only the records with these keys, or record:N.")
    var key: [String] = []

    @Flag(help: "All open ones.")
    var all = false

    @Option(
        parsing: .upToNextOption,
        help:
            "Fixed files. The `_sluice` column, or else the key, ties each record to the one it repairs.",
        completion: .dataFiles
    )
    var from: [String] = []

    @Option(
        help:
            "The encoding of the fixed files: utf-8, utf-16, windows-1252 (Excel's ANSI), latin-1.",
        completion: .encodings
    )
    var encoding: String?

    @Flag(help: "With --from: send records that repair nothing as new ones.")
    var asNew = false

    @Flag(help: "Show what would be sent, and send nothing.")
    var dryRun = false

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func validate() throws {
        let choices = [!reason.isEmpty, !key.isEmpty, all, !from.isEmpty].count { $0 }
        if choices > 1 {
            throw ValidationError("--reason, --key, --all and --from exclude each other.")
        }
        if encoding != nil, from.isEmpty { throw ValidationError("--encoding needs --from.") }
        if let encoding, InputOptions.Encoding(rawValue: encoding) == nil {
            let known = InputOptions.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--encoding: expected one of \(known).")
        }
        if asNew, from.isEmpty { throw ValidationError("--as-new needs --from.") }
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
