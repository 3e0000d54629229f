import App
import ArgumentParser

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Read and map everything offline; list what is wrong, and where.",
        discussion:
            "What only the server knows (an unknown customer, a used bill number) shows in the run."
    )

    @Argument(help: "The job file.", completion: .jobFiles)
    var job: String

    @Option(help: "The number of kinds of errors to print; all are counted.")
    var show = 20

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try Validation.run(job, printing: show, options.app(connections)))
    }
}
