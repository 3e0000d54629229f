package import Catalog
import Foundation
package import Ledger
package import Logging
package import Model
import Records
import Synchronization

/// One go at a run: from its start, or where it stopped, to its end or the first reason to stop.
package actor Execution {
    /// Work that needs a task of its own.
    enum Work: Sendable {
        case send([Ticket])
        /// These are sent again after a while, as one request or each by itself.
        case wait(Duration, [Int64], whole: Bool)
        /// It follows one that waits for another run's.
        case setAside(Ticket)
    }

    let plan: Plan
    let ledger: Ledger
    let sender: any Sender
    let run: RunRow
    let environment: Environment
    let outages: OutageWatch
    /// Bears the run's id.
    let logger: Logger
    let readClient: ReadClient
    let pipeline: RequestPipeline
    nonisolated let board: Mutex<Progress> = Mutex(Progress())
    var org: OrgSettings

    // Records on their way.
    var tickets = TicketTable()
    var queues = OrderingQueues()
    var deferred = DeferredKeys()
    var builder = BatchBuilder()
    var requestSize: RequestSize
    /// Records that end their files: those kept back until nothing else is left, those that went, those sent.
    var openEnds = OpenEnds()
    /// Of file jobs: lines that the server counts beside the rows; nil until a file of one row has shown it.
    var headerLines: Int?
    /// Files of one row whose job has ended.
    var headerTries = 0
    var delayed = 0

    // Requests under way.
    var inFlight = 0
    /// Those of them that stand at the gate: nothing of them is intended yet.
    var atGate: [UInt64: Task<Slot, any Error>] = [:]
    var lastAtGate: UInt64 = 0
    /// Attempts of open records that reached the server before this execution, until they are let in.
    var earlierTries: [Int64: Int] = [:]
    /// Nothing of this ledger has gone to this org yet, or not from this host.
    var isFirstMeeting = false
    /// Each record is looked up before it is sent for the first time.
    var looksFirst = false
    var limit: InFlightLimit
    var retry: RetryPolicy

    // Doubt.
    var doubts: [Int64: PendingDoubt] = [:]
    /// When the last of them began.
    var newestDoubt = Timestamp(milliseconds: 0)
    /// Requests lost in this execution whose records are not all settled: how many are left.
    var lostRequests: [Int64: Int] = [:]
    /// Look-ups made to learn in which form the server shows what it is sent, and at what.
    var formSamples = 0
    var sampled: Set<RecordPlace> = []
    /// Look-ups in a row that said nothing, whosever they were.
    var silentLooks = 0
    var probes = false
    /// One record may go although the budget is used up: a look-up has to find something sent later.
    var wantsControl = false
    /// The newest record of each kind known to be accepted: what a look-up has to find for a miss to count.
    var controls: [String: Control] = [:]
    /// The newest of each type, at whatever store.
    var latest: [String: Control] = [:]
    /// Kinds of which an early one was searched for.
    var searchedKinds: Set<String> = []

    // Requests that were refused as a whole without a reason.
    /// Records of such a request, proved to be without effect: each travels by itself.
    var single: Set<Int64> = []
    /// Such requests none of whose records a look-up found.
    var provedRefusals = 0
    /// A look-up found a record of one: such a refusal is a lost answer from then on.
    var isRefusalContradicted = false

    // Records that the server says it has already.
    var existing: [Existing] = []
    var tally = RunTally()

    // Reading and ending.
    var readStage: ReadStage?
    var isFed = false
    var roomWaiter: CheckedContinuation<Void, Never>?
    var stopping = StopController()
    /// There from the start: a stop may come before ``run()`` does.
    nonisolated let outbox: AsyncStream<Work>.Continuation
    private let inbox: AsyncStream<Work>
    var lookWaiter: CheckedContinuation<Void, Never>?
    let begun: Timestamp
    let waitClock: WaitClock
    /// The sender may have served others before.
    let usageBefore: SenderUsage
    var isSettlingOnly: Bool

    /// - Parameters:
    ///   - run: As `Ledger.begin(_:)` or a look-up gave it.
    ///   - isSettlingOnly: Settles what is in doubt and sends nothing new: `reconcile`.
    package init(
        plan: Plan, run: RunRow, org: OrgSettings, ledger: Ledger, sender: any Sender,
        environment: Environment, isSettlingOnly: Bool = false,
        logger: Logger = Logger(label: "sluice") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.plan = plan
        self.ledger = ledger
        (inbox, outbox) = AsyncStream<Work>.makeStream()
        let waitClock = WaitClock(now: environment.now)
        self.waitClock = waitClock
        var tagged = logger
        tagged[metadataKey: "run"] = "\(run.id.text)"
        let ofRun = tagged
        self.logger = ofRun
        func logged(_ sender: any Sender, _ level: Logger.Level) -> any Sender {
            ofRun.logLevel > .debug
                ? sender
                : LoggedSender(sender: sender, logger: ofRun, level: level, now: environment.now)
        }
        let outages = OutageWatch(sender, now: environment.now, words: environment.words)
        self.outages = outages
        let sending = TimedSender(
            sender: logged(outages, .debug), clock: waitClock, place: .answer,
            limit: plan.endpoint.limit)
        self.sender = sending
        self.run = run
        self.org = org
        self.environment = environment
        self.isSettlingOnly = isSettlingOnly || run.inputGone != nil
        readClient = ReadClient(
            sender: TimedSender(
                sender: logged(outages, .trace), clock: waitClock, place: .look),
            environment: environment)
        pipeline = RequestPipeline(
            plan: plan, ledger: ledger, sender: sending, run: run.number, name: run.id.text,
            scope: run.scope, org: run.org, environment: environment)
        limit = InFlightLimit(plan.send.inFlight, rate: plan.rate)
        retry = RetryPolicy(window: plan.window)
        requestSize = RequestSize(most: plan.chunkSize)
        begun = environment.now()
        usageBefore = sender.usage
        var before = [0]
        for input in plan.inputs {
            let size =
                input.isCompressed
                ? nil : try? FileFingerprint.take(input.path, digests: false).size
            before.append((before.last ?? 0) + (size ?? 0))
        }
        if let staged = plan.staged {
            bytesBefore = Array(repeating: 0, count: before.count)
            bytesTotal = staged.bytes
        } else {
            bytesBefore = before
            bytesTotal = plan.inputs.contains(where: \.isCompressed) ? nil : before.last
        }
    }

    /// The size of the whole input in bytes, where every file of it is plain.
    package nonisolated let bytesTotal: Int?
    /// Bytes of the files before each.
    let bytesBefore: [Int]

    /// The status, to be asked at any time.
    package nonisolated var progress: Progress { board.withLock { $0 } }

    /// Attempts count over all executions of the run, but not where one more does no harm: there each
    /// `resume` starts again.
    var countsTries: Bool {
        if case .resend = plan.endpoint.recovery { false } else { true }
    }

    // MARK: From start to end

    /// Goes until nothing is left or something stops it.
    ///
    /// - Throws: ``LedgerError``, ``ReadError`` or ``MappingError``: the run cannot continue as it is.
    package func run() async throws -> RunResult {
        let now = environment.now()
        outages.listen { [weak self] news in await self?.hear(news) }
        _ = try await ledger.loseOpenAttempts(
            run: run.number, trouble: words(.run(.processEnded)), at: now)
        earlierTries = try ledger.tries(run: run.number)
        try loadDoubts()
        try loadExisting()
        looksFirst = try ledger.looksFirst(run)
        isFirstMeeting =
            try !looksFirst && !ledger.hasSent(scope: run.scope, since: ledger.inUseSince())
        if let learnt = try ledger.learnt(
            "chunk \(plan.endpoint.name)", connection: plan.connection.name),
            let size = Int(learnt)
        {
            requestSize.begin(with: size)
        }
        try loadHeader()
        do {
            try await withTaskCancellationHandler {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await self.guarded { try await self.feed() } }
                    group.addTask { try await self.guarded { try await self.reconcile() } }
                    group.addTask { try await self.guarded { try await self.watchTheClock() } }
                    for await work in inbox {
                        group.addTask { try await self.guarded { try await self.perform(work) } }
                    }
                    group.cancelAll()
                }
            } onCancel: {
                Task { await self.callOff() }
            }
        } catch  where stopping.failure == nil && error is CancellationError {
            // The watchers were told to stop.
        }
        readStage?.stop()
        if let failure = stopping.failure { throw await breakOff(failure) }
        return try await finish()
    }

    /// Runs a part of the execution; what it throws ends all others, too.
    func guarded(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            if !(error is CancellationError) { stopping.end(error) }
            callOff()
            throw error
        }
    }

    /// Ends it where it is; whoever waits here continues and sees that.
    private func callOff() {
        stopping.end()
        outbox.finish()
        readStage?.stop()
        for waiting in atGate.values { waiting.cancel() }
        roomWaiter?.resume()
        roomWaiter = nil
        wakeReconciler()
    }

    func perform(_ work: Work) async throws {
        switch work {
        case .send(let tickets):
            let (end, latency, left) = try await carry(tickets)
            try await requestEnded(left, end, latency)
            try await keepEffort()
        case .wait(let duration, let records, let whole):
            log(
                "back-off",
                ["records": "\(records.count)", "ms": "\(Int64(duration / .milliseconds(1)))"])
            // Cut short by the end of the run: then they stay unsent.
            waitClock.enter(.backOff)
            try? await environment.sleep(duration)
            waitClock.leave(.backOff)
            goAgain(records, whole: whole)
        case .setAside(let ticket): try await setAside(ticket)
        }
    }

    /// One request: looked up where that comes first, to the gate, which a stop calls it back from, and through.
    private func carry(_ tickets: [Ticket]) async throws
        -> (end: RequestPipeline.End, latency: Duration, tickets: [Ticket])
    {
        if isStopping { return (.calledBack, .zero, tickets) }
        if let sighter = firstLook(at: tickets) {
            let (end, left) = try await lookFirst(tickets, by: sighter)
            return (end, .zero, left)
        }
        let (end, latency) = try await send(tickets)
        return (end, latency, tickets)
    }

    private func send(_ tickets: [Ticket]) async throws -> (end: RequestPipeline.End, latency: Duration)
    {
        var items = tickets.map(\.item)
        if let preparation = plan.endpoint.preparation {
            switch await readClient.prepare(
                tickets, by: preparation, plan.endpoint.settings)
            {
            case .noSlot(let error): return (.noSlot(error), .zero)
            case .refused(let refusal): return (.refused(refusal), .zero)
            case .unclear(let refusal):
                return (.notSent(Trouble(.protocolViolation, refusal.message)), .zero)
            case .done(let each):
                var unfit: [Int: Refusal] = [:]
                for (index, ready) in each.enumerated() {
                    switch ready {
                    case .go(let item): items[index] = item[...]
                    case .refuse(let refusal): unfit[index] = refusal
                    }
                }
                if !unfit.isEmpty { return (.unfit(unfit), .zero) }
            }
        }
        lastAtGate += 1
        let place = lastAtGate
        let waiting = Task { [sender] in try await sender.slot() }
        atGate[place] = waiting
        let slot: Result<Slot, any Error> = await withTaskCancellationHandler {
            await waiting.result
        } onCancel: {
            waiting.cancel()
        }
        atGate[place] = nil
        switch slot {
        case .success(let slot):
            try checkOpenEnds(of: tickets)
            if isStopping { return (.calledBack, .zero) }
            let carried = try await pipeline.carry(tickets, as: items, in: slot)
            guard case .underWay(let attempt, let sent) = carried.end, let jobs = plan.endpoint.fileJobs
            else { return carried }
            return (
                try await follow(tickets, by: jobs, attempt: attempt, sent: sent), carried.latency
            )
        case .failure(let error as SlotError): return (.noSlot(error), .zero)
        case .failure(let error):
            if isStopping { return (.calledBack, .zero) }
            throw error
        }
    }

    /// Stops taking new work; what is in flight is accepted.
    package func stop(_ reason: StopReason) {
        if stopping.stop(reason) { log("stop", ["why": "\(reason.condition.word)"]) }
        for waiting in atGate.values { waiting.cancel() }
        readStage?.stop()
        roomWaiter?.resume()
        roomWaiter = nil
        advance()
    }

    func watchTheClock() async throws {
        guard let deadline = plan.deadline else { return }
        while true {
            let left = deadline.since(environment.now())
            if left <= .zero {
                return stop(StopReason(.timeLimit, words(.run(.deadlineReached))))
            }
            try await environment.sleep(min(left, .seconds(60)))
        }
    }

    /// Does what can be done now, and sees whether that is all.
    func advance() {
        releaseOpenEnds()
        while let records = nextRequest() {
            let taken = records.compactMap { tickets[$0] }
            if taken.isEmpty { continue }
            stopping.leaves(records, others: inFlight)
            inFlight += 1
            outbox.yield(.send(taken))
        }
        if !isFull || isStopping, let waiter = roomWaiter {
            roomWaiter = nil
            waiter.resume()
        }
        show()
        if isBlocked {
            return stop(StopReason(.inDoubt, words(.run(.doubtsHoldBack))))
        }
        guard inFlight == 0, isFed || isStopping, delayed == 0 || isStopping else { return }
        let isSettled = tickets.isEmpty && doubts.isEmpty && existing.isEmpty
        guard isSettled || isStopping || isStuck, !isOver else { return }
        stopping.end()
        outbox.finish()
        wakeReconciler()
    }

    var isStopping: Bool { stopping.isStopping }
    var isOver: Bool { stopping.isOver }

    /// Nothing more will be sent by itself: what is still here is in doubt or after such.
    var isFedAndIdle: Bool { (isFed || isFull) && inFlight == 0 && builder.ready == 0 && delayed == 0 }

    /// The doubt budget is used up, and only a request sent later can settle what used it.
    func wantControl() {
        guard inFlight == 0, delayed == 0, builder.ready > 0, allowed == 0 else { return }
        wantsControl = true
        advance()
    }

    /// As many records are in hand as may be.
    var isFull: Bool { tickets.count + existing.count >= plan.lookAhead }

    /// Doubts that nothing settles by itself use up the budget, or hold back all that is in hand.
    var isBlocked: Bool {
        !isStopping && !isOver && inFlight == 0 && delayed == 0 && existing.isEmpty && !doubts.isEmpty
            && !isSettlingOnly && doubts.values.allSatisfy(\.isGivenUp)
            && (builder.ready > 0 ? allowed == 0 : !isFed && isFull)
    }

    /// Nothing can happen any more but by a person: what is left is in doubt for good, or waits for such.
    var isStuck: Bool {
        isFed && builder.ready == 0 && existing.isEmpty && !doubts.isEmpty
            && doubts.values.allSatisfy(\.isGivenUp)
    }

    // MARK: Telling

    nonisolated func words(_ note: EngineNote) -> String { environment.words(note) }

    func say(_ note: String) { board.withLock { $0.notes.append(note) } }

    /// An outage is told to whoever watches, and is in the ledger for `status` and the report.
    private func hear(_ news: OutageWatch.News) async {
        let now = environment.now()
        switch news {
        case .unreachable(let cause):
            say(words(.run(.unreachableForNow(cause: cause))))
            try? await ledger.noteOutage(run: run.number, at: now, cause)
        case .reachable:
            say(words(.run(.reachable)))
            try? await ledger.noteOutage(run: run.number, at: now, nil)
        }
    }

    func sayOnce(_ note: String) {
        board.withLock { if !$0.notes.contains(note) { $0.notes.append(note) } }
    }

    func show() {
        let waiting = queues.waiting
        let why: String?
        if inFlight == 0, !doubts.isEmpty {
            why = words(.run(.settlingDoubts))
        } else if probes {
            why = words(.run(.singlesUntilSettled))
        } else {
            why = nil
        }
        waitClock.note(hasDoubts: !doubts.isEmpty && !isOver)
        board.withLock { board in
            board.inFlight = inFlight
            board.limit = limit.current
            board.waiting = waiting
            board.waitsFor = why
        }
    }
}
