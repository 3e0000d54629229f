import App
import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a job: import records, export them, or generate cards.",
        discussion: """
            Examples:
              sluice run jobs/cdnow.yaml
              sluice run stores.yaml items.yaml bills.yaml
              sluice run --resume --quiet nightly.yaml            (for cron)

            Records that an earlier run imported are not sent again. If a run of the job
            is unfinished, no new one starts: `sluice resume` finishes it; --resume
            finishes it and then starts the new run.
            """)

    @Argument(
        help: "The job file, several to run one after the other, or a plan.", completion: .jobFiles)
    var jobs: [String]

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    @Option(help: "Use this connection instead of the job's.", completion: .connections)
    var connection: String?

    @Flag(
        help: """
            First finish what is unfinished of the job, then start; also if records stay in doubt or unsent, or \
            the server is not reached. Not after a stop by errors (3), refused credentials (8) or counts that do \
            not balance (9). If the input was replaced, its unsent records are closed and listed. The same as \
            `resume: auto` in a job.
            """)
    var resume = false

    @Flag(help: "Start a new run although one of this job is unfinished; its records stay reserved.")
    var anew = false

    func validate() throws {
        if anew, resume { throw ValidationError("--resume and --anew exclude each other.") }
    }

    func run() async throws {
        let request = RunRequest(
            connection: connection, unfinished: anew ? .leave : resume ? .resumeFirst : .refuse)
        throw ExitCode(try await JobCommands.run(jobs, request, options.app(connections)))
    }
}
