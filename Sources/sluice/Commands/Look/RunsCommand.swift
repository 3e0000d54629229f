import App
import ArgumentParser

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs and exports, newest first.")

    @Option(help: "Only runs of this job.", completion: .jobNames)
    var job: String?

    @Option(help: "The number of runs.")
    var limit = 50

    @OptionGroup(title: "Common options") var options: StateOptions

    func run() async throws { try Overviews.runs(job: job, limit: limit, options.app()) }
}
