import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// Has the server check bills of its queue again, and book those whose causes are fixed.
package struct QueueReplay {
    /// Bill numbers.
    package var bills: [String] = []
    /// Its name: the bills that this run left parked.
    package var run: String?
    /// Which bills; empty: all that are named.
    package var selection = QueueSelection()
    /// Nobody is asked to confirm.
    package var yes = false
    /// How long to follow it.
    package var wait = Duration.seconds(600)
    /// Nil: the run's, else that of the newest run.
    package var connection: String?
    let options: AppOptions

    package init(_ options: AppOptions) { self.options = options }

    /// Has the server check the bills again, and follows it.
    ///
    /// - Returns: ``ExitStatus/problems`` where some are not booked.
    package func run() async throws -> ExitStatus {
        let named = try self.run.map { try AppContext(options).run($0) }
        let queue = try await RejectedQueueSession.open(
            connection ?? named?.connection, options)
        return try await queue.use { try await replay(queue, named) }
    }

    private func replay(_ queue: RejectedQueueSession, _ named: RunRow?) async throws -> ExitStatus {
        let now = Environment.real.now()
        var filter = try selection.filter(states: RejectedQueue.replayable, now: now)
        filter.wantsPayload = false
        var wanted = Set(bills)
        if let named {
            let day = Int(named.started.milliseconds.flooringDivided(by: 86_400_000))
            if selection.from == nil { filter.from = CivilDay(daysSinceEpoch: day - 1) }
            wanted.formUnion(try parked(in: named, queue.context.ledger))
            if wanted.isEmpty {
                queue.say("run \(named.id) has no parked bills: nothing to do")
                return .fine
            }
        }
        if !wanted.isEmpty { filter.billNumbers = wanted }
        let entries = try await queue.retrigger.list(filter)
        let found = Set(entries.map(\.billNumber))
        let missing = wanted.subtracting(found)
        if !missing.isEmpty {
            queue.say(
                "\(Wording.count(missing.count, "bill")) of those named \(missing.count == 1 ? "is" : "are") not open in the queue"
            )
        }
        // What another already replayed has still to be told to the ledger.
        if found.isEmpty { return try await alreadyThere(missing, filter, queue) }
        guard try confirm(found.count, entries) else {
            queue.say("nothing was retriggered")
            return .problems
        }
        try await queue.retrigger.begin(found.sorted(), from: filter.from, to: filter.to)
        return try await queue.follow(patience: wait)
    }

    private func alreadyThere(
        _ missing: Set<String>, _ filter: RejectedQueue.Filter, _ queue: RejectedQueueSession
    ) async throws -> ExitStatus {
        guard !missing.isEmpty else {
            queue.say("no such bill is open in the queue: nothing to do")
            return .fine
        }
        var filter = filter
        filter.states = RejectedQueue.states + [RejectedQueue.booked]
        filter.wantsPayload = true
        let entries = try await queue.retrigger.list(filter)
        let settled = try await QueueSettlement(
            ledger: queue.context.ledger, sender: queue.api.sender, org: queue.org, environment: .real
        ).settle(entries) { try JobLock.take(job: $0, in: options.directory) }
        queue.say(
            "nothing to retrigger; in the ledger: \(Wording.count(settled.accepted)) accepted, "
                + "\(Wording.count(settled.parked)) still parked")
        return settled.parked == 0 ? .fine : .problems
    }

    private func parked(in run: RunRow, _ ledger: Ledger) throws -> Set<String> {
        let endpoint = Endpoint.named(run.endpoint)
        return Set(
            try ledger.parked(run: run.number).compactMap { row in
                row.evidence.flatMap { endpoint?.key($0) } ?? row.key
            })
    }

    private func confirm(_ count: Int, _ entries: [QueueEntry]) throws -> Bool {
        if yes { return true }
        let codes = Dictionary(grouping: entries.flatMap(\.errors), by: { $0.code ?? 0 })
            .sorted { $0.key < $1.key }.map { "\(Wording.count($0.value.count)) of \($0.key)" }
        let words = "\(Wording.count(count, "bill")) (errors: \(codes.joined(separator: ", ")))"
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(.usage, "\(words) would be retriggered. Use --yes to do it.")
        }
        Console.warn("Retrigger \(words)? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
