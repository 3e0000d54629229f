import Catalog
import Ledger
import Model
import Synchronization

// From a request that is cut to what its answer means for each record and for the run.
extension Execution {
    // MARK: Cutting requests

    func nextRequest() -> [Int64]? {
        guard !isStopping, !isSettlingOnly, inFlight < allowed else { return nil }
        let size =
            probes || stopping.isConfirming || wantsControl || isLearningHeader
            ? 1 : requestSize.current
        // What may be the last request goes when all others were accepted: it is then a witness, sent
        // later than they, for whatever of them a crash leaves in doubt.
        let isMaybeLast = builder.ready <= size && queues.waiting == 0 && delayed == 0
        guard !isMaybeLast || inFlight == 0 else { return nil }
        // A request that is not full costs as much as a full one: it goes only where nothing will
        // fill it.
        let isStalled = inFlight == 0 && (isFed || isFull)
        let isTail = isFed && queues.waiting == 0 && delayed == 0
        return builder.next(
            size: size, bodyLimit: plan.endpoint.chunk.bodyLimit,
            partial: isStalled || isTail || size == 1)
    }

    /// How many requests may be in flight now.
    var allowed: Int {
        let free = plan.window - lostRequests.count
        if free <= 0 { return wantsControl || stopping.isConfirming ? 1 : 0 }
        return stopping.isConfirming || probes || isLearningHeader ? 1 : min(limit.current, free)
    }

    // MARK: When a request was accepted

    func requestEnded(_ sent: [Ticket], _ end: RequestPipeline.End, _ latency: Duration) async throws {
        let flying = inFlight
        log(end, of: sent)
        switch end {
        case .noSlot, .calledBack, .taken, .unfit: break
        default: board.withLock { $0.requests += 1 }
        }
        switch end {
        case .noSlot, .calledBack, .taken, .unfit: break
        case .each, .split, .bare, .refused, .unauthorized, .underWay, .unproved:
            limit.succeeded(after: latency, inFlight: flying)
            retry.answered()
        case .again, .notSent, .lost: break
        }
        if case .unauthorized = end {} else { retry.authorized() }
        switch end {
        case .noSlot(let error):
            putBack(sent)
            stop(Self.cause(of: error))
        case .calledBack: putBack(sent)
        case .unfit(let refusals): try await leaveOut(refusals, of: sent)
        case .taken(let indices):
            try await makeRoom(for: sent, taken: indices)
        case .notSent(let trouble) where trouble.code == .certificate:
            putBack(sent)
            stop(StopReason(.authentication, trouble.message))
        case .notSent(let trouble):
            try await passing(
                sent, words(.run(.unreachable(cause: trouble.message))), failed: .server,
                isOutage: true)
        case .again(let after, let status):
            if status == 429 {
                limit.failed(.throttled)
                builder.addWhole(sent.map(\.number))
            } else {
                try await passing(
                    counted(sent), words(.settling(.serverAnswers(status: status))), after: after,
                    failed: .server)
            }
        case .lost(let refusal, let attempt, let at):
            let confirms = isConfirmation(sent)
            lose(sent, refusal, attempt: attempt, at: at)
            guard refusal.reason == .maintenance else { break }
            if confirms {
                stop(StopReason(.passing, words(.settling(.maintenancePage)), isOutage: true))
            } else {
                stopping.confirm()
            }
        case .unproved(let attempt, let records):
            lostRequests[attempt] = records
            let now = environment.now()
            for ticket in counted(sent) {
                doubt(ticket, attempt: attempt, since: now, company: records)
            }
            board.withLock { $0.inDoubt += records }
            wakeReconciler()
        // It is followed before it is accepted.
        case .underWay: break
        case .split(let refusal): try await split(sent, refusal)
        case .bare(let refusal, let attempt): try await question(sent, refusal, attempt: attempt)
        case .unauthorized(let refusal):
            // The first asks for a new token; what was in flight with it may be refused as well.
            let (endsRun, confirms) = retry.unauthorized()
            putBack(sent)
            if endsRun || isConfirmation(sent) {
                stop(StopReason(.authentication, refusal.message))
            } else if confirms {
                stopping.confirm()
            }
        case .refused(let refusal):
            if isConfirmation(sent) {
                let isAccess = refusal.reason == .forbidden || refusal.reason == .unauthorized
                putBack(sent)
                stop(
                    StopReason(
                        isAccess ? .authentication : .stopped,
                        words(.settling(.everythingRejected(refusal.message)))))
            } else {
                stopping.confirm()
                putBack(sent)
            }
        case .each(let dispositions, let attempt, let at):
            stopping.contradicted()
            try await growChunk(after: sent)
            try await note(sent, dispositions, attempt: attempt, at: at)
        }
        // Not before: while this awaited the ledger, its records were in no queue.
        inFlight -= 1
        checkThreshold()
        advance()
    }

    func isConfirmation(_ sent: [Ticket]) -> Bool {
        stopping.confirms(sent.map(\.number))
    }

    /// Those that may not go are invalid; the others are sent again at once.
    private func leaveOut(_ refusals: [Int: Refusal], of sent: [Ticket]) async throws {
        let unfit = refusals.map { index, refusal in
            let ticket = sent[index]
            let key = plan.endpoint.key(ticket.evidence)
            return Settlement(
                record: ticket.number, event: .foundInvalid,
                trouble: ticket.trouble(refusal, stage: "check", key: key))
        }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(), unfit)
        count(.invalid, unfit.count)
        for index in refusals.keys { settled(sent[index]) }
        let rest = sent.indices.filter { refusals[$0] == nil }.map { sent[$0].number }
        if !rest.isEmpty { builder.addWhole(rest) }
    }

    func putBack(_ sent: [Ticket]) {
        if sent.isEmpty { return }
        builder.addWhole(sent.map(\.number))
    }

    /// The same tickets with one more attempt that reached the server.
    func counted(_ sent: [Ticket]) -> [Ticket] {
        sent.map { ticket in
            var ticket = ticket
            ticket.tries += 1
            tickets[ticket.number] = ticket
            return ticket
        }
    }

    /// A temporary error: the same request again, later, as long as the budget lasts.
    func passing(
        _ sent: [Ticket], _ why: String, after: Duration? = nil,
        failed: InFlightLimit.Trouble, isOutage: Bool = false
    ) async throws {
        limit.failed(failed)
        var random = SystemRandomNumberGenerator()
        guard case .wait(let wait) = retry.failed(after: after, using: &random) else {
            putBack(sent)
            return stop(StopReason(.passing, why, isOutage: isOutage))
        }
        let exhausted = sent.filter { $0.tries >= RetryPolicy.attempts }
        try await giveUp(exhausted, why)
        let rest = sent.filter { $0.tries < RetryPolicy.attempts }.map(\.number)
        guard !rest.isEmpty else { return }
        delayed += 1
        outbox.yield(.wait(wait, rest, whole: true))
    }

    func giveUp(_ exhausted: [Ticket], _ why: String) async throws {
        guard !exhausted.isEmpty else { return }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(),
            exhausted.map {
                Settlement(
                    record: $0.number, event: .gaveUp,
                    trouble: $0.trouble(
                        Refusal(
                            .gaveUp, message: words(.settling(.gaveUp(attempts: $0.tries, why)))),
                        stage: "server",
                        key: plan.endpoint.key($0.evidence)))
            })
        board.withLock { $0.failed += exhausted.count }
        for ticket in exhausted { settled(ticket) }
    }

    /// The envelope refused the whole and nothing was done, so the attempt does not count: again in parts.
    func split(_ sent: [Ticket], _ refusal: Refusal) async throws {
        try await shrinkChunk(after: refusal, of: sent.count)
        divide(sent.map(\.number), inHalves: refusal.reason == .batchTooLarge)
    }

    func shrinkChunk(after refusal: Refusal, of records: Int) async throws {
        guard refusal.reason == .batchTooLarge, requestSize.wasTooLarge(records) else { return }
        try await learnChunkSize()
    }

    private func growChunk(after sent: [Ticket]) async throws {
        if requestSize.wasAnswered(sent.count) { try await learnChunkSize() }
    }

    private func learnChunkSize() async throws {
        try await ledger.learn(
            "chunk \(plan.endpoint.name)", String(requestSize.current),
            connection: plan.connection.name)
    }

    func lose(_ sent: [Ticket], _ refusal: Refusal, attempt: Int64, at: Timestamp) {
        limit.failed(.timeout)
        let loss = retry.lost()
        if loss.wantsSingles { probes = true }
        // An outage is not bad data: the records keep their attempts for when it is over.
        if loss.endsRun {
            let note = EngineNote.Settling.fruitless(retry.fruitless, refusal.message)
            stop(StopReason(.passing, words(.settling(note))))
        }
        if wantsControl {
            wantsControl = false
            stop(StopReason(.passing, words(.settling(.tooManyLost))))
        }
        lostRequests[attempt] = sent.count
        let now = environment.now()
        for var ticket in counted(sent) {
            ticket.lost += 1
            tickets[ticket.number] = ticket
            doubt(ticket, attempt: attempt, since: now, company: sent.count)
        }
        board.withLock { $0.inDoubt += sent.count }
        wakeReconciler()
    }

    /// - Parameters:
    ///   - refusal: What the server said, where it refused the request as a whole.
    ///   - company: How many records travelled in that request.
    func doubt(
        _ ticket: Ticket, attempt: Int64, since: Timestamp, refusal: Refusal? = nil, company: Int = 1
    ) {
        newestDoubt = max(newestDoubt, since)
        doubts[ticket.number] = PendingDoubt(
            Doubt(
                record: ticket.number, attempt: attempt, since: since, tries: ticket.tries, misses: 0,
                looked: nil, evidence: ticket.evidence, refusal: refusal, company: company),
            unbound: ticket.unbound)
    }

    func note(_ sent: [Ticket], _ dispositions: [Disposition], attempt: Int64, at: Timestamp)
        async throws
    {
        var accepted = 0
        var later: [(ticket: Ticket, after: Duration?, refusal: Refusal)] = []
        var unknown = 0
        // Where there is no doubt, one of a request is enough: a witness has to be sent later than the doubt.
        let remembersAll = !doubts.isEmpty || wantsControl
        var newest: (ticket: Ticket, id: ServerID)?
        for (ticket, disposition) in zip(sent, dispositions) {
            switch disposition {
            case .accepted(let id, _):
                accepted += 1
                if let id {
                    if remembersAll, let newest { remember(newest.ticket, newest.id, at: at) }
                    newest = (ticket, id)
                }
                settled(ticket)
            case .rejected:
                count(.rejected)
                settled(ticket)
            case .exists:
                count(.exists)
                if wantsLook, plan.endpoint.recovery.readBack != nil {
                    existing.append(
                        Existing(record: ticket.number, evidence: ticket.evidence))
                }
                settled(ticket)
            case .parked:
                count(.parked)
                settled(ticket)
            case .again(let after, let refusal):
                later.append((counted([ticket])[0], after, refusal))
            case .inDoubt(let refusal):
                unknown += 1
                let ticket = counted([ticket])[0]
                doubt(ticket, attempt: attempt, since: environment.now(), company: sent.count)
                // Under the same id nothing else will be answered.
                if refusal.reason == .repeatedRequest, plan.endpoint.recovery.readBack == nil {
                    doubts[ticket.number]?.givenUp = words(.settling(.requestIDUsed))
                }
            case .unbound:
                unknown += 1
                var ticket = counted([ticket])[0]
                ticket.unbound += 1
                tickets[ticket.number] = ticket
                doubt(ticket, attempt: attempt, since: environment.now(), company: sent.count)
            }
        }
        if let newest { remember(newest.ticket, newest.id, at: at) }
        count(.accepted, accepted)
        if unknown > 0 {
            lostRequests[attempt] = unknown
            limit.failed(.timeout)
        }
        if later.isEmpty && unknown == 0 { retry.succeeded() }
        board.withLock { $0.inDoubt += unknown }
        if unknown > 0 || !existing.isEmpty { wakeReconciler() }
        try await again(later)
    }

    /// Single records again, later: a busy customer is no reason to hold up the neighbours.
    func again(_ later: [(ticket: Ticket, after: Duration?, refusal: Refusal)]) async throws {
        var random = SystemRandomNumberGenerator()
        for (ticket, after, refusal) in later {
            guard ticket.tries < RetryPolicy.attempts else {
                try await giveUp([ticket], refusal.message)
                continue
            }
            let decision = retry.failedAlone(tries: ticket.tries, after: after, using: &random)
            guard case .wait(let wait) = decision else {
                putBack([ticket])
                stop(StopReason(.passing, words(.settling(.asksForTime(refusal.message)))))
                continue
            }
            delayed += 1
            outbox.yield(.wait(wait, [ticket.number], whole: true))
        }
    }

    /// A record's last step in this execution: those after it may go.
    func settled(_ ticket: Ticket) {
        tickets[ticket.number] = nil
        for record in queues.leave(ticket.number, keys: ticket.orderKeys) {
            guard let next = tickets[record], doubts[record] == nil else { continue }
            if holder(before: next) != nil {
                delayed += 1
                outbox.yield(.setAside(next))
            } else {
                makeReady(next)
            }
        }
    }

    /// A look-up has settled a doubtful record: it was accepted, or may be sent again.
    func answered(_ record: Int64, isAbsent: Bool) {
        guard let question = doubts.removeValue(forKey: record) else { return }
        if let left = lostRequests[question.doubt.attempt] {
            lostRequests[question.doubt.attempt] = left > 1 ? left - 1 : nil
        }
        if lostRequests.isEmpty {
            probes = false
            retry.allFound()
        }
        board.withLock { $0.inDoubt = max(0, $0.inDoubt - 1) }
        guard let ticket = tickets[record] else { return }
        guard isAbsent else { return settled(ticket) }
        tickets[record]?.wasInDoubt = true
        tickets[record]?.isLooked = true
        if queues.isFree(record), ticket.tries < RetryPolicy.attempts { makeReady(ticket) }
    }

    private func remember(_ ticket: Ticket, _ id: ServerID, at: Timestamp) {
        remember(
            ticket.evidence, id, at: at, of: RecordPlace(run: run.number, record: ticket.number))
    }

    func remember(
        _ evidence: Evidence, _ id: ServerID, at: Timestamp, of record: RecordPlace? = nil
    ) {
        wantsControl = false
        let kind = plan.endpoint.kind(evidence)
        let control = Control(evidence: evidence, id: id, sent: at, record: record)
        if !doubts.isEmpty, let type = plan.endpoint.recovery.readBack?.type(evidence),
            latest[type].map({ $0.sent < newestDoubt && $0.sent < at }) ?? true
        {
            latest[type] = control
        }
        // One that is later than every doubt serves as it is, and better the older it gets.
        if let known = controls[kind], known.sent > at || (!doubts.isEmpty && known.sent >= newestDoubt)
        {
            return
        }
        controls[kind] = control
    }

    var wantsLook: Bool {
        switch plan.verifyExisting {
        case .all: true
        case .none: false
        case .sample(let most): tally.existed <= most
        }
    }
}
