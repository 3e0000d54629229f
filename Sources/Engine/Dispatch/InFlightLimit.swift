package import Model

/// How many requests may be in flight: additive up, multiplicative down.
///
/// It begins low and doubles with each window of good replies until something is amiss; from then on
/// it grows by one a window. It grows only when it was what held requests back: a limit that is not
/// reached has not been tried. It shrinks when the server fails or says it is too much, and when
/// replies take much longer than they did at their best; once for all requests of a window, since
/// those that were in flight together fail together. A fixed number is halved by a lost answer as well,
/// and comes back as answers do.
package struct InFlightLimit: Sendable, Equatable {
    package enum Trouble: Sendable {
        /// No answer came.
        case timeout
        /// 5xx: the server has failed.
        case server
        /// 429: the rate was too high, which is mostly the gate's matter.
        case throttled
    }

    /// 1...most
    package private(set) var current: Int
    private let most: Int
    private let isFixed: Bool
    /// The same as `current`, with the fractions of a slow growth.
    private var exact: Double
    private var isStarting = true
    /// Completions left in which a further trouble is the same trouble.
    private var grace = 0
    /// The shortest latency, in seconds. It is learnt again whenever one request is in flight at a time,
    /// where there is no queue: a server that has become slower for good leads there.
    private var best: Double?
    private var recent: Double?
    /// The mean latency over some twenty replies, whatever happened since, in seconds.
    private var usual = 0.0
    /// Requests a second that the rate allows; nil where nothing limits.
    private let pace: Double?

    package init(_ settings: SendSettings.InFlight, rate: Rate? = nil) {
        pace = rate.map { Double($0.requests) / max(1e-3, $0.interval / .seconds(1)) }
        switch settings {
        case .fixed(let count):
            (most, isFixed) = (max(1, count), true)
            current = most
        case .auto(let bound):
            (most, isFixed) = (max(1, bound), false)
            current = min(4, most)
        }
        exact = Double(current)
    }

    /// A reply came that the server gave in good order.
    ///
    /// - Parameters:
    ///   - latency: From the first byte out to the last byte in.
    ///   - inFlight: How many were, itself included, when it ended.
    package mutating func succeeded(after latency: Duration, inFlight: Int) {
        grace = max(0, grace - 1)
        if isFixed {
            if current < most, grace == 0 { set(exact + 1 / exact) }
            return
        }
        let seconds =
            Double(latency.components.seconds) + Double(latency.components.attoseconds) * 1e-18
        let recent = (self.recent ?? seconds) * 0.9 + seconds * 0.1
        let best = current == 1 ? recent : min(seconds, best ?? seconds)
        self.best = best
        self.recent = recent
        usual += (seconds - usual) * (usual == 0 ? 1 : 0.05)
        // Twenty milliseconds are noise, however fast the best was.
        if recent > best * 2.5 + 0.02, current > needed {
            shrink(to: 0.9)
        } else if inFlight >= current {
            set(isStarting ? exact + 1 : exact + 1 / exact)
        }
    }

    package mutating func failed(_ trouble: Trouble) {
        // What a person has fixed gives way to doubts only.
        if isFixed, trouble != .timeout { return }
        grace = max(0, grace - 1)
        switch trouble {
        case .timeout, .server: shrink(to: 0.5)
        case .throttled: shrink(to: 0.9)
        }
    }

    /// What it takes to use the rate at the usual latency, and as much again: so few are no load that
    /// makes a server slow, and latencies that differ by chance must not starve a paced run. Latency
    /// beyond two seconds is the server's trouble, and counts as load.
    private var needed: Int {
        guard let pace else { return 1 }
        return 2 + Int(min(2 * pace * min(usual, 2), Double(most)))
    }

    private mutating func shrink(to share: Double) {
        guard grace == 0 else { return }
        isStarting = false
        grace = current
        // At least by one, or a small limit would never fall.
        set(min(exact * share, Double(current) - 1))
        // What came before the step says nothing of the time after it.
        recent = nil
    }

    private mutating func set(_ value: Double) {
        exact = min(max(1, value), Double(most))
        current = Int(exact)
    }
}
