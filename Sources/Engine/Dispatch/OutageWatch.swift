package import Model
import Synchronization

/// Notices that the server cannot be reached: says why once it lasts, and ends the waiting after a while.
///
/// It is between the engine and the network, so that what is true for requests that carry records is true
/// for look-ups, for the org's settings and for everything else that is asked.
package final class OutageWatch: Sender {
    /// What is worth telling.
    package enum News: Sendable, Equatable {
        case unreachable(cause: String)
        /// It was told about an outage, and the server answers again.
        case reachable
    }

    /// How long an outage may be short enough not to be told, where the server has answered before.
    static let quiet = Duration.seconds(10)
    /// How long a server that has never answered is tried, and one that has answered before.
    static let patience = (new: Duration.seconds(120), known: Duration.seconds(600))

    private struct State {
        /// Since when nothing has come, and why.
        var since: Timestamp?
        var cause = ""
        var isTold = false
        var hasAnswered = false
        var tell: (@Sendable (News) async -> Void)?
    }

    private let sender: any Sender
    private let now: @Sendable () -> Timestamp
    private let words: EngineWords
    private let state: Mutex<State>

    package init(
        _ sender: any Sender, now: @escaping @Sendable () -> Timestamp, words: EngineWords,
        tell: (@Sendable (News) async -> Void)? = nil
    ) {
        self.sender = sender
        self.now = now
        self.words = words
        state = Mutex(State(tell: tell))
    }

    package var usage: SenderUsage { sender.usage }

    /// Whom to tell from now on.
    package func listen(_ tell: @escaping @Sendable (News) async -> Void) {
        state.withLock { $0.tell = tell }
    }

    package func slot() async throws -> Slot { try await slot(for: nil) }

    package func slot(for limit: CallLimit?) async throws -> Slot {
        if let cause = ended() {
            throw SlotError(.unreachable, words(.run(.unreachable(cause: cause))))
        }
        return try await sender.slot(for: limit)
    }

    package func send(_ request: Request, in slot: Slot) async -> Exchange {
        let exchange = await sender.send(request, in: slot)
        switch exchange {
        case .reply: await noteAnswer()
        case .notSent(let trouble) where trouble.code != .cancelled: await note(trouble)
        // It took the connection.
        case .notSent, .unanswered: break
        }
        return exchange
    }

    /// Why nobody needs to wait any longer; nil where it is worth it.
    private func ended() -> String? {
        let now = now()
        return state.withLock { state in
            guard let since = state.since else { return nil }
            let patience = state.hasAnswered ? Self.patience.known : Self.patience.new
            return now.since(since) >= patience ? state.cause : nil
        }
    }

    private func note(_ trouble: Trouble) async {
        let now = now()
        let tell = state.withLock { state -> (@Sendable (News) async -> Void)? in
            let since = state.since ?? now
            state.since = since
            state.cause = trouble.message
            guard !state.isTold, !state.hasAnswered || now.since(since) >= Self.quiet else {
                return nil
            }
            state.isTold = true
            return state.tell
        }
        await tell?(.unreachable(cause: trouble.message))
    }

    private func noteAnswer() async {
        let tell = state.withLock { state -> (@Sendable (News) async -> Void)? in
            let wasTold = state.isTold
            state.since = nil
            state.isTold = false
            state.hasAnswered = true
            return wasTold ? state.tell : nil
        }
        await tell?(.reachable)
    }
}
