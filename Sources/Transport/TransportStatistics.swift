import Model

/// What a client has done so far, and what it waits for just now.
package struct TransportStatistics: Sendable {
    /// Requests that left or tried to, token calls included.
    package var requests = 0
    package var tokenCalls = 0
    /// Replies by the first digit of their status, 0...9.
    package var replies = [Int](repeating: 0, count: 10)
    /// Replies with status 429.
    package var throttled = 0
    package var unanswered = 0
    package var notSent = 0
    /// Of bodies, headers not counted.
    package var bytesSent = 0
    package var bytesReceived = 0
    /// What keeps requests back.
    package var gate: GateStatus

    /// `rate limit`, or `throttled by server, 12 s`; nil where nothing waits.
    package var waitingReason: String? {
        guard let waiting = gate.waiting else { return nil }
        guard waiting.cause == .throttled else { return waiting.cause.rawValue }
        // Up to the next whole second: the last one is not waited for as "0 s".
        let seconds = (waiting.rest.milliseconds + 999) / 1000
        return "\(waiting.cause.rawValue), \(seconds) s"
    }
}
