import App
import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a job: to the end, or to the first reason to stop.",
        discussion: """
            Example: sluice run jobs/cdnow.yaml
                     sluice run stores.yaml items.yaml bills.yaml

            Records that an earlier run imported are not sent again. Where a run of the job is unfinished,
            nothing begins: `sluice resume` finishes it, `--resume` finishes it and then begins.

            For cron: sluice run --resume --quiet nightly.yaml
            """)

    @Argument(help: "The job file; several are run one after the other; or a plan, which names jobs.")
    var jobs: [String]

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    @Option(help: "Another connection than the job's.")
    var connection: String?

    @Flag(
        help: """
            First go on with what is unfinished of the job, then begin; also where records stay in doubt or unsent, \
            or the server is not reached. Never after a stop by errors or a refusal of everything (3), refused \
            credentials (8), or a count that does not balance (9). Where the input was replaced meanwhile, what \
            was never sent of it is closed and listed. A job says the same with `resume: auto`.
            """)
    var resume = false

    @Flag(help: "Begin anew although a run of this job is unfinished; that one keeps what it holds.")
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
