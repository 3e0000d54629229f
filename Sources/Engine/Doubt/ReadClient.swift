import Catalog
import Model

/// Reads from the server: searches for one record, walks through its queue, an org's settings.
/// Every request takes a slot like any other.
struct ReadClient: Sendable {
    let sender: any Sender
    let environment: Environment

    enum Found: Sendable {
        case ids([ServerID], others: [String], alike: [Alike])
        case unclear(Refusal)
        /// These credentials may not look.
        case refused(Refusal)
        /// No slot available: the run has to stop.
        case noSlot(SlotError)
    }

    func search(_ evidence: Evidence, _ org: OrgSettings, by readBack: ReadBack) async -> Found {
        await search(readBack.search(evidence, org))
    }

    func search(_ first: SearchStep) async -> Found {
        var step = first
        // A search that does not end would be a defect of the catalog; it is cut off as unclear.
        for _ in 0..<200 {
            switch step {
            case .done(let ids, let others): return .ids(ids, others: others, alike: [])
            case .alike(let ids, let others, let entries):
                return .ids(ids, others: others, alike: entries)
            case .unclear(let refusal): return .unclear(refusal)
            case .ask(let request, let then):
                switch await ask(request) {
                case .success(let reply): step = then(reply)
                case .failure(.trouble(let refusal)): return .unclear(refusal)
                case .failure(.refused(let refusal)): return .refused(refusal)
                case .failure(.slot(let error)): return .noSlot(error)
                }
            }
        }
        return .unclear(Refusal(.serverTrouble, message: "the search did not end"))
    }

    enum Ready: Sendable {
        case each([Readiness])
        case unclear(Refusal), refused(Refusal), noSlot(SlotError)
    }

    /// Asks what a request has to know before it goes.
    func prepare(
        _ tickets: [Ticket], by preparation: Preparation, _ settings: [String: String]
    ) async -> Ready {
        var step = preparation.start(
            tickets.map(\.record.evidence), tickets.map(\.item), settings)
        for _ in 0..<200 {
            switch step {
            case .done(let each) where each.count == tickets.count: return .each(each)
            case .done:
                return .unclear(
                    Refusal(.unboundAnswer, message: "the look-up does not say which record"))
            // A call that does not exist is not there later either.
            case .unclear(let refusal) where refusal.reason == .notFound: return .refused(refusal)
            case .unclear(let refusal): return .unclear(refusal)
            case .ask(let request, let then):
                switch await ask(request) {
                case .success(let reply): step = then(reply)
                case .failure(.trouble(let refusal)): return .unclear(refusal)
                case .failure(.refused(let refusal)): return .refused(refusal)
                case .failure(.slot(let error)): return .noSlot(error)
                }
            }
        }
        return .unclear(Refusal(.serverTrouble, message: "the look-up did not end"))
    }

    enum Walked: Sendable { case all, unclear(Refusal), refused(Refusal), noSlot(SlotError) }

    /// Hands the queue's entries over page by page.
    func walk(_ first: QueueStep, _ page: ([QueueEntry]) async throws -> Void) async rethrows -> Walked
    {
        var step = first
        while true {
            switch step {
            case .done: return .all
            case .unclear(let refusal): return .unclear(refusal)
            case .page(let entries, let next):
                try await page(entries)
                step = next()
            case .ask(let request, let then):
                switch await ask(request) {
                case .success(let reply): step = then(reply)
                case .failure(.trouble(let refusal)): return .unclear(refusal)
                case .failure(.refused(let refusal)): return .refused(refusal)
                case .failure(.slot(let error)): return .noSlot(error)
                }
            }
        }
    }

    enum Failure: Error {
        case trouble(Refusal)
        /// 403
        case refused(Refusal)
        case slot(SlotError)
    }

    /// One reply to a read. What passes by itself (429, an old token, no connection) is asked again a
    /// few times; a read may be.
    func ask(_ request: Request) async -> Result<Reply, Failure> {
        var refused = 0
        var last = Refusal(.serverTrouble)
        for attempt in 1...6 {
            let slot: Slot
            do {
                slot = try await sender.slot(for: request.limit)
            } catch let error as SlotError {
                return .failure(.slot(error))
            } catch {
                return .failure(.trouble(Refusal(.stopped, message: "cancelled")))
            }
            switch await sender.send(request, in: slot) {
            case .reply(let reply) where reply.status == 401:
                refused += 1
                last = Refusal(
                    .unauthorized, serverCode: 401, message: "the credentials were not accepted")
                if refused == 2 { return .failure(.slot(SlotError(.authentication, last.message))) }
            case .reply(let reply) where reply.status == 403:
                return .failure(
                    .refused(
                        Refusal(
                            .forbidden, serverCode: 403,
                            message: "these credentials have no read access (403)")))
            case .reply(let reply) where reply.status == 429:
                last = Refusal(.throttled, serverCode: 429, message: "too many requests")
            case .reply(let reply)
            where reply.isPage && (reply.status == 503 || (200..<300).contains(reply.status)):
                last = Refusal(
                    .maintenance, serverCode: reply.status,
                    message: "the server answers with a maintenance page")
                await pause(attempt)
            case .reply(let reply) where reply.status >= 500:
                last = Refusal(
                    .serverTrouble, serverCode: reply.status,
                    message: "the look-up was answered with \(reply.status)")
                await pause(attempt)
            case .reply(let reply): return .success(reply)
            case .notSent(let trouble), .unanswered(let trouble):
                last = Refusal(.noAnswer, message: trouble.message)
                if trouble.code == .cancelled { return .failure(.trouble(last)) }
                if trouble.code == .certificate {
                    return .failure(.slot(SlotError(.authentication, trouble.message)))
                }
                await pause(attempt)
            }
        }
        // Nothing is available for now, for this look-up or for any other.
        if last.reason == .maintenance {
            return .failure(.slot(SlotError(.unreachable, last.message)))
        }
        return .failure(.trouble(last))
    }

    /// A little longer with each attempt, from 1 on.
    func pause(_ attempt: Int) async {
        var random = SystemRandomNumberGenerator()
        let backoff = Backoff(base: .milliseconds(200), cap: .seconds(10))
        try? await environment.sleep(backoff.delay(attempt: attempt, using: &random))
    }
}
