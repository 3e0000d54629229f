package import Catalog
import Foundation
package import Ledger
package import Model
import Records
import Synchronization

/// One go at a run: from its start, or where it stopped, to its end or the first reason to stop.
package actor Execution {
    /// Work that needs a task of its own.
    private enum Work: Sendable {
        case send([Ticket])
        /// These go again after a while, as one request or each by itself.
        case wait(Duration, [Int64], whole: Bool)
    }

    let plan: Plan
    let ledger: Ledger
    let sender: any Sender
    let run: RunRow
    let surroundings: Surroundings
    let looking: Looking
    private let carriage: Carriage
    nonisolated let board: Mutex<Progress> = Mutex(Progress())
    var org: OrgSettings

    // Records on their way.
    var tickets: [Int64: Ticket] = [:]
    private var lanes = Lanes()
    private var cutter = Cutter()
    private var chunkSize: Int
    private var delayed = 0

    // Requests under way.
    private var inFlight = 0
    private var limit: InFlightLimit
    private var budget = RetryBudget()
    private var troublesInARow = 0
    private var refusalsInARow = 0
    /// The next request is one record, to confirm a refusal of the whole; nothing else leaves.
    private var isConfirming = false
    /// That record, once it is on its way: only its answer may stop the run.
    private var confirming: Int64?

    // Doubt.
    var doubts: [Int64: Question] = [:]
    /// When the last of them began.
    var newestDoubt = Timestamp(milliseconds: 0)
    /// Requests lost in this execution whose records are not all settled: how many are left.
    private var lostRequests: [Int64: Int] = [:]
    private var lossesInARow = 0
    private var probes = false
    /// One record may go although the budget is used up: a look has to find something sent later.
    private var wantsControl = false
    /// The newest record of each kind known to be accepted: what a look has to find for a miss to count.
    var controls: [String: Control] = [:]

    // Records that the server says it has already.
    var existing: [Existing] = []
    private var existed = 0
    private var judged = 0
    private var refused = 0

    // Reading and ending.
    private var intake: Intake?
    private var isFed = false
    private var roomWaiter: CheckedContinuation<Void, Never>?
    var cause: StopCause?
    private var isOver = false
    /// The first error that ended it.
    private var failure: (any Error)?
    private var differences: [String] = []
    private var outbox: AsyncStream<Work>.Continuation?
    var lookWaiter: CheckedContinuation<Void, Never>?
    private let begun: Timestamp
    private var isSettlingOnly: Bool

    /// - Parameters:
    ///   - run: As `Ledger.begin(_:)` or a look-up gave it.
    ///   - isSettlingOnly: Settles what is in doubt and sends nothing new: `reconcile`.
    package init(
        plan: Plan, run: RunRow, org: OrgSettings, ledger: Ledger, sender: any Sender,
        surroundings: Surroundings = .real, isSettlingOnly: Bool = false
    ) {
        self.plan = plan
        self.ledger = ledger
        self.sender = sender
        self.run = run
        self.org = org
        self.surroundings = surroundings
        self.isSettlingOnly = isSettlingOnly
        looking = Looking(sender: sender, surroundings: surroundings)
        carriage = Carriage(
            plan: plan, ledger: ledger, sender: sender, run: run.number, scope: run.scope,
            surroundings: surroundings)
        limit = InFlightLimit(plan.send.inFlight, rate: plan.connection.rate)
        chunkSize = plan.chunkSize
        begun = surroundings.now()
        var before = [0]
        for input in plan.inputs {
            let size =
                input.isCompressed
                ? nil : try? FileManager.default.attributesOfItem(atPath: input.path)[.size] as? Int
            before.append((before.last ?? 0) + (size ?? 0))
        }
        bytesBefore = before
        bytesTotal = plan.inputs.contains(where: \.isCompressed) ? nil : before.last
    }

    /// The size of the whole input in bytes, where every file of it is plain.
    package nonisolated let bytesTotal: Int?
    /// Bytes of the files before each.
    private let bytesBefore: [Int]

    /// What is going on, to be asked at any time.
    package nonisolated var progress: Progress { board.withLock { $0 } }

    // MARK: From start to end

    /// Goes until nothing is left or something stops it.
    ///
    /// - Throws: ``LedgerError``, ``ReadError`` or ``MappingError``: the run cannot go on as it is.
    package func run() async throws -> Ending {
        let now = surroundings.now()
        _ = try await ledger.loseOpenAttempts(run: run.number, at: now)
        try loadDoubts()
        if let learnt = try ledger.learnt(
            "chunk \(plan.endpoint.name)", connection: plan.connection.name),
            let size = Int(learnt)
        {
            chunkSize = max(1, min(chunkSize, size))
        }
        let (stream, continuation) = AsyncStream<Work>.makeStream()
        outbox = continuation
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.guarded { try await self.feed() } }
                group.addTask { try await self.guarded { try await self.reconcile() } }
                group.addTask { try await self.guarded { try await self.watchTheClock() } }
                for await work in stream {
                    group.addTask { try await self.guarded { try await self.perform(work) } }
                }
                group.cancelAll()
            }
        } catch  where failure == nil && error is CancellationError {
            // The watchers were told to stop.
        }
        intake?.stop()
        if let failure { throw failure }
        return try await finish()
    }

    /// Runs a part of the execution; what it throws ends all others, too.
    private func guarded(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            if !isOver, !(error is CancellationError), failure == nil { failure = error }
            isOver = true
            outbox?.finish()
            intake?.stop()
            roomWaiter?.resume()
            roomWaiter = nil
            wakeReconciler()
            throw error
        }
    }

    private nonisolated func perform(_ work: Work) async throws {
        switch work {
        case .send(let tickets):
            let (end, latency) = try await carriage.carry(tickets)
            try await landed(tickets, end, latency)
        case .wait(let duration, let records, let whole):
            // Cut short by the end of the run: then they stay unsent.
            try? await surroundings.sleep(duration)
            await goAgain(records, whole: whole)
        }
    }

    /// Stops taking new work; what is in flight lands.
    package func stop(_ cause: StopCause) {
        if self.cause == nil { self.cause = cause }
        intake?.stop()
        roomWaiter?.resume()
        roomWaiter = nil
        advance()
    }

    private func watchTheClock() async throws {
        guard let deadline = plan.deadline else { return }
        while true {
            let left = deadline.since(surroundings.now())
            if left <= .zero {
                return stop(StopCause(.timeLimit, "the time set by stop.until has come"))
            }
            try await surroundings.sleep(min(left, .seconds(60)))
        }
    }

    /// Does what can be done now, and sees whether that is all.
    func advance() {
        while let records = nextRequest() {
            let taken = records.compactMap { tickets[$0] }
            if taken.isEmpty { continue }
            if isConfirming, inFlight == 0 { confirming = taken.count == 1 ? taken[0].number : nil }
            inFlight += 1
            outbox?.yield(.send(taken))
        }
        if !isFull || isStopping, let waiter = roomWaiter {
            roomWaiter = nil
            waiter.resume()
        }
        show()
        if isBlocked {
            return stop(
                StopCause(.inDoubt, "what is in doubt cannot be settled, and holds back the rest"))
        }
        guard inFlight == 0, isFed || isStopping, delayed == 0 || isStopping else { return }
        let isSettled = tickets.isEmpty && doubts.isEmpty && existing.isEmpty
        guard isSettled || isStopping || isStuck, !isOver else { return }
        isOver = true
        outbox?.finish()
        wakeReconciler()
    }

    var isStopping: Bool { cause != nil }

    var isDone: Bool { isOver }

    /// Nothing more will be sent by itself: what is still here is in doubt or behind such.
    var isFedAndIdle: Bool { (isFed || isFull) && inFlight == 0 && cutter.ready == 0 && delayed == 0 }

    /// The doubt budget is used up, and only a request sent later can settle what used it.
    func wantControl() {
        guard inFlight == 0, delayed == 0, cutter.ready > 0, allowed == 0 else { return }
        wantsControl = true
        advance()
    }

    /// As many records are in hand as may be.
    private var isFull: Bool { tickets.count + existing.count >= plan.lookAhead }

    /// Doubts that nothing settles by itself use up the budget, or hold back all that is in hand.
    private var isBlocked: Bool {
        !isStopping && !isOver && inFlight == 0 && delayed == 0 && existing.isEmpty && !doubts.isEmpty
            && !isSettlingOnly && doubts.values.allSatisfy(\.isGivenUp)
            && (cutter.ready > 0 ? allowed == 0 : !isFed && isFull)
    }

    /// Nothing can happen any more but by a person: what is left is in doubt for good, or waits for such.
    private var isStuck: Bool {
        isFed && cutter.ready == 0 && existing.isEmpty && !doubts.isEmpty
            && doubts.values.allSatisfy(\.isGivenUp)
    }

    // MARK: Letting records in

    private func feed() async throws {
        if isSettlingOnly {
            isFed = true
            return advance()
        }
        let intake = Intake.start(
            plan: plan, ledger: ledger, run: run.number, isInputEnded: run.inputEnded)
        self.intake = intake
        while !isStopping, !isOver {
            let items = try await intake.next()
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

    private func letIn(_ items: [Intake.Item]) async throws {
        var chunks: [Chunk] = []
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
                for note in notes { say("\(plan.inputs[file].name): \(note)") }
            case .fileEnd(let file, let totalBytes, let difference):
                try await ledger.noteEnd(run: run.number, file: file, totalBytes: totalBytes)
                if let difference { differences.append("\(plan.inputs[file].name): \(difference)") }
            case .inputEnd:
                try await ledger.noteInputEnded(run: run.number)
                board.withLock { $0.inputEnded = true }
            }
        }
        try await letIn(chunks)
    }

    private func letIn(_ chunks: [Chunk]) async throws {
        guard !chunks.isEmpty else { return }
        let (admissions, mark) = try await ledger.admit(
            chunks.map(\.stored), run: run.number, scope: run.scope)
        var troubles: [(record: Int64, trouble: Candidate.Trouble)] = []
        var settlements: [Settlement] = []
        var counted = Progress()
        for (chunk, admissions) in zip(chunks, admissions) {
            if !chunk.stored.isStored { counted.read += chunk.records.count }
            for (index, admission) in admissions.enumerated() {
                var ticket = Ticket(
                    chunk: chunk, index: index, identity: chunk.stored.candidates[index].identity,
                    mark: mark)
                func trouble(_ refusal: Refusal, _ other: Admission.Other?) -> Candidate.Trouble {
                    var refusal = refusal
                    if let other { refusal.message += "; " + place(of: other) }
                    let key = plan.endpoint.key(ticket.record.evidence)
                    return ticket.trouble(refusal, stage: "repeat", key: key)
                }
                switch admission {
                case .go(let identity):
                    ticket = Ticket(chunk: chunk, index: index, identity: identity, mark: mark)
                    // Proved absent just now: whoever settles the doubt makes it ready.
                    if doubts[ticket.number] != nil { _ = enterLanes(ticket) } else { enter(ticket) }
                case .inDoubt:
                    if doubts[ticket.number] != nil {
                        ticket.tries = doubts[ticket.number]?.doubt.tries ?? 1
                        ticket.unbound = doubts[ticket.number]?.unbound ?? 0
                        _ = enterLanes(ticket)
                    } else if try ledger.record(run: run.number, ticket.number)?.state.state == .unsent
                    {
                        // It was settled while it was being read again.
                        enter(ticket)
                    }
                case .skipped: counted.skipped += 1
                case .invalid(let refusal, let other):
                    counted.invalid += 1
                    settlements.append(
                        Settlement(
                            record: ticket.number, event: .foundInvalid,
                            trouble: trouble(refusal, other)))
                case .waits(let refusal, let other):
                    troubles.append((ticket.number, trouble(refusal, other)))
                case .parked(let refusal):
                    counted.parked += 1
                    settlements.append(
                        Settlement(
                            record: ticket.number, event: .foundParked, trouble: trouble(refusal, nil)))
                case .refused: counted.invalid += 1
                case .settled: break
                }
            }
        }
        try await ledger.note(troubles, run: run.number)
        // State and reason in one transaction: no crash leaves the one without the other.
        try await ledger.settle(run: run.number, scope: run.scope, at: surroundings.now(), settlements)
        judged += counted.invalid
        refused += counted.invalid
        let bytesRead = chunks.last.map { bytesBefore[$0.stored.file] + $0.stored.stop }
        board.withLock { board in
            board.bytesRead = max(board.bytesRead, bytesRead ?? 0)
            board.read += counted.read
            board.skipped += counted.skipped
            board.invalid += counted.invalid
            board.parked += counted.parked
        }
        checkThreshold()
    }

    /// Where the record that stands against another is, for a person.
    private func place(of other: Admission.Other) -> String {
        guard other.run == run.number else {
            let name = (try? ledger.runs().first { $0.number == other.run }?.id.text) ?? "another run"
            return "record \(other.record) of run \(name)"
        }
        if let ticket = tickets[other.record] {
            let position = ticket.record.position
            return "first at \(plan.inputs[position.file].name):\(position.line)"
        }
        return "first as record \(other.record) of this run"
    }

    private func enter(_ ticket: Ticket) {
        if enterLanes(ticket) { makeReady(ticket) }
    }

    private func enterLanes(_ ticket: Ticket) -> Bool {
        tickets[ticket.number] = ticket
        return lanes.enter(ticket.number, keys: ticket.record.orderKeys)
    }

    private func makeReady(_ ticket: Ticket) {
        cutter.add(
            Cutter.Candidate(
                record: ticket.number, binding: ticket.record.binding, bytes: ticket.record.item.count,
                alone: ticket.unbound >= 2), attribution: ticket.record.attribution)
    }

    private func goAgain(_ records: [Int64], whole: Bool) {
        delayed -= 1
        if whole {
            cutter.addWhole(records)
        } else {
            for record in records { if let ticket = tickets[record] { makeReady(ticket) } }
        }
        advance()
    }

    // MARK: Cutting requests

    private func nextRequest() -> [Int64]? {
        guard !isStopping, !isSettlingOnly, inFlight < allowed else { return nil }
        let size = probes || isConfirming || wantsControl ? 1 : chunkSize
        // What may be the last request goes when all others have landed: it is then a witness, sent
        // later than they, for whatever of them a crash leaves in doubt.
        let isMaybeLast = cutter.ready <= size && lanes.waiting == 0 && delayed == 0
        guard !isMaybeLast || inFlight == 0 else { return nil }
        // A request that is not full costs as much as a full one: it goes only where nothing will
        // fill it.
        let isStalled = inFlight == 0 && (isFed || isFull)
        let isTail = isFed && lanes.waiting == 0 && delayed == 0
        return cutter.next(
            size: size, bodyLimit: plan.endpoint.chunk.bodyLimit,
            partial: isStalled || isTail || size == 1)
    }

    /// How many requests may be in flight now.
    private var allowed: Int {
        let free = plan.window - lostRequests.count
        if free <= 0 { return wantsControl ? 1 : 0 }
        return isConfirming || probes ? 1 : min(limit.current, free)
    }

    // MARK: When a request has landed

    private func landed(_ sent: [Ticket], _ end: Carriage.End, _ latency: Duration) async throws {
        let flying = inFlight
        board.withLock { $0.requests += 1 }
        switch end {
        case .noSlot, .taken: break
        case .each, .split, .refused, .unauthorized:
            limit.succeeded(after: latency, inFlight: flying)
            troublesInARow = 0
            lossesInARow = 0
        case .again, .notSent, .lost: break
        }
        if case .unauthorized = end {} else { refusalsInARow = 0 }
        switch end {
        case .noSlot(let error):
            putBack(sent)
            stop(Self.cause(of: error))
        case .taken(let indices):
            try await makeRoom(for: sent, taken: indices)
        case .notSent(let trouble):
            try await passing(
                sent, .retry, "\(trouble.code.rawValue): \(trouble.message)", failed: .server)
        case .again(let after, let status):
            if status == 429 {
                limit.failed(.throttled)
                cutter.addWhole(sent.map(\.number))
            } else {
                try await passing(
                    counted(sent), .retry, "the server answers \(status)", after: after, failed: .server
                )
            }
        case .lost(let refusal, let attempt, let at):
            lose(sent, refusal, attempt: attempt, at: at)
        case .split(let refusal): try await split(counted(sent), refusal)
        case .unauthorized(let refusal):
            refusalsInARow += 1
            putBack(sent)
            // The first asks for a new token; what was in flight with it may be refused as well.
            if refusalsInARow > plan.window + 1 || isConfirmation(sent) {
                stop(StopCause(.authentication, refusal.message))
            } else if refusalsInARow > 1 {
                isConfirming = true
            }
        case .refused(let refusal):
            if isConfirmation(sent) {
                let isAccess = refusal.reason == .forbidden || refusal.reason == .unauthorized
                putBack(sent)
                stop(
                    StopCause(
                        isAccess ? .authentication : .stopped,
                        "the server refuses everything: \(refusal.message)"))
            } else {
                isConfirming = true
                putBack(sent)
            }
        case .each(let dispositions, let attempt, let at):
            isConfirming = false
            try await note(sent, dispositions, attempt: attempt, at: at)
        }
        // Not before: while this awaited the ledger, its records stood in no queue.
        inFlight -= 1
        checkThreshold()
        advance()
    }

    private func isConfirmation(_ sent: [Ticket]) -> Bool {
        isConfirming && sent.count == 1 && sent[0].number == confirming
    }

    private func putBack(_ sent: [Ticket]) {
        cutter.addWhole(sent.map(\.number))
    }

    /// The same tickets with one more attempt that reached the server.
    private func counted(_ sent: [Ticket]) -> [Ticket] {
        sent.map { ticket in
            var ticket = ticket
            ticket.tries += 1
            tickets[ticket.number] = ticket
            return ticket
        }
    }

    /// Passing trouble: the same request again, later, as long as the budget lasts.
    private func passing(
        _ sent: [Ticket], _ cost: RetryBudget.Cost, _ words: String, after: Duration? = nil,
        failed: InFlightLimit.Trouble
    ) async throws {
        limit.failed(failed)
        troublesInARow += 1
        guard troublesInARow <= 8 + 2 * plan.window, budget.spend(cost) else {
            putBack(sent)
            return stop(StopCause(.passing, words))
        }
        var random = SystemRandomNumberGenerator()
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(30))
        let wait = after ?? backoff.delay(attempt: min(troublesInARow, 10), using: &random)
        let exhausted = sent.filter { $0.tries >= Self.attemptLimit }
        try await giveUp(exhausted, words)
        let rest = sent.filter { $0.tries < Self.attemptLimit }.map(\.number)
        guard !rest.isEmpty else { return }
        delayed += 1
        outbox?.yield(.wait(wait, rest, whole: true))
    }

    /// Attempts of a record that may reach the server.
    static let attemptLimit = 5

    func giveUp(_ exhausted: [Ticket], _ words: String) async throws {
        guard !exhausted.isEmpty else { return }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: surroundings.now(),
            exhausted.map {
                Settlement(
                    record: $0.number, event: .gaveUp,
                    trouble: $0.trouble(
                        Refusal(.gaveUp, message: "after \($0.tries) attempts: \(words)"),
                        stage: "server",
                        key: plan.endpoint.key($0.record.evidence)))
            })
        board.withLock { $0.failed += exhausted.count }
        for ticket in exhausted { settled(ticket) }
    }

    /// The envelope refused the whole and nothing was done: again in halves.
    private func split(_ sent: [Ticket], _ refusal: Refusal) async throws {
        let half = sent.count / 2
        if refusal.reason == .batchTooLarge {
            chunkSize = max(1, min(chunkSize, half))
            try await ledger.learn(
                "chunk \(plan.endpoint.name)", String(chunkSize), connection: plan.connection.name)
        }
        cutter.addWhole(sent[..<half].map(\.number))
        cutter.addWhole(sent[half...].map(\.number))
    }

    /// Others have come before for some: those are judged anew, the rest goes again at once.
    private func makeRoom(for sent: [Ticket], taken: [Int]) async throws {
        let lost = Set(taken)
        for (index, ticket) in sent.enumerated() where lost.contains(index) {
            let refusal = Refusal(.reserved, message: "another run took this key meanwhile")
            try await ledger.note(
                [
                    (
                        ticket.number,
                        ticket.trouble(
                            refusal, stage: "repeat", key: plan.endpoint.key(ticket.record.evidence))
                    )
                ], run: run.number)
            settled(ticket)
        }
        let rest = sent.indices.filter { !lost.contains($0) }.map { sent[$0].number }
        if !rest.isEmpty { cutter.addWhole(rest) }
    }

    private func lose(_ sent: [Ticket], _ refusal: Refusal, attempt: Int64, at: Timestamp) {
        limit.failed(.timeout)
        lossesInARow += 1
        if lossesInARow >= 3 { probes = true }
        if wantsControl {
            wantsControl = false
            stop(StopCause(.passing, "answers keep getting lost"))
        }
        lostRequests[attempt] = sent.count
        let now = surroundings.now()
        for ticket in counted(sent) { doubt(ticket, attempt: attempt, since: now) }
        board.withLock { $0.inDoubt += sent.count }
        wakeReconciler()
    }

    private func doubt(_ ticket: Ticket, attempt: Int64, since: Timestamp) {
        newestDoubt = max(newestDoubt, since)
        doubts[ticket.number] = Question(
            Doubt(
                record: ticket.number, attempt: attempt, since: since, tries: ticket.tries, misses: 0,
                looked: nil,
                evidence: ticket.record.evidence), unbound: ticket.unbound)
    }

    private func note(_ sent: [Ticket], _ dispositions: [Disposition], attempt: Int64, at: Timestamp)
        async throws
    {
        var counts = Progress()
        var later: [(ticket: Ticket, after: Duration?, refusal: Refusal)] = []
        var unknown = 0
        for (ticket, disposition) in zip(counted(sent), dispositions) {
            switch disposition {
            case .accepted(let id, _):
                counts.accepted += 1
                judged += 1
                if let id { remember(ticket.record.evidence, id, at: at) }
                settled(ticket)
            case .rejected:
                counts.rejected += 1
                judged += 1
                refused += 1
                settled(ticket)
            case .exists:
                counts.rejected += 1
                judged += 1
                existed += 1
                if wantsLook, case .readBack = plan.endpoint.recovery {
                    existing.append(Existing(ticket: ticket))
                }
                settled(ticket)
            case .parked:
                counts.parked += 1
                judged += 1
                settled(ticket)
            case .again(let after, let refusal): later.append((ticket, after, refusal))
            case .inDoubt:
                unknown += 1
                doubt(ticket, attempt: attempt, since: surroundings.now())
            case .unbound:
                unknown += 1
                var ticket = ticket
                ticket.unbound += 1
                tickets[ticket.number] = ticket
                doubt(ticket, attempt: attempt, since: surroundings.now())
            }
        }
        counts.inDoubt = unknown
        if unknown > 0 {
            lostRequests[attempt] = unknown
            limit.failed(.timeout)
        }
        if later.isEmpty && unknown == 0 { budget.refund() }
        board.withLock { board in
            board.accepted += counts.accepted
            board.rejected += counts.rejected
            board.parked += counts.parked
            board.inDoubt += counts.inDoubt
        }
        if unknown > 0 || !existing.isEmpty { wakeReconciler() }
        try await again(later)
    }

    /// Single records again, later: a busy customer is no reason to hold up the neighbours.
    private func again(_ later: [(ticket: Ticket, after: Duration?, refusal: Refusal)]) async throws {
        var random = SystemRandomNumberGenerator()
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(30))
        for (ticket, after, refusal) in later {
            guard ticket.tries < Self.attemptLimit else {
                try await giveUp([ticket], refusal.message)
                continue
            }
            guard budget.spend(.retry) else {
                putBack([ticket])
                stop(StopCause(.passing, "the server keeps asking for more time: \(refusal.message)"))
                continue
            }
            delayed += 1
            let wait = after ?? backoff.delay(attempt: ticket.tries, using: &random)
            outbox?.yield(.wait(wait, [ticket.number], whole: true))
        }
    }

    /// A record's last step in this execution: those behind it may go.
    func settled(_ ticket: Ticket) {
        tickets[ticket.number] = nil
        for record in lanes.leave(ticket.number, keys: ticket.record.orderKeys) {
            if let next = tickets[record], doubts[record] == nil { makeReady(next) }
        }
    }

    /// A look has settled a doubtful record: it landed, or may go again.
    func answered(_ record: Int64, isAbsent: Bool) {
        guard let question = doubts.removeValue(forKey: record) else { return }
        if let left = lostRequests[question.doubt.attempt] {
            lostRequests[question.doubt.attempt] = left > 1 ? left - 1 : nil
        }
        if lostRequests.isEmpty {
            probes = false
            lossesInARow = 0
        }
        board.withLock { $0.inDoubt = max(0, $0.inDoubt - 1) }
        guard let ticket = tickets[record] else { return }
        guard isAbsent else { return settled(ticket) }
        tickets[record]?.wasInDoubt = true
        if lanes.isFree(record), ticket.tries < Self.attemptLimit { makeReady(ticket) }
    }

    func remember(_ evidence: Evidence, _ id: ServerID, at: Timestamp) {
        wantsControl = false
        let kind = plan.endpoint.kind(evidence)
        // One that is later than every doubt serves as it is, and better the older it gets.
        if let known = controls[kind], known.sent > at || (!doubts.isEmpty && known.sent > newestDoubt)
        {
            return
        }
        controls[kind] = Control(evidence: evidence, id: id, sent: at)
    }

    private var wantsLook: Bool {
        switch plan.verifyExisting {
        case .all: true
        case .none: false
        case .sample(let most): existed <= most
        }
    }

    private func checkThreshold() {
        // Most of a first thousand there already: this was imported before, by other means.
        if existed * 2 > judged, judged >= 100, judged <= 1000, plan.verifyExisting != .all, !isStopping
        {
            stop(
                StopCause(
                    .stopped,
                    "\(existed) of \(judged) records are on the server already: was this imported before? "
                        + "`verify_existing: all` compares each"))
        }
        guard let threshold = plan.stop.errors, !isStopping else { return }
        switch threshold {
        case .count(let most) where refused > most:
            stop(StopCause(.stopped, "more than \(most) records were rejected or invalid"))
        case .share(let share, let after)
        where judged >= after && Double(refused) > share * Double(judged):
            stop(
                StopCause(
                    .stopped,
                    "\(refused) of \(judged) records were rejected or invalid, more than the share allowed"
                ))
        default: break
        }
    }

    static func cause(of error: SlotError) -> StopCause {
        switch error.code {
        case .authentication: StopCause(.authentication, error.message)
        case .paused, .unreachable: StopCause(.passing, error.message)
        }
    }

    // MARK: Telling

    func say(_ note: String) { board.withLock { $0.notes.append(note) } }

    private func show() {
        let waiting = lanes.waiting
        let why: String?
        if inFlight == 0, !doubts.isEmpty {
            why = "records in doubt are being settled"
        } else if probes {
            why = "single records probe until the doubts are settled"
        } else {
            why = nil
        }
        board.withLock { board in
            board.inFlight = inFlight
            board.limit = limit.current
            board.waiting = waiting
            board.waitsFor = why
        }
    }

    // MARK: The end

    private func finish() async throws -> Ending {
        if cause == nil { try await sweep() }
        let totals = try ledger.totals(run: run.number)
        var conditions = Set<Ending.Condition>()
        let account = try Account.check(
            run: run.number, ledger: ledger,
            isInputEnded: cause == nil && (run.inputEnded || (isFed && !isSettlingOnly)))
        differences += account
        if !differences.isEmpty { conditions.insert(.unbalanced) }
        if let cause { conditions.insert(cause.condition) }
        if totals[.inDoubt] > 0 || totals[.sent] > 0 { conditions.insert(.inDoubt) }
        if totals[.unsent] > 0, cause == nil { conditions.insert(.timeLimit) }
        if totals[.rejected] + totals[.invalid] + totals[.parked] + totals[.failed] > 0 {
            conditions.insert(.problems)
        }
        if conditions.isEmpty { conditions.insert(.fine) }
        let isFinished =
            cause == nil && totals[.inDoubt] + totals[.sent] + totals[.unsent] == 0 && isFed
            && !isSettlingOnly
        var reason = cause?.words
        if !differences.isEmpty {
            reason = "the count does not balance: " + differences.joined(separator: "; ")
        }
        let ending = Ending(conditions: conditions, reason: reason, isFinished: isFinished)
        let now = surroundings.now()
        try await ledger.end(
            run: run.number, state: isFinished ? .finished : .stopped, ending: reason ?? "ended",
            exitCode: Int(ending.exitCode), at: now, active: now.since(begun),
            requests: progress.requests, waits: nil)
        return ending
    }
}
