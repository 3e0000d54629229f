import Glibc
package import Model

/// The gate's time: nanoseconds since the machine started, suspended ones included.
///
/// A value, so that a test can hold it still.
package struct GateClock: Sendable {
    package var now: @Sendable () -> Int64
    /// Returns at that time or later; throws `CancellationError`.
    package var sleep: @Sendable (_ until: Int64) async throws -> Void
    package var wall: @Sendable () -> Timestamp

    package init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (_ until: Int64) async throws -> Void,
        wall: @escaping @Sendable () -> Timestamp
    ) {
        self.now = now
        self.sleep = sleep
        self.wall = wall
    }

    package static let boot = GateClock(
        now: { nanoseconds(of: CLOCK_BOOTTIME) },
        sleep: { until in
            let rest = until - nanoseconds(of: CLOCK_BOOTTIME)
            // With a tolerance the sleep would end up to that much later, and the rate be lost.
            if rest > 0 { try await Task.sleep(for: .nanoseconds(rest), tolerance: .zero) }
        },
        wall: { Timestamp(milliseconds: nanoseconds(of: CLOCK_REALTIME) / 1_000_000) })

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero and kept within an `Int64`.
    var nanoseconds: Int64 {
        let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = seconds.addingReportingOverflow(components.attoseconds / 1_000_000_000)
        return overflow || sum.overflow ? (components.seconds < 0 ? .min : .max) : sum.partialValue
    }
}
