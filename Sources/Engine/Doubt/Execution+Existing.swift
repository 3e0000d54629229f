import Catalog
import Ledger
import Model
import Synchronization

// "Already exists" without a doubt of ours: each is looked up and compared, as far as the job asks.
extension Execution {
    /// Those that an earlier execution had yet to compare.
    func loadExisting() throws {
        guard plan.verifyExisting == .all, plan.endpoint.recovery.readBack != nil else { return }
        let records = try ledger.records(
            run: run.number, state: .rejected, reason: .existsUnverified, limit: plan.lookAhead)
        guard !records.isEmpty else { return }
        var evidence: [Int64: Evidence] = [:]
        try ledger.eachAttempt(run: run.number) { attempt in
            for member in attempt.members where records.contains(member.record) {
                evidence[member.record] = member.evidence
            }
            return true
        }
        existing = evidence.map { Existing(record: $0.key, evidence: $0.value) }
    }

    /// Looks one of them up and says what it is.
    func verifyOne(by readBack: ReadBack) async throws {
        guard var item = existing.popLast() else { return }
        let now = environment.now()
        guard
            let sighting = try await sighter?.sight(
                item.evidence, record: item.record, isThorough: true)
        else { return }
        switch sighting {
        case .noSlot(let error): stop(Self.cause(of: error))
        case .refused(let refusal):
            sayOnce(words(.doubt(.existingUncompared(refusal.message))))
            existing = []
        case .unclear(let unclear):
            item.unclear += 1
            if unclear.isForm, item.unclear >= 2 {
                // Neither equal nor different: it stays unverified, with both forms for a person.
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: now,
                    [
                        Settlement(
                            record: item.record, event: .provedConflict,
                            refusal: Refusal(.existsUnverified, message: unclear.refusal.message))
                    ])
            } else if item.unclear < RetryPolicy.comparisons {
                existing.insert(item, at: 0)
            }
        case .found(let id, _):
            let late = try await ledger.settle(
                run: run.number, scope: run.scope, at: now,
                [
                    Settlement(
                        record: item.record, event: .provedEqual, detail: .onServer, serverID: id)
                ])
            guard late.isEmpty else {
                existing.insert(item, at: 0)
                break
            }
            board.withLock { board in
                board.rejected -= 1
                board.skipped += 1
            }
        case .absent(let others):
            if !others.isEmpty {
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: now,
                    [
                        Settlement(
                            record: item.record, event: .provedConflict,
                            refusal: Refusal(
                                .conflict, message: words(.doubt(.serverHas(others)))))
                    ])
                tally.conflict()
                checkThreshold()
            }
        }
        advance()
    }
}
