import App
import ArgumentParser

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be sent: records, requests, share of the rate, finish time.")

    @Argument(help: "The job file.", completion: .jobFiles)
    var job: String

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        try await JobCommands.estimate(job, options.app(connections))
    }
}
