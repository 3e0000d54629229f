import Engine
import Foundation
package import Jobs
import Ledger
import Model
import Reports

/// Runs several jobs in their order, each when those before it ended well enough, and tells of all at the end.
package struct PlanRun {
    package let steps: [PlanFile.Step]
    /// Each comes after the one before it.
    package let isChain: Bool
    /// What is unfinished of a job goes on, and then the job begins.
    package var resumes = false

    package init(steps: [PlanFile.Step], isChain: Bool) {
        self.steps = steps
        self.isChain = isChain
    }

    private struct Item {
        var step: PlanFile.Step
        var name: String
        var file: JobFile
        var text: String
    }

    /// A run that an earlier call left unfinished goes on; the others begin, and send nothing that landed.
    ///
    /// - Returns: The exit status that weighs most; of steps that could not begin, that unsent remain.
    package func run(
        over connection: String?, _ options: AppOptions
    ) async throws -> Int32 {
        let items = try read()
        var context = try AppContext(options)
        context.isPart = true
        var ends: [String: (status: ExitStatus, isOver: Bool)] = [:]
        var told: [PlanSummary.Step] = []
        var isInterrupted = false
        for item in items {
            let blocked = item.step.after.filter { !Self.suffices(ends[$0]?.status, item.step.need) }
            guard blocked.isEmpty, !isInterrupted else {
                told.append(
                    PlanSummary.Step(
                        job: item.name, file: item.step.path,
                        why: isInterrupted
                            ? "interrupted before it began"
                            : "not begun: " + blocked.joined(separator: ", ")
                                + " did not end well enough"))
                continue
            }
            if !options.quiet { Console.warn("\(item.name): \(item.step.path)") }
            let before = try context.ledger.runs(job: item.name, limit: 1).first?.number
            var summary = PlanSummary.Step(job: item.name, file: item.step.path)
            do {
                let status = try await perform(item, over: connection, context)
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
            told.append(summary)
        }
        let summary = PlanSummary(steps: told)
        await context.ledger.close()
        if options.json {
            Console.put(Array(try summary.json().utf8))
        } else {
            Console.put(Array(summary.text(width: 100).utf8))
        }
        let statuses =
            ends.values.map(\.status) + (told.contains { $0.exitCode == nil } ? [.timeLimit] : [])
        return ExitStatus.worst(of: statuses).rawValue
    }

    /// Reads every file first: what is wrong in the last one is said before anything is sent.
    private func read() throws -> [Item] {
        var items: [Item] = []
        for var step in steps {
            let (file, text) = try AppContext.jobFile(at: step.path)
            if case .plan = file {
                throw Failure(.usage, "\(step.path): a plan cannot stand in a plan.")
            }
            let known = items.map(\.name)
            guard !known.contains(file.name) else {
                throw Failure(.usage, "\(step.path): the job \(file.name) stands here twice.")
            }
            if isChain { step.after = known.last.map { [$0] } ?? [] }
            for name in step.after where !known.contains(name) {
                throw Failure(
                    .usage,
                    "\(step.path): it comes after \(name), which is no job before it. "
                        + (known.isEmpty
                            ? "It is the first." : "There are \(known.joined(separator: ", ")).")
                )
            }
            items.append(Item(step: step, name: file.name, file: file, text: text))
        }
        return items
    }

    private func perform(
        _ item: Item, over connection: String?, _ context: AppContext
    ) async throws -> ExitStatus {
        let run = JobRun(context: context)
        switch item.file {
        case .queue, .cards, .export:
            return try await OtherRun(context: context).begin(
                item.file, text: item.text, path: item.step.path, over: connection, anew: false)
        case .plan: return .usage
        case .records(let job):
            if resumes || job.resumesByItself {
                return try await run.resumeAndBegin(
                    job, text: item.text, path: item.step.path, over: connection)
            }
            if let open = try context.ledger.openRuns(job: job.name).last,
                let code = try await run.goOn(open, isSettlingOnly: false)
            {
                return ExitStatus(rawValue: code) ?? .defect
            }
            let code = try await run.begin(
                job, text: item.text, path: item.step.path, over: connection, anew: false)
            return ExitStatus(rawValue: code) ?? .defect
        }
    }

    private static func suffices(_ status: ExitStatus?, _ need: PlanFile.Need) -> Bool {
        switch need {
        case .landed: status == .fine
        case .settled: status == .fine || status == .problems
        case .ended: status != nil
        }
    }
}
