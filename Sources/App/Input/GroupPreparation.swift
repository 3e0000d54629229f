import Engine
import Foundation
import Jobs
import Ledger
import Mapping
import Model
import Reports

/// Checks before a run begins whether the rows of each group are next to each other, and moves them together where they
/// are not.
enum GroupPreparation {
    /// Stages below the state directory, and moves what came out into the run's folder. Whoever calls holds the
    /// job's lock: what an earlier one left half done is removed.
    ///
    /// - Parameter run: The run's name; made where there is none yet and something is kept under it.
    static func prepare(
        _ plan: Plan, of run: inout RunID?, _ context: AppContext
    ) throws -> (plan: Plan, grouping: Grouping?) {
        guard Arrangement.isNeeded(plan) else { return (plan, nil) }
        let folder = try self.folder(of: plan.job, context)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var arrangement = try Arrangement.make(plan, in: folder)
        if !context.options.quiet { arrangement.printNotes() }
        guard arrangement.plan.staged != nil else { return (arrangement.plan, arrangement.grouping) }
        let name = run ?? RunStarter.name()
        run = name
        try keep(&arrangement, from: folder, of: name, context)
        return (arrangement.plan, arrangement.grouping)
    }

    /// An empty folder below the state directory; whoever calls removes it.
    static func folder(of job: String, _ context: AppContext) throws -> String {
        let folder = context.options.directory + "/groups/" + job
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    /// Moves the file of rows into the folder of a run.
    static func keep(
        _ arrangement: inout Arrangement, from folder: String, of run: RunID, _ context: AppContext
    ) throws {
        let path = try context.ledger.folder(of: run) + "/" + Arrangement.fileName
        try FileManager.default.moveItem(atPath: folder + "/" + Arrangement.fileName, toPath: path)
        try arrangement.keep(at: path)
    }

    /// Removes the file of rows of a run that did not begin.
    static func discard(_ grouping: Grouping?, of run: RunID?, _ context: AppContext) {
        guard grouping?.staged != nil, let run, let folder = try? context.ledger.folder(of: run) else {
            return
        }
        try? FileManager.default.removeItem(atPath: folder + "/" + Arrangement.fileName)
        _ = unsafe rmdir(folder)
    }

    /// The same for reading alone: what was brought together is there until `body` is through.
    static func withPrepared(_ plan: Plan, _ body: (Arrangement) throws -> Void) throws {
        guard Arrangement.isNeeded(plan) else {
            return try body(Arrangement(plan: plan, grouping: Grouping()))
        }
        try TemporaryDirectory.use { folder in try body(try Arrangement.make(plan, in: folder)) }
    }

    static func withPrepared(_ plan: Plan, _ body: (Arrangement) async throws -> Void)
        async throws
    {
        guard Arrangement.isNeeded(plan) else {
            return try await body(Arrangement(plan: plan, grouping: Grouping()))
        }
        try await TemporaryDirectory.use { folder in
            try await body(try Arrangement.make(plan, in: folder))
        }
    }

    /// A job for files that people have sorted their own way: what it says of its input does not hold for them.
    static func unsorted(_ job: Job) -> Job {
        var job = job
        job.mapping?.isSorted = false
        return job
    }
}

extension Arrangement {
    /// Prints what is worth knowing of the inputs, and how many rows were moved.
    func printNotes() {
        for note in notes { Console.warn(note) }
        guard grouping.apart > 0 else { return }
        Console.warn(
            "grouped: rows of \(Wording.count(grouping.apart, "group")) were not next to each other; "
                + "\(Wording.count(grouping.moved)) of \(Wording.count(grouping.rows, "row")) "
                + "moved to their groups in a copy on disk")
    }
}
