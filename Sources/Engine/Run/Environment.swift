package import Model

/// The clock and chance, so that a test can hold them still.
package struct Environment: Sendable {
    package var now: @Sendable () -> Timestamp
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }
}

extension Environment {
    /// The machine's own.
    package static var real: Environment {
        Environment(
            now: { Timestamp(milliseconds: SteadyClock.now()) },
            sleep: { try await Task.sleep(for: $0) })
    }
}
