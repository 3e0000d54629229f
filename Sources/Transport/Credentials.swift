import FoundationEssentials
import Hashing
import Logging
import Model
import Synchronization

/// The value of the authorization header, fetched and renewed when needed.
final class Credentials: Sendable {
    /// How the token call is made: one exchange at the gate, repeated by nobody below.
    typealias TokenCall = (_ body: [UInt8]) async throws -> Exchange

    struct Token: Sendable, Equatable {
        var value: String?
        var generation: Int
        /// By the gate's clock; the far future where nothing expires.
        var renewal: Int64
        var expiry: Int64
        var isRefused = false
    }

    private struct State {
        var token: Token?
        var generation = 0
        /// Once refused, the same key and secret are not tried again.
        var refusal: SlotError?
        var failure: (error: SlotError, time: Int64)?
    }

    private let authentication: Connection.Authentication
    /// Files that others can read are taken.
    private let allowsReadable: Bool
    private let clock: GateClock
    private let logger: Logger
    private let oneAtATime = FIFOLock()
    private let state = Mutex(State())

    /// Tries of the token call before it counts as unreachable.
    private static let attempts = 4

    init(
        _ authentication: Connection.Authentication, allowsReadable: Bool = false, clock: GateClock,
        logger: Logger
    ) {
        self.authentication = authentication
        self.allowsReadable = allowsReadable
        self.clock = clock
        self.logger = logger
    }

    /// The header that carries the value.
    ///
    /// Source: Access, OAuth tokens; Access, Basic authentication.
    var headerName: String {
        if case .oauth = authentication { return "X-CAP-API-OAUTH-TOKEN" }
        return "Authorization"
    }

    /// A token that is good for now.
    ///
    /// However many ask, one call is made. A renewal that fails for a passing reason leaves the old
    /// token in use until it expires.
    func current(call: TokenCall) async throws -> Token {
        let asked = clock.now()
        if let token = fresh() { return token }
        try await oneAtATime.enter()
        defer { oneAtATime.leave() }
        if let token = fresh() { return token }
        if let error = state.withLock({ knownFailure($0, since: asked) }) { throw error }
        do {
            return try await renew(call)
        } catch let error as SlotError {
            let usable: Token? = state.withLock { state in
                if error.isAccess { state.refusal = error }
                state.failure = (error, clock.now())
                guard error.code == .unreachable, let token = state.token, !token.isRefused,
                    clock.now() < token.expiry
                else { return nil }
                state.token?.renewal = clock.now() + 30_000_000_000
                return token
            }
            guard let usable else { throw error }
            logger.warning("the token could not be renewed; the old one is used until it expires")
            return usable
        }
    }

    /// True while the server has no reason to refuse it.
    func isUsable(_ token: Token) -> Bool {
        !token.isRefused && clock.now() < token.expiry
            && state.withLock {
                $0.token?.generation != token.generation || $0.token?.isRefused != true
            }
    }

    /// The server answered 401 to a request that carried the token of this generation.
    func refused(generation: Int) {
        state.withLock { state in
            guard state.token?.generation == generation, case .oauth = authentication else { return }
            state.token?.isRefused = true
        }
    }

    private func fresh() -> Token? {
        state.withLock { state in
            guard let token = state.token, !token.isRefused, clock.now() < token.renewal else {
                return nil
            }
            return token
        }
    }

    /// What those who waited for a call that failed are told, instead of each calling again.
    private func knownFailure(_ state: State, since asked: Int64) -> SlotError? {
        if let refusal = state.refusal { return refusal }
        guard let failure = state.failure, failure.time >= asked else { return nil }
        return failure.error
    }

    private func renew(_ call: TokenCall) async throws -> Token {
        var token = Token(value: nil, generation: 0, renewal: .max, expiry: .max)
        switch authentication {
        case .none: break
        case .basic(let username, let passwordFile):
            let password = try secret(passwordFile, "password")
            // Source: Access, Basic authentication. The MD5 in lower-case hex is the password.
            guard let digest = MD5.hash(Array(password.utf8)) else {
                throw SlotError(
                    .authentication,
                    "OpenSSL on this system refuses MD5, which Basic authentication needs")
            }
            token.value = "Basic " + Data("\(username):\(digest.hex)".utf8).base64EncodedString()
        case .oauth(let keyFile, let secretFile):
            let grant = try await fetch(
                key: secret(keyFile, "key"), secret: secret(secretFile, "secret"), call)
            let now = clock.now()
            let lifetime = grant.lifetime.nanoseconds
            token.value = grant.token
            token.renewal = now + lifetime / 10 * 8
            token.expiry = now + lifetime / 100 * 97
        }
        return state.withLock { state in
            state.generation += 1
            token.generation = state.generation
            state.token = token
            return token
        }
    }

    private func fetch(key: String, secret: String, _ call: TokenCall) async throws -> TokenReply.Grant
    {
        guard let body = try? JSONEncoder().encode(["key": key, "secret": secret]) else {
            throw SlotError(.authentication, "key and secret are not UTF-8 text")
        }
        var last = ""
        for attempt in 0..<Self.attempts {
            if attempt > 0 {
                let ceiling: Int64 = 1_000_000_000 << Int64(attempt)
                let wait = Int64.random(in: 500_000_000...ceiling)
                try await clock.sleep(clock.now() + wait)
            }
            switch try await call(Array(body)) {
            case .notSent(let trouble), .unanswered(let trouble):
                if trouble.code == .cancelled { throw CancellationError() }
                if trouble.code == .certificate { throw SlotError(.certificate, trouble.message) }
                last = trouble.message
            case .reply(let reply):
                switch TokenReply.read(reply) {
                case .granted(let grant): return grant
                case .refused(let why): throw SlotError(.authentication, why)
                case .passing(let why): last = why
                }
            }
            logger.notice("the token call failed: \(last)")
        }
        throw SlotError(.unreachable, "no token after \(Self.attempts) attempts: \(last)")
    }

    private func secret(_ path: String, _ what: String) throws(SlotError) -> String {
        guard let (bytes, mode) = FileBytes.readWithMode(path, limit: 65_536) else {
            throw SlotError(.authentication, "\(path): the file with the \(what) cannot be read")
        }
        if mode & 0o077 != 0, !allowsReadable {
            throw SlotError(
                .authentication,
                "\(path): other users may read the \(what). `chmod 600` it, or set `insecure_secrets: allow` in the connection"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SlotError(.authentication, "\(path): the file with the \(what) is not UTF-8")
        }
        // The line end is an editor's; blanks may belong to a password.
        let lines = text.split { $0.isNewline }
        guard lines.count == 1, let line = lines.first, !line.allSatisfy({ $0.isWhitespace }) else {
            throw SlotError(.authentication, "\(path): the file with the \(what) must have one line")
        }
        return String(line)
    }
}

/// What the token call answered.
enum TokenReply: Equatable {
    struct Grant: Equatable {
        var token: String
        var lifetime: Duration
    }
    case granted(Grant)
    case refused(String)
    case passing(String)

    /// Reads it. Texts of the server are left out: they may repeat what was sent.
    ///
    /// Source: Access, OAuth tokens. How a refusal looks is not documented.
    static func read(_ reply: Reply) -> TokenReply {
        switch reply.status {
        case 200..<300:
            let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(reply.body))
            guard let envelope else { return .passing("the reply of the token call cannot be read") }
            guard let data = envelope.data, let token = data.accessToken, isHeaderText(token) else {
                return .refused(
                    "the token call returned no token: key or secret are wrong, or lack permission")
            }
            let seconds = data.ttlSeconds?.value ?? 300
            let bounded = min(max(seconds.isFinite ? seconds : 300, 1), 31 * 86_400)
            return .granted(Grant(token: token, lifetime: .milliseconds(Int64(bounded * 1000))))
        case 408, 425, 429, 461, 500...599:
            return .passing("the token call answered \(reply.status)")
        case 300..<400:
            return .refused("the token call answered \(reply.status), a redirect; check base_url")
        case 404, 405:
            return .refused("the token call answered \(reply.status); check base_url")
        default:
            return .refused(
                "the token call answered \(reply.status): key or secret are wrong, or the client is restricted"
            )
        }
    }

    private struct Envelope: Decodable {
        struct Payload: Decodable {
            var accessToken: String?
            var ttlSeconds: Seconds?
        }
        var data: Payload?
    }

    /// A number, also one in quotes.
    private struct Seconds: Decodable {
        var value: Double
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                value = number
            } else {
                value = Double(try container.decode(String.self)) ?? 300
            }
        }
    }
}

/// True for what a header value may hold: no line break, no control character, not empty.
func isHeaderText(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
}
