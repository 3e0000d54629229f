import Catalog
import Ledger
import Model
import Records
import Synchronization

// Letting records in: from the reader's thread through the ledger's gate into their queues.
extension Execution {
    func feed() async throws {
        if isSettlingOnly {
            isFed = true
            return advance()
        }
        try await meet()
        var plan = plan
        for input in try ledger.inputs(of: run.number) {
            plan.inputs[input.file].end = FileFingerprint(text: input.fingerprint)?.size
        }
        let readStage = ReadStage.start(
            plan: plan, ledger: ledger, run: run.number, isInputEnded: run.inputEnded,
            customers: CustomerNumbers(
                ledger: ledger, org: run.org, since: run.started, readClient: readClient,
                window: min(plan.window, 16)),
            labels: try ledger.hasRefused(scope: run.scope))
        self.readStage = readStage
        while !isStopping, !isOver {
            let items = try await readStage.next()
            if items.isEmpty { break }
            try await letIn(items)
            advance()
            while isFull, !isStopping, !isOver {
                await withCheckedContinuation { roomWaiter = $0 }
            }
        }
        isFed = true
        advance()
    }

    func letIn(_ items: [ReadStage.Item]) async throws {
        var chunks: [PreparedBatch] = []
        for item in items {
            if case .chunk(let chunk) = item {
                chunks.append(chunk)
                continue
            }
            try await letIn(chunks)
            chunks = []
            switch item {
            case .chunk: break
            case .header(let file, let columns, let header, let headerBytes, let notes):
                try await ledger.noteHeader(
                    run: run.number, file: file, columns: columns, header: header,
                    headerBytes: headerBytes)
                for note in notes { say("\(plan.title(of: file)): \(note)") }
            case .fileEnd(let file, let totalBytes, let difference, let filtered):
                if let filtered, filtered.rows > 0 {
                    try await ledger.noteFiltered(filtered, run: run.number, file: file)
                }
                try await ledger.noteEnd(run: run.number, file: file, totalBytes: totalBytes)
                if let difference { stopping.note(difference) }
            case .note(let file, let note): say("\(plan.title(of: file)): \(note)")
            case .inputEnd:
                try await ledger.noteInputEnded(run: run.number)
                board.withLock { $0.inputEnded = true }
            case .stop(let cause): stop(cause)
            case .broken(let error): try breakOff(reading: error)
            }
        }
        try await letIn(chunks)
    }

    func letIn(_ batches: [PreparedBatch]) async throws {
        guard !batches.isEmpty else { return }
        let (admissions, mark) = try await ledger.admit(
            batches.map(\.stored), run: run.number, scope: run.scope)
        var held = Held()
        held.counted.read = batches.reduce(0) { $0 + ($1.stored.isStored ? 0 : $1.records.count) }
        for (batch, admissions) in zip(batches, admissions) {
            if admissions.areAllFresh, doubts.isEmpty, deferred.isEmpty, !isHolding {
                for index in batch.records.indices {
                    enter(
                        Ticket(
                            batch: batch, index: index,
                            identity: batch.stored.candidates[index].identity, mark: mark))
                }
                continue
            }
            for (index, admission) in admissions.enumerated() {
                var ticket = Ticket(
                    batch: batch, index: index, identity: batch.stored.candidates[index].identity,
                    mark: mark)
                switch admission {
                case .go(let identity):
                    ticket = Ticket(batch: batch, index: index, identity: identity, mark: mark)
                    // Proved absent just now: whoever settles the doubt makes it ready.
                    if doubts[ticket.number] != nil {
                        _ = enterLanes(ticket)
                    } else if let first = holder(before: ticket) {
                        hold(ticket, behind: first, &held)
                    } else if isHolding {
                        holdBack(ticket, &held)
                    } else {
                        enter(ticket)
                    }
                case .inDoubt(let identity):
                    ticket = Ticket(batch: batch, index: index, identity: identity, mark: mark)
                    if let question = doubts[ticket.number] {
                        ticket.tries = question.doubt.tries
                        ticket.unbound = question.unbound
                        _ = enterLanes(ticket)
                    } else if try ledger.record(run: run.number, ticket.number)?.state.state == .unsent
                    {
                        // It was settled while it was being read again.
                        enter(ticket)
                    }
                default: hold(ticket, admission, &held)
                }
            }
        }
        try await store(held)
        let bytesRead = batches.last.map { bytesBefore[$0.stored.file] + $0.stored.stop }
        board.withLock { $0.bytesRead = max($0.bytesRead, bytesRead ?? 0) }
        checkThreshold()
    }

    // MARK: What does not go

    /// Records that were not let in, on their way to the ledger.
    struct Held {
        var troubles: [(record: Int64, trouble: Candidate.Trouble)] = []
        var settlements: [Settlement] = []
        var counted = Progress()
        /// Not sent since nothing tells whether the server has them: no fault of the input.
        var withheld = 0
    }

    func hold(_ ticket: Ticket, _ admission: Admission, _ held: inout Held) {
        func trouble(_ objection: Admission.Objection, _ other: Admission.Other?) -> Candidate.Trouble {
            var refusal = Refusal(objection.reason, message: words(.objection(objection)))
            if let other { refusal.message += "; " + place(of: other) }
            return repeated(ticket, refusal)
        }
        switch admission {
        case .go, .inDoubt, .settled: break
        case .skipped: held.counted.skipped += 1
        case .refused: held.counted.invalid += 1
        case .invalid(let objection, let other):
            held.counted.invalid += 1
            held.settlements.append(
                Settlement(
                    record: ticket.number, event: .foundInvalid, trouble: trouble(objection, other)))
        case .waits(let objection, let other):
            withhold(behind: ticket, for: other?.run)
            held.troubles.append((ticket.number, trouble(objection, other)))
        case .parked(let objection):
            held.counted.parked += 1
            held.settlements.append(
                Settlement(record: ticket.number, event: .foundParked, trouble: trouble(objection, nil))
            )
        }
    }

    /// One that depends on a record that waits for another run's waits as well.
    func hold(_ ticket: Ticket, behind first: DeferredKeys.Holder, _ held: inout Held) {
        withhold(behind: ticket, for: first.other)
        held.troubles.append((ticket.number, repeated(ticket, waiting(behind: first))))
    }

    private func repeated(_ ticket: Ticket, _ refusal: Refusal) -> Candidate.Trouble {
        ticket.trouble(refusal, stage: "repeat", key: plan.endpoint.key(ticket.evidence))
    }

    func store(_ held: Held) async throws {
        try await ledger.note(held.troubles, run: run.number)
        // State and reason in one transaction: no crash leaves the one without the other.
        try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(), held.settlements)
        count(.invalid, held.counted.invalid)
        count(.parked, held.counted.parked)
        board.withLock { board in
            board.read += held.counted.read
            board.skipped += held.counted.skipped
            board.invalid += held.withheld
        }
    }

    /// Others have come before for some of a request: those are judged again, the rest is sent again at once.
    func makeRoom(for sent: [Ticket], taken: [Int]) async throws {
        let late = Set(taken)
        let asking = sent.indices.filter(late.contains).map { sent[$0] }
        let (admissions, mark) = try await ledger.admitAgain(
            asking.map { $0.batch.stored.candidates[$0.index] }, run: run.number, scope: run.scope)
        var held = Held()
        var going = sent.indices.filter { !late.contains($0) }.map { sent[$0].number }
        for (ticket, admission) in zip(asking, admissions) {
            if case .go(let identity) = admission {
                var again = Ticket(
                    batch: ticket.batch, index: ticket.index, identity: identity, mark: mark)
                again.tries = ticket.tries
                again.unbound = ticket.unbound
                again.wasInDoubt = ticket.wasInDoubt
                tickets[ticket.number] = again
                going.append(ticket.number)
            } else {
                hold(ticket, admission, &held)
                settled(ticket)
            }
        }
        try await store(held)
        if !going.isEmpty { builder.addWhole(going.sorted()) }
    }

    /// Where the record that is against another is, for a person.
    func place(of other: Admission.Other) -> String {
        guard other.run == run.number else {
            return words(.sending(.otherRecord(other.record, run: name(of: other.run))))
        }
        if let ticket = tickets[other.record] {
            let position = ticket.position
            let file = plan.name(of: position.file)
            return words(.sending(.firstAt(file: file, line: position.line)))
        }
        return words(.sending(.firstRecord(other.record)))
    }

    func enter(_ ticket: Ticket) {
        if enterLanes(ticket) { makeReady(ticket) }
    }

    func enterLanes(_ ticket: Ticket) -> Bool {
        var ticket = ticket
        if !earlierTries.isEmpty, let tries = earlierTries.removeValue(forKey: ticket.number) {
            if countsTries { ticket.tries = max(ticket.tries, tries) }
            ticket.wasInDoubt = true
        }
        tickets[ticket.number] = ticket
        return queues.enter(ticket.number, keys: ticket.orderKeys)
    }

    func makeReady(_ ticket: Ticket) {
        guard !isKeptBack(ticket) else { return }
        let record = ticket.batch.records[ticket.index]
        builder.add(
            BatchBuilder.Candidate(
                record: ticket.number, binding: record.binding, group: record.group,
                bytes: record.item.count,
                alone: ticket.unbound >= 2 || ticket.lost >= 2
                    || !single.isEmpty && single.contains(ticket.number)),
            attribution: ticket.attribution)
    }

    func goAgain(_ records: [Int64], whole: Bool) {
        delayed -= 1
        if whole {
            builder.addWhole(records)
        } else {
            for record in records { if let ticket = tickets[record] { makeReady(ticket) } }
        }
        advance()
    }
}
