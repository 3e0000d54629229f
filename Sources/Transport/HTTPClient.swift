import FoundationEssentials
import Glibc
package import Logging
package import Model
import Synchronization

/// The network, as the engine sees it.
///
/// ```
/// let client = try HTTPClient(connection: c, stateDirectory: d, userAgent: "sluice/1", logger: log)
/// let slot = try await client.slot()               // waits: gate and credential
/// let exchange = await client.send(request, in: slot)  // goes at once, is never repeated
/// await client.shutdown()
/// ```
package final class HTTPClient: Sender {
    /// What only tests and measurements change.
    package struct Tuning: Sendable {
        /// The largest reply body where the request does not say; a longer one is
        /// ``Trouble/Code/replyTooLarge``. The longest page of any listing is far below it.
        package var replyLimit = 16 << 20
        /// What the replies in flight may hold together, before all but one of them wait.
        package var replyBudget = 32 << 20
        /// A connection idle for longer is not used again: servers close theirs after five seconds
        /// and more, and a request on a closed one is a doubt.
        package var idleLimit = Duration.seconds(4)
        package var lifetimeLimit = Duration.seconds(300)
        /// Idle connections that are kept.
        package var connections = 64
        package var clock = GateClock.boot

        package init() {}
    }

    private let loop: CurlLoop
    private let gate: RateGate
    /// Those of calls with a limit of their own, by call.
    private let callGates = Mutex<[String: RateGate]>([:])
    private let connection: Connection
    private let stateDirectory: String?
    private let credentials: Credentials
    private let counters: Mutex<Counters>
    private let baseURL: String
    private let couponURL: String
    /// The connection's own.
    private let headers: [Header]
    private let tuning: Tuning

    /// Starts the thread that talks to the network; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - connection: Where to, as whom, how fast. Its attribution is the engine's to add.
    ///   - stateDirectory: Where the processes of this host share the gate. Made if missing. Nil: nobody
    ///     else uses this server.
    /// - Throws: ``TransportError``.
    package init(
        connection: Connection, stateDirectory: String?, userAgent: String, logger: Logger,
        tuning: Tuning = .init()
    ) throws(TransportError) {
        let memory = try Self.memory(of: connection, call: nil, in: stateDirectory)
        let settings = CurlSettings(
            userAgent: userAgent, connectTimeout: connection.connectTimeout,
            timeout: connection.connectTimeout + connection.timeout,
            certificateFile: connection.certificateFile, idleLimit: tuning.idleLimit,
            lifetimeLimit: tuning.lifetimeLimit)
        let loop = try CurlLoop.start(
            settings, connections: tuning.connections, replyBudget: tuning.replyBudget)
        let gate = RateGate(
            memory: memory, rate: connection.rate, headroom: connection.headroom, clock: tuning.clock)
        self.loop = loop
        self.gate = gate
        self.connection = connection
        self.stateDirectory = stateDirectory
        self.tuning = tuning
        baseURL = connection.baseURL
        couponURL = connection.couponURL ?? connection.baseURL
        headers = connection.headers
        counters = Mutex(Counters())
        credentials = Credentials(
            connection.authentication, allowsReadable: connection.allowsReadableSecrets,
            clock: tuning.clock, logger: logger)
    }

    deinit { loop.close() }

    /// Waits for a place at the gate, with a token good for it.
    package func slot() async throws -> Slot {
        // The token first, since its renewal takes a place of its own; but the wait at the gate may
        // be longer than the token lives.
        for _ in 0..<4 {
            let token = try await credentials.current(call: tokenCall)
            try await gate.take()
            if credentials.isUsable(token) {
                return Slot(credential: token.value, generation: token.generation)
            }
        }
        throw SlotError(.unreachable, "every token expires before its request can be sent")
    }

    package func slot(for limit: CallLimit?) async throws -> Slot {
        // `rate: none` means that nothing limits: a sandbox, or a rehearsal.
        if let limit, connection.rate != nil, connection.honorsCallLimits {
            try await callGate(limit).take()
        }
        return try await slot()
    }

    private func callGate(_ limit: CallLimit) throws -> RateGate {
        try callGates.withLock { gates in
            if let gate = gates[limit.call] { return gate }
            let memory = try Self.memory(of: connection, call: limit.call, in: stateDirectory)
            let gate = RateGate(
                memory: memory, rate: limit.rate, headroom: connection.headroom, clock: tuning.clock)
            gates[limit.call] = gate
            return gate
        }
    }

    private static func memory(
        of connection: Connection, call: String?, in directory: String?
    ) throws(TransportError) -> GateMemory {
        guard let directory else { return GateMemory.unshared() }
        return try GateFile.open(for: connection, call: call, in: directory)
    }

    package func send(_ request: Request, in slot: Slot) async -> Exchange {
        guard let order = order(request, slot) else {
            return .notSent(
                Trouble(.protocolViolation, "a line break or control character in the path or headers"))
        }
        let exchange = await exchange(order, limit: request.replyLimit ?? tuning.replyLimit)
        if case .reply(let reply) = exchange, reply.status == 401 {
            credentials.refused(generation: slot.generation)
        }
        return exchange
    }

    /// What has been done so far, token calls included.
    package var statistics: TransportStatistics {
        let gate = gate.status
        return counters.withLock { $0.snapshot(gate) }
    }

    package var usage: SenderUsage {
        var usage = SenderUsage()
        usage.requests = statistics.requests
        return usage
    }

    /// Ends what is in flight, as cancelled, and closes the connections.
    package func shutdown() async { await loop.closed() }

    private func exchange(_ order: Order, limit: Int) async -> Exchange {
        let departed = gate.clock.now()
        let exchange = await loop.exchange(order, limit: limit)
        counters.withLock { $0.count(exchange, of: order) }
        if case .reply(let reply) = exchange { gate.observe(reply, departed: departed) }
        return exchange
    }

    private func order(_ request: Request, _ slot: Slot) -> Order? {
        var lines: [String] = []
        lines.reserveCapacity(request.headers.count + 4)
        var accepts = false
        var hasType = false
        let names = Set(request.headers.map { $0.name.lowercased() })
        let common = headers.filter { !names.contains($0.name.lowercased()) }
        for header in request.headers + common {
            guard isHeaderName(header.name), header.value.isEmpty || isHeaderText(header.value) else {
                return nil
            }
            switch header.name.lowercased() {
            case "accept": accepts = true
            case "content-type": hasType = true
            default: break
            }
            // "Name;" is how libcurl is told about a header without a value.
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        if !accepts { lines.append("Accept: application/json") }
        if !hasType && request.method != .get { lines.append("Content-Type: application/json") }
        if let credential = slot.credential {
            guard isHeaderText(credential) else { return nil }
            lines.append("\(credentials.headerName): \(credential)")
        }
        let target = request.target
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return Order(
            url: (request.host == .api ? baseURL : couponURL) + target, method: request.method,
            headers: lines, body: request.method == .get ? [] : request.body, adds: request.adds)
    }

    /// Source: Access, OAuth tokens. No authorization of its own.
    private func tokenCall(_ body: [UInt8]) async throws -> Exchange {
        try await gate.take()
        counters.withLock { $0.tokenCalls += 1 }
        return await exchange(
            Order(
                url: baseURL + "/v3/oauth/token/generate", method: .post,
                headers: ["Accept: application/json", "Content-Type: application/json"]
                    + headers.map { "\($0.name): \($0.value)" }, body: body,
                adds: false), limit: 256 << 10)
    }
}

private func isHeaderName(_ name: String) -> Bool {
    !name.isEmpty
        && name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
                || byte == 0x5F
        }
}

private struct Counters: Sendable {
    var requests = 0
    var tokenCalls = 0
    var replies = [Int](repeating: 0, count: 10)
    var throttled = 0
    var unanswered = 0
    var notSent = 0
    var bytesSent = 0
    var bytesReceived = 0

    mutating func count(_ exchange: Exchange, of order: Order) {
        requests += 1
        switch exchange {
        case .reply(let reply):
            replies[min(max(reply.status / 100, 0), 9)] += 1
            if reply.status == 429 { throttled += 1 }
            bytesSent += order.body.count
            bytesReceived += reply.body.count
        case .unanswered:
            unanswered += 1
            bytesSent += order.body.count
        case .notSent: notSent += 1
        }
    }

    func snapshot(_ gate: GateStatus) -> TransportStatistics {
        TransportStatistics(
            requests: requests, tokenCalls: tokenCalls, replies: replies, throttled: throttled,
            unanswered: unanswered, notSent: notSent, bytesSent: bytesSent,
            bytesReceived: bytesReceived,
            gate: gate)
    }
}
