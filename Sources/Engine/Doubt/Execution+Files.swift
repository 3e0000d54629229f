import Catalog
import Ledger
import Model

// Files that the server works on as jobs of its own. A request whose file was taken stays under way until
// its job has ended: the ledger has its attempt open, and a crash makes that a lost answer. What is in doubt
// is adopted by the file's name, which is made of the run and the attempt and so known to the ledger all
// along. A job proves its rows by its counts; where it does not, each row is looked up.
extension Execution {
    // MARK: Whether the header counts

    private var headerName: String { "header \(plan.endpoint.name)" }

    func loadHeader() throws {
        guard plan.endpoint.fileJobs != nil else { return }
        headerLines = try ledger.learnt(headerName, connection: plan.connection.name).flatMap {
            Int($0)
        }
    }

    /// A file of one row shows it. Where the first ones are refused for their content, nothing does.
    var isLearningHeader: Bool {
        plan.endpoint.fileJobs != nil && headerLines == nil && headerTries < 20
    }

    private func learnHeader(_ job: FileJob, rows: Int) async throws {
        guard rows == 1, headerLines == nil else { return }
        headerTries += 1
        guard let lines = job.header else { return }
        headerLines = lines
        try await ledger.learn(headerName, String(lines), connection: plan.connection.name)
    }

    // MARK: Following

    /// Follows the job of a file to its end, or to the end of patience.
    func follow(_ tickets: [Ticket], by jobs: FileJobs, attempt: Int64, sent: Timestamp) async throws
        -> RequestPipeline.End
    {
        let stem = FileJobs.stem(run: run.id.text, attempt: attempt)
        let begun = environment.now()
        func leave(_ reason: Reason, _ left: EngineNote.FileJob.Left) async throws
            -> RequestPipeline.End
        {
            try await pipeline.conclude(
                tickets, attempt: attempt, sent: sent,
                unproved: Refusal(reason, message: words(.fileJob(.left(stem: stem, left)))))
        }
        var looks = 0
        var unclear = 0
        while true {
            let next = environment.now() + RetryPolicy.pause(afterJobLooks: looks)
            // In short steps, so that a stop need not wait for the next look-up.
            while !isStopping, next > environment.now() {
                try await environment.sleep(min(.milliseconds(500), next.since(environment.now())))
            }
            if isStopping { return try await leave(.stopped, .whenStopped) }
            looks += 1
            switch await jobList(jobs) {
            case .noSlot(let error):
                stop(Self.cause(of: error))
                return try await leave(.stopped, .notRequested(error.message))
            case .refused(let refusal):
                stop(StopReason(.authentication, words(.fileJob(.notFollowed(refusal.message)))))
                return try await leave(.forbidden, .notRequested(refusal.message))
            case .unclear(let refusal):
                unclear += 1
                if unclear == 3 { sayOnce(words(.doubt(.inconclusiveSoFar(refusal.message)))) }
                if unclear >= RetryPolicy.unclearLooks {
                    return try await leave(.noAnswer, .unread(refusal.message))
                }
            case .done(let list):
                unclear = 0
                guard let job = list.first(where: { $0.isOf(stem) }), job.isEnded else {
                    if environment.now().since(begun) > plan.endpoint.followLimit {
                        return try await leave(.noAnswer, .notInTime)
                    }
                    continue
                }
                try await learnHeader(job, rows: tickets.count)
                if job.proves(tickets.count, header: headerLines) {
                    return try await pipeline.conclude(
                        tickets, attempt: attempt, sent: sent, unproved: nil)
                }
                return try await leave(.refused, .ended(Self.counts(job)))
            }
        }
    }

    private static func counts(_ job: FileJob) -> EngineNote.FileJob.Counts {
        EngineNote.FileJob.Counts(errors: job.errors, rows: job.rows, job: job.id)
    }

    private func jobList(_ jobs: FileJobs) async -> ReadClient.Answer<[FileJob]> {
        await readClient.ask(jobs.status(of: plan.endpoint)).flatMap { reply in
            switch jobs.readStatus(reply) {
            case .jobs(let list): .done(list)
            case .unclear(let refusal): .unclear(refusal)
            }
        }
    }

    // MARK: Adopting

    /// How far settling the rows of one attempt has come.
    private struct Adoption {
        /// As the attempt was intended.
        var rows: Int
        var sent: Timestamp
        /// Where ``DoubtSettings/wait`` counts from.
        var since: Timestamp
        var next: Timestamp
        var looks = 0
        var unclear = 0
        /// Look-ups that count and did not find the job.
        var misses = 0
    }

    /// Settles what is in doubt by the jobs of the files it travelled in, until the execution is over.
    func adopt(by jobs: FileJobs) async throws {
        var adoptions: [Int64: Adoption] = [:]
        while !Task.isCancelled, !isStopping, !isOver {
            let now = environment.now()
            let open = Dictionary(grouping: doubts.values.filter { !$0.isGivenUp }, by: \.doubt.attempt)
            adoptions = adoptions.filter { open[$0.key] != nil }
            for (attempt, questions) in open where adoptions[attempt] == nil {
                guard let stored = try ledger.attempt(attempt) else { continue }
                let since = questions.map(\.waitsFrom).max() ?? now
                adoptions[attempt] = Adoption(
                    rows: stored.members.count, sent: stored.started, since: since, next: now)
            }
            let due = adoptions.filter { $0.value.next <= now }.keys.sorted()
            if due.isEmpty {
                advance()
                if isOver { return }
                if let next = adoptions.values.map(\.next).min() {
                    try await environment.sleep(
                        max(.milliseconds(10), min(next.since(now), .milliseconds(500))))
                } else {
                    await withCheckedContinuation { lookWaiter = $0 }
                }
                continue
            }
            // One look-up answers for all of them.
            let looked = await jobList(jobs)
            for attempt in due {
                guard var adoption = adoptions[attempt], !isStopping else { continue }
                adoption.looks += 1
                adoption.next = environment.now() + RetryPolicy.pause(afterJobLooks: adoption.looks)
                switch looked {
                case .noSlot(let error): stop(Self.cause(of: error))
                case .refused(let refusal):
                    stop(StopReason(.authentication, words(.doubt(.notLookedUp(refusal.message)))))
                case .unclear(let refusal):
                    adoption.unclear += 1
                    if adoption.unclear == 3 {
                        sayOnce(words(.doubt(.inconclusiveSoFar(refusal.message))))
                    }
                    if adoption.unclear >= RetryPolicy.unclearLooks {
                        giveUp(on: attempt, refusal.message, mayPass: true)
                    }
                case .done(let list):
                    adoption.unclear = 0
                    try await settle(attempt, &adoption, list, by: jobs, asked: now)
                }
                adoptions[attempt] = adoption
            }
            advance()
        }
    }

    private func records(of attempt: Int64) -> [Int64] {
        doubts.values.filter { $0.doubt.attempt == attempt && !$0.isGivenUp }.map(\.doubt.record)
            .sorted()
    }

    private func giveUp(on attempt: Int64, _ why: String, mayPass: Bool = false) {
        for record in records(of: attempt) {
            doubts[record]?.givenUp = why
            doubts[record]?.mayPass = mayPass
        }
    }

    private func settle(
        _ attempt: Int64, _ adoption: inout Adoption, _ list: [FileJob], by jobs: FileJobs,
        asked: Timestamp
    ) async throws {
        let stem = FileJobs.stem(run: run.id.text, attempt: attempt)
        let counts = asked >= adoption.since + plan.doubt.wait
        guard let job = list.first(where: { $0.isOf(stem) }) else {
            adoption.misses += counts ? 1 : 0
            adoption.next =
                counts
                ? environment.now() + PendingDoubt.pause(plan.doubt.wait)
                : min(adoption.next, adoption.since + plan.doubt.wait)
            if adoption.misses >= 2 { try await concludeMissing(attempt, stem) }
            return
        }
        adoption.misses = 0
        guard job.isEnded else {
            if asked.since(adoption.since) > plan.endpoint.followLimit {
                giveUp(
                    on: attempt, words(.fileJob(.stillIn(stem: stem, state: job.state))),
                    mayPass: true)
            }
            return
        }
        try await learnHeader(job, rows: adoption.rows)
        if job.proves(adoption.rows, header: headerLines) {
            return try await acceptAll(of: attempt)
        }
        try await lookUpRows(attempt, job, adoption, by: jobs, counts: counts)
        adoption.next =
            counts
            ? environment.now() + PendingDoubt.pause(plan.doubt.wait)
            : max(environment.now(), adoption.since + plan.doubt.wait)
    }

    private func acceptAll(of attempt: Int64) async throws {
        let records = records(of: attempt)
        try await ledger.settle(
            run: run.number, scope: run.scope, at: environment.now(),
            records.map { Settlement(record: $0, event: .provedPresent, detail: .proved) })
        count(.accepted, records.count)
        retry.foundLost()
        for record in records { answered(record, isAbsent: false) }
    }

    /// No job has the file's name: it never came, as far as anybody can see.
    private func concludeMissing(_ attempt: Int64, _ stem: String) async throws {
        guard plan.endpoint.isRepeatKnownRefused, plan.doubt.resend != .never else {
            let note = EngineNote.FileJob.missing(
                stem: stem, isNeverResent: plan.doubt.resend == .never)
            return giveUp(on: attempt, words(.fileJob(note)))
        }
        let now = environment.now()
        for record in records(of: attempt) {
            guard let question = doubts[record] else { continue }
            try await proveAbsent(
                question, at: now, words(.fileJob(.provedMissing(stem: stem))))
        }
    }

    // MARK: Row by row

    private func lookUpRows(
        _ attempt: Int64, _ job: FileJob, _ adoption: Adoption, by jobs: FileJobs, counts: Bool
    ) async throws {
        let rivals = try rivals(of: attempt)
        for record in records(of: attempt) {
            guard let question = doubts[record], !isStopping, !Task.isCancelled else { return }
            let evidence = question.doubt.evidence
            guard let step = jobs.search(evidence, plan.endpoint, adoption.sent) else {
                doubts[record]?.givenUp = words(.fileJob(.errorsUnlisted(Self.counts(job))))
                continue
            }
            let found = await readClient.search(step)
            let now = environment.now()
            switch found {
            case .noSlot(let error): return stop(Self.cause(of: error))
            case .refused(let refusal):
                return stop(
                    StopReason(.authentication, words(.doubt(.notLookedUp(refusal.message)))))
            case .unclear(let refusal):
                doubts[record]?.unclear += 1
                if question.unclear >= RetryPolicy.unclearLooks {
                    doubts[record]?.givenUp = refusal.message
                    doubts[record]?.mayPass = true
                }
            case .done(let shown):
                let (ids, alike) = (shown.ids, shown.alike)
                let claimed = try ledger.claimed(
                    Set((ids + alike.compactMap(\.id)).map(\.text)), scope: run.scope, run: run.number,
                    record: record)
                let free = ids.filter { !claimed.contains($0.text) }
                let entries = alike.filter { $0.id.map { !claimed.contains($0.text) } ?? true }
                if free.count > rivals[plan.endpoint.key(evidence), default: 0], let id = free.first {
                    try await accept(question, id, at: now)
                    continue
                }
                if !free.isEmpty {
                    doubts[record]?.givenUp = words(.fileJob(.maybeOthers))
                    continue
                }
                if !entries.isEmpty {
                    let forms = Sighting.Unclear(entries, environment.words).refusal.message
                    try await ledger.noteForms(run: run.number, record: record, at: now, forms)
                    doubts[record]?.givenUp = words(.doubt(.maybeInForm(forms)))
                    continue
                }
                doubts[record]?.doubt.misses += counts ? 1 : 0
                try await ledger.noteLook(
                    run: run.number, record: record, at: now, missed: counts,
                    words(.doubt(.notFound(others: [], counts: counts))))
            }
        }
        try await concludeRows(attempt, job)
    }

    /// Of records without a code of their own: how many others of this run may be what a look-up finds.
    private func rivals(of attempt: Int64) throws -> [String: Int] {
        let keys = Set(
            doubts.values.filter { $0.doubt.attempt == attempt && $0.doubt.evidence.fields.first == "" }
                .map { plan.endpoint.key($0.doubt.evidence) })
        guard !keys.isEmpty else { return [:] }
        var records: [String: Set<Int64>] = [:]
        try ledger.eachAttempt(run: run.number) { attempt in
            for member in attempt.members {
                let key = plan.endpoint.key(member.evidence)
                if keys.contains(key) { records[key, default: []].insert(member.record) }
            }
            return true
        }
        return records.mapValues { $0.count - 1 }
    }

    /// What two look-ups missed was refused, where the job counts as many errors.
    private func concludeRows(_ attempt: Int64, _ job: FileJob) async throws {
        let missed = records(of: attempt)
        guard !missed.isEmpty, missed.allSatisfy({ (doubts[$0]?.doubt.misses ?? 0) >= 2 }) else {
            return
        }
        let open = doubts.values.count { $0.doubt.attempt == attempt }
        guard open <= job.errors else {
            return giveUp(
                on: attempt, words(.fileJob(.rowsNotFound(open, Self.counts(job)))))
        }
        let refusal = Refusal(.refused, message: words(.fileJob(.rowRefused(Self.counts(job)))))
        let now = environment.now()
        try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            missed.map { record in
                Settlement(
                    record: record, event: .provedRejected,
                    trouble: tickets[record].map {
                        $0.trouble(refusal, stage: "server", key: plan.endpoint.key($0.evidence))
                    }, refusal: refusal)
            })
        count(.rejected, missed.count)
        for record in missed { answered(record, isAbsent: false) }
        checkThreshold()
    }
}
