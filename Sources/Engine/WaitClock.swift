import Model

/// Adds up for how long an execution stood still, by cause.
struct WaitClock {
    private var cause: WaitCause?
    private var since: Timestamp
    private(set) var waited: [WaitCause: Duration] = [:]

    init(at now: Timestamp) { since = now }

    /// From now on it waits for this; nil: it does not.
    mutating func turn(to next: WaitCause?, at now: Timestamp) {
        guard next != cause else { return }
        if let cause, now > since { waited[cause, default: .zero] += now.since(since) }
        cause = next
        since = now
    }
}
