import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

/// Sends again what was rejected, failed or invalid in a run and in those that retried it.
package struct Retry {
    /// Its name; nil: the newest run.
    package var run: String?
    /// Codes of reasons, or classes of them. Empty: what may pass now.
    package var reason: [String] = []
    /// Keys of records, or `record:N`.
    package var key: [String] = []
    /// Everything that is open.
    package var all = false
    /// Files of fixed records. Empty: records are sent from the ledger.
    package var from: [String] = []
    /// The encoding of these files, by its name; nil: it is detected.
    package var encoding: String?
    /// Records of these files that repair nothing of the run are sent as new ones.
    package var asNew = false
    /// Only prints what would be sent.
    package var dryRun = false
    let options: AppOptions

    /// - Parameter run: Its name; nil: the newest run.
    package init(of run: String?, _ options: AppOptions) {
        self.run = run
        self.options = options
    }

    /// - Returns: The exit status of the run that sends them. Where nothing is sent, ``ExitStatus/problems`` if records
    ///   stay open, else ``ExitStatus/fine``.
    /// - Throws: ``Failure``, or what it translates.
    package func send() async throws -> ExitStatus {
        let context = try AppContext(options)
        let parent = try context.run(run)
        let lock = try context.lock(parent.job)
        defer { withExtendedLifetime(lock) {} }
        let family = try context.ledger.family(of: parent.number)
        if let open = family.first(where: { $0.isOpen && $0.parent != nil }) {
            throw Failure(
                .usage,
                "run \(open.id), a retry of this one, is unfinished. Continue with `sluice resume \(open.id)`, "
                    + "or close it with `sluice abandon \(open.id)`.")
        }
        let (said, text) = try self.job(of: parent)
        var job = said
        job.input = job.rows
        let id = RunStarter.name()
        let folder = try context.ledger.folder(of: id)
        let files = RetryFiles(folder: folder)
        let work = try GroupPreparation.folder(of: parent.job, context)
        defer { try? FileManager.default.removeItem(atPath: work) }
        var given: Arrangement?
        var isDecided = false
        var staysOpen = false
        do {
            if from.isEmpty {
                let chosen: Set<Reason>
                (chosen, staysOpen) = try gather(
                    parent, family, isChanged: text != parent.jobText, context.ledger, into: files)
                // Naming what a look-up could not settle is a person's decision that it goes.
                isDecided = (!key.isEmpty || !reason.isEmpty) && chosen.isSubset(of: Self.decidable)
            } else {
                given = try await gather(parent, job, text, context, in: work, into: files)
            }
            guard files.records > 0 || given != nil, !dryRun else {
                files.discard()
                await context.ledger.close()
                return staysOpen && files.records == 0 ? .problems : .fine
            }
        } catch {
            files.discard()
            throw error
        }
        let paths = try files.finish()
        let api = try await context.connect(to: parent.connection)
        let status: ExitStatus
        do {
            var job = job
            job.input = job.input.ofRetry
            job.stop.errors = nil
            let inputs =
                try given?.plan.inputs
                ?? paths.flatMap { path in
                    try InputList.inputs(
                        at: path, name: String(path.split(separator: "/").last ?? ""),
                        options: job.input)
                }
            let said = try AppContext.plan(
                GroupPreparation.unsorted(job), text: text, file: parent.jobFile,
                connection: api.connection,
                files: inputs)
            if var kept = given {
                try GroupPreparation.keep(&kept, from: work, of: id, context)
                given = kept
            }
            let (plan, grouping) = try arranged(said, given, id, context)
            var isBegun = false
            defer { if !isBegun { GroupPreparation.discard(grouping, of: id, context) } }
            let org = try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn)
            guard parent.org == org.id else {
                throw Failure(
                    .usage,
                    "run \(parent.id) was sent to org \(parent.org), but the server says \(org.id ?? "none")."
                )
            }
            try await Salt.check(plan, org: org, ledger: context.ledger)
            let child = try await RunStarter.begin(
                plan, org: org, ledger: context.ledger, id: id, parent: parent, grouping: grouping,
                environment: .real)
            isBegun = true
            if isDecided { try await context.ledger.setLooks(false, run: child.number) }
            say("run \(child.id): \(job.name), org \(child.org), retries \(parent.id)")
            status = try await RunController(context: context, api: api).run(
                plan, run: child, org: org)
        } catch {
            await api.close()
            throw error
        }
        await api.close()
        try printRepairs(of: family[0], context.ledger)
        await context.ledger.close()
        return status
    }

    /// The plan with the files that were given, or that were written from the ledger.
    private func arranged(
        _ plan: Plan, _ given: Arrangement?, _ id: RunID, _ context: AppContext
    ) throws -> (plan: Plan, grouping: Grouping?) {
        if let given { return (plan.arranged(by: given.grouping), given.grouping) }
        var name: RunID? = id
        return try GroupPreparation.prepare(plan, of: &name, context)
    }

    /// The job as it is now, where it is still the same one: what it says may be what was fixed.
    private func job(of run: RunRow) throws -> (job: Job, text: String) {
        let frozen = try Job.parse(yaml: run.jobText, file: run.jobFile, rules: run.rules)
        // A job that came through a pipe is there once.
        guard !Spool.isOnceOnly(run.jobFile) else { return (frozen, run.jobText) }
        guard let (now, text) = try? JobLoader.importJob(at: run.jobFile), now.name == frozen.name,
            now.endpoint.name == frozen.endpoint.name
        else {
            say("\(run.jobFile) is not available: the retry uses the job as it was")
            return (try Job.parse(yaml: run.jobText, file: run.jobFile), run.jobText)
        }
        if text != run.jobText {
            say("the job file has changed: the retry uses it as it is now")
        }
        return (now, text)
    }

    // MARK: What is sent

    private static let decidable: Set<Reason> = [.maybeOnServer, .cannotLookUp]

    private func gather(
        _ parent: RunRow, _ family: [RunRow], isChanged: Bool, _ ledger: Ledger, into files: RetryFiles
    ) throws -> (chosen: Set<Reason>, staysOpen: Bool) {
        let choice = try choice(isChanged: isChanged)
        var inputs: [Int64: [InputRow]] = [:]
        for run in try ledger.runs(limit: .max) where run.scope == parent.scope {
            inputs[run.number] = try ledger.inputs(of: run.number)
        }
        var chosen: [Reason: Int] = [:]
        var left: [Reason: Int] = [:]
        var kept = 0
        try ledger.openFailures(of: family.map(\.number)) { failure in
            let trouble = failure.row.trouble
            guard choice.takes(failure), failure.run.scope == parent.scope else {
                left[trouble.refusal.reason, default: 0] += 1
                return true
            }
            let input = inputs[failure.run.number]?.first { $0.file == trouble.position.file }
            if try files.add(failure, from: input) {
                chosen[trouble.refusal.reason, default: 0] += 1
            } else {
                kept += 1
            }
            return true
        }
        if !chosen.isEmpty { say("sent again: " + RetryText.counts(chosen)) }
        if kept > 0 {
            say(
                "\(Wording.count(kept, "record")) cannot be sent again from the ledger, which does not have all of "
                    + "their bytes: fix them in the file that `sluice report \(parent.id)` names, and use --from"
            )
        }
        guard chosen.isEmpty else { return (Set(chosen.keys), true) }
        guard !left.isEmpty else {
            if kept == 0 { say("run \(parent.id) has no open records: nothing to do") }
            return ([], kept > 0)
        }
        // Also with --quiet: what the status says is worth a word.
        for line in RetryText.nothingSent("\(parent.id)", open: left) { Console.warn(line) }
        return ([], true)
    }

    private func choice(isChanged: Bool) throws -> RetryChoice {
        if all { return .all }
        if !key.isEmpty { return .keys(Set(key)) }
        guard !reason.isEmpty else { return .mayPass(mapped: isChanged) }
        switch RetryChoice.reasons(named: reason) {
        case .success(.reasons(let reasons)):
            if let parked = reasons.first(where: { $0.turn == .parked }) {
                throw Failure(
                    .usage,
                    "\(parked.code) records are in the server's queue and are never sent again: use `sluice rejected retrigger`."
                )
            }
            return .reasons(reasons)
        case .success(let choice): return choice
        case .failure(let unknown):
            let near = unknown.near.map { " Did you mean \($0)?" } ?? ""
            throw Failure(
                .usage,
                "'\(unknown.name)' is neither a reason nor a class.\(near) `sluice report` shows the reasons of a run."
            )
        }
    }

    // MARK: Words

    private func printRepairs(of first: RunRow, _ ledger: Ledger) throws {
        let repairs = try ledger.repairs(of: first.number)
        guard repairs.failed > 0 else { return }
        var words =
            "of run \(first.id): \(Wording.count(repairs.failed)) not accepted at first, "
            + "\(Wording.count(repairs.repaired)) repaired since"
        if repairs.underWay > 0 { words += ", \(Wording.count(repairs.underWay)) under way" }
        say(words + ", \(Wording.count(repairs.open)) open")
    }

    func say(_ words: String) {
        if !options.quiet { Console.warn(words) }
    }
}
