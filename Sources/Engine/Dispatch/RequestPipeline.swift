import Catalog
import Ledger
import Model

/// The way of one request that has its slot: intent, send, read, settle. Nothing waits between the
/// intent and the socket, so that a crash leaves in doubt at most what was in flight.
struct RequestPipeline: Sendable {
    let plan: Plan
    let ledger: Ledger
    let sender: any Sender
    let run: Int64
    /// The run's own, unique across machines.
    let name: String
    let scope: Int64
    let org: String
    let environment: Environment

    /// What became of a request.
    enum End: Sendable {
        /// No slot could be had; nothing was intended.
        case noSlot(SlotError)
        /// The run stops, and it had not left yet.
        case calledBack
        /// Others hold these identities (by index): nothing was intended.
        case taken([Int])
        /// These (by index) may never go as they are, as was found out before; nothing was intended.
        case unfit([Int: Refusal])
        /// It certainly did not arrive.
        case notSent(Trouble)
        /// It may have; all its records are in doubt, and the ledger says so.
        case lost(Refusal, attempt: Int64, sent: Timestamp)
        /// It was refused as a whole, and may have been done anyway; all its records are in doubt, and the ledger says so.
        case bare(Refusal, attempt: Int64)
        /// The whole may be sent again, in parts, or is refused; nothing was done, and the ledger says so.
        case again(after: Duration?, status: Int)
        case split(Refusal)
        case unauthorized(Refusal)
        case refused(Refusal)
        /// The server has a file and works on it; the attempt stays open until its job has ended.
        case underWay(attempt: Int64, sent: Timestamp)
        /// A job ended, or was not followed any longer, without proof for each row; the ledger says so.
        case unproved(attempt: Int64, records: Int)
        /// Each by itself; the ledger has it.
        case each([Disposition], attempt: Int64, sent: Timestamp)
    }

    /// - Parameter items: What is sent of each.
    /// - Returns: The end, and how long the exchange took.
    /// - Throws: Only what the ledger throws: then the run cannot continue.
    func carry(_ tickets: [Ticket], as items: [ArraySlice<UInt8>], in slot: Slot) async throws
        -> (end: End, latency: Duration)
    {
        let started = environment.now()
        var members = PackedMembers()
        members.reserve(tickets.count)
        for ticket in tickets {
            members.append(
                ticket.number, ticket.identity, ticket.content,
                ticket.batch.evidenceBytes(ticket.index))
        }
        let intent = try await ledger.intend(
            NewAttempt(
                run: run, scope: scope, started: started, members: members,
                digest: tickets.reduce(0) { $0 &* 31 &+ $1.content },
                mark: tickets.map(\.mark).min() ?? 0, callID: callID(for: tickets)))
        guard case .durable(let attempt, let callID) = intent else {
            guard case .taken(let indices) = intent else { return (.taken([]), .zero) }
            return (.taken(indices), .zero)
        }
        let exchange = await sender.send(
            request(for: tickets, items, callID, attempt: attempt), in: slot)
        let ended = environment.now()
        let end = try await settle(exchange, of: tickets, attempt: attempt, sent: started, ended: ended)
        return (end, ended.since(started))
    }

    /// The ids that the request may have, one a generation; nil where requests have none.
    private func callID(for tickets: [Ticket]) -> (@Sendable (Int) -> String)? {
        guard plan.endpoint.recovery.sameRequest != nil else { return nil }
        let identities = tickets.map(\.identity)
        let (org, endpoint) = (org, plan.endpoint.name)
        return { SameRequest.id(org: org, endpoint: endpoint, identities, generation: $0) }
    }

    private func request(
        for tickets: [Ticket], _ items: [ArraySlice<UInt8>], _ callID: String?, attempt: Int64
    ) -> Request {
        let endpoint = plan.endpoint
        if let jobs = endpoint.fileJobs {
            var request = jobs.upload(
                items, to: endpoint, stem: FileJobs.stem(run: name, attempt: attempt))
            // It tells about the job, never of rows.
            request.headers += plan.headers(nil)
            request.replyLimit = endpoint.chunk.replyLimit(records: 1, body: 0)
            return request
        }
        var body = endpoint.body(items)
        if let callID, let same = endpoint.recovery.sameRequest { body = same.stamp(body, callID) }
        // What only sets is not repeated below either: the first copy may be applied late, after a newer value.
        return Request(
            endpoint.method, endpoint.target(of: items), host: endpoint.host,
            headers: plan.headers(tickets.first?.attribution),
            body: body, adds: true,
            replyLimit: endpoint.chunk.replyLimit(records: items.count, body: body.count))
    }

    private func settle(
        _ exchange: Exchange, of tickets: [Ticket], attempt: Int64, sent: Timestamp, ended: Timestamp
    ) async throws -> End {
        func note(
            _ state: AttemptEnd.State, reply: Reply? = nil, trouble: String? = nil,
            _ settlement: (Ticket) -> Settlement
        ) async throws {
            try await ledger.settle(
                attempt: attempt, run: run,
                end: AttemptEnd(
                    state: state, ended: ended, status: reply?.status, requestID: reply?.requestID,
                    trouble: trouble),
                tickets.map(settlement))
        }
        func lose(_ refusal: Refusal, reply: Reply? = nil) async throws -> End {
            try await note(.unanswered, reply: reply, trouble: refusal.message) {
                doubt($0, refusal)
            }
            return .lost(refusal, attempt: attempt, sent: sent)
        }
        func undo(
            _ end: End, _ reply: Reply, _ words: String, _ state: AttemptEnd.State = .unclean
        ) async throws -> End {
            try await note(state, reply: reply, trouble: words) {
                Settlement(record: $0.number, event: .undone)
            }
            return end
        }
        /// It is refused as a whole, and only a look-up, or its own request id, tells whether it did nothing.
        func ask(_ refusal: Refusal, _ reply: Reply) async throws -> End {
            try await note(.refused, reply: reply, trouble: refusal.message) {
                doubt(
                    $0,
                    Refusal(
                        .unlistedStatus, serverCode: refusal.serverCode, message: refusal.message),
                    tries: $0.tries)
            }
            return .bare(refusal, attempt: attempt)
        }

        switch exchange {
        case .notSent(let trouble):
            try await note(.notSent, trouble: trouble.message) {
                Settlement(record: $0.number, event: .undone)
            }
            return .notSent(trouble)
        case .unanswered(let trouble):
            return try await lose(
                Refusal(.noAnswer, message: "\(trouble.code.rawValue): \(trouble.message)"))
        case .reply(let reply):
            switch plan.endpoint.read(reply, tickets.map(\.evidence)) {
            case .inDoubt(let refusal): return try await lose(refusal, reply: reply)
            case .taken: return .underWay(attempt: attempt, sent: sent)
            case .again(let after):
                return try await undo(.again(after: after, status: reply.status), reply, "again")
            case .bare(let refusal) where mayHaveActed(isBare: true, tickets.count):
                return try await ask(refusal, reply)
            case .split(let refusal) where mayHaveActed(isBare: false, tickets.count):
                return try await ask(refusal, reply)
            case .split(let refusal), .bare(let refusal):
                guard tickets.count == 1 else {
                    return try await undo(.split(refusal), reply, refusal.message, .refused)
                }
                // Alone and still refused as a whole: it is this record's own.
                let dispositions = zip(tickets, [Self.alone(refusal)]).map(own)
                try await note(.clean, reply: reply) { settlement(of: $0, dispositions[0]) }
                return .each(dispositions, attempt: attempt, sent: sent)
            case .unauthorized(let refusal):
                return try await undo(.unauthorized(refusal), reply, refusal.message)
            case .refused(let refusal): return try await undo(.refused(refusal), reply, refusal.message)
            case .each(let read):
                let dispositions =
                    tickets.contains(where: \.wasInDoubt) ? zip(tickets, read).map(own) : read
                // A reader that does not give one each would be a defect; nobody is lost over it.
                guard read.count == tickets.count else {
                    return try await lose(
                        Refusal(
                            .unboundAnswer,
                            message: environment.words(.sending(.replyUnmatched))),
                        reply: reply)
                }
                let settlements = zip(tickets, dispositions).map { self.settlement(of: $0, $1) }
                let isClean = !settlements.contains { $0.event == .undone || $0.event == .lostAnswer }
                let end = AttemptEnd(
                    state: isClean ? .clean : .unclean, ended: ended, status: reply.status,
                    requestID: reply.requestID)
                if isClean, canBeAsked {
                    // Nothing depends on it but later intents, and a crash leaves a doubt that settles itself.
                    ledger.settleSoon(attempt: attempt, run: run, end: end, settlements)
                } else {
                    try await ledger.settle(attempt: attempt, run: run, end: end, settlements)
                }
                return .each(dispositions, attempt: attempt, sent: sent)
            }
        }
    }

    /// Whether a doubt about a record can be settled without a person.
    private var canBeAsked: Bool {
        switch plan.endpoint.recovery {
        case .hold, .adoptJob: false
        case .resend, .readBack, .resendSameRequestID: true
        }
    }

    /// Whether a request that was refused as a whole may have done something anyway.
    ///
    /// - Parameter isBare: The refusal does not say why.
    private func mayHaveActed(isBare: Bool, _ records: Int) -> Bool {
        switch plan.endpoint.recovery {
        // Its id is settled first.
        case .resendSameRequestID: isBare || records > 1
        case .readBack: isBare
        case .hold, .adoptJob: isBare && plan.endpoint.badRequest == .unknown
        // A repeat changes nothing.
        case .resend: false
        }
    }

    /// The end of an attempt whose file the server had taken.
    ///
    /// - Parameter trouble: Why its job proves nothing about single rows; nil where it proves them all.
    func conclude(
        _ tickets: [Ticket], attempt: Int64, sent: Timestamp, unproved trouble: Refusal?
    ) async throws -> End {
        let ended = environment.now()
        guard let trouble else {
            let dispositions = tickets.map { _ in Disposition.accepted(nil, []) }
            try await ledger.settle(
                attempt: attempt, run: run,
                end: AttemptEnd(state: .clean, ended: ended, status: 200),
                zip(tickets, dispositions).map { settlement(of: $0, $1) })
            return .each(dispositions, attempt: attempt, sent: sent)
        }
        try await ledger.settle(
            attempt: attempt, run: run,
            end: AttemptEnd(state: .unclean, ended: ended, status: 200, trouble: trouble.message),
            tickets.map { doubt($0, trouble) })
        return .unproved(attempt: attempt, records: tickets.count)
    }

    /// What a refusal of the whole says of the only record in it.
    private static func alone(_ refusal: Refusal) -> Disposition {
        switch refusal.reason {
        case .duplicate: .exists(refusal)
        case .parkedByServer: .parked(refusal)
        case .batchTooLarge: .rejected(refusal.alone)
        default: .rejected(refusal)
        }
    }

    /// "Exists" after a doubt of ours is a question again: a look-up tells whose it is.
    ///
    /// Of what bears repeats it is done: by the attempt whose answer was lost, or already before that.
    private func own(_ ticket: Ticket, _ disposition: Disposition) -> Disposition {
        guard ticket.wasInDoubt, case .exists(let refusal) = disposition else { return disposition }
        switch plan.endpoint.recovery {
        case .readBack, .resendSameRequestID: return .inDoubt(refusal)
        case .resend:
            // That a request has come says nothing of what it did.
            if refusal.reason == .repeatedRequest { return .inDoubt(refusal) }
            return .accepted(
                nil, [Warning(code: refusal.serverCode ?? 0, message: refusal.message)])
        default: return disposition
        }
    }

    private func settlement(of ticket: Ticket, _ disposition: Disposition) -> Settlement {
        func trouble(_ refusal: Refusal) -> Candidate.Trouble {
            ticket.trouble(refusal, stage: "server", key: plan.endpoint.key(ticket.evidence))
        }
        switch disposition {
        case .accepted(let id, let warnings):
            return Settlement(
                record: ticket.number, event: .answeredAccepted,
                detail: warnings.isEmpty ? .none : .warned,
                serverID: id, warnings: warnings)
        case .rejected(let refusal):
            return Settlement(
                record: ticket.number, event: .answeredRejected, trouble: trouble(refusal))
        case .exists(let refusal):
            // Until it is looked up and compared.
            let reason =
                refusal.reason == .repeatedRequest ? refusal.reason : .existsUnverified
            let unverified = Refusal(
                reason, field: refusal.field, serverCode: refusal.serverCode,
                message: refusal.message)
            return Settlement(
                record: ticket.number, event: .answeredRejected, trouble: trouble(unverified))
        case .parked(let refusal):
            return Settlement(record: ticket.number, event: .answeredParked, trouble: trouble(refusal))
        case .again: return Settlement(record: ticket.number, event: .undone)
        case .inDoubt(let refusal), .unbound(let refusal): return doubt(ticket, refusal)
        }
    }

    /// - Parameter tries: How many attempts may have reached the server; with this one, where nil.
    private func doubt(_ ticket: Ticket, _ refusal: Refusal, tries: Int? = nil) -> Settlement {
        Settlement(
            record: ticket.number, event: .lostAnswer,
            trouble: ticket.trouble(
                refusal, stage: "answer", key: plan.endpoint.key(ticket.evidence)),
            evidence: ticket.evidence, tries: tries ?? ticket.tries + 1)
    }
}
