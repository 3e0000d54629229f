import Synchronization

/// Lets tasks through one at a time, in the order they came.
final class FIFOLock: Sendable {
    private struct State {
        var isTaken = false
        var nextID: UInt64 = 0
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Cancelled before they were in the queue.
        var cancelled: Set<UInt64> = []
    }
    private let state = Mutex(State())

    /// How many wait for their turn.
    var standing: Int { state.withLock { $0.waiting.count } }

    /// Returns when it is this task's turn, which lasts until ``leave()``.
    ///
    /// - Throws: `CancellationError` where the task is cancelled before its turn came.
    func enter() async throws {
        let id: UInt64? = state.withLock { state in
            if !state.isTaken {
                state.isTaken = true
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return }
        let entered = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    if !state.isTaken {
                        state.isTaken = true
                        return true
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let continuation: CheckedContinuation<Bool, Never>? = state.withLock { state in
                if let at = state.waiting.firstIndex(where: { $0.id == id }) {
                    return state.waiting.remove(at: at).continuation
                }
                state.cancelled.insert(id)
                return nil
            }
            continuation?.resume(returning: false)
        }
        // Cancelled at the very moment its turn came: nobody takes the mark away but us.
        _ = state.withLock { $0.cancelled.remove(id) }
        if !entered { throw CancellationError() }
    }

    /// Ends the turn of the task that is through.
    func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
