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
    /// run's records are looked up first. Where the look-ups fail nothing is known, and nothing is sent.
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
            switch try await sightInSample(evidence, by: sighter) {
            case .found: found.append(evidence)
            case .absent: break
            case .unclear(let unclear) where unclear.isForm:
                // It may have been imported before, and would be there twice.
                return stop(
                    StopReason(.stopped, words(.meeting(.maybeThere(unclear.refusal.message)))))
            case .unclear(let unclear):
                let passes = unclear.refusal.reason.turn == .tryLater
                return stop(
                    StopReason(
                        passes ? .passing : .stopped,
                        words(.meeting(.untold(unclear.refusal.message))), isOutage: passes))
            case .refused(let refusal):
                return stop(
                    StopReason(.authentication, words(.meeting(.untold(refusal.message)))))
            case .noSlot(let error): return stop(Self.cause(of: error))
            }
            if isStopping { return }
        }
        guard !found.isEmpty else { return }
        let isRefused = found.allSatisfy { plan.endpoint.refusesRepeat($0, org) }
        if found.count * 2 >= sample.count, plan.verifyExisting != .all || !isRefused {
            let note = EngineNote.Meeting.sampleStops(found: found.count, of: sample.count)
            return stop(StopReason(.stopped, words(.meeting(note))))
        }
        guard !isRefused else {
            return say(words(.meeting(.sampleThere(found: found.count, of: sample.count))))
        }
        say(words(.meeting(.sampleLooks(found: found.count, of: sample.count))))
        looksFirst = true
        try await ledger.setLooks(true, run: run.number)
    }

    /// A failed look-up is no miss: it is made again. Most failures pass within two minutes; what is refused three
    /// times stays refused.
    private func sightInSample(_ evidence: Evidence, by sighter: Sighter) async throws -> Sighting {
        var looks = 0
        while true {
            let sighting = try await sighter.sight(evidence, record: -1)
            looks += 1
            switch sighting {
            case .unclear(let unclear) where !unclear.isForm:
                let passes = unclear.refusal.reason.turn == .tryLater
                guard looks < (passes ? RetryPolicy.firstLooks : RetryPolicy.refusedLooks) else {
                    return sighting
                }
            case .refused:
                guard looks < RetryPolicy.refusedLooks else { return sighting }
            default: return sighting
            }
            if isStopping { return sighting }
            try await environment.sleep(RetryPolicy.pause(afterUnclear: looks))
        }
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
    /// A miss counts once a second look agrees, made while look-ups see a record that is known to be there, if any
    /// is: a reply may be an old one.
    ///
    /// - Returns: What is to be done with those that are left.
    func lookFirst(_ sent: [Ticket], by sighter: Sighter) async throws -> (
        RequestPipeline.End, [Ticket]
    ) {
        var settlements: [Settlement] = []
        var end = RequestPipeline.End.calledBack
        var seen: (evidence: Evidence, id: ServerID)?
        let new = sent.filter { !$0.isLooked }
        var missed: Set<Int64> = []
        // The second time in the other order: no reply is then followed by the same one as before.
        look: for (ticket, isSecond) in new.map({ ($0, false) }) + new.reversed().map({ ($0, true) }) {
            if isStopping { break }
            let evidence = ticket.evidence
            if isSecond {
                guard missed.contains(ticket.number) else { continue }
                if let known = seen {
                    guard try await isSeen(known, by: sighter) else {
                        end = .notSent(
                            Trouble(.protocolViolation, words(.meeting(.knownUnseen))))
                        break look
                    }
                    seen = nil
                }
            }
            switch try await sighter.sight(evidence, record: ticket.number, isThorough: isSecond) {
            case .noSlot(let error):
                end = .noSlot(error)
                break look
            case .refused(let refusal):
                end = .refused(refusal)
                break look
            case .unclear(let unclear) where unclear.entries.isEmpty:
                // It shows nothing that a person could compare.
                end =
                    unclear.refusal.reason.turn == .tryLater
                    ? .notSent(Trouble(.protocolViolation, unclear.refusal.message))
                    : .refused(unclear.refusal)
                break look
            case .unclear(let unclear):
                settlements.append(doubtful(ticket, unclear.refusal.message))
            case .found(let id, _):
                settlements.append(
                    Settlement(
                        record: ticket.number, event: .foundDone, detail: .onServer, serverID: id))
                seen = (evidence, id)
                missed.remove(ticket.number)
            case .absent where isSecond: tickets[ticket.number]?.isLooked = true
            case .absent: missed.insert(ticket.number)
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

    /// Whether look-ups show a record that is there.
    private func isSeen(_ known: (evidence: Evidence, id: ServerID), by sighter: Sighter) async throws
        -> Bool
    {
        guard
            case .done(let entries) = await readClient.search(known.evidence, org, by: sighter.readBack)
        else {
            return false
        }
        return entries.ids.contains(known.id) || entries.alike.contains { $0.id == known.id }
    }

    private func doubtful(_ ticket: Ticket, _ why: String) -> Settlement {
        Settlement(
            record: ticket.number, event: .foundInvalid,
            trouble: ticket.trouble(
                Refusal(.maybeOnServer, message: why), stage: "look",
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
                        message: words(.meeting(.noRead(endpoint: plan.endpoint.name)))), stage: "look",
                    key: plan.endpoint.key(ticket.evidence))))
    }
}
