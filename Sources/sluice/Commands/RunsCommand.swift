import App
import ArgumentParser

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "What has been, the newest first.")

    @Option(help: "Only of this job.")
    var job: String?

    @Option(help: "How many.")
    var limit = 50

    @OptionGroup var options: StateOptions

    func run() async throws { try Overviews.runs(job: job, limit: limit, options.app()) }
}
