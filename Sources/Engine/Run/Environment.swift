package import Model

/// The clock, chance and words, so that a test can hold them still.
package struct Environment: Sendable {
    package var now: @Sendable () -> Timestamp
    package var sleep: @Sendable (Duration) async throws -> Void
    /// The sentences of what is told.
    package var words: EngineWords

    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void, words: EngineWords
    ) {
        self.now = now
        self.sleep = sleep
        self.words = words
    }
}

extension Environment {
    /// The machine's own clock.
    package static func real(_ words: EngineWords) -> Environment {
        Environment(
            now: { Timestamp(milliseconds: SteadyClock.now()) },
            sleep: { try await Task.sleep(for: $0) }, words: words)
    }
}
