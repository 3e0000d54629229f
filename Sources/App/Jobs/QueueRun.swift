import Catalog
import Engine
import Foundation
package import Jobs
import Ledger
import Model
import Reports

/// A job of the queue: what is open is replayed, then what is left is told.
package enum QueueRun {
    /// - Parameter connection: Another one than the job's.
    package static func run(
        _ job: QueueJob, _ connection: String?, _ options: AppOptions
    ) async throws -> ExitStatus {
        let desk = try await RejectedQueueSession.open(
            connection ?? job.connection, options)
        return try await desk.use {
            let lock = try desk.context.lock(job.name)
            defer { withExtendedLifetime(lock) {} }
            return try await replay(job, desk)
        }
    }

    private static func replay(_ job: QueueJob, _ desk: RejectedQueueSession) async throws -> ExitStatus
    {
        let today = Int(Environment.real.now().milliseconds.flooringDivided(by: 86_400_000))
        let from = CivilDay(daysSinceEpoch: today - job.days)
        let to = CivilDay(daysSinceEpoch: today + 1)
        // What an earlier one left under way comes first: a bill is not replayed twice at once.
        if try !desk.context.ledger.retriggers(org: desk.org.id, isOpen: true, limit: 1).isEmpty {
            desk.say("an earlier retrigger is followed first")
            _ = try await desk.follow(patience: job.wait)
        }
        var filter = RejectedQueue.Filter(from: from, to: to, states: job.states)
        filter.wantsPayload = false
        let codes = Set(job.errorCodes)
        let open = try await desk.retrigger.list(filter).filter { entry in
            codes.isEmpty || entry.errors.contains { $0.code.map(codes.contains) ?? false }
        }
        if open.isEmpty {
            desk.say("the queue has nothing to replay")
        } else {
            let bills = Set(open.map(\.billNumber)).sorted()
            desk.say(
                "\(Wording.count(bills.count, "bill")) of the queue \(bills.count == 1 ? "is" : "are") checked again"
            )
            try await desk.retrigger.begin(bills, from: from, to: to)
            if try await desk.follow(patience: job.wait) == .passing { return .passing }
        }
        var rest = RejectedQueue.Filter(from: from, to: to)
        rest.wantsPayload = false
        let left = try await desk.retrigger.list(rest)
        if !desk.context.options.json {
            let width = Console.isTerminal ? Console.width : 100
            Console.put(Array(QueueTable(left).causes(width: width).utf8))
        }
        return left.isEmpty ? .fine : .problems
    }
}
