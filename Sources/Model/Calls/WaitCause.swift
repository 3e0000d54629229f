/// What a run waits for. Of several at once, the first in this order is what holds the others up.
package enum WaitCause: String, Sendable, CaseIterable {
    /// The server answered 429, or asked to come back later.
    case throttled = "throttled by server"
    /// The rate set for the connection.
    case rateLimit = "rate limit"
    /// Requests that carry records are out.
    case answers = "answers"
    /// Requests that look-up something up are out.
    case looks = "looks"
    /// Requests are sent again after trouble, each later than the last.
    case backOff = "back-off"
    /// What is in doubt waits for the time from which a look-up proves something.
    case doubt = "records in doubt"
}

/// What went through a sender so far.
package struct SenderUsage: Sendable, Equatable {
    /// Requests of any kind: also looks and tokens.
    package var requests = 0

    package init() {}
}
