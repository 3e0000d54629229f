import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Runs several jobs in their order, each when those before it ended well enough, and reports on all at the end.
struct PlanRunner: JobRunner {
    let name: String
    let source: JobSource
    private let steps: [PlanFile.Step]
    /// Each comes after the one before it.
    private let isChain: Bool

    /// A plan as a file has it.
    init(_ plan: PlanFile, source: JobSource) {
        name = plan.name
        self.source = source
        steps = plan.steps
        isChain = false
    }

    /// Job files, each of which comes after the one before it.
    init(chain paths: [String]) {
        name = ""
        source = JobSource(path: "", text: "")
        steps = paths.map { PlanFile.Step(path: $0, after: []) }
        isChain = true
    }

    private struct Item {
        var step: PlanFile.Step
        var runner: any JobRunner

        var name: String { runner.name }
    }

    func check(_ request: RunRequest) throws {
        guard request.unfinished != .leave else {
            throw Failure(.usage, "--anew works for one job only.")
        }
    }

    func run(_ request: RunRequest, in context: AppContext) async throws -> ExitStatus {
        throw Failure(.usage, "\(source.path): a plan cannot stand in a plan.")
    }

    func resume(_ pending: PendingRow, in context: AppContext) async throws -> ExitStatus {
        throw Failure(.usage, "\(source.path) is now a plan: run it.")
    }

    func importJob() throws -> Job {
        throw Failure(
            .usage,
            "\(source.path) is a plan of \(steps.count) jobs, for `sluice run`; name one of its jobs here."
        )
    }

    /// A run that an earlier call left unfinished is resumed; the others begin, and send nothing that was accepted.
    ///
    /// - Returns: The exit status that weighs most; of steps that could not begin, that unsent remain.
    func run(_ request: RunRequest, _ options: AppOptions) async throws -> ExitStatus {
        try check(request)
        let stepRequest = RunRequest(
            connection: request.connection,
            unfinished: request.unfinished == .resumeFirst ? .resumeFirst : .resumeInstead)
        let items = try read()
        var context = try AppContext(options)
        context.isPart = true
        var ends: [String: (status: ExitStatus, isOver: Bool)] = [:]
        var summaries: [PlanSummary.Step] = []
        var isInterrupted = false
        for item in items {
            let blocked = item.step.after.filter { !Self.suffices(ends[$0]?.status, item.step.need) }
            guard blocked.isEmpty, !isInterrupted else {
                summaries.append(
                    PlanSummary.Step(
                        job: item.name, file: item.step.path,
                        why: isInterrupted
                            ? "interrupted before it started"
                            : "not started: " + blocked.joined(separator: ", ")
                                + " did not end well enough"))
                continue
            }
            if !options.quiet { Console.warn("\(item.name): \(item.step.path)") }
            let before = try context.ledger.runs(job: item.name, limit: 1).first?.number
            var summary = PlanSummary.Step(job: item.name, file: item.step.path)
            do {
                let status = try await item.runner.run(stepRequest, in: context)
                ends[item.name] = (status, true)
                summary.exitCode = Int(status.rawValue)
            } catch {
                guard let failure = error as? Failure ?? Failure(translating: error) else {
                    throw error
                }
                ends[item.name] = (failure.status, false)
                summary.exitCode = Int(failure.status.rawValue)
                summary.why = failure.message
                Console.complain(failure.message)
            }
            isInterrupted = [.interrupted, .terminated].contains(ends[item.name]?.status)
            let newest = try context.ledger.runs(job: item.name, limit: 1).first
            if let newest, ends[item.name]?.isOver == true || newest.number != before {
                summary.report = try RunReport(
                    run: newest, ledger: context.ledger,
                    rejects: try? RejectFiles.latest(in: context.ledger.folder(of: newest.id)),
                    isHeld: false)
            }
            summaries.append(summary)
        }
        let summary = PlanSummary(steps: summaries)
        await context.ledger.close()
        if options.json {
            Console.put(Array(try summary.json().utf8))
        } else {
            Console.put(Array(summary.text(width: 100).utf8))
        }
        let statuses =
            ends.values.map(\.status) + (summaries.contains { $0.exitCode == nil } ? [.timeLimit] : [])
        return ExitStatus.worst(of: statuses)
    }

    /// Reads every file first: what is wrong in the last one is said before anything is sent.
    private func read() throws -> [Item] {
        var items: [Item] = []
        for var step in steps {
            let runner = try JobLoader.load(step.path)
            if runner is PlanRunner {
                throw Failure(.usage, "\(step.path): a plan cannot contain a plan.")
            }
            let known = items.map(\.name)
            guard !known.contains(runner.name) else {
                throw Failure(.usage, "\(step.path): the job \(runner.name) is listed twice.")
            }
            if isChain { step.after = known.last.map { [$0] } ?? [] }
            for name in step.after where !known.contains(name) {
                throw Failure(
                    .usage,
                    "\(step.path): `after` names \(name), which is not a job before it. "
                        + (known.isEmpty
                            ? "It is the first." : "There are \(known.joined(separator: ", ")).")
                )
            }
            items.append(Item(step: step, runner: runner))
        }
        return items
    }

    private static func suffices(_ status: ExitStatus?, _ need: PlanFile.Need) -> Bool {
        switch need {
        case .landed: status == .fine
        case .settled: status == .fine || status == .problems
        case .ended: status != nil
        }
    }
}
