import Catalog
import Model

/// Reads from the server: searches for one record, walks through its queue, an org's settings.
/// Every request takes a slot like any other.
struct ReadClient: Sendable {
    let sender: any Sender
    let environment: Environment

    func words(_ note: EngineNote) -> String { environment.words(note) }

    /// What came of a read.
    enum Answer<Value: Sendable>: Sendable {
        case done(Value)
        /// No reply, or one that says nothing either way.
        case unclear(Refusal)
        /// These credentials may not look.
        case refused(Refusal)
        /// No slot available: the run has to stop.
        case noSlot(SlotError)

        func map<New>(_ transform: (Value) throws -> New) rethrows -> Answer<New> {
            try flatMap { .done(try transform($0)) }
        }

        func flatMap<New>(_ transform: (Value) throws -> Answer<New>) rethrows -> Answer<New> {
            switch self {
            case .done(let value): try transform(value)
            case .unclear(let refusal): .unclear(refusal)
            case .refused(let refusal): .refused(refusal)
            case .noSlot(let error): .noSlot(error)
            }
        }

        /// Why there is no answer, and whether the credentials are the reason; nil where there is one.
        var failure: (message: String, isAccess: Bool)? {
            switch self {
            case .done: nil
            case .unclear(let refusal): (refusal.message, false)
            case .refused(let refusal): (refusal.message, true)
            case .noSlot(let error): (error.message, error.isAccess)
            }
        }
    }

    /// What a search shows.
    typealias Found = Answer<Entries>

    struct Entries: Sendable {
        /// Those that agree.
        var ids: [ServerID]
        /// In words, what else is there.
        var others: [String]
        /// Those that may be it in another form.
        var alike: [Alike] = []
    }

    func search(_ evidence: Evidence, _ org: OrgSettings, by readBack: ReadBack) async -> Found {
        await search(readBack.search(evidence, org))
    }

    func search(_ first: SearchStep) async -> Found {
        await follow(first).flatMap { step in
            switch step {
            case .done(let ids, let others): .done(Entries(ids: ids, others: others))
            case .alike(let ids, let others, let entries):
                .done(Entries(ids: ids, others: others, alike: entries))
            case .unclear(let refusal): .unclear(refusal)
            case .ask:
                .unclear(Refusal(.serverTrouble, message: words(.looking(.searchEndless))))
            }
        }
    }

    /// Asks what a request has to know before it goes.
    func prepare(
        _ tickets: [Ticket], by preparation: Preparation, _ settings: [String: String]
    ) async -> Answer<[Readiness]> {
        let first = preparation.start(
            tickets.map(\.evidence), tickets.map(\.item), settings)
        return await follow(first).flatMap { step in
            switch step {
            case .done(let each) where each.count == tickets.count: .done(each)
            case .done: .unclear(Refusal(.unboundAnswer, message: words(.looking(.unnamed))))
            // A call that does not exist is not there later either.
            case .unclear(let refusal) where refusal.reason == .notFound: .refused(refusal)
            case .unclear(let refusal): .unclear(refusal)
            case .ask: .unclear(Refusal(.serverTrouble, message: words(.looking(.lookEndless))))
            }
        }
    }

    /// Hands the queue's entries over page by page.
    func walk(_ first: QueueStep, _ page: ([QueueEntry]) async throws -> Void) async rethrows
        -> Answer<Void>
    {
        var step = first
        while true {
            let answer = await follow(step, most: .max)
            guard case .done(.page(let entries, let next)) = answer else {
                return answer.flatMap { last in
                    if case .unclear(let refusal) = last { .unclear(refusal) } else { .done(()) }
                }
            }
            try await page(entries)
            step = next()
        }
    }

    /// What a call to the queue tells.
    func call<Value>(_ first: CallStep<Value>) async -> Answer<Value> {
        await follow(first, most: .max).flatMap { step in
            switch step {
            case .done(let value): .done(value)
            case .unclear(let refusal): .unclear(refusal)
            case .ask: .unclear(Refusal(.serverTrouble, message: words(.looking(.callEndless))))
            }
        }
    }

    /// Asks on until a step asks nothing more.
    ///
    /// - Parameter most: Replies that are read. A step that still asks then is given back as it is: one that
    ///   does not end would be a defect of the catalog.
    private func follow<Step: ReadStep>(_ first: Step, most: Int = 200) async -> Answer<Step> {
        var step = first
        var replies = 0
        while replies < most, let (request, then) = step.question {
            let answer = await ask(request)
            guard case .done(let reply) = answer else { return answer.map { _ in step } }
            step = then(reply)
            replies += 1
        }
        return .done(step)
    }

    /// One reply to a read. What passes by itself (429, an old token, no connection) is asked again a
    /// few times; a read may be.
    func ask(_ request: Request) async -> Answer<Reply> {
        var refused = 0
        var last = Refusal(.serverTrouble)
        for attempt in 1...6 {
            let slot: Slot
            do {
                slot = try await sender.slot(for: request.limit)
            } catch let error as SlotError {
                return .noSlot(error)
            } catch {
                return .unclear(Refusal(.stopped, message: words(.looking(.cancelled))))
            }
            switch await sender.send(request, in: slot) {
            case .reply(let reply) where reply.status == 401:
                refused += 1
                last = Refusal(
                    .unauthorized, serverCode: 401,
                    message: words(.looking(.credentialsRefused)))
                if refused == 2 { return .noSlot(SlotError(.authentication, last.message)) }
            case .reply(let reply) where reply.status == 403:
                return .refused(
                    Refusal(
                        .forbidden, serverCode: 403,
                        message: words(.looking(.forbidden))))
            case .reply(let reply) where reply.status == 429:
                last = Refusal(
                    .throttled, serverCode: 429, message: words(.looking(.throttled)))
            case .reply(let reply)
            where reply.isPage && (reply.status == 503 || (200..<300).contains(reply.status)):
                last = Refusal(
                    .maintenance, serverCode: reply.status,
                    message: words(.looking(.maintenancePage)))
                await pause(attempt)
            case .reply(let reply) where reply.status >= 500:
                last = Refusal(
                    .serverTrouble, serverCode: reply.status,
                    message: words(.looking(.status(reply.status))))
                await pause(attempt)
            case .reply(let reply): return .done(reply)
            case .notSent(let trouble), .unanswered(let trouble):
                last = Refusal(.noAnswer, message: trouble.message)
                if trouble.code == .cancelled { return .unclear(last) }
                if trouble.code == .certificate {
                    return .noSlot(SlotError(.certificate, trouble.message))
                }
                await pause(attempt)
            }
        }
        // Nothing is available for now, for this look-up or for any other.
        if last.reason == .maintenance {
            return .noSlot(SlotError(.unreachable, last.message))
        }
        return .unclear(last)
    }

    /// A little longer with each attempt, from 1 on.
    func pause(_ attempt: Int) async {
        var random = SystemRandomNumberGenerator()
        try? await environment.sleep(RetryPolicy.look.delay(attempt: attempt, using: &random))
    }
}
