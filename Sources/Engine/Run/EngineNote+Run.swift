extension EngineNote {
    /// How a run goes as a whole.
    package enum Run: Sendable, Equatable {
        /// The process ended while an attempt was open.
        case processEnded
    }
}
