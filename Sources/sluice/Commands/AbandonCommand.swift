import App
import ArgumentParser

struct AbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Close a run for good, or records of it that nobody will fix.",
        discussion: """
            The evidence stays, and what may have arrived stays reserved.

            --records closes single records that were rejected, invalid or failed, in the run and in those that
            retried it, by the keys that `sluice explain` takes, or record:N. They keep their outcome, and no
            list asks for them any more. What is in doubt is for `sluice reconcile`, what is parked for `sluice
            rejected`.

            Example: sluice abandon RUN --records BILL-17 BILL-18 --reason "test data, agreed with the store"
            """)

    @Argument(help: "The run.")
    var run: String

    @Option(
        parsing: .upToNextOption,
        help: "Only these records, by their keys; the run itself stays as it is.")
    var records: [String] = []

    @Option(help: "Why; kept with the records, or with the run.")
    var reason: String?

    @OptionGroup var options: StateOptions

    func validate() throws {
        if !records.isEmpty, (reason ?? "").isEmpty {
            throw ValidationError("--records needs a --reason: it is kept with the records.")
        }
    }

    func run() async throws {
        try await Abandonment.close(run, records: records, reason: reason, options.app())
    }
}
