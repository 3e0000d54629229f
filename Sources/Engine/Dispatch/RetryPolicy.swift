/// The rules by which a run tries again: how long it waits, how often it tries, what it may spend, and after how
/// much trouble in a row it stops. It counts what goes wrong and what comes back; who sends tells it, and asks.
package struct RetryPolicy: Sendable {
    // MARK: Waits

    /// Before a request, or a record of one, is sent again: the server named a temporary error, which a second
    /// mostly outlives; beyond half a minute waiting longer brings nothing.
    static let resend = Backoff(base: .milliseconds(500), cap: .seconds(30))
    /// Before a look-up is asked again: it costs little, and records in doubt hold back others.
    static let look = Backoff(base: .milliseconds(200), cap: .seconds(10))
    /// Doublings of the wait for a request; the cap is reached before.
    private static let doublings = 10

    /// When to look again after a look-up that said nothing: half a second, doubled each time, at most a minute.
    static func pause(afterUnclear looks: Int) -> Duration {
        min(.seconds(60), .milliseconds(500) * (1 << min(looks, 7)))
    }

    /// When to ask again for the job of a file: a short job is seen soon, and a long one is not requested all
    /// the time.
    static func pause(afterJobLooks looks: Int) -> Duration {
        min(.seconds(15), .milliseconds(100) * (1 << min(looks, 8)))
    }

    // MARK: Limits

    /// Attempts of a record that may reach the server, over all executions of its run: one whose request fails as
    /// often would fail for ever.
    package static let attempts = 5
    /// Look-ups of one record, or of a file's job, that said nothing, until a person or a later resume has to
    /// settle it: with ``pause(afterUnclear:)`` some quarter of an hour.
    static let unclearLooks = 20
    /// Look-ups of one record of the sample of a first meeting: with ``pause(afterUnclear:)`` some two minutes.
    static let firstLooks = 8
    /// The same where the server refuses them: it hardly changes its mind.
    static let refusedLooks = 3
    /// Look-ups in a row that said nothing, whosever they were, after which no more are made: the look-up itself
    /// does not work.
    static let silentLooks = 40
    /// How often a look-up may fail to show a record that is known to be there, until it is not believed any more.
    static let blindLooks = 10
    /// Comparisons of a record that the server says it has, until it stays unverified.
    static let comparisons = 5
    /// How often a request that is in doubt is asked again under its own id without an answer, in one execution.
    static let repeats = 4
    /// Lost answers in a row after which single records go until the doubts are settled: two may be chance.
    static let lossesUntilSingles = 3
    /// Temporary errors in a row that end the run: all requests in flight may fail twice for one cause, and a few
    /// more are chance.
    static func troublesInARow(window: Int) -> Int { 8 + 2 * window }
    /// Requests in a row without an answer that end the run: all in flight may be lost at once, and a few probes
    /// after them.
    static func lossesInARow(window: Int) -> Int { 6 + window }
    /// Refused credentials in a row that end the run: all in flight may have left with the old token, and one with
    /// the new.
    static func refusalsInARow(window: Int) -> Int { 1 + window }

    // MARK: What has happened

    private let window: Int
    private var budget = RetryBudget()
    private var troubles = 0
    private var losses = 0
    private var refusals = 0
    /// Requests lost since the last answer, or since the last of a lost one's records was found to be there.
    private(set) var fruitless = 0

    /// - Parameter window: The most requests in flight.
    package init(window: Int) { self.window = window }

    /// What is to be done after something went wrong.
    package enum Decision: Sendable, Equatable {
        case wait(Duration)
        case stop
    }

    /// The server answered, whatever it said of the request.
    package mutating func answered() {
        troubles = 0
        losses = 0
        fruitless = 0
    }

    /// Every record of a request was done with: it pays back some of the budget.
    package mutating func succeeded() { budget.refund() }

    /// A request met a temporary error.
    ///
    /// - Parameter after: What the server requested.
    package mutating func failed(
        after: Duration? = nil, using random: inout some RandomNumberGenerator
    ) -> Decision {
        troubles += 1
        guard troubles <= Self.troublesInARow(window: window), budget.spend(.retry) else {
            return .stop
        }
        return .wait(
            after ?? Self.resend.delay(attempt: min(troubles, Self.doublings), using: &random))
    }

    /// One record has to be sent again, its neighbours need not.
    ///
    /// - Parameter tries: How many of its attempts reached the server.
    package mutating func failedAlone(
        tries: Int, after: Duration?, using random: inout some RandomNumberGenerator
    ) -> Decision {
        guard budget.spend(.retry) else { return .stop }
        return .wait(after ?? Self.resend.delay(attempt: max(1, tries), using: &random))
    }

    /// What follows from a request that got no answer.
    package struct Loss: Sendable, Equatable {
        /// From now on single records go.
        package var wantsSingles: Bool
        package var endsRun: Bool
    }

    /// A request got no answer.
    package mutating func lost() -> Loss {
        losses += 1
        fruitless += 1
        return Loss(
            wantsSingles: losses >= Self.lossesUntilSingles,
            endsRun: fruitless > Self.lossesInARow(window: window))
    }

    /// No request is in doubt any more.
    package mutating func allFound() { losses = 0 }

    /// A record of a lost request is on the server: it was not in vain.
    package mutating func foundLost() { fruitless = 0 }

    /// Nobody gets an answer: that is no fault of a record that was tried as often.
    package var isFruitless: Bool { fruitless >= Self.attempts }

    /// The credentials of a request were not accepted.
    ///
    /// - Returns: Whether that ends the run, and whether the next request is one record, to make sure.
    package mutating func unauthorized() -> (endsRun: Bool, confirms: Bool) {
        refusals += 1
        return (refusals > Self.refusalsInARow(window: window), refusals > 1)
    }

    /// The credentials of a request were accepted.
    package mutating func authorized() { refusals = 0 }
}
