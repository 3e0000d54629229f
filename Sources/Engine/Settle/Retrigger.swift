package import Catalog
package import Ledger
package import Model

/// Has the server check bills of its queue again and replay them, and follows that to its end.
///
/// Each call is noted in the ledger before it leaves: one that was interrupted is followed by the next.
package struct Retrigger: Sendable {
    package typealias Filter = RejectedQueue.Filter

    private let ledger: Ledger
    private let sender: any Sender
    private let readClient: ReadClient
    private let environment: Environment
    private let org: String
    private let connection: String

    /// How far it is, for a person who waits.
    package struct Progress: Sendable, Equatable {
        package var bills: Int
        package var count: RejectedQueue.Count
    }

    /// Why the queue could not be read, or a call was refused.
    package struct Trouble: Error, Equatable {
        package enum Cause: Equatable, Sendable {
            /// What the server, or the way to it, said.
            case said(String)
            case interrupted
            case notMarked
            case answerLost
            /// The org has no such queue.
            case noQueue
        }
        package let isAccess: Bool
        package let cause: Cause

        init(_ cause: Cause, isAccess: Bool = false) {
            self.cause = cause
            self.isAccess = isAccess
        }
    }

    package init(
        ledger: Ledger, sender: any Sender, org: String, connection: String,
        environment: Environment
    ) {
        self.ledger = ledger
        self.sender = sender
        self.org = org
        self.connection = connection
        self.environment = environment
        readClient = ReadClient(sender: sender, environment: environment)
    }

    /// Every entry that the filter takes.
    ///
    /// - Throws: ``Trouble``; what `page` throws.
    package func list(_ filter: Filter, _ page: ([QueueEntry]) async throws -> Void) async throws {
        try value(try await readClient.walk(RejectedQueue.walk(filter), page))
    }

    package func list(_ filter: Filter) async throws -> [QueueEntry] {
        var entries: [QueueEntry] = []
        try await list(filter) { entries += $0 }
        return entries
    }

    /// Asks for a replay of these bills.
    ///
    /// - Parameters:
    ///   - bills: Their numbers, each once.
    ///   - from: The first day on which one of them was put there.
    /// - Throws: ``Trouble``: the server refuses; ``LedgerError``.
    package func begin(_ bills: [String], from: CivilDay, to: CivilDay) async throws {
        var rest = bills[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(RejectedQueue.callLimit))
            rest = rest.dropFirst(batch.count)
            let number = try await ledger.beginRetrigger(
                RetriggerRow(
                    org: org, connection: connection, started: environment.now(), bills: batch,
                    from: from.iso8601, to: to.iso8601))
            switch await once(RejectedQueue.retrigger(batch)) {
            case .success(let id):
                if let id { try await ledger.noteRetrigger(number, serverID: id) }
            case .failure(.lost):
                // What has become of the bills tells whether it arrived.
                continue
            case .failure(.refused(let trouble)):
                try await ledger.endRetrigger(
                    number, at: environment.now(),
                    environment.words(.settling(.retriggerRefused(trouble))))
                throw trouble
            }
        }
    }

    /// Gives bills up for good. - Throws: ``Trouble``.
    package func markFailed(_ bills: [String], errorCode: Int?, comment: String) async throws {
        switch await once(RejectedQueue.markFailed(bills, errorCode: errorCode, comment: comment)) {
        case .success(true): return
        case .success(false):
            throw Trouble(.notMarked)
        case .failure(.lost):
            throw Trouble(.answerLost)
        case .failure(.refused(let trouble)): throw trouble
        }
    }

    /// How far the server is with a retrigger.
    package func status(of id: String) async throws -> RejectedQueue.Count {
        try value(await readClient.call(RejectedQueue.status(of: id)))
    }

    /// Follows every retrigger of the org that is not at its end.
    ///
    /// - Parameters:
    ///   - patience: What is still open then stays so, for a later call.
    ///   - tell: Is told how far they are.
    /// - Returns: The entries of all their bills, as they are now, and whether all came to their end.
    /// - Throws: ``Trouble``; ``LedgerError``.
    package func follow(
        patience: Duration, tell: @Sendable (Progress) -> Void
    ) async throws -> (entries: [QueueEntry], isOver: Bool) {
        let rows = try ledger.retriggers(org: org, isOpen: true)
        guard !rows.isEmpty else { return ([], true) }
        let bills = Set(rows.flatMap(\.bills))
        let end = environment.now() + patience
        var pause: Duration = .milliseconds(100)
        var quiet = 0
        while true {
            var count = RejectedQueue.Count()
            var isTold = true
            for row in rows {
                guard let id = row.serverID, let one = try? await status(of: id) else {
                    isTold = false
                    continue
                }
                count.success += one.success
                count.fixed += one.fixed
                count.maxOut += one.maxOut
                count.replayed += one.replayed
            }
            tell(Progress(bills: bills.count, count: count))
            // Whoever is not fixed appears in no count: it is over once nothing is on its way, twice in a row.
            quiet = isTold && (count.replayed > 0 || count.fixed > 0) ? 0 : quiet + 1
            let isLate = environment.now() >= end
            if quiet >= (isTold ? 2 : 4) || isLate {
                let entries = try await entries(of: rows, bills)
                let onTheWay = entries.contains { ["REPLAYED", "FIXED"].contains($0.state) }
                if !onTheWay || isLate {
                    guard !onTheWay else { return (entries, false) }
                    try await close(rows, entries)
                    return (entries, true)
                }
                quiet = 0
            }
            try await environment.sleep(pause)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func entries(of rows: [RetriggerRow], _ bills: Set<String>) async throws -> [QueueEntry] {
        let today = environment.now().day(1)
        let days = rows.compactMap { CivilDay(iso8601: $0.from) }
        var filter = Filter(
            from: days.min { $0.daysSinceEpoch < $1.daysSinceEpoch } ?? today, to: today,
            states: RejectedQueue.states + [RejectedQueue.booked])
        filter.billNumbers = bills
        return try await list(filter)
    }

    private func close(_ rows: [RetriggerRow], _ entries: [QueueEntry]) async throws {
        let now = environment.now()
        for row in rows {
            let own = Set(row.bills)
            let states = Dictionary(
                grouping: entries.filter { own.contains($0.billNumber) }, by: \.state)
            let words = states.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            try await ledger.endRetrigger(
                row.number, at: now,
                words.isEmpty
                    ? environment.words(.settling(.retriggerFoundNone))
                    : words.joined(separator: ", "))
        }
    }

    // MARK: Calls

    private enum Failure: Error {
        case refused(Trouble)
        case lost(String)
    }

    /// A call that does something: sent again only where nothing was done.
    private func once<Value>(_ first: CallStep<Value>) async -> Result<Value, Failure> {
        var step = first
        var tries = 0
        while true {
            switch step {
            case .done(let value): return .success(value)
            case .unclear(let refusal): return .failure(.refused(trouble(refusal)))
            case .ask(let request, let then):
                tries += 1
                let slot: Slot
                do {
                    slot = try await sender.slot()
                } catch {
                    guard let error = error as? SlotError else {
                        return .failure(.refused(Trouble(.interrupted)))
                    }
                    return .failure(
                        .refused(Trouble(.said(error.message), isAccess: error.isAccess)))
                }
                switch await sender.send(request, in: slot) {
                case .reply(let reply) where [401, 429].contains(reply.status) && tries < 6:
                    if reply.status == 401, tries > 2 { step = then(reply) }
                case .reply(let reply) where reply.status >= 500:
                    return .failure(.lost("HTTP status \(reply.status)"))
                case .reply(let reply): step = then(reply)
                case .notSent(let trouble):
                    guard tries < 4 else {
                        return .failure(.refused(Trouble(.said(trouble.message))))
                    }
                    await readClient.pause(tries)
                case .unanswered(let trouble): return .failure(.lost(trouble.message))
                }
            }
        }
    }

    /// - Throws: ``Trouble`` where there is no answer.
    private func value<Value>(_ answer: ReadClient.Answer<Value>) throws -> Value {
        if case .done(let value) = answer { return value }
        if case .unclear(let refusal) = answer { throw trouble(refusal) }
        throw Trouble(
            .said(answer.failure?.message ?? ""), isAccess: answer.failure?.isAccess ?? false)
    }

    private func trouble(_ refusal: Refusal) -> Trouble {
        Trouble(
            refusal.reason == .notFound ? .noQueue : .said(refusal.message),
            isAccess: [.unauthorized, .forbidden].contains(refusal.reason))
    }
}
