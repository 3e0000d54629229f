import Engine
import Foundation
import Jobs
package import Ledger
import Model
import Reports

/// Goes on with all that is unfinished, the oldest first.
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
    package init(_ context: AppContext, isSettlingOnly: Bool) {
        self.context = context
        self.isSettlingOnly = isSettlingOnly
    }

    /// - Returns: The exit status that weighs most; nil where nothing is unfinished.
    package mutating func all() async throws -> ExitStatus? {
        var items = try context.ledger.openRuns().map(Item.run)
        if !isSettlingOnly {
            items += try context.ledger.openExports().map(Item.export)
            items += try context.ledger.pending().map(Item.pending)
        }
        guard !items.isEmpty else { return nil }
        items.sort { ($0.started, $0.id) < ($1.started, $1.id) }
        // Several are one document.
        context.isPart = context.options.json && items.count > 1
        var rounds = Rounds(context.ledger)
        for item in items {
            let (context, isSettlingOnly) = (context, isSettlingOnly)
            let before = rounds.worst
            let status = try await rounds.perform(item.id) {
                switch item {
                case .run(let run):
                    return try await Self.status(
                        JobRun(context: context).goOn(run, isSettlingOnly: isSettlingOnly))
                case .export(let export): return try await Self.goOn(export, context)
                case .pending(let pending):
                    // The job's own unfinished runs came first.
                    guard before.letsTheNextBegin || !Self.hasOpen(pending, context.ledger) else {
                        throw Failure(
                            .usage,
                            "run \(pending.id) does not begin before the unfinished run of "
                                + "\(pending.run.job) is looked at.")
                    }
                    return try await Self.goOn(pending, context)
                }
            }
            if status.endsAll { break }
        }
        while !rounds.worst.endsAll, let run = try rounds.stuck() {
            let (context, isSettlingOnly) = (context, isSettlingOnly)
            _ = try await rounds.perform(run.id) {
                try await Self.status(
                    JobRun(context: context).goOn(run, isSettlingOnly: isSettlingOnly))
            }
        }
        if context.isPart { try Self.tell(rounds, context) }
        return rounds.worst
    }

    private static func status(_ code: Int32?) -> ExitStatus {
        code.map { ExitStatus(rawValue: $0) ?? .defect } ?? .fine
    }

    private static func hasOpen(_ pending: PendingRow, _ ledger: Ledger) -> Bool {
        (try? ledger.openRuns(job: pending.run.job).isEmpty) == false
    }

    package static func goOn(_ export: ExportRow, _ context: AppContext) async throws -> ExitStatus {
        guard export.isOpen, let order = ExportOrder(json: export.wanted) else {
            if !context.options.quiet {
                Console.warn("export \(export.id) is \(export.state.rawValue): nothing to do")
            }
            return .fine
        }
        let line = try await context.connect(to: export.connection, sending: false)
        let code = try await line.use {
            try await Console.muted(if: context.isPart) {
                try await ExportController(context: context, line: line).conduct(
                    order, since: nil, series: export.series, output: export.path, isAnew: false)
            }
        }
        return status(code)
    }

    /// Begins a run that could not begin before, from where it was begun then. The job file counts as it is
    /// now: nothing was read by what it said.
    package static func goOn(_ pending: PendingRow, _ context: AppContext) async throws -> ExitStatus {
        let run = pending.run
        let files = FileManager.default
        let here = files.currentDirectoryPath
        guard files.changeCurrentDirectoryPath(pending.directory) else {
            throw Failure(
                .usage,
                "\(pending.directory) is gone, where run \(run.id) was to begin. Bring it back, or `sluice abandon "
                    + "\(run.id)`.")
        }
        defer { _ = files.changeCurrentDirectoryPath(here) }
        var (file, text) = (try JobFile.parse(yaml: run.jobText, file: run.jobFile), run.jobText)
        if let now = try? AppContext.jobFile(at: run.jobFile), now.file.name == file.name {
            (file, text) = now
        }
        if !context.options.quiet { Console.warn("run \(run.id): \(run.job) begins") }
        switch file {
        case .records(let job):
            return status(
                try await JobRun(context: context).begin(
                    job, text: text, path: run.jobFile, over: run.connection, anew: true,
                    pending: pending))
        case .export, .queue, .cards:
            return try await Console.muted(if: context.isPart) {
                try await OtherRun(context: context).begin(
                    file, text: text, path: run.jobFile, over: run.connection, anew: false,
                    pending: pending)
            }
        case .plan:
            throw Failure(.usage, "\(run.jobFile) is a plan by now: run it.")
        }
    }

    /// All of them in one document.
    package static func tell(_ rounds: Rounds, _ context: AppContext) throws {
        let steps = try rounds.runs.map { id in
            let run = try context.ledger.run(named: id.text)
            let pending = try run == nil ? context.ledger.pending(named: id.text)?.run : nil
            let export = try run == nil && pending == nil ? context.ledger.export(named: id.text) : nil
            var step = PlanSummary.Step(
                job: run?.job ?? pending?.job ?? export?.listing ?? "",
                file: run?.jobFile ?? pending?.jobFile ?? export?.path ?? "",
                why: pending?.ending ?? run?.ending)
            step.exitCode = rounds.status(of: id).map { Int($0.rawValue) }
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
