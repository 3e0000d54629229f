import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

/// Begins a run of an import job, or resumes one.
struct ImportRun {
    let context: AppContext

    /// - Parameters:
    ///   - connection: Another one than the job's.
    ///   - again: Although a run of the job is unfinished.
    ///   - pending: The run that could not begin before, and does so now.
    /// - Returns: The exit status.
    func begin(
        _ job: Job, _ source: JobSource, over connection: String?, anew: Bool,
        pending: PendingRow? = nil
    ) async throws -> ExitStatus {
        let lock = try context.lock(job.name)
        defer { withExtendedLifetime(lock) {} }
        if !anew, let open = try context.ledger.openRuns(job: job.name).last {
            throw Failure(
                .usage,
                "run \(open.id) of this job is unfinished. Finish it with `sluice resume \(open.id)`, or finish it "
                    + "and start a new run with `sluice run --resume`. `sluice abandon \(open.id)` closes it; --anew "
                    + "leaves it unfinished.")
        }
        return try await start(job, source, over: connection, pending: pending)
    }

    /// Begins a run of a job whose lock is held. Until it has started it is pending: what ends it before
    /// that leaves something for `resume` to try again, unless it has to be set right first.
    func start(
        _ job: Job, _ source: JobSource, over connection: String?,
        named id: RunID = RunStarter.name(), pending: PendingRow? = nil
    ) async throws -> ExitStatus {
        let note = try await PendingRun.note(
            job, as: id, source, over: connection, again: pending, context)
        let folder = SpoolFolder(context)
        folder.sweep()
        defer { folder.sweep() }
        var begun: RunRow?
        do {
            let api = try await context.connect(to: connection ?? job.connection)
            return try await api.use {
                var job = job
                var files: [InputFile] = []
                if let join = job.join {
                    files = [try JoinPreparation.prepare(job, join, of: note.id, context)]
                    job.input = job.rows
                }
                files += try InputList.resolve(
                    job.join == nil ? job.patterns : [], options: job.input,
                    relativeTo: FileManager.default.currentDirectoryPath, spool: folder.spool)
                var plan = try AppContext.plan(
                    job, text: source.text, file: absolute(source.path), connection: api.connection,
                    files: files,
                    from: context.started)
                plan.inputs = try Preflight.filled(plan, passOver: Console.passOver)
                var id: RunID? = note.id
                let (arranged, grouping) = try GroupPreparation.prepare(plan, of: &id, context)
                plan = arranged
                defer { if begun == nil { GroupPreparation.discard(grouping, of: note.id, context) } }
                if job.join == nil { try await note.reads(files, context) }
                let org = try await RunStarter.learnOrg(
                    api.connection, sender: api.sender, environment: .real, tell: Console.warn)
                try await Salt.check(plan, org: org, ledger: context.ledger)
                let run = try await RunStarter.begin(
                    plan, org: org, ledger: context.ledger, id: note.id, grouping: grouping,
                    environment: .real)
                begun = run
                for replaced in try await context.ledger.closeReplaced(
                    by: run, ending: LedgerText.replaced, at: Environment.real.now())
                {
                    Console.warn(
                        "the input of run \(replaced) was replaced before it started: nothing was sent. "
                            + "`sluice report \(replaced)` names the file.")
                }
                if !context.options.quiet {
                    let rule = job.endpoint.hasQueue ? ", " + org.billNumberText : ""
                    Console.warn("run \(run.id): \(job.name), org \(run.org)\(rule)")
                }
                return try await RunController(context: context, api: api).run(
                    plan, run: run, org: org)
            }
        } catch {
            if let begun { throw await Self.refused(error, begun, context) }
            throw await note.keep(error, context)
        }
    }

    /// Settles what a run left in doubt, and continues.
    ///
    /// - Parameter isSettlingOnly: Sends nothing new.
    /// - Returns: The exit status; nil where there is nothing to do, which has been said.
    func resume(_ row: RunRow, isSettlingOnly: Bool) async throws -> ExitStatus? {
        let lock = try context.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        return try await resume(locked: row, isSettlingOnly: isSettlingOnly)
    }

    /// The same where the job's lock is held.
    ///
    /// - Parameter closesInput: Where the input is not what it was, the rest of the run is closed.
    func resume(locked row: RunRow, isSettlingOnly: Bool, closesInput: Bool = false)
        async throws
        -> ExitStatus?
    {
        // Whoever held the lock may have ended it in the meantime.
        guard var row = try context.ledger.run(named: row.id.text),
            row.isOpen || isSettlingOnly && row.state == .abandoned
        else {
            if !context.options.quiet {
                Console.warn("run \(row.id) has ended in the meantime: nothing to do")
            }
            return nil
        }
        defer { SpoolFolder(context).sweep() }
        let api = try await context.connect(to: row.connection)
        return try await api.use {
            let plan = try context.plan(of: row, connection: api.connection)
            let org = try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn)
            if isSettlingOnly || row.inputGone != nil {
                guard row.org == org.id else {
                    throw Failure(
                        .usage,
                        "the run was started in org \(row.org), but the server says \(org.id ?? "none")"
                    )
                }
            } else {
                do {
                    for grown in try RunStarter.checkResume(row, org: org, ledger: context.ledger) {
                        Console.warn(grown.text)
                    }
                } catch let error as RunStartError where error.code == .changed && closesInput {
                    Console.warn(
                        "\(error.message): the records that run \(row.id) has not sent are closed (input-gone); those in "
                            + "doubt are settled")
                    row.inputGone = Environment.real.now()
                    try await context.ledger.closeInput(
                        run: row.number, at: row.inputGone ?? row.started)
                }
            }
            try await Salt.check(plan, org: org, ledger: context.ledger)
            if row.isOpen { try await context.ledger.reopen(run: row.number) }
            if !context.options.quiet {
                Console.warn("run \(row.id): \(row.job), org \(row.org), continued")
            }
            do {
                return try await RunController(context: context, api: api).run(
                    plan, run: row, org: org, isSettlingOnly: isSettlingOnly)
            } catch {
                throw await Self.refused(error, row, context)
            }
        }
    }

    /// What an error means that broke a run off because of its input. A run that has taken over no record
    /// leaves nothing behind (2); any other is stopped (3), for what it has sent is.
    static func refused(_ error: any Error, _ run: RunRow, _ context: AppContext) async
        -> any Error
    {
        guard let failure = Failure(translating: error), failure.status == .usage else { return error }
        if (try? await context.ledger.discard(run: run.number)) == true {
            try? FileManager.default.removeItem(
                atPath: context.options.directory + "/runs/" + run.id.text)
            return failure
        }
        return Failure(
            .stopped,
            "\(failure.message) What run \(run.id) did before: `sluice report \(run.id)`.")
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
