import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract:
            "Send again what was rejected, failed or invalid, from the ledger or from a mended file.",
        discussion: """
            Of a run and of all that retried it, by default what may pass now: passing troubles, and reasons
            whose cause may have been mended, such as a customer that was not yet imported. The input itself
            may be gone. What has landed is never sent again, however often this is called.

            Examples: sluice retry
                      sluice retry RUN --reason customer-unknown
                      sluice retry RUN --from rejects.csv
            """)

    @Argument(help: "The run; the newest when left out.")
    var run: String?

    @Option(
        parsing: .upToNextOption,
        help: "Only these reasons, or classes: fix-data, try-later, already-done, needs-person.")
    var reason: [String] = []

    @Option(parsing: .upToNextOption, help: "Only the records of these keys, or record:N.")
    var key: [String] = []

    @Flag(help: "All that are open.")
    var all = false

    @Option(
        parsing: .upToNextOption,
        help:
            "Mended files: each record is tied to the one it repairs by its `_sluice` cell, else by its key."
    )
    var from: [String] = []

    @Option(
        help:
            "How the mended files are encoded: utf-8, utf-16, windows-1252 (what Excel calls ANSI), latin-1."
    )
    var encoding: String?

    @Flag(help: "With --from: send records that repair nothing of the run as new ones.")
    var asNew = false

    @Flag(help: "Say what would be sent, and send nothing.")
    var dryRun = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func validate() throws {
        let choices = [!reason.isEmpty, !key.isEmpty, all, !from.isEmpty].count { $0 }
        if choices > 1 {
            throw ValidationError("--reason, --key, --all and --from exclude each other.")
        }
        if encoding != nil, from.isEmpty { throw ValidationError("--encoding goes with --from.") }
        if let encoding, InputOptions.Encoding(rawValue: encoding) == nil {
            let known = InputOptions.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--encoding is one of \(known).")
        }
        if asNew, from.isEmpty { throw ValidationError("--as-new goes with --from.") }
    }

    func run() async throws {
        let context = try AppContext(options.app(connections))
        let parent = try context.run(run)
        let lock = try context.lock(parent.job)
        defer { withExtendedLifetime(lock) {} }
        let family = try context.ledger.family(of: parent.number)
        if let open = family.first(where: { $0.isOpen && $0.parent != nil }) {
            throw Failure(
                .usage,
                "run \(open.id), which retries this one, is unfinished. Go on with `sluice resume \(open.id)`, "
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
        do {
            if from.isEmpty {
                let chosen = try gather(
                    parent, family, isChanged: text != parent.jobText, context.ledger, into: files)
                // Naming what a look could not settle is a person's decision that it goes.
                isDecided = (!key.isEmpty || !reason.isEmpty) && chosen.isSubset(of: Self.decidable)
            } else {
                given = try await gather(parent, job, text, context, in: work, into: files)
            }
            guard files.records > 0 || given != nil, !dryRun else {
                files.discard()
                return await context.ledger.close()
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
                api.connection, sender: api.sender, tell: Console.warn)
            guard parent.org == org.id else {
                throw Failure(
                    .usage,
                    "run \(parent.id) was sent to org \(parent.org), and the server says \(org.id ?? "none")."
                )
            }
            try await Salt.check(plan, org: org, ledger: context.ledger)
            let child = try await RunStarter.begin(
                plan, org: org, ledger: context.ledger, id: id, parent: parent, grouping: grouping)
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
        try tell(family[0], context.ledger)
        await context.ledger.close()
        throw ExitCode(status)
    }

    /// The plan with the files that were given, or that were written from the ledger.
    private func arranged(
        _ plan: Plan, _ given: Arrangement?, _ id: RunID, _ context: AppContext
    ) throws -> (plan: Plan, grouping: Grouping?) {
        if let given { return (plan.arranged(by: given.grouping), given.grouping) }
        var name: RunID? = id
        return try GroupPreparation.prepare(plan, of: &name, context)
    }

    /// The job as it is now, where it is still the same one: what it says may be what was mended.
    private func job(of run: RunRow) throws -> (job: Job, text: String) {
        let frozen = try Job.parse(yaml: run.jobText, file: run.jobFile, rules: run.rules)
        // A job that came through a pipe is there once.
        guard !Spool.isOnceOnly(run.jobFile) else { return (frozen, run.jobText) }
        guard let (now, text) = try? JobLoader.importJob(at: run.jobFile), now.name == frozen.name,
            now.endpoint.name == frozen.endpoint.name
        else {
            say("\(run.jobFile) is not to be had as that job: it is retried with the job as it was")
            return (try Job.parse(yaml: run.jobText, file: run.jobFile), run.jobText)
        }
        if text != run.jobText {
            say("the job file has changed since: it is retried with the job as it is")
        }
        return (now, text)
    }

    // MARK: What is sent

    private static let decidable: Set<Reason> = [.maybeOnServer, .cannotLookUp]

    private func gather(
        _ parent: RunRow, _ family: [RunRow], isChanged: Bool, _ ledger: Ledger, into files: RetryFiles
    ) throws -> Set<Reason> {
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
        if !chosen.isEmpty { say("sent again: " + Self.counts(chosen)) }
        if kept > 0 {
            say(
                "\(Wording.count(kept, "record")) cannot be sent again from the ledger, which has not all of "
                    + "their bytes: mend them in the file that `sluice report \(parent.id)` names, and give it to --from"
            )
        }
        guard chosen.isEmpty else { return Set(chosen.keys) }
        guard !left.isEmpty else {
            say("run \(parent.id) has nothing open: nothing to do")
            return []
        }
        say("nothing of run \(parent.id) is sent again; open: " + Self.counts(left))
        for reason in left.keys.sorted(by: { $0.code < $1.code }) {
            say("  \(reason.code): \(reason.nextStep)")
        }
        say("`--reason CODE` or `--all` sends them all the same; `--from FILE` takes them mended")
        return []
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
                    "what is \(parked.code) stands at the server, and is replayed there: it is never sent again."
                )
            }
            return .reasons(reasons)
        case .success(let choice): return choice
        case .failure(let unknown):
            let near = unknown.near.map { " Did you mean \($0)?" } ?? ""
            throw Failure(
                .usage,
                "'\(unknown.name)' is neither a reason nor a class.\(near) `sluice report` names the reasons of a run."
            )
        }
    }

    /// Ties what is in the files that were given to what it repairs.
    ///
    /// - Returns: The files as they are to be read, so that what is said of a record names its place in them; nil
    ///   where there is nothing, or where they cannot be read in one go: then the records are in `files`.
    private func gather(
        _ parent: RunRow, _ job: Job, _ text: String, _ context: AppContext, in folder: String,
        into files: RetryFiles
    ) async throws -> Arrangement? {
        let inputs = try Preflight.filled(
            try given(Self.mended(job.input), in: folder), options: Self.mended(job.input),
            warn: Console.warn)
        var mended = GroupPreparation.unsorted(job)
        mended.input = Self.mended(job.input)
        let plan = try AppContext.plan(
            mended, text: text, file: parent.jobFile,
            connection: try context.named(parent.connection) ?? Salt.placeholder(parent.connection),
            files: inputs)
        var reading = try RepairedFile(plan, of: parent, ledger: context.ledger, isNewAllowed: asNew)
        var given: Arrangement?
        do {
            var whole = try Arrangement.make(plan, in: folder, always: true)
            if !context.options.quiet { whole.tell() }
            var unmarked: [Arrangement.Unmarked] = []
            try await reading.read(whole) {
                guard let id = $0.ids.first, !$0.isMarked else { return }
                unmarked.append(Arrangement.Unmarked(place: $0.place, id: id))
            }
            try whole.mark(unmarked, in: folder)
            given = whole
        } catch let error as ReadError where error.code == .format {
            // Files of several kinds: each kind is written to a file of its own.
            reading = try RepairedFile(
                plan, of: parent, ledger: context.ledger, isNewAllowed: asNew)
            try await GroupPreparation.withPrepared(plan) { arranged in
                try await reading.read(arranged) {
                    try files.add($0.stored, as: $0.ids, from: $0.input)
                }
            }
        }
        guard reading.refusedCount == 0 else {
            for one in reading.refused { Console.warn("\(one.name):\(one.line): \(one.words)") }
            if reading.encodingCount > 0 {
                let name = (encoding ?? job.input.encoding?.rawValue ?? "utf-8").uppercased()
                throw Failure(
                    .usage,
                    "\(Wording.count(reading.encodingCount, "record")) of \(from.joined(separator: ", ")) are not in "
                        + "\(name): the file was saved in another encoding, and nothing was sent. Name it, as in "
                        + "`--encoding windows-1252` (what Excel calls ANSI), or save the file as UTF-8."
                )
            }
            throw Failure(
                .usage,
                "\(Wording.count(reading.refusedCount, "record")) cannot be tied to what they repair: nothing was "
                    + "sent. Mend or remove them; --as-new sends those without a mark as new records.")
        }
        let new = reading.new > 0 ? ", \(Wording.count(reading.new)) new" : ""
        let isEmpty = reading.tied + reading.new == 0
        let repaired =
            reading.repaired > reading.tied
            ? "the \(Wording.count(reading.repaired)) that \(reading.tied == 1 ? "it repairs" : "they repair")"
            : "what they repair"
        say(
            isEmpty
                ? "no record is in \(from.joined(separator: ", ")): nothing to do"
                : "\(Wording.count(reading.tied, "record")) tied to \(repaired)\(new)")
        return isEmpty ? nil : given
    }

    /// The files of `--from`; where their encoding is said, copies in UTF-8.
    private func given(_ options: InputOptions, in folder: String) throws -> [InputFile] {
        guard let encoding = encoding.flatMap(InputOptions.Encoding.init(rawValue:)) else {
            return try InputList.resolve(
                from, options: options, relativeTo: FileManager.default.currentDirectoryPath)
        }
        return try Reencoding(of: from, in: encoding, below: folder).files.flatMap { copy in
            try InputList.inputs(at: copy.path, name: copy.name, options: options)
        }
    }

    /// A mended file may have been saved by another program: what can be seen is not taken from the job.
    private static func mended(_ input: InputOptions) -> InputOptions {
        var input = input
        input.compression = nil
        if input.format == .jsonArray { input.format = nil }
        return input
    }

    // MARK: Words

    private func tell(_ first: RunRow, _ ledger: Ledger) throws {
        let repairs = try ledger.repairs(of: first.number)
        guard repairs.failed > 0 else { return }
        var words =
            "of run \(first.id): \(Wording.count(repairs.failed)) did not land at first, "
            + "\(Wording.count(repairs.repaired)) repaired since"
        if repairs.underWay > 0 { words += ", \(Wording.count(repairs.underWay)) under way" }
        say(words + ", \(Wording.count(repairs.open)) open")
    }

    private static func counts(_ counts: [Reason: Int]) -> String {
        counts.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }
            .map { "\(Wording.count($0.value)) \($0.key.code)" }.joined(separator: ", ")
    }

    private func say(_ words: String) {
        if !options.quiet { Console.warn(words) }
    }
}
