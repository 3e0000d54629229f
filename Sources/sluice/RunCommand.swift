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

            Records that an earlier run brought in are not sent again. An unfinished run of the same job
            is not gone on with in silence: `sluice resume` does that.
            """)

    @Argument(help: "The job file; several are run one after the other; or a plan, which names jobs.")
    var jobs: [String]

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    @Option(help: "Another connection than the job's.")
    var connection: String?

    @Flag(help: "Begin anew although a run of this job is unfinished; that one keeps what it holds.")
    var anew = false

    func run() async throws {
        if jobs.count > 1 {
            return try await run(
                PlanRun(
                    steps: jobs.map { PlanFile.Step(path: $0, after: []) }, isChain: true))
        }
        let path = jobs[0]
        let (file, text) = try Workbench.jobFile(at: path)
        switch file {
        case .plan(let plan): try await run(PlanRun(steps: plan.steps, isChain: false))
        case .queue(let job):
            throw ExitCode(
                try await QueueRun.run(job, connection, options, connections).rawValue)
        case .cards(let job):
            guard !anew else {
                throw Failure(
                    .usage,
                    "--anew: an order of cards goes on, or is finished. Other cards are another `file:` in \(path)."
                )
            }
            throw ExitCode(try await CardRun(job, over: connection, options).run(connections))
        case .export(let job):
            throw ExitCode(
                try await ExportRun.run(job, over: connection, anew: anew, options, connections))
        case .records(let job):
            let bench = try Workbench(options, connections)
            let code = try await JobRun(bench: bench).begin(
                job, text: text, path: path, over: connection, anew: anew
            ).code
            await bench.ledger.close()
            throw ExitCode(code)
        }
    }

    private func run(_ plan: PlanRun) async throws {
        guard !anew else {
            throw Failure(.usage, "--anew is for one job: an unfinished one of several goes on.")
        }
        throw ExitCode(try await plan.run(over: connection, options, connections))
    }
}
