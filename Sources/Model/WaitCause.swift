/// Why a run stands still for a moment.
package enum WaitCause: String, Sendable, CaseIterable {
    /// The rate set for the connection.
    case rateLimit = "rate limit"
    /// The server answered 429, or asked to come back later.
    case throttled = "throttled by server"
    /// Requests go again after trouble, each later than the last; nothing else was under way.
    case backOff = "back-off"
    /// Records in doubt are being settled; nothing else was under way.
    case doubt = "records in doubt"
}

/// What went through a sender so far.
package struct SenderUsage: Sendable, Equatable {
    /// Requests of any kind: also looks and tokens.
    package var requests = 0
    /// For how long somebody stood at the gate.
    package var waited: [WaitCause: Duration] = [:]

    package init() {}
}
