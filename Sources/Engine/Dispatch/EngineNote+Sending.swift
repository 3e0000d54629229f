extension EngineNote {
    /// What becomes of requests, and of records that wait.
    package enum Sending: Sendable, Equatable {
        /// A record follows one that waits for another run's, where that is known by its name.
        case behind(record: Int64, run: String?)
        /// The runs that have what records wait for, as far as they are named, and how many more.
        case waitingFor(runs: [String], more: Int)
        case tooManyWait(String)
        /// What a record of the same key is, for the one that is refused.
        case otherRecord(Int64, run: String)
        case firstAt(file: String, line: Int)
        case firstRecord(Int64)
        case replyUnmatched
    }
}
