import Catalog
import Ledger
import Model
import Synchronization

// Doubts of calls whose requests have ids. The question "did it arrive?" is put by sending the very same
// request again: the server takes an id once, so nothing is done twice, whenever the first one is applied.
// The records stay in doubt in the meantime, and a crash in between does no harm. Served now, they were accepted;
// a refused id proves that the first arrived, and whom it served is looked up, record by record.
extension Execution {
    /// Those of the questions that looks can settle; the others are asked again, request by request.
    func askAgain(_ questions: [PendingDoubt], by same: SameRequest) async throws -> [PendingDoubt] {
        var requests: [Int64: [PendingDoubt]] = [:]
        for question in questions where !question.isAsked {
            // All of the request that are open still.
            requests[question.doubt.attempt] = doubts.values.filter {
                $0.doubt.attempt == question.doubt.attempt && !$0.isAsked && !$0.isGivenUp
            }.sorted { $0.doubt.record < $1.doubt.record }
        }
        for (attempt, members) in requests.sorted(by: { $0.key < $1.key }) {
            guard !isStopping else { break }
            try await askAgain(attempt, members, by: same)
        }
        return questions.filter(\.isAsked)
    }

    private func askAgain(_ attempt: Int64, _ members: [PendingDoubt], by same: SameRequest)
        async throws
    {
        guard let id = try ledger.callID(attempt: attempt), let first = members.first else {
            return members.forEach { doubts[$0.doubt.record]?.isAsked = true }
        }
        let evidence = members.map(\.doubt.evidence)
        let endpoint = plan.endpoint
        let items = evidence.map { same.item($0)[...] }
        let body = same.stamp(endpoint.body(items), id)
        let request = Request(
            endpoint.method, endpoint.target(of: items), host: endpoint.host,
            headers: plan.headers(same.attribution(first.doubt.evidence)), body: body,
            replyLimit: endpoint.chunk.replyLimit(records: items.count, body: body.count))
        let slot: Slot
        do {
            slot = try await sender.slot()
        } catch let error as SlotError {
            return stop(Self.cause(of: error))
        }
        if isStopping { return }
        let exchange = await sender.send(request, in: slot)
        board.withLock { $0.requests += 1 }
        let now = environment.now()
        for question in members {
            // It may be this one that is applied late: a miss has to wait from here.
            doubts[question.doubt.record]?.waitsFrom = now
        }
        guard case .reply(let reply) = exchange else {
            return try await unanswered(members, words(.doubt(.repeatUnanswered)), at: now)
        }
        switch endpoint.read(reply, evidence) {
        case .each(let dispositions) where dispositions.count == members.count:
            for (question, disposition) in zip(members, dispositions) {
                try await settle(question, disposition, at: now)
            }
        case .inDoubt(let refusal) where refusal.serverCode == SameRequest.usedCode:
            for question in members {
                try await look(question, words(.doubt(.repeatKnown)), at: now)
            }
        case .split(let refusal), .bare(let refusal):
            for question in members {
                // The first was refused as well, and the server still does not know its id: it did nothing.
                if question.doubt.refusal != nil {
                    doubts[question.doubt.record]?.doubt.refusal = refusal
                    if let question = doubts[question.doubt.record] {
                        try await proveAbsent(
                            question, at: now, words(.doubt(.repeatRejectedTwice)))
                    }
                    continue
                }
                try await look(
                    question, words(.doubt(.repeatRejected(refusal.message))), at: now)
            }
        case .refused(let refusal), .unauthorized(let refusal):
            if reply.status == 403 { return stop(StopReason(.authentication, refusal.message)) }
            try await unanswered(members, refusal.message, at: now)
        case .inDoubt(let refusal): try await unanswered(members, refusal.message, at: now)
        case .each, .again, .taken:
            try await unanswered(
                members, words(.doubt(.repeatLater(status: reply.status))), at: now)
        }
    }

    /// What the server says now of a record it had not served before.
    private func settle(_ question: PendingDoubt, _ disposition: Disposition, at now: Timestamp)
        async throws
    {
        let record = question.doubt.record
        func note(_ settlement: Settlement, _ answer: String) async throws -> Bool {
            let late = try await ledger.settle(
                run: run.number, scope: run.scope, at: now, [settlement])
            guard late.isEmpty else { return false }
            try await ledger.remember(
                run: run.number, record: record, at: now, kind: "proof",
                words(.doubt(.sentAgain(answer))))
            return true
        }
        switch disposition {
        case .accepted(let id, let warnings):
            let settlement = Settlement(
                record: record, event: .provedPresent, detail: .proved, serverID: id, warnings: warnings
            )
            guard try await note(settlement, words(.doubt(.repeatServed(id: id?.text)))) else {
                return try await look(question, words(.doubt(.idOfAnother)), at: now)
            }
            count(.accepted)
            retry.foundLost()
            if let id { remember(question.doubt.evidence, id, at: now) }
            answered(record, isAbsent: false)
        case .rejected(let refusal):
            _ = try await note(
                Settlement(record: record, event: .provedRejected, refusal: refusal), refusal.message)
            count(.rejected)
            answered(record, isAbsent: false)
            checkThreshold()
        case .again(_, let refusal):
            _ = try await note(
                Settlement(record: record, event: .provedAbsent),
                words(.doubt(.repeatNotDone(refusal.message))))
            answered(record, isAbsent: true)
            if let ticket = tickets[record], ticket.tries >= RetryPolicy.attempts {
                try await giveUp([ticket], refusal.message)
            }
        case .exists(let refusal), .parked(let refusal), .inDoubt(let refusal), .unbound(let refusal):
            try await look(question, refusal.message, at: now)
        }
    }

    /// From here on looks tell.
    private func look(_ question: PendingDoubt, _ why: String, at now: Timestamp) async throws {
        let record = question.doubt.record
        doubts[record]?.isAsked = true
        doubts[record]?.unclear = 0
        doubts[record]?.doubt.looked = nil
        retry.foundLost()
        try await ledger.remember(run: run.number, record: record, at: now, kind: "look", why)
    }

    private func unanswered(_ members: [PendingDoubt], _ why: String, at now: Timestamp) async throws {
        for question in members {
            let record = question.doubt.record
            doubts[record]?.unclear += 1
            doubts[record]?.doubt.looked = now
            try await ledger.remember(
                run: run.number, record: record, at: now, kind: "look",
                words(.doubt(.sentAgain(why))))
            if question.unclear + 1 >= RetryPolicy.repeats {
                doubts[record]?.givenUp =
                    words(.doubt(.sentAgainOften(RetryPolicy.repeats, why)))
                doubts[record]?.mayPass = true
            }
        }
    }
}
