package import Catalog
package import Ledger
package import Model

/// Brings records that stand in the server's queue to what has become of them there.
///
/// A record whose bill was replayed is accepted, under the id that a look-up finds for it; every other one stays
/// parked, with the reason that the queue gives now.
package struct QueueSettlement: Sendable {
    private let ledger: Ledger
    private let readClient: ReadClient
    private let org: OrgSettings
    private let environment: Environment

    /// How many records became what.
    package struct Settled: Sendable, Equatable {
        package var accepted = 0
        /// Repeats of one that is booked now.
        package var skipped = 0
        package var parked = 0
        /// Of jobs that another process has under way: what has become of theirs is told by a later call.
        package var held: Set<String> = []
    }

    package init(
        ledger: Ledger, sender: any Sender, org: OrgSettings, environment: Environment
    ) {
        self.ledger = ledger
        self.org = org
        self.environment = environment
        readClient = ReadClient(sender: sender, environment: environment)
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
        var pool = Pool(entries)
        var runs: [(run: RunRow, endpoint: Endpoint, readBack: ReadBack, records: [Record])] = []
        for run in try ledger.runs(limit: .max).reversed() where run.org == org.id {
            guard let endpoint = Endpoint.named(run.endpoint),
                case .readBack(let readBack) = endpoint.recovery, readBack.queue != nil
            else { continue }
            let records = try parked(in: run, endpoint, pool)
            guard !records.isEmpty else { continue }
            runs.append((run, endpoint, readBack, records))
            for record in records where record.evidence != nil { pool.claim(record.form) }
        }
        for (run, _, readBack, records) in runs {
            guard let lock = try hold(run.job) else {
                settled.held.insert(run.job)
                continue
            }
            for record in records {
                guard let evidence = record.evidence else { continue }
                try await settle(record, evidence, of: run, readBack, &pool, &settled)
            }
            for record in records where record.evidence == nil {
                try await settleRepeat(record, of: run, pool, &settled)
            }
            withExtendedLifetime(lock) {}
        }
        return settled
    }

    private struct Record {
        var number: Int64
        /// Of the bill number that a person knows it by.
        var form: String
        /// Nil where it was never sent itself: it repeats one that is parked.
        var evidence: Evidence?
    }

    /// The entries, each of which is one record's.
    private struct Pool {
        private var entries: [String: [QueueEntry]]
        /// Parked records that were sent, by number, whose entry is not told yet.
        private var open: [String: Int] = [:]
        private var booked: Set<String> = []
        /// Numbers of which the queue has given one up.
        private var stuck: Set<String> = []

        init(_ entries: [QueueEntry]) {
            self.entries = Dictionary(grouping: entries, by: \.form)
        }

        func has(_ form: String) -> Bool { entries[form] != nil }

        mutating func claim(_ form: String) { open[form, default: 0] += 1 }

        /// The entries left that are the record, else those that may be it in another form.
        func near(_ form: String, _ match: (QueueEntry) -> QueueMatch) -> [QueueEntry] {
            let left = entries[form] ?? []
            let same = left.filter { match($0) == .same }
            return same.isEmpty ? left.filter { match($0) != .other } : same
        }

        /// Records that may still be meant by what is left under a number.
        func rivals(_ form: String) -> Int { open[form] ?? 0 }

        /// It is this record's from now on.
        mutating func take(_ entry: QueueEntry) {
            guard let place = entries[entry.form]?.firstIndex(of: entry) else { return }
            entries[entry.form]?.remove(at: place)
            open[entry.form]? -= 1
            if entry.state == RejectedQueue.booked {
                booked.insert(entry.form)
            } else {
                stuck.insert(entry.form)
            }
        }

        /// Every record of that number that was sent is booked.
        func isBooked(_ form: String) -> Bool {
            guard rivals(form) == 0, !stuck.contains(form) else { return false }
            return booked.contains(form)
                || (entries[form] ?? []).allSatisfy { $0.state == RejectedQueue.booked }
        }
    }

    /// The parked records of a run that one of these bills may be.
    private func parked(in run: RunRow, _ endpoint: Endpoint, _ pool: Pool) throws -> [Record] {
        try ledger.parked(run: run.number).map {
            Record(
                number: $0.record,
                form: QueueEntry.form(of: $0.evidence.map { endpoint.key($0) } ?? $0.key ?? ""),
                evidence: $0.evidence)
        }.filter { pool.has($0.form) }
    }

    /// A repeat is done once what it repeats is.
    private func settleRepeat(_ record: Record, of run: RunRow, _ pool: Pool, _ settled: inout Settled)
        async throws
    {
        guard pool.isBooked(record.form) else {
            settled.parked += 1
            return
        }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(),
            [Settlement(record: record.number, event: .provedEqual)])
        settled.skipped += 1
    }

    private func settle(
        _ record: Record, _ evidence: Evidence, of run: RunRow, _ readBack: ReadBack,
        _ pool: inout Pool, _ settled: inout Settled
    ) async throws {
        let near = pool.near(record.form) { readBack.isQueued(evidence, $0) }
        guard let newest = near.last else {
            settled.parked += 1
            return
        }
        let now = environment.now()
        if let entry = near.first(where: { $0.state == RejectedQueue.booked }) {
            let id = try await find(evidence, record, of: run, readBack)
            // Without an id only where no other record can be meant.
            let isCertain =
                near.allSatisfy {
                    $0.state == RejectedQueue.booked && readBack.isQueued(evidence, $0) == .same
                }
                && pool.rivals(record.form) <= near.count
            if id != nil || isCertain {
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: now,
                    [
                        Settlement(
                            record: record.number, event: .provedPresent, detail: .proved, serverID: id)
                    ])
                try await ledger.remember(
                    run: run.number, record: record.number, at: now, kind: "proof",
                    environment.words(.settling(.queueBooked(id?.text))))
                pool.take(entry)
                settled.accepted += 1
                return
            }
        }
        settled.parked += 1
        guard newest.state != "OPEN", newest.state != RejectedQueue.booked else { return }
        pool.take(newest)
        var refusal = newest.refusal
        refusal.message = newest.state + (refusal.message.isEmpty ? "" : ": " + refusal.message)
        try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            [Settlement(record: record.number, event: .provedParked, refusal: refusal)])
    }

    /// The id under which it is booked, if a look-up finds one that no other record has.
    private func find(
        _ evidence: Evidence, _ record: Record, of run: RunRow, _ readBack: ReadBack
    ) async throws -> ServerID? {
        let sighter = Sighter(
            readClient: readClient, ledger: ledger, org: org, readBack: readBack, scope: run.scope,
            run: run.number)
        // Look-ups may lag after the replay.
        for attempt in 1...3 {
            if case .found(let id, _) = try await sighter.sight(evidence, record: record.number) {
                return id
            }
            await readClient.pause(attempt)
        }
        return nil
    }
}
