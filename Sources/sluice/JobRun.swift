import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records

/// Runs a job, or goes on with a run of it.
struct JobRun {
    let bench: Workbench

    /// - Parameters:
    ///   - path: Of the job file.
    ///   - connection: Another one than the job's.
    ///   - anew: Although a run of the job is unfinished.
    /// - Returns: The exit status, and the run.
    func begin(
        _ job: Job, text: String, path: String, over connection: String?, anew: Bool
    ) async throws -> (code: Int32, run: RunRow) {
        let lock = try bench.lock(job.name)
        defer { withExtendedLifetime(lock) {} }
        if !anew, let open = try bench.ledger.runs(job: job.name).first(where: \.isOpen) {
            throw Failure(
                .usage,
                "run \(open.id) of this job is unfinished. Go on with `sluice resume \(open.id)`, close it with "
                    + "`sluice abandon \(open.id)`, or say --anew.")
        }
        let folder = SpoolFolder(bench)
        folder.sweep()
        defer { folder.sweep() }
        let line = try await bench.connect(to: connection ?? job.connection)
        return try await line.use {
            var job = job
            var id: RunID?
            var files: [InputFile] = []
            if let join = job.join {
                let name = Launch.name()
                files = [try Joining.bring(job, join, of: name, bench)]
                job.input = job.rows
                id = name
            }
            files += try InputList.resolve(
                id == nil ? job.patterns : [], options: job.input,
                relativeTo: FileManager.default.currentDirectoryPath, spool: folder.spool)
            var plan = try Workbench.plan(
                job, text: text, file: absolute(path), connection: line.connection, files: files)
            plan.inputs = try Preflight.filled(plan, warn: Console.warn)
            let org = try await Launch.learnOrg(line.connection, sender: line.sender)
            try await Salt.check(plan, org: org, ledger: bench.ledger)
            let run = try await Launch.begin(plan, org: org, ledger: bench.ledger, id: id)
            if !bench.options.quiet {
                let rule = job.endpoint.hasQueue ? ", " + Describe.repeats(org) : ""
                Console.warn("run \(run.id): \(job.name), org \(run.org)\(rule)")
            }
            let code = try await Conductor(bench: bench, line: line).conduct(plan, run: run, org: org)
            return (code, run)
        }
    }

    /// Settles what a run left in doubt, and goes on.
    ///
    /// - Parameter isSettlingOnly: Sends nothing new.
    /// - Returns: The exit status; nil where there is nothing to do, which has been said.
    func goOn(_ row: RunRow, isSettlingOnly: Bool) async throws -> Int32? {
        let lock = try bench.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        // Whoever held the lock may have ended it meanwhile.
        guard let row = try bench.ledger.run(named: row.id.text), row.isOpen else {
            if !bench.options.quiet { Console.warn("run \(row.id) has ended meanwhile: nothing to do") }
            return nil
        }
        defer { SpoolFolder(bench).sweep() }
        let line = try await bench.connect(to: row.connection)
        return try await line.use {
            let plan = try bench.plan(of: row, connection: line.connection)
            let org = try await Launch.learnOrg(line.connection, sender: line.sender)
            if isSettlingOnly {
                guard row.org == org.id else {
                    throw Failure(
                        .usage,
                        "the run was begun in org \(row.org), and the server says \(org.id ?? "none")")
                }
            } else {
                for note in try Launch.checkResume(row, org: org, ledger: bench.ledger) {
                    Console.warn(note)
                }
            }
            try await Salt.check(plan, org: org, ledger: bench.ledger)
            try await bench.ledger.reopen(run: row.number)
            if !bench.options.quiet {
                Console.warn("run \(row.id): \(row.job), org \(row.org), goes on")
            }
            return try await Conductor(bench: bench, line: line).conduct(
                plan, run: row, org: org, isSettlingOnly: isSettlingOnly)
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
