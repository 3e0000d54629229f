import Foundation
import Model
import NIOCore
import Synchronization

/// What all connections share: books, limits, faults and counts.
///
/// Every member is used on the event loop alone, so it is `@unchecked`; what comes from elsewhere goes
/// through ``SandboxServer``, which hops onto the loop first.
final class Service: @unchecked Sendable {
    let options: SandboxOptions
    let loop: any EventLoop
    private(set) var books = Books()
    private(set) var parked: [Parked] = []
    private(set) var store = Store()
    var tally = Tally()
    private(set) var dice: FaultDice
    private var journal: Journal?
    private var tokens = Tokens()
    private var meters: [String: RateMeter] = [:]
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    /// Who is worked on, and by which request.
    private var inWork: [Int64: Int] = [:]
    /// Things that listings got while they were read.
    private var growth: [String: Int] = [:]
    /// The last answer of each kind of look-up, for a stale one.
    private var lastLooks: [Route: Answer] = [:]
    let index = ListingIndex()
    /// Milliseconds since 1970.
    let started = Int64(Date().timeIntervalSince1970 * 1000)
    private var work = 0
    private var phantoms: Int64 = 600_000_000
    private var planStart = ContinuousClock.now
    private var requestIDs: UInt64
    private let defaultPlace: Place
    private var bulk: BulkHandler?
    private var handlers: Handlers?

    private struct Handlers {
        let looks: LookHandler
        let organization: OrganizationHandler
        let admin: AdminHandler
        let queue: QueueHandler
    }

    /// Call on the event loop; reads the state file to its end.
    init(_ options: SandboxOptions, on loop: any EventLoop) throws {
        self.options = options
        self.loop = loop
        dice = FaultDice(options.faults)
        requestIDs = UInt64(Date().timeIntervalSince1970 * 1000) << 20
        defaultPlace = Place(till: options.defaultTill)
        if let path = options.statePath, options.durability != .memory {
            journal = try Journal.open(
                path, org: options.org, durability: options.durability, place: defaultPlace, on: loop
            ) { entry in
                switch entry {
                case .bill(let bill): _ = books.add(bill)
                case .parked(let one): parked.append(one)
                case .parkedChange(let change) where parked.indices.contains(change.index):
                    parked[change.index].status = change.status
                case .parkedChange: break
                case .write(let write): store.apply(write)
                }
            }
        }
        seed()
        bulk = BulkHandler(self)
        handlers = Handlers(
            looks: LookHandler(self), organization: OrganizationHandler(self),
            admin: AdminHandler(self), queue: QueueHandler(self))
        handlers?.queue.takeUp()
    }

    /// Milliseconds since 1970.
    func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func after(_ delay: Duration, _ then: @escaping () -> Void) {
        loop.assumeIsolated().scheduleTask(in: .milliseconds(delay.milliseconds), then)
    }

    // MARK: Connections

    func opened(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = connection
        tally.connected()
    }

    var openConnections: Int { connections.count }

    func closed(_ connection: HTTPConnection) { connections[ObjectIdentifier(connection)] = nil }

    /// Ends every connection and the journal. What is scheduled for later is never done.
    func shutDown() throws {
        for connection in connections.values { connection.cut(reset: false) }
        handlers = nil
        bulk = nil
        try journal?.close()
    }

    // MARK: The way of a request

    /// The troubles a request meets, decided when its head has come.
    func meet(_ call: Call, reused: Bool) -> [Trouble] {
        tally.arrived(call.route, at: now())
        guard call.route != .admin, !dice.isEmpty else { return [] }
        return dice.roll(call.route, path: call.path, reused: reused, age: planAge)
    }

    /// Those that its body decides about.
    private func troublesOfBad(_ call: Call) -> [Trouble] {
        guard dice.plan.faults.contains(where: \.badOnly), call.route != .admin, call.holdsBad else {
            return []
        }
        return dice.roll(call.route, path: call.path, reused: true, age: planAge, bad: true)
    }

    private var planAge: Duration { ContinuousClock.now - planStart }

    /// A connection was cut before its body was read.
    func cutShort(_ call: Call) { tally.answered(call.route, status: 0) }

    func serve(_ call: Call, _ met: [Trouble], on connection: HTTPConnection) {
        guard let handlers else { return connection.cut(reset: false) }
        let troubles = met + troublesOfBad(call)
        if call.route == .admin {
            let answer = handlers.admin.answer(call)
            tally.answered(.admin, status: answer.status)
            return connection.send(answer)
        }
        // As at a real gateway: who is asking comes first, then how often, then whether he may.
        let client = identify(call)
        if let rate = options.rate,
            let wait = meters[client ?? "", default: RateMeter(rate)].take(at: now())
        {
            var answer = Answer.error(429, code: 429, "too many requests")
            if rate.sendsRetryAfter {
                answer.headers.append(("Retry-After", String((wait + 999) / 1000)))
            }
            return reply(answer, call, on: connection)
        }
        if let slow = troubles.first(where: { $0.fault.kind == .latency && $0.fault.beforeWork }) {
            return after(slow.delay) { self.enter(call, client, troubles, on: connection) }
        }
        enter(call, client, troubles, on: connection)
    }

    private func enter(
        _ call: Call, _ client: String?, _ troubles: [Trouble], on connection: HTTPConnection
    ) {
        if troubles.contains(where: { $0.fault.kind == .expire }) { tokens.voidAll(now: now()) }
        if call.route != .token, !mayEnter(call) {
            return reply(.error(401, code: 401, "authentication failed"), call, on: connection)
        }
        for trouble in troubles {
            switch trouble.fault.kind {
            case .cutBefore: return cut(call, trouble, on: connection)
            case .hangBefore: return
            case .late:
                cut(call, trouble, on: connection)
                return after(trouble.delay) {
                    self.tally.lateWorks += 1
                    let answer = self.work(call, troubles)
                    self.release(answer.held)
                    self.journal?.afterCommit { _ in }
                }
            default:
                if let answer = Gateway.refusal(trouble, now: now()) {
                    return reply(answer, call, on: connection)
                }
            }
        }
        let answer = work(call, troubles)
        guard let journal else { return leave(answer, call, troubles, on: connection) }
        journal.afterCommit { isDone in
            if isDone { return self.leave(answer, call, troubles, on: connection) }
            self.release(answer.held)
            self.reply(
                .error(500, code: 500, "the sandbox cannot write its state"), call, on: connection)
        }
    }

    private func work(_ call: Call, _ troubles: [Trouble]) -> Answer {
        let answer = fresh(call, troubles)
        guard isLook(call.route) else { return answer }
        defer { lastLooks[call.route] = answer }
        let isStale = troubles.contains { $0.fault.kind == .staleLook }
        return isStale ? lastLooks[call.route] ?? answer : answer
    }

    private func isLook(_ route: Route) -> Bool {
        switch route {
        case .byNumber, .byID, .older, .customer: true
        default: route.deskKind == .look
        }
    }

    private func fresh(_ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let handlers else { return Answer(status: 503) }
        switch call.route {
        case .bulk: return bulk?.answer(call, troubles) ?? Answer(status: 503)
        case .byNumber, .byID, .older: return handlers.looks.answer(call, troubles)
        case .token: return token(call)
        case .customer, .configs, .till: return handlers.organization.answer(call, troubles)
        case .queue: return handlers.queue.answer(call, troubles)
        case .handler(let index):
            var answer = RouteHandler.all[index].answer(self, call, troubles)
            if RouteHandler.all[index].kind == .look {
                let forms = troubles.filter { $0.fault.kind == .rewrite }.map {
                    $0.fault.form ?? .upper
                }
                let rewriting = Rewriting(options.rewriting.forms.union(forms))
                answer.body = rewriting.body(answer.body)
            }
            return answer
        case .admin, .unknown: return .error(404, code: 404, "no such path")
        }
    }

    /// The work is done and durable; the answer goes out, or what a fault makes of it.
    private func leave(
        _ answer: Answer, _ call: Call, _ troubles: [Trouble], on connection: HTTPConnection
    ) {
        if let slow = troubles.first(where: { $0.fault.kind == .latency && !$0.fault.beforeWork }) {
            return after(slow.delay) {
                self.leave(answer, call, troubles.filter { $0 != slow }, on: connection)
            }
        }
        release(answer.held)
        for trouble in troubles {
            switch trouble.fault.kind {
            case .cutAfter: return cut(call, trouble, on: connection)
            case .hangAfter: return tally.answered(call.route, status: 0)
            case .cutAnswer:
                tally.answered(call.route, status: 0)
                return connection.sendHalf(answer, reset: trouble.fault.resets)
            case .errorAfter: return reply(Gateway.error(trouble), call, on: connection)
            case .emptyReply: return reply(Answer(), call, on: connection)
            case .cutJSON:
                var half = answer
                half.body = Array(answer.body.prefix(answer.body.count * (1 + trouble.pick(8)) / 10))
                return reply(half, call, on: connection)
            case .trickle:
                tally.answered(call.route, status: answer.status)
                return connection.trickle(complete(answer, call), pause: trouble.delay)
            case .huge:
                tally.answered(call.route, status: answer.status)
                return connection.blowUp(complete(answer, call), size: trouble.fault.size ?? 256 << 20)
            case .endless:
                tally.answered(call.route, status: answer.status)
                return connection.sendWithoutEnd(complete(answer, call))
            default: break
            }
        }
        reply(answer, call, on: connection)
    }

    private func reply(_ answer: Answer, _ call: Call, on connection: HTTPConnection) {
        tally.answered(call.route, status: answer.status)
        connection.send(complete(answer, call))
    }

    private func cut(_ call: Call, _ trouble: Trouble, on connection: HTTPConnection) {
        tally.answered(call.route, status: 0)
        connection.cut(reset: trouble.fault.resets)
    }

    /// With the headers every answer has. Source: API reference, "Overview" and the 2022 manual.
    private func complete(_ answer: Answer, _ call: Call) -> Answer {
        var answer = answer
        requestIDs += 1
        answer.headers.append(("X-CAP-REQUEST-ID", String(requestIDs, radix: 16)))
        answer.headers.append(("org_id", options.org))
        answer.headers.append(("till", String(decoding: place(of: call).till, as: UTF8.self)))
        return answer
    }

    // MARK: Who asks

    /// The credential a call counts for; nil where it names none that is known.
    private func identify(_ call: Call) -> String? {
        if let token = call.header("X-CAP-API-OAUTH-TOKEN") {
            return tokens.client(of: token, now: now())
        }
        if let basic = call.header("Authorization") { return basic }
        if call.route == .token { return TokenRequest(call.body).map { Tokens.digest($0.key) } }
        return nil
    }

    private func mayEnter(_ call: Call) -> Bool {
        if let token = call.header("X-CAP-API-OAUTH-TOKEN"),
            options.requiresAuthentication || token.hasPrefix("sandbox.")
        {
            return tokens.client(of: token, now: now()) != nil
        }
        guard options.requiresAuthentication else { return true }
        // Basic has the MD5 of the password in lower-case hex where others have the password.
        guard let basic = call.header("Authorization"), basic.hasPrefix("Basic "),
            let data = Data(base64Encoded: String(basic.dropFirst(6))),
            let colon = data.firstIndex(of: UInt8(ascii: ":")), colon > data.startIndex
        else { return false }
        let digest = data[data.index(after: colon)...]
        return digest.count == 32
            && digest.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    }

    private func token(_ call: Call) -> Answer {
        guard let request = TokenRequest(call.body), !request.key.isEmpty, !request.secret.isEmpty,
            options.clients.isEmpty || options.clients[request.key] == request.secret
        else { return .error(401, code: 401, "Failed to generate OAuth token") }
        let now = now()
        let expiry = now + options.tokenLifetime.milliseconds
        let reuse = options.tokenReuse?.milliseconds ?? 0
        let token = tokens.issue(client: request.key, now: now, expiry: expiry, reuse: reuse)
        return Answer(
            text:
                #"{"data":{"accessToken":"\#(token)","ttlSeconds":\#(options.tokenLifetime.components.seconds)},"errors":null}"#
        )
    }

    // MARK: What handlers ask for

    /// The store or till a request is booked on.
    func place(of call: Call) -> Place {
        guard let code = call.header("X-CAP-API-ATTRIBUTION-ENTITY-CODE"), !code.isEmpty,
            !(options.fallsBackToDefaultTill && code.hasPrefix("unknown"))
        else {
            guard let till = call.header("X-CAP-API-ATTRIBUTION-TILL-CODE") else { return defaultPlace }
            return Place(till: till)
        }
        let type = call.header("X-CAP-API-ATTRIBUTION-ENTITY-TYPE") ?? "TILL"
        return Place(isTill: type.hasPrefix("TILL"), code: Array(code.utf8))
    }

    func attributionIsUnknown(_ call: Call) -> Bool {
        !options.fallsBackToDefaultTill
            && call.header("X-CAP-API-ATTRIBUTION-ENTITY-CODE")?.hasPrefix("unknown") == true
    }

    /// Whether any fault of the plan is thrown item by item.
    var hasItemFaults: Bool { dice.plan.faults.contains { $0.kind.isByItem } }

    func rollItem(_ kind: Fault.Kind) -> Trouble? {
        dice.isEmpty ? nil : dice.rollItem(kind, age: planAge)
    }

    func nextWork() -> Int {
        work += 1
        return work
    }

    /// Takes a customer into work; false when another request has him.
    func hold(_ customer: Int64, for work: Int, _ held: inout [Int64]) -> Bool {
        if options.sameCustomer == .never { return true }
        if let holder = inWork[customer] { return holder == work }
        inWork[customer] = work
        held.append(customer)
        return true
    }

    func isInWork(_ customer: Int64) -> Bool { inWork[customer] != nil }

    func release(_ held: [Int64]) {
        for customer in held { inWork[customer] = nil }
    }

    func book(_ bill: BillDraft) -> Int64 {
        journal?.add(bill)
        return books.add(bill)
    }

    func park(_ bill: Parked) {
        journal?.add(bill)
        parked.append(bill)
    }

    func change(_ index: Int, _ status: Parked.Status) {
        journal?.add(ParkedChange(index: index, status: status))
        parked[index].status = status
    }

    /// Books a bill from the queue, as a request of its own.
    ///
    /// - Returns: Why it cannot be; nil: it is booked.
    func replay(_ bill: Parked) -> Complaint? { bulk?.replay(bill) ?? nil }

    /// What was changed without a request is made durable.
    func commit() { journal?.afterCommit { _ in } }

    func grown(_ listing: String) -> Int { growth[listing] ?? 0 }

    /// A listing has one more from now on.
    func grow(_ listing: String) -> Int {
        growth[listing, default: 0] += 1
        return grown(listing)
    }

    func act(_ write: Write) {
        journal?.add(write)
        store.apply(write)
    }

    /// An id that looks like a bill's and is none.
    func nextPhantomID() -> Int64 {
        phantoms += 1
        return phantoms
    }

    // MARK: At run time

    func setFaults(_ plan: FaultPlan) {
        dice = FaultDice(plan)
        planStart = ContinuousClock.now
    }

    /// Once: what was kept from an earlier start has it already.
    private func seed() {
        guard options.seedData > 0, store.find(.stores, "seed_1".utf8).isEmpty else { return }
        Seed.things(options.seedData, from: store.nextID) {
            journal?.add($0)
            store.apply($0)
        }
        Seed.bills(options.seedData) { _ = book($0) }
        for index in 0..<options.seedData / 10 {
            park(
                Parked(
                    number: Array("SP-\(index)".utf8), customer: Seed.customerID(index),
                    added: now() - Int64(index) * 60_000,
                    causes: [Parked.Cause(code: 683, value: Array("SKU-404".utf8))],
                    payload: Array(#"{"billNumber":"SP-\#(index)"}"#.utf8), place: defaultPlace))
        }
    }

    func reset() throws {
        try journal?.erase()
        books = Books()
        parked = []
        store = Store()
        seed()
        tally = Tally()
        meters = [:]
        setFaults(dice.plan)
    }
}
