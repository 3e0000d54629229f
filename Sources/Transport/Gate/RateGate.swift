package import Model
import Synchronization

/// Says when the next request may leave.
///
/// One gate is before one base URL and credential; the processes of a host share its
/// ``GateMemory``. In a process one task at a time takes a place and sleeps until it, once; the
/// others queue after it in the order they came.
package final class RateGate: Sendable {
    /// A longer pause is not waited for.
    package static let longestPause = Duration.seconds(15 * 60)

    private struct State {
        /// 429s in a row, each from a request that left after the pause before.
        var throttles = 0
        var lastPause: Int64 = .min
        var waiting: Waiting?
        var waited: [WaitCause: Int64] = [:]
        var recent: RollingCount
        var random: any RandomNumberGenerator & Sendable
    }

    private let memory: GateMemory
    private let rate: Rate?
    private let pace: Pace?
    private let fifo = FIFOLock()
    private let state: Mutex<State>
    let clock: GateClock

    /// - Parameter rate: Nil where nothing limits; a server's pause holds anyway.
    init(
        memory: GateMemory, rate: Rate?, headroom: Double = 0, clock: GateClock = .boot,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.memory = memory
        self.rate = rate
        self.clock = clock
        pace = rate.map { Pace($0, headroom: headroom) }
        let window = rate.map { max(1, $0.interval.nanoseconds) } ?? 60_000_000_000
        state = Mutex(State(recent: RollingCount(window: window), random: random))
    }

    /// Returns when a request may leave.
    ///
    /// - Throws: ``SlotError`` with ``SlotError/Code/paused(until:)`` where the server needs a pause
    ///   above ``longestPause``; `CancellationError`.
    func take() async throws {
        if pace == nil {
            let now = clock.now()
            if memory.pausedUntil(at: now) <= now { return passed(at: now) }
        }
        try await fifo.enter()
        defer { fifo.leave() }
        while true {
            try Task.checkCancellation()
            let now = clock.now()
            let pause = memory.pausedUntil(at: now)
            if pause - now > Self.longestPause.nanoseconds { throw paused(until: pause, at: now) }
            let place = if let pace { memory.reserve(at: now, pace) } else { max(pause, now) }
            if place > now {
                try await sleep(until: place, because: pause > now ? .throttled : .rateLimit, from: now)
            }
            let woken = clock.now()
            // A pause may have started in the meantime: the place has gone, and the next is after the pause.
            if memory.pausedUntil(at: woken) <= woken { return passed(at: woken) }
        }
    }

    private func sleep(until place: Int64, because cause: WaitCause, from start: Int64) async throws {
        state.withLock { $0.waiting = Waiting(cause: cause, until: place) }
        defer {
            let end = clock.now()
            state.withLock {
                $0.waiting = nil
                $0.waited[cause, default: 0] += end - start
            }
        }
        while clock.now() < place { try await clock.sleep(place) }
    }

    private func passed(at now: Int64) { state.withLock { $0.recent.add(at: now) } }

    private func paused(until: Int64, at now: Int64) -> SlotError {
        let end = clock.wall() + .nanoseconds(until - now)
        return SlotError(
            .paused(until: end), "the server asks to retry at \(end.iso8601); resume the run then")
    }

    /// Learns from a reply what the server thinks of the rate.
    ///
    /// - Parameter departed: When the request left, by the gate's clock.
    func observe(_ reply: Reply, departed: Int64) {
        guard reply.status == 429 || reply.status == 503 else {
            state.withLock { if departed > $0.lastPause { $0.throttles = 0 } }
            return
        }
        let now = clock.now()
        let asked = RetryAfter.wait(reply, now: clock.wall())
        if reply.status == 429 { _ = memory.lower(at: now, departed: departed) }
        let wait: Int64? = state.withLock { state -> Int64? in
            if let asked {
                state.lastPause = now
                return asked.nanoseconds
            }
            // Those that left before the pause say nothing that it did not say.
            guard reply.status == 429, departed > state.lastPause else { return nil }
            let ceiling: Int64 = min(60_000_000_000, 5_000_000_000 << min(state.throttles, 4))
            state.throttles += 1
            state.lastPause = now
            return Int64.random(in: 1_000_000_000...ceiling, using: &state.random)
        }
        if let wait { memory.pause(until: now + wait, at: now) }
    }

    /// How many wait after the first.
    var standing: Int { fifo.standing }

    /// What keeps the requests of this process, just now and so far.
    package var status: GateStatus {
        let now = clock.now()
        let share = Double(memory.share(at: now)) / 1000
        return state.withLock { state in
            GateStatus(
                waiting: state.waiting.map { ($0.cause, .nanoseconds(max(0, $0.until - now))) },
                waited: state.waited.mapValues { .nanoseconds($0) },
                used: rate.map { Double(state.recent.count(at: now)) / Double(max(1, $0.requests)) },
                share: share)
        }
    }
}

private struct Waiting: Sendable {
    var cause: WaitCause
    var until: Int64
}

package struct GateStatus: Sendable {
    /// Nil where nothing waits; else why, and how long the first in the queue still has to.
    package var waiting: (cause: WaitCause, rest: Duration)?
    /// For how long somebody waited, by cause.
    package var waited: [WaitCause: Duration]
    /// Places this process took in the last interval, as a share of the connection's rate; nil where
    /// nothing limits.
    package var used: Double?
    /// What throttling has left of the rate, 0.1...1.
    package var share: Double
}

/// How many there were in the last this many nanoseconds, to a sixtieth of them.
struct RollingCount: Sendable {
    private let width: Int64
    private var counts = [Int](repeating: 0, count: 60)
    private var last: Int64 = 0

    init(window: Int64) { width = max(1, window / 60) }

    mutating func add(at now: Int64) {
        advance(to: now / width)
        counts[Int(last % 60)] += 1
    }

    mutating func count(at now: Int64) -> Int {
        advance(to: now / width)
        return counts.reduce(0, +)
    }

    private mutating func advance(to index: Int64) {
        guard index > last else { return }
        for passed in max(last + 1, index - 59)...index { counts[Int(passed % 60)] = 0 }
        last = index
    }
}
