import App
import ArgumentParser

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Read and map everything, offline; say what is wrong and where.",
        discussion:
            "What only the server knows (an unknown customer, a bill number used before) shows in the run."
    )

    @Argument(help: "The job file.")
    var job: String

    @Option(help: "How many kinds of faults to print; all are counted.")
    var show = 20

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        throw ExitCode(
            try Validation.run(job, printing: show, options.app(connections)))
    }
}
