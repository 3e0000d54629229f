/// How long to wait before an attempt is sent again: full jitter below a ceiling that doubles.
package struct Backoff: Sendable, Equatable {
    /// The ceiling of the first wait.
    package var base: Duration
    /// The ceiling of every wait.
    package var cap: Duration

    package init(base: Duration = .seconds(1), cap: Duration = .seconds(60)) {
        self.base = base
        self.cap = cap
    }

    /// A wait anywhere between none and the ceiling, so that many who failed together do not come
    /// back together.
    ///
    /// - Parameter attempt: How many failed so far, at least 1.
    package func delay(attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        ceiling(attempt: attempt) * Double.random(in: 0...1, using: &random)
    }

    /// The longest that ``delay(attempt:using:)`` may give.
    package func ceiling(attempt: Int) -> Duration {
        precondition(attempt >= 1)
        var ceiling = base
        for _ in 1..<attempt where ceiling < cap { ceiling *= 2 }
        return min(ceiling, cap)
    }
}
