import Catalog
import Ledger
import Model
import Synchronization

// Requests that were refused as a whole: how they are split, and where a 400 says nothing, whether
// something was done anyway. A known 400 does nothing; where its records can be looked up, one look-up each
// makes sure of it, since only the server knows what its 400 means. A hit contradicts what is known: from
// then on such an answer counts as a lost one.
extension Execution {
    /// Requests whose looks found nothing, until what is known of a 400 is believed without looks.
    static let refusalsToBelieve = 3
    /// Records that go one by one after a refusal; of more, ten parts go first.
    static let singleLimit = 50

    /// Sends the records of a refused request again, in parts.
    ///
    /// - Parameter inHalves: It was too large; else one of its records is bad, and must not cost its neighbours.
    func divide(_ records: [Int64], inHalves: Bool = false) {
        let parts =
            if inHalves || plan.endpoint.fileJobs != nil {
                2
            } else {
                records.count > Self.singleLimit ? 10 : records.count
            }
        var rest = records[...]
        for part in 0..<min(parts, records.count) {
            let size = (rest.count + parts - part - 1) / (parts - part)
            builder.addWhole(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
    }

    /// The records of a request that was refused as a whole, and may have been done anyway: whether it was
    /// is found out first.
    func question(_ sent: [Ticket], _ refusal: Refusal, attempt: Int64) async throws {
        try await shrinkChunk(after: refusal, of: sent.count)
        lostRequests[attempt] = sent.count
        let now = environment.now()
        for ticket in sent {
            doubt(ticket, attempt: attempt, since: now, refusal: refusal, company: sent.count)
        }
        board.withLock { $0.inDoubt += sent.count }
        wakeReconciler()
    }

    /// Settles one request that was refused without a reason, where that is known to mean that nothing was done.
    ///
    /// - Returns: Whether there was one.
    func settleRefusal() async throws -> Bool {
        guard plan.endpoint.recovery.sameRequest == nil, plan.endpoint.badRequest != .unknown,
            !isRefusalContradicted, !isStopping,
            let attempt = doubts.values.filter({ $0.isRefused && !$0.isGivenUp }).map(\.doubt.attempt)
                .min()
        else { return false }
        let members = doubts.values.filter { $0.doubt.attempt == attempt && !$0.isGivenUp }
            .sorted { $0.doubt.record < $1.doubt.record }
        if provedRefusals < Self.refusalsToBelieve {
            for question in members {
                guard let found = try await lookAfterRefusal(question) else {
                    return true
                }
                if found { isRefusalContradicted = true }
            }
            guard !isRefusalContradicted else {
                sayOnce(words(.settling(.badRequestWasDone)))
                return true
            }
            provedRefusals += 1
        }
        let now = environment.now()
        for question in members {
            let note = EngineNote.Settling.badRequestProved(isRejected: question.doubt.company == 1)
            try await proveAbsent(question, at: now, words(.settling(note)))
        }
        advance()
        return true
    }

    /// - Returns: Whether the record is there, then it is settled; nil where the run stops. A look-up that says
    ///   nothing is no evidence against what is known.
    private func lookAfterRefusal(_ question: PendingDoubt) async throws -> Bool? {
        guard !isStopping, let sighter else { return nil }
        let record = question.doubt.record
        switch try await sighter.sight(question.doubt.evidence, record: record) {
        case .noSlot(let error):
            stop(Self.cause(of: error))
            return nil
        case .refused(let refusal):
            stop(StopReason(.authentication, words(.doubt(.notLookedUp(refusal.message)))))
            return nil
        // It may be there in another form: what is known of a 400 is not sure any more.
        case .unclear(let unclear): return isStopping ? nil : unclear.isForm
        case .absent: return false
        case .found(let id, let how):
            try await accept(question, id, how, at: environment.now())
            return true
        }
    }

    /// The attempt that left it in doubt did nothing: it is sent again, or is refused if that attempt was its own
    /// and the server said so.
    ///
    /// Such an attempt does not count, except one that it travelled in alone without an answer: a record that
    /// kills the server is given up at last.
    ///
    /// - Parameter proof: For the record's history.
    func proveAbsent(_ question: PendingDoubt, at now: Timestamp, _ proof: String) async throws {
        let record = question.doubt.record
        log("proved absent", ["record": "\(record)"])
        let isAlone = question.doubt.company == 1
        if let refusal = question.doubt.refusal, isAlone {
            let settlement = Settlement(
                record: record, event: .provedRejected,
                trouble: tickets[record].map {
                    $0.trouble(refusal, stage: "server", key: plan.endpoint.key($0.evidence))
                }, refusal: refusal)
            try await ledger.settle(run: run.number, scope: run.scope, at: now, [settlement])
            try await ledger.remember(run: run.number, record: record, at: now, kind: "proof", proof)
            count(.rejected)
            answered(record, isAbsent: false)
            return checkThreshold()
        }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            [Settlement(record: record, event: .provedAbsent)])
        try await ledger.remember(run: run.number, record: record, at: now, kind: "proof", proof)
        if let refusal = question.doubt.refusal {
            if refusal.reason != .batchTooLarge { single.insert(record) }
        } else if !isAlone, let tries = tickets[record]?.tries {
            tickets[record]?.tries = max(0, tries - 1)
        }
        answered(record, isAbsent: true)
        guard let ticket = tickets[record], ticket.tries >= RetryPolicy.attempts else { return }
        // Nobody gets an answer: that is no fault of this record.
        if retry.isFruitless {
            return stop(
                StopReason(.passing, words(.settling(.fruitless(retry.fruitless, nil)))))
        }
        try await giveUp([ticket], words(.settling(.noneAnswered)))
    }
}
