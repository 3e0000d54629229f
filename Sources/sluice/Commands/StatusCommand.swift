import App
import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What is going on, and what waits for a next step.")

    @OptionGroup var options: StateOptions

    func run() async throws { try Overviews.status(options.app()) }
}
