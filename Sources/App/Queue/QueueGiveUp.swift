import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// Gives bills of the queue up for good.
package struct QueueGiveUp {
    /// Bill numbers; empty: all with the error code.
    package var bills: [String] = []
    /// Bills with this error; nil: any.
    package var errorCode: Int?
    /// Nobody is asked to confirm.
    package var yes = false
    /// Why; the server keeps it.
    package var comment: String
    /// Nil: that of the newest run.
    package var connection: String?
    let options: AppOptions

    package init(comment: String, _ options: AppOptions) {
        self.comment = comment
        self.options = options
    }

    /// - Returns: ``ExitStatus/problems`` where some are not in the queue, or nobody confirmed.
    package func run() async throws -> ExitStatus {
        let queue = try await RejectedQueueSession.open(connection, options)
        return try await queue.use {
            let now = Environment.real.now()
            let today = Int(now.milliseconds.flooringDivided(by: 86_400_000))
            var standing = RejectedQueue.Filter(
                from: CivilDay(daysSinceEpoch: today - 400),
                to: CivilDay(daysSinceEpoch: today + 1))
            if !bills.isEmpty { standing.billNumbers = Set(bills) }
            standing.errorCode = errorCode
            standing.wantsPayload = false
            let concerned = try await queue.retrigger.list(standing)
            try refuseAccepted(
                Set(bills).union(concerned.map(\.billNumber)), queue.context.ledger, org: queue.org)
            guard try confirm(concerned) else {
                queue.say("nothing was marked")
                return .problems
            }
            try await queue.retrigger.markFailed(bills, errorCode: errorCode, comment: comment)
            var filter = RejectedQueue.Filter(
                from: CivilDay(daysSinceEpoch: today - 400),
                to: CivilDay(daysSinceEpoch: today + 1),
                states: ["PERMANENT_FAILED"])
            if !bills.isEmpty { filter.billNumbers = Set(bills) }
            filter.errorCode = errorCode
            let entries = try await queue.retrigger.list(filter)
            _ = try await QueueSettlement(
                ledger: queue.context.ledger, sender: queue.api.sender, org: queue.org,
                environment: .real
            ).settle(entries) { try JobLock.take(job: $0, in: options.directory) }
            queue.say("\(Wording.count(entries.count, "bill")) marked as failed")
            let missing = Set(bills).subtracting(entries.map(\.billNumber))
            if !missing.isEmpty {
                queue.say("not in the queue: \(missing.sorted().joined(separator: ", "))")
                return .problems
            }
            return .fine
        }
    }

    /// The server gives up whatever bears the number, for good.
    private func confirm(_ entries: [QueueEntry]) throws -> Bool {
        if yes { return true }
        let count = entries.isEmpty ? bills.count : entries.count
        let codes = Dictionary(grouping: entries.flatMap(\.errors), by: { $0.code ?? 0 })
            .sorted { $0.key < $1.key }.map { "\(Wording.count($0.value.count)) of \($0.key)" }
        let words =
            Wording.count(count, "bill")
            + (codes.isEmpty ? "" : " (errors: \(codes.joined(separator: ", ")))")
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage,
                "\(words) would be marked as failed for good. Nothing was marked; --yes does it.")
        }
        Console.warn("Mark \(words) as failed for good? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    /// - Throws: ``Failure``: the ledger holds one of them as accepted, and none of its number as parked.
    private func refuseAccepted(_ bills: Set<String>, _ ledger: Ledger, org: OrgSettings) throws {
        let runs = Dictionary(
            try ledger.runs(limit: .max).map { ($0.number, $0) },
            uniquingKeysWith: { first, _ in first })
        for bill in bills.sorted() {
            var accepted: RunRow?
            var isParked = false
            for attempt in try ledger.attempts(holding: bill) {
                guard let run = runs[attempt.run], run.org == org.id,
                    let endpoint = Endpoint.named(run.endpoint), endpoint.hasQueue
                else { continue }
                for member in attempt.members where endpoint.key(member.evidence) == bill {
                    switch try ledger.record(run: run.number, member.record)?.state.state {
                    case .accepted?: accepted = run
                    case .parked?: isParked = true
                    default: break
                    }
                }
            }
            guard let accepted, !isParked else { continue }
            throw Failure(
                .usage,
                "bill \(bill) was accepted by run \(accepted.id), so it is booked. Nothing was marked. "
                    + "If it is in the queue anyway, run `sluice reconcile \(accepted.id)` first."
            )
        }
    }
}
