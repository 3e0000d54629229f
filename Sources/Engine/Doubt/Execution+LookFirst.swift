import Catalog
import Ledger
import Model
import Synchronization

// Looking before sending. A ledger that is older than what was sent, or that meets an org which has some of
// the input already, cannot tell what is new: there each record is looked up before it is sent for the first
// time, and only one that is certainly not on the server goes.
extension Execution {
    // MARK: A first meeting

    /// As many records, spread over the input, are looked up before the first request to an org that this
    /// ledger does not know, or knows from another host.
    static let meetingSample = 20

    /// What another ledger or another tool imported is in no ledger of ours, and not every org refuses it a
    /// second time. Where most of the sample is there, the run is told to stop; where some is, all of the
    /// run's records are looked up first.
    func meet() async throws {
        guard isFirstMeeting, !isSettlingOnly, plan.verifyExisting != .none,
            let sighter
        else { return }
        isFirstMeeting = false
        let drawn = await MeetingSample.draw(Self.meetingSample, of: plan)
        let owned = try await ledger.owned(drawn.map(\.identity), scope: run.scope)
        let sample = zip(drawn, owned).filter { !$0.1 }.map(\.0.evidence)
        guard !sample.isEmpty else { return }
        var found: [Evidence] = []
        for evidence in sample {
            // Of no record yet: whatever another record owns is that one's.
            switch try await sighter.sight(evidence, record: -1) {
            case .found: found.append(evidence)
            case .absent: break
            case .unclear(let unclear) where unclear.isForm:
                // It may have been imported before, and would be there twice.
                return stop(
                    StopReason(
                        .stopped,
                        "a record may be on the server already: \(unclear.refusal.message). If it "
                            + "is another one, `verify_existing: none` sends all records anyway"))
            case .unclear(let unclear):
                return say("the first look-up in the org failed: \(unclear.refusal.message)")
            case .refused(let refusal):
                return say("the first look-up in the org failed: \(refusal.message)")
            case .noSlot(let error): return stop(Self.cause(of: error))
            }
            if isStopping { return }
        }
        guard !found.isEmpty else { return }
        let isRefused = found.allSatisfy { plan.endpoint.refusesRepeat($0, org) }
        let words =
            "\(found.count) of \(sample.count) records, sampled over the input, are on the server already"
        if found.count * 2 >= sample.count, plan.verifyExisting != .all || !isRefused {
            return stop(
                StopReason(
                    .stopped,
                    words
                        + ": was this imported before? `verify_existing: none` sends all records anyway"
                )
            )
        }
        guard !isRefused else { return say(words) }
        say(words + ": each record is looked up before it is sent")
        looksFirst = true
        try await ledger.setLooks(true, run: run.number)
    }

    // MARK: Each record

    /// Nothing tells about this call's records whether the server has them: none goes before a person has decided.
    var isHolding: Bool {
        guard looksFirst else { return false }
        switch plan.endpoint.recovery {
        case .hold, .adoptJob: return true
        case .resend, .readBack, .resendSameRequestID: return false
        }
    }

    /// How a request's records are looked up before it goes; nil where they need not be.
    func firstLook(at sent: [Ticket]) -> Sighter? {
        guard looksFirst, sent.contains(where: { !$0.isLooked }) else { return nil }
        return sighter
    }

    /// Looks up those of a request that were not looked up yet. What is there is settled; what may be there is
    /// listed and not sent.
    ///
    /// - Returns: What is to be done with those that are left.
    func lookFirst(_ sent: [Ticket], by sighter: Sighter) async throws -> (
        RequestPipeline.End, [Ticket]
    ) {
        var settlements: [Settlement] = []
        var end = RequestPipeline.End.calledBack
        look: for ticket in sent where !ticket.isLooked {
            if isStopping { break }
            let evidence = ticket.evidence
            switch try await sighter.sight(evidence, record: ticket.number, isThorough: true) {
            case .noSlot(let error):
                end = .noSlot(error)
                break look
            case .refused(let refusal):
                end = .refused(refusal)
                break look
            case .unclear(let unclear)
            where unclear.entries.isEmpty && unclear.refusal.reason.turn == .tryLater:
                end = .notSent(Trouble(.protocolViolation, unclear.refusal.message))
                break look
            case .unclear(let unclear):
                settlements.append(doubtful(ticket, unclear.refusal.message))
            case .found(let id, _):
                settlements.append(
                    Settlement(
                        record: ticket.number, event: .foundDone, detail: .onServer, serverID: id))
            case .absent: tickets[ticket.number]?.isLooked = true
            }
        }
        let late = try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(), settlements)
        let settled = Set(settlements.map(\.record)).subtracting(late)
        let skipped = settlements.count { $0.event == .foundDone && settled.contains($0.record) }
        board.withLock { board in
            board.skipped += skipped
            board.invalid += settled.count - skipped
        }
        var left: [Ticket] = []
        for ticket in sent {
            if settled.contains(ticket.number) {
                self.settled(ticket)
            } else {
                left.append(tickets[ticket.number] ?? ticket)
            }
        }
        return (end, left)
    }

    private func doubtful(_ ticket: Ticket, _ words: String) -> Settlement {
        Settlement(
            record: ticket.number, event: .foundInvalid,
            trouble: ticket.trouble(
                Refusal(.maybeOnServer, message: words), stage: "look",
                key: plan.endpoint.key(ticket.evidence)))
    }

    /// Of a call that has no read.
    func holdBack(_ ticket: Ticket, _ held: inout Held) {
        held.withheld += 1
        held.settlements.append(
            Settlement(
                record: ticket.number, event: .foundInvalid,
                trouble: ticket.trouble(
                    Refusal(
                        .cannotLookUp,
                        message:
                            "the ledger is older than what was sent, and \(plan.endpoint.name) cannot be looked up"
                    ), stage: "look", key: plan.endpoint.key(ticket.evidence))))
    }
}
