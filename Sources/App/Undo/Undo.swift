import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Takes back what the accepted records of a run did, where the API has a call for that.
///
/// The records of that call are written from the ledger to a file, with a job for it, and the job is run: so it is a
/// run of its own, resumed and reported like any other, and what was taken back is not taken back twice.
package struct Undo {
    /// Its name; nil: the newest run.
    package var run: String?
    /// Nobody is asked.
    package var yes = false
    /// Only prints what would be taken back.
    package var dryRun = false
    let options: AppOptions

    /// - Parameter run: Its name; nil: the newest run.
    package init(of run: String?, _ options: AppOptions) {
        self.run = run
        self.options = options
    }

    /// - Returns: The exit status of the run that takes them back; ``ExitStatus/problems`` where all of it passed and
    ///   some records cannot be taken back, or where nobody agreed.
    /// - Throws: ``Failure``, or what it translates, where nothing began.
    package func send() async throws -> ExitStatus {
        let context = try AppContext(options)
        let parent = try context.run(run)
        guard let way = WayBack.of(parent.endpoint) else {
            throw Failure(
                .usage,
                "run \(parent.id) cannot be undone: nothing takes \(parent.endpoint) back. "
                    + WayBack.advice(parent.endpoint))
        }
        let family = try family(of: parent, context.ledger)
        if let open = family.first(where: \.isOpen) {
            throw Failure(
                .usage,
                "run \(open.id) is unfinished. Continue with `sluice resume \(open.id)`, or close it with "
                    + "`sluice abandon \(open.id)`; then undo it.")
        }
        for run in family {
            let count = try context.ledger.totals(run: run.number)[.inDoubt]
            guard count == 0 else {
                throw Failure(
                    .usage,
                    "\(Wording.count(count, "record")) of run \(run.id) may be on the server: settle that first with "
                        + "`sluice reconcile \(run.id)`; then undo it.")
            }
        }
        let files = UndoFiles(of: parent, way, in: options.directory)
        if let open = try context.ledger.openRuns(job: files.job).last {
            throw Failure(
                .usage,
                "run \(open.id), which undoes this one, is unfinished. Continue with `sluice resume \(open.id)`."
            )
        }
        if let done = try context.ledger.runs(job: files.job).first(where: { $0.state == .finished }) {
            // Not by the records alone: what was joined again since then is another run's.
            let isWhole = (done.exitCode ?? 0) == 0
            Console.warn(
                "run \(parent.id) was undone by run \(done.id) already: "
                    + (isWhole
                        ? "nothing to do. What a later retry imported: `sluice undo RETRY`."
                        : "`sluice report \(done.id)` lists what was refused, and how to send it again.")
            )
            await context.ledger.close()
            return isWhole ? .fine : .problems
        }
        let found = try gather(family, way, context.ledger, into: files)
        defer { files.discard() }
        found.printLost(of: parent, quiet: options.quiet)
        guard found.count > 0 else {
            Console.warn("run \(parent.id) has no accepted record that can be undone: nothing to do")
            await context.ledger.close()
            return found.lost == 0 ? .fine : .problems
        }
        let words =
            "\(Wording.count(found.count, "accepted record")) of run \(parent.id) (\(parent.endpoint), org "
            + "\(parent.org)) will be \(way.act) by \(way.endpoint)"
        if dryRun {
            Console.warn(words)
            await context.ledger.close()
            return .fine
        }
        guard try confirm(words) else {
            await context.ledger.close()
            return .problems
        }
        try await check(parent, context)
        let job = try files.finish()
        let status = try await JobLoader.load(job).run(
            RunRequest(connection: parent.connection), in: context)
        await context.ledger.close()
        return status == .fine && found.lost > 0 ? .problems : status
    }

    /// A run with its retries; of a retry, that alone.
    private func family(of run: RunRow, _ ledger: Ledger) throws -> [RunRow] {
        guard run.parent == nil else { return [run] }
        return try ledger.family(of: run.number).filter { $0.scope == run.scope }
    }

    /// The ids in the ledger are of one org.
    private func check(_ parent: RunRow, _ context: AppContext) async throws {
        let api = try await context.connect(to: parent.connection)
        do {
            let org = try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn)
            guard parent.org == org.id else {
                throw Failure(
                    .usage,
                    "run \(parent.id) was sent to org \(parent.org), but the server says \(org.id ?? "none")."
                )
            }
        } catch {
            await api.close()
            throw error
        }
        await api.close()
    }

    private func gather(
        _ family: [RunRow], _ way: WayBack, _ ledger: Ledger, into files: UndoFiles
    ) throws -> UndoItems {
        var found = UndoItems()
        let handle = try files.begin()
        var buffer: [UInt8] = []
        for run in family {
            let key = Endpoint.named(run.endpoint)?.key
            try ledger.eachAccepted(run: run.number) { row in
                if let item = way.item(row.evidence, id: row.serverID) {
                    found.count += 1
                    buffer += Array(item.utf8) + [0x0A]
                    if buffer.count > 1 << 16 {
                        try handle.write(contentsOf: buffer)
                        buffer.removeAll(keepingCapacity: true)
                    }
                } else {
                    found.lose(key?(row.evidence) ?? "record:\(row.record)")
                }
                return true
            }
        }
        try handle.write(contentsOf: buffer)
        try handle.synchronize()
        try handle.close()
        return found
    }

    private func confirm(_ words: String) throws -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(.usage, "\(words). Nothing was sent; --yes does it.")
        }
        Console.warn("\(words). Continue? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}

/// What of a run can be taken back.
struct UndoItems {
    /// Records whose way back is in the file.
    var count = 0
    /// Records that cannot be taken back, since the server's id of what they made is not known.
    private(set) var lost = 0
    /// The keys of the first of them.
    private var keys: [String] = []

    mutating func lose(_ key: String) {
        lost += 1
        if keys.count < 20 { keys.append(key) }
    }

    func printLost(of run: RunRow, quiet: Bool) {
        guard lost > 0 else { return }
        Console.warn(
            "\(Wording.count(lost, "accepted record")) of run \(run.id) cannot be undone: the ledger does not have the "
                + "server's id of what they made. Find the ids with `sluice export`, and use a job of the call."
        )
        guard !quiet else { return }
        for key in keys { Console.warn("  \(key)") }
        if lost > keys.count { Console.warn("  … and \(lost - keys.count) more") }
    }
}

/// The job that undoes a run, and its input: in the state folder, under the name of the run.
struct UndoFiles {
    let job: String
    private let folder: String
    private let run: RunRow
    private let way: WayBack

    init(of run: RunRow, _ way: WayBack, in directory: String) {
        self.run = run
        self.way = way
        job = "undo-\(run.id)"
        folder = directory + "/undo"
    }

    private var input: String { folder + "/\(run.id).jsonl" }
    /// The input until it is decided whether it is used.
    private var draft: String { input + ".new" }

    /// Where the records go, one a line.
    func begin() throws -> FileHandle {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        discard()
        return try NewFile.create(draft)
    }

    /// Removes what ``finish()`` did not keep.
    func discard() { try? FileManager.default.removeItem(atPath: draft) }

    /// Keeps the records, and writes the job.
    ///
    /// - Returns: The path of the job.
    func finish() throws -> String {
        let files = FileManager.default
        // The same again stays as it is: a run may know it.
        if !files.contentsEqual(atPath: draft, andPath: input) {
            try? files.removeItem(atPath: input)
            try files.moveItem(atPath: draft, toPath: input)
        }
        var text = """
            # Undoes run \(run.id) of the job \(run.job).
            job: \(job)
            connection: \(quoted(run.connection))
            endpoint: \(way.endpoint)
            input: { files: \(quoted(input)), format: jsonl }

            """
        for (name, value) in way.parameters.sorted(by: { $0.key < $1.key }) {
            text += "parameters: { \(name): \(value) }\n"
        }
        let file = folder + "/\(run.id).yaml"
        try? files.removeItem(atPath: file)
        try NewFile.write(text, to: file)
        return file
    }

    private func quoted(_ text: String) -> String {
        "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
    }
}
