import App
import ArgumentParser

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show everything the ledger knows about one record, over all runs.")

    @Argument(help: "The key of the record, such as a bill number; or the number of a generated card.")
    var key: String

    @OptionGroup(title: "Common options") var options: StateOptions

    func run() async throws {
        throw ExitCode(try RecordLookup.explain(key, options.app()))
    }
}
