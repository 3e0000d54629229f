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

            Records that an earlier run brought in are not sent again. An unfinished run of the same job
            is not gone on with in silence: `sluice resume` does that.
            """)

    @Argument(help: "The job file.")
    var job: String

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    @Option(help: "Another connection than the job's.")
    var connection: String?

    @Flag(help: "Begin anew although a run of this job is unfinished; that one keeps what it holds.")
    var anew = false

    func run() async throws {
        let (file, text) = try Workbench.jobFile(at: job)
        switch file {
        case .records(let job): try await run(job, text)
        case .queue(let job):
            throw ExitCode(
                try await QueueRun.run(job, connection, options, connections).rawValue)
        }
    }

    private func run(_ job: Job, _ text: String) async throws {
        let bench = try Workbench(options, connections)
        let lock = try bench.lock(job.name)
        defer { withExtendedLifetime(lock) {} }
        if !anew, let open = try bench.ledger.runs(job: job.name).first(where: \.isOpen) {
            throw Failure(
                .usage,
                "run \(open.id) of this job is unfinished. Go on with `sluice resume \(open.id)`, close it with "
                    + "`sluice abandon \(open.id)`, or say --anew.")
        }
        let line = try await bench.connect(to: connection ?? job.connection)
        let code: Int32
        do {
            var files: [InputFile] = []
            for file in try InputList.resolve(
                job.patterns, options: job.input, relativeTo: FileManager.default.currentDirectoryPath)
            {
                files +=
                    file.isStandardInput
                    ? try Spool.standardInput(in: options.directory, job.input) : [file]
            }
            let plan = try Workbench.plan(
                job, text: text, file: absolute(self.job), connection: line.connection, files: files)
            let org = try await Launch.learnOrg(line.connection, sender: line.sender)
            let run = try await Launch.begin(plan, org: org, ledger: bench.ledger)
            if !options.quiet {
                let rule = job.endpoint.hasQueue ? ", " + Describe.repeats(org) : ""
                Console.warn("run \(run.id): \(job.name), org \(run.org)\(rule)")
            }
            code = try await Conductor(bench: bench, line: line).conduct(plan, run: run, org: org)
        } catch {
            await line.close()
            throw error
        }
        await line.close()
        await bench.ledger.close()
        throw ExitCode(code)
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
