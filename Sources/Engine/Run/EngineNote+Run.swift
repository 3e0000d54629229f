extension EngineNote {
    /// How a run goes as a whole.
    package enum Run: Sendable, Equatable {
        /// The process ended while an attempt was open.
        case processEnded
        /// The server cannot be reached; while the run continues, it is tried again.
        case unreachable(cause: String)
        case unreachableForNow(cause: String)
        case reachable
        // What it waits for.
        case settlingDoubts
        case singlesUntilSettled
        // Why it stops.
        case deadlineReached
        case doubtsHoldBack
        case importedBefore(existed: Int, judged: Int)
        case tooManyRefused(most: Int)
        case tooLargeShareRefused(Int, judged: Int)
        case unbalanced([BalanceDifference])
        /// It ends with records unsent, and what they wait for.
        case unsent(Int, waiting: String)
    }
}
