import App
import ArgumentParser

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Everything the ledger knows of one record, over all runs.")

    @Argument(help: "The record's key: a bill number; or the number of a card that was made.")
    var key: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        throw ExitCode(try RecordLookup.explain(key, options.app()))
    }
}
