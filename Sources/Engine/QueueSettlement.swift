package import Catalog
package import Ledger
package import Model

/// Brings records that stand in the server's queue to what has become of them there.
///
/// A record whose bill was replayed is accepted, under the id that a look finds for it; every other one stays
/// parked, with the reason that the queue gives by now.
package struct QueueSettlement: Sendable {
    private let ledger: Ledger
    private let looking: Looking
    private let org: OrgSettings
    private let surroundings: Surroundings

    /// How many records became what.
    package struct Settled: Sendable, Equatable {
        package var accepted = 0
        /// Repeats of one that is booked by now.
        package var skipped = 0
        package var parked = 0
        /// Of jobs that another process has under way: what has become of theirs is told by a later call.
        package var held: Set<String> = []
    }

    package init(
        ledger: Ledger, sender: any Sender, org: OrgSettings, surroundings: Surroundings = .real
    ) {
        self.ledger = ledger
        self.org = org
        self.surroundings = surroundings
        looking = Looking(sender: sender, surroundings: surroundings)
    }

    /// - Parameters:
    ///   - entries: All of the bills concerned, in whatever state.
    ///   - hold: Holds a job while its records change; nil where another process has it.
    /// - Throws: ``LedgerError``; what `hold` throws.
    package func settle(_ entries: [QueueEntry], hold: (_ job: String) throws -> AnyObject?)
        async throws
        -> Settled
    {
        var settled = Settled()
        guard !entries.isEmpty else { return settled }
        let byBill = Dictionary(grouping: entries, by: \.billNumber)
        for run in try ledger.runs(limit: .max).reversed() where run.org == org.id {
            guard let endpoint = Endpoint.named(run.endpoint),
                case .readBack(let readBack) = endpoint.recovery, readBack.queue != nil
            else { continue }
            let records = try parked(in: run, endpoint, byBill)
            guard !records.isEmpty else { continue }
            guard let lock = try hold(run.job) else {
                settled.held.insert(run.job)
                continue
            }
            for record in records {
                try await settle(record, of: run, readBack, byBill[record.key] ?? [], &settled)
            }
            withExtendedLifetime(lock) {}
        }
        return settled
    }

    private struct Record {
        var number: Int64
        var key: String
        /// Nil where it was never sent itself: it repeats one that is parked.
        var evidence: Evidence?
    }

    /// The parked records of a run that one of these bills may be.
    private func parked(
        in run: RunRow, _ endpoint: Endpoint, _ byBill: [String: [QueueEntry]]
    ) throws -> [Record] {
        try ledger.parked(run: run.number).map {
            Record(
                number: $0.record, key: $0.evidence.map { endpoint.key($0) } ?? $0.key ?? "",
                evidence: $0.evidence)
        }.filter { byBill[$0.key] != nil }
    }

    private func settle(
        _ record: Record, of run: RunRow, _ readBack: ReadBack, _ entries: [QueueEntry],
        _ settled: inout Settled
    ) async throws {
        let near = entries.filter { entry in
            record.evidence.map { readBack.isQueued($0, entry) } ?? true
        }
        guard let newest = near.last else {
            settled.parked += 1
            return
        }
        let isBooked = near.allSatisfy { $0.state == RejectedQueue.booked }
        let now = surroundings.now()
        guard let evidence = record.evidence else {
            guard isBooked else {
                settled.parked += 1
                return
            }
            try await ledger.settle(
                run: run.number, scope: run.scope, at: now,
                [Settlement(record: record.number, event: .provedEqual)])
            settled.skipped += 1
            return
        }
        if near.contains(where: { $0.state == RejectedQueue.booked }) {
            let id = try await find(evidence, record, of: run, readBack)
            if id != nil || isBooked {
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: now,
                    [
                        Settlement(
                            record: record.number, event: .provedPresent, detail: .proved, serverID: id)
                    ])
                try await ledger.remember(
                    run: run.number, record: record.number, at: now, kind: "proof",
                    "the server's queue has booked it" + (id.map { " as \($0.text)" } ?? ""))
                settled.accepted += 1
                return
            }
        }
        settled.parked += 1
        guard newest.state != "OPEN" else { return }
        var refusal = newest.refusal
        refusal.message = newest.state + (refusal.message.isEmpty ? "" : ": " + refusal.message)
        try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            [Settlement(record: record.number, event: .provedParked, refusal: refusal)])
    }

    /// The id under which it is booked, if a look finds one that no other record has.
    private func find(
        _ evidence: Evidence, _ record: Record, of run: RunRow, _ readBack: ReadBack
    ) async throws -> ServerID? {
        // Looks may lag behind the replay.
        for attempt in 1...3 {
            if case .ids(let ids, _) = await looking.search(evidence, org, by: readBack) {
                let claimed = try ledger.claimed(
                    Set(ids.map(\.text)), scope: run.scope, run: run.number, record: record.number)
                if let id = ids.first(where: { !claimed.contains($0.text) }) { return id }
            }
            await looking.pause(attempt)
        }
        return nil
    }
}
