package import Model

/// A rate as a distance between requests.
///
/// Requests leave one by one, never in a burst, because nobody says how the server counts: by the
/// minute of the clock, or over the last minute. So that no count of it, over any stretch of the
/// interval W, comes above the rate N, also when requests arrive up to J later than they left,
/// `(W + J) / distance` must stay below N. The distance is `(W + slack) / N`, which allows a J
/// of just under `slack`: 1.2 s, or 2 % of W where that is less. Of 300 a minute it uses 98 %.
package struct Pace: Sendable, Equatable {
    /// Nanoseconds from one request to the next.
    package let distance: Int64
    /// How much later than its place a request may leave without moving those after it, so that a
    /// sleep that ends late costs nothing. A part of the slack.
    package let lateness: Int64

    /// - Parameter headroom: The share of the rate left to others, 0..<1.
    package init(_ rate: Rate, headroom: Double = 0) {
        let interval = Double(max(1, rate.interval.nanoseconds))
        let slack = min(1.2e9, interval / 50)
        let allowed = Double(max(1, rate.requests)) * (1 - min(max(headroom, 0), 0.99))
        distance = Int64(min((interval + slack) / allowed, 4e18).rounded(.up))
        lateness = Int64(slack / 12)
    }

    /// The same when only a share of the rate is used, in thousandths.
    func slowed(to share: Int64) -> Int64 {
        let (product, overflow) = distance.multipliedReportingOverflow(by: 1000)
        return (overflow ? .max : product) / max(1, share)
    }
}
