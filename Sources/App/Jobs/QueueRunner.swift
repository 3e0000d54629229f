import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Reports

/// Runs jobs that replay the server's queue of rejected transactions: what is open is replayed, then the rest is listed.
struct QueueRunner: SelfResumingRunner {
    let job: QueueJob
    let source: JobSource

    var name: String { job.name }
    var connection: String { job.connection }
    var endpoint: String { "rejected" }

    func importJob() throws -> Job {
        throw Failure(
            .usage,
            "\(source.path): the job \(job.name) retriggers the server's queue and reads no input; use it with `sluice run`."
        )
    }

    func perform(over connection: String?, anew: Bool, _ context: AppContext) async throws -> ExitStatus
    {
        let queue = try await RejectedQueueSession.open(
            connection ?? job.connection, context.options)
        return try await queue.use {
            let lock = try queue.context.lock(job.name)
            defer { withExtendedLifetime(lock) {} }
            return try await replay(queue)
        }
    }

    private func replay(_ queue: RejectedQueueSession) async throws -> ExitStatus {
        let today = Int(Environment.real.now().milliseconds.flooringDivided(by: 86_400_000))
        let from = CivilDay(daysSinceEpoch: today - job.days)
        let to = CivilDay(daysSinceEpoch: today + 1)
        // What an earlier one left under way comes first: a bill is not replayed twice at once.
        if try !queue.context.ledger.retriggers(org: queue.org.id, isOpen: true, limit: 1).isEmpty {
            queue.say("an earlier retrigger is followed first")
            _ = try await queue.follow(patience: job.wait)
        }
        var filter = RejectedQueue.Filter(from: from, to: to, states: job.states)
        filter.wantsPayload = false
        let codes = Set(job.errorCodes)
        let open = try await queue.retrigger.list(filter).filter { entry in
            codes.isEmpty || entry.errors.contains { $0.code.map(codes.contains) ?? false }
        }
        if open.isEmpty {
            queue.say("the queue has nothing to retrigger")
        } else {
            let bills = Set(open.map(\.billNumber)).sorted()
            queue.say(
                "\(Wording.count(bills.count, "bill")) of the queue \(bills.count == 1 ? "is" : "are") checked again"
            )
            try await queue.retrigger.begin(bills, from: from, to: to)
            if try await queue.follow(patience: job.wait) == .passing { return .passing }
        }
        var rest = RejectedQueue.Filter(from: from, to: to)
        rest.wantsPayload = false
        let left = try await queue.retrigger.list(rest)
        if !queue.context.options.json {
            let width = Console.isTerminal ? Console.width : 100
            Console.put(Array(QueueTable(left).causes(width: width).utf8))
        }
        return left.isEmpty ? .fine : .problems
    }
}
