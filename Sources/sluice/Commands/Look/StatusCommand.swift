import App
import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show running and unfinished work, and the next step of each.")

    @OptionGroup(title: "Common options") var options: StateOptions

    func run() async throws { try Overviews.status(options.app()) }
}
