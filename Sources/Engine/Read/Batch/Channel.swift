import Foundation
import Synchronization

/// A bounded queue from a thread, which may wait, to a task, which must not.
final class Channel<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var isCancelled = false
        var error: (any Error)?
        var receiver: CheckedContinuation<[Element], any Error>?
    }

    private let state = Mutex(State())
    private let room: DispatchSemaphore

    init(capacity: Int) {
        // From zero: a semaphore that ends below the value it began with ends the process.
        room = DispatchSemaphore(value: 0)
        for _ in 0..<capacity { room.signal() }
    }

    /// Waits for room, then hands `element` over. Returns false when nobody takes any more.
    func send(_ element: Element) -> Bool {
        room.wait()
        let (receiver, goesOn) = state.withLock {
            state -> (CheckedContinuation<[Element], any Error>?, Bool) in
            if state.isCancelled { return (nil, false) }
            guard let receiver = state.receiver else {
                state.elements.append(element)
                return (nil, true)
            }
            state.receiver = nil
            return (receiver, true)
        }
        if let receiver {
            room.signal()
            receiver.resume(returning: [element])
        }
        return goesOn
    }

    /// No more will come; `error` is thrown once all before it was taken.
    func finish(_ error: (any Error)?) {
        let receiver = state.withLock { state in
            state.isFinished = true
            state.error = error
            defer { state.receiver = nil }
            return state.receiver
        }
        guard let receiver else { return }
        if let error { receiver.resume(throwing: error) } else { receiver.resume(returning: []) }
    }

    /// All that is there, at least one element; empty at the end.
    func receive() async throws -> [Element] {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<[Element], any Error>? in
                if !state.elements.isEmpty {
                    defer { state.elements.removeAll() }
                    return .success(state.elements)
                }
                if state.isCancelled { return .success([]) }
                if state.isFinished { return state.error.map { .failure($0) } ?? .success([]) }
                state.receiver = continuation
                return nil
            }
            guard let result else { return }
            if case .success(let elements) = result { for _ in elements { room.signal() } }
            continuation.resume(with: result)
        }
    }

    /// Makes the sender stop at its next element, and the receiver see the end.
    func cancel() {
        let receiver = state.withLock { state in
            state.isCancelled = true
            state.elements.removeAll()
            defer { state.receiver = nil }
            return state.receiver
        }
        room.signal()
        receiver?.resume(returning: [])
    }
}
