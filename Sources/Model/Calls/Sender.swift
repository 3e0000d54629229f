/// The one seam to the network.
package protocol Sender: Sendable {
    /// Waits for a place at the rate gate, with a token good for it. Called before the intent is
    /// written, so that nothing waits between the intent and the socket.
    ///
    /// - Throws: ``SlotError`` when no place can be had: credentials refused, or a pause that is
    ///   longer than the run may wait. `CancellationError` when the task is cancelled.
    func slot() async throws -> Slot

    /// The same for a call that has a limit of its own: a place at both gates.
    func slot(for limit: CallLimit?) async throws -> Slot

    /// One attempt, at once; nothing below this line repeats it.
    func send(_ request: Request, in slot: Slot) async -> Exchange

    /// What went through so far.
    var usage: SenderUsage { get }
}

extension Sender {
    /// None: for senders that do not count.
    package var usage: SenderUsage { SenderUsage() }
    /// For senders without limits of single calls.
    package func slot(for limit: CallLimit?) async throws -> Slot { try await slot() }
}

/// A place at the gate. It is used once.
package struct Slot: Sendable {
    /// The value of the authorization header, if one is sent. Never logged.
    package var credential: String?
    /// Rises with each token fetched, so that a 401 renews the token it was sent with, once.
    package var generation: Int

    package init(credential: String? = nil, generation: Int = 0) {
        self.credential = credential
        self.generation = generation
    }
}

/// A reply; certainly nothing done; or nobody knows.
package enum Exchange: Equatable, Sendable {
    case reply(Reply)
    /// The request certainly did not reach the server.
    case notSent(Trouble)
    /// It may have: the answer was lost, cut off, or too large to read.
    case unanswered(Trouble)
}

/// What went wrong between here and the server.
package struct Trouble: Error, Equatable, Sendable {
    /// What went wrong, as far as it decides what to do.
    package enum Code: String, Sendable {
        case resolve, connect, tls, certificate, timeout, reset, protocolViolation = "protocol"
        case replyTooLarge = "reply-too-large", rewind, cancelled
    }
    /// What a program goes by.
    package var code: Code
    /// For a person; without secrets and personal data.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Why no place at the gate could be had.
package struct SlotError: Error, Equatable, Sendable {
    /// Why there is no slot.
    package enum Code: Equatable, Sendable {
        /// The credentials are missing, unreadable or refused.
        case authentication
        /// The server's certificate, or the one given for it, is not accepted.
        case certificate
        /// The server asks for a pause that is longer than the cap.
        case paused(until: Timestamp)
        /// The token call cannot be reached or fails for a passing reason.
        case unreachable
    }
    /// What a program goes by.
    package var code: Code
    /// For people; holds no secrets.
    package var message: String

    /// Someone has to act before the server can be used.
    package var isAccess: Bool { code == .authentication || code == .certificate }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
