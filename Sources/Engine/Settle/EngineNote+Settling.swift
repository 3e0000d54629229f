extension EngineNote {
    /// What answers mean, for a record or for the run.
    package enum Settling: Sendable, Equatable {
        case serverAnswers(status: Int)
        case maintenancePage
        case everythingRejected(String)
        case tooManyLost
        /// Requests in a row without an answer, and what the last one ended with.
        case fruitless(Int, String?)
        case asksForTime(String)
        case gaveUp(attempts: Int, String)
        case noneAnswered
        case requestIDUsed
        // A 400 that does not say why.
        case badRequestWasDone
        case badRequestProved(isRejected: Bool)
        /// A person decided; the reason in their words.
        case decided(isAccepted: Bool, reason: String)
        /// The server's queue has booked it, under this id.
        case queueBooked(String?)
        // How a retrigger ended.
        case retriggerRefused(Retrigger.Trouble)
        case retriggerFoundNone
    }
}
