import Model
import Synchronization

/// What the time of an execution went to. It is told about everything that is waited for, and every moment counts
/// for one cause only: so that the causes together are the time, less what was spent on work of our own.
final class WaitClock: Sendable {
    /// What several may wait for at once.
    enum Place: Int, CaseIterable { case gate, answer, look, backOff }

    fileprivate struct State {
        var waited: [WaitCause: Duration] = [:]
        var counts = [Int](repeating: 0, count: Place.allCases.count)
        var hasDoubts = false
        /// The server has requested a pause, and nothing has come through the gate since.
        var isPaused = false
        var last: Timestamp
        var kept: Timestamp
    }
    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
        let start = now()
        state = Mutex(State(last: start, kept: start))
    }

    /// For how long, until now.
    var waited: [WaitCause: Duration] { update { $0.waited } }

    /// Ten seconds have passed since it last said so: time to write down how far it is, in case the process dies.
    var isTimeToKeep: Bool {
        update { state in
            guard state.last.since(state.kept) >= .seconds(10) else { return false }
            state.kept = state.last
            return true
        }
    }

    func enter(_ place: Place) { update { $0.counts[place.rawValue] += 1 } }

    func leave(_ place: Place) { update { $0.counts[place.rawValue] -= 1 } }

    func note(hasDoubts: Bool) { update { $0.hasDoubts = hasDoubts } }

    func notePause() { update { $0.isPaused = true } }

    func notePassage() { update { $0.isPaused = false } }

    /// Adds the time since the last change to what held things up, then makes the change.
    private func update<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let now = now()
        return state.withLock { state in
            // Two who come at once may come out of order, and a clock may be set back.
            if now > state.last {
                if let cause = state.cause {
                    state.waited[cause, default: .zero] += now.since(state.last)
                }
                state.last = now
            }
            return change(&state)
        }
    }
}

extension WaitClock.State {
    /// The one of all that is waited for which holds the others up.
    fileprivate var cause: WaitCause? {
        func has(_ place: WaitClock.Place) -> Bool { counts[place.rawValue] > 0 }
        if has(.gate) { return isPaused ? .throttled : .rateLimit }
        if has(.answer) { return .answers }
        if has(.look) { return .looks }
        if has(.backOff) { return .backOff }
        return hasDoubts ? .doubt : nil
    }
}

/// A sender whose waits are told to a clock.
struct TimedSender: Sender {
    let sender: any Sender
    let clock: WaitClock
    /// What its requests are waited for as.
    let place: WaitClock.Place
    /// Of the call that its requests make.
    var limit: CallLimit?

    var usage: SenderUsage { sender.usage }

    func slot() async throws -> Slot { try await slot(for: nil) }

    func slot(for limit: CallLimit?) async throws -> Slot {
        clock.enter(.gate)
        defer { clock.leave(.gate) }
        let slot = try await sender.slot(for: limit ?? self.limit)
        clock.notePassage()
        return slot
    }

    func send(_ request: Request, in slot: Slot) async -> Exchange {
        clock.enter(place)
        defer { clock.leave(place) }
        let exchange = await sender.send(request, in: slot)
        if case .reply(let reply) = exchange,
            reply.status == 429 || (reply.status == 503 && reply.header("Retry-After") != nil)
        {
            clock.notePause()
        }
        return exchange
    }
}
