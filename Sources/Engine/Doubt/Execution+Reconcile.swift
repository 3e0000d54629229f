import Catalog
import Ledger
import Model
import Synchronization

// Settling what is in doubt. A hit is proof at once. A miss is evidence only if it came
// `doubt.wait` after the attempt's end, two look-ups agree, a control that was sent later is found by
// the same call, and the server's queue of rejected transactions does not hold the record.
extension Execution {
    func loadDoubts() throws {
        for var doubt in try ledger.doubts(run: run.number) {
            doubt.tries = countsTries ? max(doubt.tries, earlierTries[doubt.record] ?? 1) : 0
            // Misses are counted again: what they were worth is known to the execution that saw them.
            doubt.misses = 0
            doubt.looked = nil
            doubts[doubt.record] = PendingDoubt(doubt, waitsFrom: max(begun, doubt.since))
            newestDoubt = max(newestDoubt, doubt.since)
        }
        let count = doubts.count
        board.withLock { $0.inDoubt = count }
        guard count > 0 else { return }
        // What others sent later than the doubtful ones can witness as well: this run's earlier
        // executions, and any other run of the scope.
        for attempt in try ledger.answeredAttempts(scope: run.scope, limit: 500) {
            for (member, result) in zip(attempt.members, attempt.results)
            where result == .answeredAccepted {
                let kind = plan.endpoint.kind(member.evidence)
                guard controls[kind] == nil,
                    let id = try ledger.record(run: attempt.run, member.record)?.serverID
                else { continue }
                remember(
                    member.evidence, id, at: attempt.started,
                    of: RecordPlace(run: attempt.run, record: member.record))
            }
        }
    }

    func wakeReconciler() {
        lookWaiter?.resume()
        lookWaiter = nil
    }

    /// Looks as look-ups come due, until the execution is over.
    func reconcile() async throws {
        if let jobs = plan.endpoint.fileJobs { return try await adopt(by: jobs) }
        guard let readBack = plan.endpoint.recovery.readBack else {
            return try await settleWithoutLooks()
        }
        while !Task.isCancelled {
            let now = environment.now()
            if !existing.isEmpty, !isStopping { try await verifyOne(by: readBack) }
            if try await settleRefusal() { continue }
            let due = doubts.values.filter { !$0.isGivenUp && $0.next(wait: wait(for: $0)) <= now }
                .sorted { $0.doubt.record < $1.doubt.record }.prefix(50)
            if isStopping || isOver {
                // What remains is for the next resume.
                return
            }
            if !due.isEmpty {
                var asked = Array(due)
                if let same = plan.endpoint.recovery.sameRequest {
                    asked = try await askAgain(asked, by: same)
                }
                try await look(asked, by: readBack)
                advance()
                continue
            }
            if !existing.isEmpty { continue }
            advance()
            let next = doubts.values.filter { !$0.isGivenUp }.map { $0.next(wait: wait(for: $0)) }.min()
            if let next {
                // At most a moment, for what is due may change in the meantime.
                let pause = max(.milliseconds(10), min(next.since(now), .milliseconds(500)))
                try await environment.sleep(pause)
            } else if isOver {
                return
            } else {
                await withCheckedContinuation { lookWaiter = $0 }
            }
        }
    }

    /// How long a miss has to wait before it counts.
    private func wait(for question: PendingDoubt) -> Duration {
        plan.endpoint.refusesRepeat(question.doubt.evidence, org)
            ? min(plan.doubt.wait, .seconds(60)) : plan.doubt.wait
    }

    // MARK: Looks

    private func look(_ questions: [PendingDoubt], by readBack: ReadBack) async throws {
        guard let sighter else { return }
        var missed: [PendingDoubt] = []
        for question in questions where !(doubts[question.doubt.record]?.isGivenUp ?? true) {
            let record = question.doubt.record
            let asked = environment.now()
            let sighting = try await sighter.sight(question.doubt.evidence, record: record)
            let now = environment.now()
            switch sighting {
            case .noSlot(let error): return stop(Self.cause(of: error))
            case .refused(let refusal):
                return stop(
                    StopReason(.authentication, words(.doubt(.notLookedUp(refusal.message)))))
            case .unclear(let unclear):
                guard !Task.isCancelled else { return }
                try await note(unclear, of: question, asked: asked, at: now)
            case .found(let id, let how):
                silentLooks = 0
                try await accept(question, id, how, at: now)
            case .absent(let others):
                silentLooks = 0
                let counts = asked >= question.waitsFrom + wait(for: question)
                // Forms seen under other keys still count: this look-up did not ask for those.
                doubts[record]?.unclear = 0
                doubts[record]?.doubt.looked = now
                doubts[record]?.doubt.misses += counts ? 1 : 0
                try await ledger.noteLook(
                    run: run.number, record: record, at: now, missed: counts,
                    words(.doubt(.notFound(others: others, counts: counts))))
                if let question = doubts[record], question.doubt.misses >= 2 { missed.append(question) }
            }
        }
        if !missed.isEmpty { try await conclude(missed, by: readBack) }
    }

    /// A look-up that settles nothing: what it shows may be the record, or it says nothing.
    ///
    /// What may be the record in another form is looked for twice, since another record may claim it in the meantime,
    /// or a reply was an old one. What says nothing is requested up to twenty times a record, and all doubts are
    /// given up after ``RetryPolicy/silentLooks`` such look-ups in a row, whosever they were.
    private func note(
        _ unclear: Sighting.Unclear, of question: PendingDoubt, asked: Timestamp, at now: Timestamp
    ) async throws {
        let record = question.doubt.record
        let shown = unclear.refusal.message
        doubts[record]?.unclear += 1
        doubts[record]?.doubt.looked = now
        doubts[record]?.doubt.misses = 0
        if unclear.isForm {
            silentLooks = 0
            try await ledger.noteForms(run: run.number, record: record, at: now, shown)
            // Known now, it is found by the next look-up.
            if try await learnForms(of: unclear.entries) { return }
            guard asked >= question.waitsFrom + wait(for: question) else { return }
            doubts[record]?.forms += 1
            if question.forms >= 1 {
                doubts[record]?.givenUp = words(.doubt(.maybeInForm(shown)))
            }
            return
        }
        silentLooks += 1
        if question.unclear == 2 { sayOnce(words(.doubt(.inconclusiveSoFar(shown)))) }
        if question.unclear >= RetryPolicy.unclearLooks {
            doubts[record]?.givenUp = shown
            doubts[record]?.mayPass = true
        }
        if silentLooks >= RetryPolicy.silentLooks {
            sayOnce(words(.doubt(.inconclusiveInARow(silentLooks, shown))))
            for (record, question) in doubts where !question.isGivenUp {
                doubts[record]?.givenUp = shown
                doubts[record]?.mayPass = true
            }
        }
        try await ledger.noteLook(
            run: run.number, record: record, at: now, missed: false,
            words(.doubt(.inconclusive(shown))))
    }

    func accept(
        _ question: PendingDoubt, _ id: ServerID, _ how: String? = nil, at now: Timestamp
    ) async throws {
        let record = question.doubt.record
        let late = try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            [Settlement(record: record, event: .provedPresent, detail: .proved, serverID: id)])
        // Another run has claimed it in the meantime: the next look-up sees that.
        guard late.isEmpty else { return }
        log("proved present", ["record": "\(record)"])
        try await ledger.remember(
            run: run.number, record: record, at: now, kind: "proof",
            words(.doubt(.found(id: id.text, how: how))))
        count(.accepted)
        retry.foundLost()
        answered(record, isAbsent: false)
        checkThreshold()
        advance()
    }

    // MARK: What two misses mean

    private func conclude(_ missed: [PendingDoubt], by readBack: ReadBack) async throws {
        var witnessed: [PendingDoubt] = []
        var found: [String: Bool] = [:]
        for question in missed {
            let evidence = question.doubt.evidence
            if plan.endpoint.refusesRepeat(evidence, org) {
                if try await isMissedStill(question) { witnessed.append(question) }
                continue
            }
            let witnesses = try witnesses(for: question)
            guard !witnesses.isEmpty,
                witnesses.allSatisfy({
                    environment.now().since($0.sent) >= min(wait(for: question), .seconds(10))
                })
            else {
                waitForControl(question)
                continue
            }
            var isSeen: Bool? = true
            for witness in witnesses where isSeen == true {
                if found[witness.id.text] == nil {
                    found[witness.id.text] = try await isFound(witness, by: readBack)
                }
                isSeen = found[witness.id.text]
            }
            guard let isSeen else { continue }
            if isSeen {
                // Look-ups may lag: only one that is asked when the witness is seen already proves anything.
                if try await isMissedStill(question) { witnessed.append(question) }
            } else {
                // The look-up does not see what is there: its misses were none.
                doubts[question.doubt.record]?.doubt.misses = 0
                doubts[question.doubt.record]?.doubt.looked = environment.now()
                doubts[question.doubt.record]?.blind += 1
                if question.blind >= RetryPolicy.blindLooks {
                    doubts[question.doubt.record]?.givenUp = words(.doubt(.blind))
                }
            }
        }
        guard !witnessed.isEmpty else { return }
        guard let parked = try await inQueue(witnessed, by: readBack) else { return }
        let now = environment.now()
        for question in witnessed {
            let record = question.doubt.record
            if let entry = parked[record] {
                try await park(record, entry, at: now)
                continue
            }
            if plan.doubt.resend == .never {
                doubts[record]?.givenUp = words(.doubt(.neverResent))
                continue
            }
            try await proveAbsent(question, at: now, words(.doubt(.provedAbsent)))
        }
    }

    /// One more look, also by the forms under which a server may have filed the record: it may be found after
    /// all, and then it is accepted.
    private func isMissedStill(_ question: PendingDoubt) async throws -> Bool {
        let record = question.doubt.record
        let asked = environment.now()
        let sighting = try await sighter?.sight(
            question.doubt.evidence, record: record, isThorough: true)
        let now = environment.now()
        switch sighting {
        case .absent: return true
        case .found(let id, let how): try await accept(question, id, how, at: now)
        case .unclear(let unclear): try await note(unclear, of: question, asked: asked, at: now)
        case .refused(let refusal): stop(StopReason(.authentication, refusal.message))
        case .noSlot(let error): stop(Self.cause(of: error))
        case nil: break
        }
        return false
    }

    /// Nothing sent later is known yet. While more is to come, it is waited for.
    private func waitForControl(_ question: PendingDoubt) {
        let record = question.doubt.record
        doubts[record]?.doubt.looked = environment.now()
        // One miss is taken back, so that the look-ups continue and agree again.
        doubts[record]?.doubt.misses = 1
        wantControl()
        if isFedAndIdle, (try? witnesses(for: question))?.isEmpty ?? true {
            doubts[record]?.givenUp = words(.doubt(.noWitness))
        }
    }

    /// What a look-up has to find for its misses to count: one of its kind, store included, that was sent later;
    /// or one of its kind, which shows that look-ups see that store, and one of its type sent later at any store,
    /// which shows that looks are up to date. Empty: there is none yet.
    ///
    /// Times are whole milliseconds: what left in the one in which the answer was lost left after the lost one.
    private func witnesses(for question: PendingDoubt) throws -> [Control] {
        let evidence = question.doubt.evidence
        let kind = plan.endpoint.kind(evidence)
        if let own = controls[kind], own.sent >= question.doubt.since { return [own] }
        guard let type = plan.endpoint.recovery.readBack?.type(evidence),
            let later = latest[type], later.sent >= question.doubt.since
        else { return [] }
        if controls[kind] == nil, searchedKinds.insert(kind).inserted {
            try findControl(of: kind)
        }
        return controls[kind].map { [$0, later] } ?? []
    }

    /// An accepted record of that kind, however early it was sent.
    private func findControl(of kind: String) throws {
        for attempt in try ledger.answeredAttempts(scope: run.scope, limit: 20_000) {
            for (member, result) in zip(attempt.members, attempt.results)
            where result == .answeredAccepted && plan.endpoint.kind(member.evidence) == kind {
                guard let id = try ledger.record(run: attempt.run, member.record)?.serverID else {
                    continue
                }
                controls[kind] = Control(
                    evidence: member.evidence, id: id, sent: attempt.started,
                    record: RecordPlace(run: attempt.run, record: member.record))
                return
            }
        }
    }

    private func isFound(_ control: Control, by readBack: ReadBack) async throws -> Bool? {
        let found = await readClient.search(control.evidence, org, by: readBack)
        try await observe(found, of: control)
        switch found {
        // Shown in another form it is seen as well.
        case .done(let entries):
            return entries.ids.contains(control.id)
                || entries.alike.contains { $0.id == control.id }
        case .unclear: return nil
        case .refused(let refusal):
            stop(StopReason(.authentication, refusal.message))
            return nil
        case .noSlot(let error):
            stop(Self.cause(of: error))
            return nil
        }
    }

    // MARK: Endpoints without looks

    /// Endpoints that set are sent again; all others wait for a person.
    ///
    /// Not at once: the lost one may still be applied, within `doubt.wait`, and a newer one of its identity
    /// goes as soon as this is settled.
    private func settleWithoutLooks() async throws {
        while !Task.isCancelled, !isStopping {
            for (record, question) in doubts where !question.isGivenUp {
                guard case .resend = plan.endpoint.recovery else {
                    doubts[record]?.givenUp = words(.doubt(.cannotTell))
                    continue
                }
                guard question.doubt.tries < RetryPolicy.attempts else {
                    doubts[record]?.givenUp =
                        words(.doubt(.unmatchedAttempts(question.doubt.tries)))
                    continue
                }
                guard question.waitsFrom + plan.doubt.wait <= environment.now() else { continue }
                try await ledger.settle(
                    run: run.number, scope: run.scope, at: environment.now(),
                    [Settlement(record: record, event: .provedAbsent)])
                answered(record, isAbsent: true)
            }
            advance()
            if isOver { return }
            let next = doubts.values.filter { !$0.isGivenUp }.map { $0.waitsFrom + plan.doubt.wait }
                .min()
            if let next {
                let left = next.since(environment.now())
                try await environment.sleep(max(.milliseconds(10), min(left, .milliseconds(500))))
            } else {
                await withCheckedContinuation { lookWaiter = $0 }
            }
        }
    }
}

extension Timestamp {
    /// The UTC day it lies on, moved by `days`.
    func day(_ days: Int) -> CivilDay {
        CivilDay(daysSinceEpoch: Int(milliseconds.flooringDivided(by: 86_400_000)) + days)
    }
}
