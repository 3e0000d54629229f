/// What a run may spend on retries, so that a server in trouble is not sent a multiple of its load.
///
/// A full budget pays for a hundred retries; each success pays a little back, so that a server
/// that fails every fifth request or less is retried for ever, and one that fails all is not.
package struct RetryBudget: Sendable, Equatable {
    package enum Cost: Int, Sendable {
        /// The reply named a temporary error.
        case retry = 5
        /// No answer came: the server may be at its limit.
        case timeout = 10
    }

    package let capacity: Int
    package private(set) var tokens: Int

    package init(capacity: Int = 500) {
        precondition(capacity >= 0)
        self.capacity = capacity
        tokens = capacity
    }

    /// Pays for one retry.
    ///
    /// - Returns: False where the budget does not reach; nothing is taken then.
    package mutating func spend(_ cost: Cost) -> Bool {
        guard tokens >= cost.rawValue else { return false }
        tokens -= cost.rawValue
        return true
    }

    /// A first attempt succeeded.
    package mutating func refund() { tokens = min(capacity, tokens + 1) }
}
