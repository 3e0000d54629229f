import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Goes on with all that is unfinished, the oldest first.
struct Resumption {
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

    private var bench: Workbench
    private let isSettlingOnly: Bool

    /// - Parameter isSettlingOnly: Sends nothing new: runs alone, and what they left in doubt.
    init(_ bench: Workbench, isSettlingOnly: Bool) {
        self.bench = bench
        self.isSettlingOnly = isSettlingOnly
    }

    /// - Returns: The exit status that weighs most; nil where nothing is unfinished.
    mutating func all() async throws -> ExitStatus? {
        var items = try bench.ledger.openRuns().map(Item.run)
        if !isSettlingOnly {
            items += try bench.ledger.openExports().map(Item.export)
            items += try bench.ledger.pending().map(Item.pending)
        }
        guard !items.isEmpty else { return nil }
        items.sort { ($0.started, $0.id) < ($1.started, $1.id) }
        // Several are one document.
        bench.isPart = bench.options.json && items.count > 1
        var rounds = Rounds(bench.ledger)
        for item in items {
            let (bench, isSettlingOnly) = (bench, isSettlingOnly)
            let before = rounds.worst
            let status = try await rounds.perform(item.id) {
                switch item {
                case .run(let run):
                    return try await Self.status(
                        JobRun(bench: bench).goOn(run, isSettlingOnly: isSettlingOnly))
                case .export(let export): return try await Self.goOn(export, bench)
                case .pending(let pending):
                    // The job's own unfinished runs came first.
                    guard before.letsTheNextBegin || !Self.hasOpen(pending, bench.ledger) else {
                        throw Failure(
                            .usage,
                            "run \(pending.id) does not begin before the unfinished run of "
                                + "\(pending.run.job) is looked at.")
                    }
                    return try await Self.goOn(pending, bench)
                }
            }
            if status.endsAll { break }
        }
        while !rounds.worst.endsAll, let run = try rounds.stuck() {
            let (bench, isSettlingOnly) = (bench, isSettlingOnly)
            _ = try await rounds.perform(run.id) {
                try await Self.status(
                    JobRun(bench: bench).goOn(run, isSettlingOnly: isSettlingOnly))
            }
        }
        if bench.isPart { try Self.tell(rounds, bench) }
        return rounds.worst
    }

    private static func status(_ code: Int32?) -> ExitStatus {
        code.map { ExitStatus(rawValue: $0) ?? .defect } ?? .fine
    }

    private static func hasOpen(_ pending: PendingRow, _ ledger: Ledger) -> Bool {
        (try? ledger.openRuns(job: pending.run.job).isEmpty) == false
    }

    static func goOn(_ export: ExportRow, _ bench: Workbench) async throws -> ExitStatus {
        guard export.isOpen, let order = ExportOrder(json: export.wanted) else {
            if !bench.options.quiet {
                Console.warn("export \(export.id) is \(export.state.rawValue): nothing to do")
            }
            return .fine
        }
        let line = try await bench.connect(to: export.connection, sending: false)
        let code = try await line.use {
            try await Console.muted(if: bench.isPart) {
                try await ExportConductor(bench: bench, line: line).conduct(
                    order, since: nil, series: export.series, output: export.path, isAnew: false)
            }
        }
        return status(code)
    }

    /// Begins a run that could not begin before, from where it was begun then. The job file counts as it is
    /// now: nothing was read by what it said.
    static func goOn(_ pending: PendingRow, _ bench: Workbench) async throws -> ExitStatus {
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
        if let now = try? Workbench.jobFile(at: run.jobFile), now.file.name == file.name {
            (file, text) = now
        }
        if !bench.options.quiet { Console.warn("run \(run.id): \(run.job) begins") }
        switch file {
        case .records(let job):
            return status(
                try await JobRun(bench: bench).begin(
                    job, text: text, path: run.jobFile, over: run.connection, anew: true,
                    pending: pending))
        case .export, .queue, .cards:
            return try await Console.muted(if: bench.isPart) {
                try await OtherRun(bench: bench).begin(
                    file, text: text, path: run.jobFile, over: run.connection, anew: false,
                    pending: pending)
            }
        case .plan:
            throw Failure(.usage, "\(run.jobFile) is a plan by now: run it.")
        }
    }

    /// All of them in one document.
    static func tell(_ rounds: Rounds, _ bench: Workbench) throws {
        let steps = try rounds.runs.map { id in
            let run = try bench.ledger.run(named: id.text)
            let pending = try run == nil ? bench.ledger.pending(named: id.text)?.run : nil
            let export = try run == nil && pending == nil ? bench.ledger.export(named: id.text) : nil
            var step = PlanSummary.Step(
                job: run?.job ?? pending?.job ?? export?.listing ?? "",
                file: run?.jobFile ?? pending?.jobFile ?? export?.path ?? "",
                why: pending?.ending ?? run?.ending)
            step.exitCode = rounds.status(of: id).map { Int($0.rawValue) }
            step.report = try run.map {
                try RunReport(
                    run: $0, ledger: bench.ledger,
                    rejects: try? RejectFiles.latest(in: bench.ledger.folder(of: $0.id)),
                    isHeld: false)
            }
            return step
        }
        Console.put(Array(try PlanSummary(steps: steps).json().utf8))
    }
}
