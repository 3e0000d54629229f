import Catalog
import DequeModule
import Model

/// Reads with a bounded number in flight: all that several walks ask for goes through one of it.
///
/// What a reply means for the connection (a new token, too many, no answer) is ``ReadClient``'s; how many
/// may be in flight is ``InFlightLimit``'s, as for a run.
actor Asker {
    private let readClient: ReadClient
    private var limit: InFlightLimit
    private var inFlight = 0
    private var waiters = Deque<CheckedContinuation<Void, Never>>()
    private(set) var requests = 0

    init(sender: any Sender, environment: Environment, settings: SendSettings.InFlight, rate: Rate?) {
        limit = InFlightLimit(settings, rate: rate)
        readClient = ReadClient(sender: sender, environment: environment)
    }

    func ask(_ request: Request) async -> ReadClient.Answer<Reply> {
        if inFlight >= limit.current {
            await withCheckedContinuation { waiters.append($0) }
        } else {
            inFlight += 1
        }
        requests += 1
        let begun = ContinuousClock.now
        let result = await readClient.ask(request)
        switch result {
        case .done: limit.succeeded(after: ContinuousClock.now - begun, inFlight: inFlight)
        case .unclear, .refused, .noSlot: limit.failed(.server)
        }
        inFlight -= 1
        while inFlight < limit.current, let waiter = waiters.popFirst() {
            inFlight += 1
            waiter.resume()
        }
        return result
    }

    /// What a page says, requested a few times where its reply asks for patience.
    nonisolated func page(
        _ request: Request, _ read: (Reply) -> PageReading
    ) async -> ReadClient.Answer<PageReading> {
        var answer = ReadClient.Answer.done(PageReading.again(Refusal(.serverTrouble)))
        for attempt in 1...5 {
            answer = await ask(request).map(read)
            guard case .done(.again) = answer else { break }
            await readClient.pause(attempt)
        }
        return answer
    }
}
