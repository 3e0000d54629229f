import App
import ArgumentParser

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Continue after a stop or a crash: settle records in doubt, then send the rest.",
        discussion: """
            Examples:
              sluice resume
              sluice resume RUN

            Without a name it continues everything that is unfinished, oldest first:
            runs, exports, and runs that ended before they read anything. The exit status
            is the most serious one.
            """)

    @Argument(help: "The run; by default all unfinished ones.", completion: .unfinished)
    var run: String?

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try await Resumption.run(run, options.app(connections), isSettlingOnly: false))
    }
}
