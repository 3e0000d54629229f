import App
import ArgumentParser

struct AbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Close a run, or records of it that nobody will fix.",
        discussion: """
            Examples:
              sluice abandon RUN
              sluice abandon RUN --records BILL-17 BILL-18 --reason "test data, agreed"

            The evidence is kept. Records that may have reached the server stay
            reserved, so that no other run sends them.

            --records closes single records that were rejected, invalid or failed, in
            the run and in its retries. Name them by the key that `sluice explain`
            takes, or by record:N. They keep their outcome, and no list shows them as
            open any more. Use `sluice reconcile` for records in doubt and
            `sluice rejected` for parked ones.
            """)

    @Argument(help: "The run to close.", completion: .runs)
    var run: String

    @Option(
        parsing: .upToNextOption,
        help: "Close only these records, named by their keys; the run itself stays open.")
    var records: [String] = []

    @Option(help: "The reason; stored with the records or the run.")
    var reason: String?

    @OptionGroup(title: "Common options") var options: StateOptions

    func validate() throws {
        if !records.isEmpty, (reason ?? "").isEmpty {
            throw ValidationError("--records needs a --reason, which is stored with the records.")
        }
    }

    func run() async throws {
        try await Abandonment.close(run, records: records, reason: reason, options.app())
    }
}
