import Catalog
import Ledger
import Model
import Synchronization

// The server's own queue of rejected transactions: where a miss may be explained, and where what was
// answered as accepted may be after all. An entry is one record's.
extension Execution {
    /// Which of these stand in the server's queue; nil where that cannot be told now.
    ///
    /// An entry is one record's: where more could be meant than entries are there, a person decides.
    func inQueue(_ questions: [PendingDoubt], by readBack: ReadBack) async throws -> [Int64:
        QueueEntry]?
    {
        guard let queue = readBack.queue, let oldest = questions.map(\.doubt.since).min() else {
            return [:]
        }
        var matching: [Int64: [QueueEntry]] = [:]
        var alike: [Int64: [Alike.Difference]] = [:]
        let walked = await readClient.walk(
            queue(min(oldest, run.started).day(-1), environment.now().day(1))
        ) { entries in
            for entry in entries {
                for question in questions {
                    switch readBack.isQueued(question.doubt.evidence, entry) {
                    case .same: matching[question.doubt.record, default: []].append(entry)
                    case .alike(let differences): alike[question.doubt.record] = differences
                    case .other: break
                    }
                }
            }
        }
        var parked: [Int64: QueueEntry] = [:]
        for question in questions {
            let record = question.doubt.record
            if matching[record] == nil, let differences = alike[record] {
                try await notQuiteQueued(question, differences)
                continue
            }
            guard let entries = matching[record], let entry = entries.first else { continue }
            let key = plan.endpoint.key(question.doubt.evidence)
            let known = try ledger.troubles(key: key).count { $0.row.state.state == .parked }
            let rivals = doubts.values.count { rival in
                entries.contains { readBack.isQueued(rival.doubt.evidence, $0) != .other }
            }
            if rivals + known <= entries.count {
                parked[record] = entry
            } else {
                doubts[record]?.givenUp = words(.doubt(.queueAmbiguous(entries.count)))
            }
        }
        switch walked {
        case .done: return parked
        case .noSlot(let error): stop(Self.cause(of: error))
        case .refused(let refusal):
            for question in questions {
                doubts[question.doubt.record]?.givenUp =
                    words(.doubt(.queueUnread(refusal.message)))
                doubts[question.doubt.record]?.mayPass = true
            }
        case .unclear(let refusal):
            for question in questions {
                doubts[question.doubt.record]?.unclear += 1
                doubts[question.doubt.record]?.doubt.looked = environment.now()
                if question.unclear >= RetryPolicy.unclearLooks {
                    doubts[question.doubt.record]?.givenUp =
                        words(.doubt(.queueUnread(refusal.message)))
                    doubts[question.doubt.record]?.mayPass = true
                }
            }
        }
        return nil
    }

    /// The queue shows what may be the record in another form: a person looks.
    private func notQuiteQueued(_ question: PendingDoubt, _ differences: [Alike.Difference])
        async throws
    {
        let record = question.doubt.record
        let form = words(.doubt(.queueForm(Alike(nil, differences).words)))
        try await ledger.noteForms(
            run: run.number, record: record, at: environment.now(), form)
        doubts[record]?.givenUp = words(.doubt(.maybeInForm(form)))
    }

    func park(_ record: Int64, _ entry: QueueEntry, at now: Timestamp) async throws {
        let settlement = Settlement(
            record: record, event: .provedParked,
            trouble: tickets[record].map {
                $0.trouble(entry.refusal, stage: "server", key: plan.endpoint.key($0.evidence))
            }, refusal: entry.refusal)
        try await ledger.settle(run: run.number, scope: run.scope, at: now, [settlement])
        count(.parked)
        answered(record, isAbsent: false)
    }

    /// What the server parked after apparent success does not count as accepted.
    func sweep() async throws {
        guard let readBack = plan.endpoint.recovery.readBack, let queue = readBack.queue else {
            return
        }
        let now = environment.now()
        var last = Refusal(.serverTrouble)
        for attempt in 1...3 {
            var found: [QueueEntry] = []
            var isTold = true
            let walked = try await readClient.walk(queue(run.started.day(-1), now.day(1))) { entries in
                found += entries
                guard found.count >= 20_000 else { return }
                if try await !self.match(found, by: readBack) { isTold = false }
                found = []
            }
            if try await !match(found, by: readBack) { isTold = false }
            switch walked {
            case .done where isTold: return try await ledger.noteSweep(run: run.number, until: now)
            case .done:
                last = Refusal(.serverTrouble, message: words(.doubt(.queueUnclear)))
            case .unclear(let refusal), .refused(let refusal): last = refusal
            case .noSlot(let error):
                stopping.stop(Self.cause(of: error))
                return
            }
            await readClient.pause(attempt)
        }
        // An org without the queue, or credentials without access to it, would never be swept.
        if [.forbidden, .notFound].contains(last.reason) {
            say(words(.doubt(.queueNotChecked(last.message))))
        } else {
            stopping.stop(
                StopReason(.passing, words(.doubt(.queueNotRead(last.message)))))
        }
    }

    /// Parks the accepted records that stand in the queue after all.
    ///
    /// - Returns: Whether all could be told.
    private func match(_ entries: [QueueEntry], by readBack: ReadBack) async throws -> Bool {
        guard !entries.isEmpty else { return true }
        var isTold = true
        let byKey = Dictionary(grouping: entries, by: \.form)
        var members: [String: [Int64: Evidence]] = [:]
        try ledger.eachAttempt(run: run.number) { attempt in
            for member in attempt.members {
                let key = QueueEntry.form(of: plan.endpoint.key(member.evidence))
                guard let near = byKey[key],
                    near.contains(where: { readBack.isQueued(member.evidence, $0) != .other })
                else { continue }
                members[key, default: [:]][member.record] = member.evidence
            }
            return true
        }
        for (key, records) in members {
            var accepted: [(record: Int64, evidence: Evidence, id: ServerID?)] = []
            var known = 0
            for (record, evidence) in records.sorted(by: { $0.key < $1.key }) {
                guard let (state, id) = try ledger.record(run: run.number, record) else { continue }
                if state.state == .parked { known += 1 }
                if state.state == .accepted { accepted.append((record, evidence, id)) }
            }
            let near = (byKey[key] ?? []).filter { entry in
                records.values.contains { readBack.isQueued($0, entry) != .other }
            }
            let isExact = near.allSatisfy { entry in
                records.values.contains { readBack.isQueued($0, entry) == .same }
            }
            // An entry is one record's. Where fewer are there than records could be meant, or one is there
            // in another form, those that a look-up finds under their own id are booked.
            if accepted.count + known > near.count || !isExact {
                guard let missing = await missing(accepted, by: readBack) else {
                    isTold = false
                    continue
                }
                accepted = missing
            }
            for one in accepted.prefix(max(0, near.count - known)) {
                guard let entry = near.first(where: { readBack.isQueued(one.evidence, $0) != .other })
                else { continue }
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: environment.now(),
                    [Settlement(record: one.record, event: .provedParked, refusal: entry.refusal)])
                board.withLock { board in
                    board.accepted -= 1
                    board.parked += 1
                }
            }
        }
        return isTold
    }

    /// Those of the accepted that no look-up finds under the id they were given; nil where that cannot be told.
    private func missing(
        _ accepted: [(record: Int64, evidence: Evidence, id: ServerID?)], by readBack: ReadBack
    ) async -> [(record: Int64, evidence: Evidence, id: ServerID?)]? {
        var missing: [(record: Int64, evidence: Evidence, id: ServerID?)] = []
        for one in accepted {
            guard
                case .done(let entries) = await readClient.search(one.evidence, org, by: readBack)
            else { return nil }
            // Shown in another form, it is there.
            if one.id.map({ id in entries.alike.contains { $0.id == id } }) == true { continue }
            if one.id.map({ !entries.ids.contains($0) }) ?? true { missing.append(one) }
        }
        return missing
    }
}
