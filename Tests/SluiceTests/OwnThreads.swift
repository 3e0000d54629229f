import Foundation
import Testing

extension Trait where Self == OwnThreads {
    /// Its tests wait for processes: they do so on threads that may be blocked. Those of Swift's own pool are as
    /// many as cores, and two tests that wait would hold up all others.
    static var ownThreads: Self { OwnThreads() }
}

struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Blocking.shared) { try await function() }
    }

    private final class Blocking: TaskExecutor {
        static let shared = Blocking()
        /// As many tests at once: most of their time is waiting, yet each needs a core now and then.
        private let queue = OperationQueue()

        private init() { queue.maxConcurrentOperationCount = 6 }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.addOperation {
                unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
            }
        }
    }
}
