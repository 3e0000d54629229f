import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Resumes what is unfinished: runs, exports, and runs that have not started.
package struct Resumption {
    private enum Item {
        case run(RunRow)
        case export(ExportRow)
        case pending(PendingRow)

        var id: RunID {
            switch self {
            case .run(let run): run.id
            case .export(let export): export.id
            case .pending(let pending): pending.id
            }
        }

        var started: Timestamp {
            switch self {
            case .run(let run): run.started
            case .export(let export): export.started
            case .pending(let pending): pending.run.started
            }
        }
    }

    private var context: AppContext
    private let isSettlingOnly: Bool

    /// - Parameter isSettlingOnly: Sends nothing new: runs alone, and what they left in doubt.
    init(_ context: AppContext, isSettlingOnly: Bool) {
        self.context = context
        self.isSettlingOnly = isSettlingOnly
    }

    /// Resumes one run or export, or all that are unfinished, as one command.
    ///
    /// - Parameters:
    ///   - name: Of a run or an export; nil: all, the oldest first.
    ///   - isSettlingOnly: Sends nothing new: only runs, and what they left in doubt.
    /// - Returns: The exit status that weighs most.
    /// - Throws: ``Failure``, or what it translates.
    package static func run(
        _ name: String?, _ options: AppOptions, isSettlingOnly: Bool
    ) async throws -> ExitStatus {
        let context = try AppContext(options)
        try context.ledger.refuseIfBehind(besides: context.host.path)
        let status: ExitStatus?
        if let name {
            status = try await resume(name, context, isSettlingOnly: isSettlingOnly)
        } else {
            var all = Resumption(context, isSettlingOnly: isSettlingOnly)
            status = try await all.all()
            if status == nil, !options.quiet { Console.warn("no run is unfinished: nothing to do") }
        }
        await context.ledger.close()
        return status ?? .fine
    }

    /// - Returns: Nil where there is nothing to do, which has been said.
    private static func resume(_ name: String, _ context: AppContext, isSettlingOnly: Bool) async throws
        -> ExitStatus?
    {
        if !isSettlingOnly, try context.ledger.run(named: name) == nil {
            if let pending = try context.ledger.pending(named: name) {
                return try await resume(pending, context)
            }
            if let export = try context.ledger.export(named: name) {
                return try await resume(export, context)
            }
        }
        let row = try context.run(name)
        // What an abandoned run left in doubt can still be settled, and nothing else of it.
        let isDoubtful = try row.state == .abandoned && context.ledger.hasDoubts(run: row.number)
        guard row.isOpen || isSettlingOnly && isDoubtful else {
            if !context.options.quiet {
                let words =
                    isDoubtful
                    ? "`sluice reconcile \(row.id)` settles its records in doubt"
                    : "nothing to do"
                Console.warn("run \(row.id) is \(row.state.rawValue): \(words)")
            }
            return nil
        }
        return try await ImportRun(context: context).resume(row, isSettlingOnly: isSettlingOnly)
    }

    /// - Returns: The exit status that weighs most; nil where nothing is unfinished.
    private mutating func all() async throws -> ExitStatus? {
        var items = try context.ledger.openRuns().map(Item.run)
        if !isSettlingOnly {
            items += try context.ledger.openExports().map(Item.export)
            items += try context.ledger.pending().map(Item.pending)
        }
        guard !items.isEmpty else { return nil }
        items.sort { ($0.started, $0.id) < ($1.started, $1.id) }
        // Several are one document.
        context.isPart = context.options.json && items.count > 1
        var sequence = RunSequence(context.ledger)
        for item in items {
            let (context, isSettlingOnly) = (context, isSettlingOnly)
            let before = sequence.worst
            let status = try await sequence.perform(item.id) {
                switch item {
                case .run(let run):
                    return try await ImportRun(context: context)
                        .resume(run, isSettlingOnly: isSettlingOnly) ?? .fine
                case .export(let export): return try await Self.resume(export, context)
                case .pending(let pending):
                    // The job's own unfinished runs came first.
                    guard before.letsTheNextBegin || !Self.hasOpen(pending, context.ledger) else {
                        throw Failure(
                            .usage,
                            "run \(pending.id) does not start until the unfinished run of "
                                + "\(pending.run.job) is resolved.")
                    }
                    return try await Self.resume(pending, context)
                }
            }
            if status.endsAll { break }
        }
        while !sequence.worst.endsAll, let run = try sequence.nextToRetry() {
            let (context, isSettlingOnly) = (context, isSettlingOnly)
            _ = try await sequence.perform(run.id) {
                try await ImportRun(context: context).resume(run, isSettlingOnly: isSettlingOnly)
                    ?? .fine
            }
        }
        if context.isPart { try Self.printSummary(of: sequence, context) }
        return sequence.worst
    }

    private static func hasOpen(_ pending: PendingRow, _ ledger: Ledger) -> Bool {
        (try? ledger.openRuns(job: pending.run.job).isEmpty) == false
    }

    static func resume(_ export: ExportRow, _ context: AppContext) async throws -> ExitStatus {
        guard export.isOpen, let order = ExportOrder(json: export.wanted) else {
            if !context.options.quiet {
                Console.warn("export \(export.id) is \(export.state.rawValue): nothing to do")
            }
            return .fine
        }
        let api = try await context.connect(to: export.connection, sending: false)
        return try await api.use {
            try await Console.muted(if: context.isPart) {
                try await ExportController(context: context, api: api).run(
                    order, since: nil, series: export.series, output: export.path, isAnew: false)
            }
        }
    }

    /// Begins a run that could not begin before, from where it was started then. The job file counts as it is
    /// now: nothing was read by what it said.
    static func resume(_ pending: PendingRow, _ context: AppContext) async throws -> ExitStatus {
        let run = pending.run
        let files = FileManager.default
        let here = files.currentDirectoryPath
        guard files.changeCurrentDirectoryPath(pending.directory) else {
            throw Failure(
                .usage,
                "\(pending.directory), the input of run \(run.id), no longer exists. Restore it, or `sluice abandon "
                    + "\(run.id)`.")
        }
        defer { _ = files.changeCurrentDirectoryPath(here) }
        let kept = JobSource(path: run.jobFile, text: run.jobText)
        var runner = try JobLoader.parse(kept)
        if let now = try? JobLoader.load(run.jobFile), now.name == runner.name { runner = now }
        if !context.options.quiet { Console.warn("run \(run.id): \(run.job) starts") }
        return try await runner.resume(pending, in: context)
    }

    /// All of them in one document.
    static func printSummary(of sequence: RunSequence, _ context: AppContext) throws {
        let steps = try sequence.runs.map { id in
            let run = try context.ledger.run(named: id.text)
            let pending = try run == nil ? context.ledger.pending(named: id.text)?.run : nil
            let export = try run == nil && pending == nil ? context.ledger.export(named: id.text) : nil
            var step = PlanSummary.Step(
                job: run?.job ?? pending?.job ?? export?.listing ?? "",
                file: run?.jobFile ?? pending?.jobFile ?? export?.path ?? "",
                why: pending?.ending ?? run?.ending)
            step.exitCode = sequence.status(of: id).map { Int($0.rawValue) }
            step.report = try run.map {
                try RunReport(
                    run: $0, ledger: context.ledger,
                    rejects: try? RejectFiles.latest(in: context.ledger.folder(of: $0.id)),
                    isHeld: false)
            }
            return step
        }
        Console.put(Array(try PlanSummary(steps: steps).json().utf8))
    }
}
