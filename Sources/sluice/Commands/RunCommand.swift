import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records

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
        if jobs.count > 1 {
            return try await run(
                PlanRun(
                    steps: jobs.map { PlanFile.Step(path: $0, after: []) }, isChain: true))
        }
        let path = jobs[0]
        let (file, text) = try AppContext.jobFile(at: path)
        switch file {
        case .plan(let plan): try await run(PlanRun(steps: plan.steps, isChain: false))
        case .cards where anew:
            throw Failure(
                .usage,
                "--anew: an order of cards goes on, or is finished. Other cards are another `file:` in \(path)."
            )
        case .queue, .cards, .export:
            let context = try AppContext(options.app(connections))
            let status = try await OtherRun(context: context).begin(
                file, text: text, path: path, over: connection, anew: anew)
            await context.ledger.close()
            throw ExitCode(status.rawValue)
        case .records(let job):
            let context = try AppContext(options.app(connections))
            let run = JobRun(context: context)
            let status =
                resume || job.resumesByItself && !anew
                ? try await run.resumeAndBegin(job, text: text, path: path, over: connection)
                : try await ExitStatus(
                    rawValue: run.begin(
                        job, text: text, path: path, over: connection, anew: anew)) ?? .defect
            await context.ledger.close()
            throw ExitCode(status.rawValue)
        }
    }

    private func run(_ plan: PlanRun) async throws {
        guard !anew else {
            throw Failure(.usage, "--anew is for one job: an unfinished one of several goes on.")
        }
        var plan = plan
        plan.resumes = resume
        throw ExitCode(try await plan.run(over: connection, options.app(connections)))
    }
}
