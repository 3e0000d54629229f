import App
import ArgumentParser

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Settle what is in doubt, then go on after a stop or a crash.",
        discussion: """
            Without a name it goes on with all that is unfinished, the oldest first: runs, exports, and runs
            that ended before they had read anything. Its exit status is the one that weighs most.
            """)

    @Argument(help: "The run; all unfinished ones when left out.")
    var run: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try await Resumption.run(run, options.app(connections), isSettlingOnly: false))
    }
}
