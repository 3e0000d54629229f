import Catalog
import Foundation
import Model
import Synchronization
import TestSupport

/// The transactions API in memory, as a `Sender`: it books bills, counts how often each, and makes
/// the error it is told to from a seed.
final class FakeServer: Sender {
    struct Bill: Sendable {
        var id: Int
        var number: String
        var customer: String
        var amount: String
        var date: String
    }

    /// What happens to an add, by chance: weights.
    struct Trouble: Sendable {
        var lostBefore = 0
        var lostAfter = 0
        var notSent = 0
        var gatewayAfter = 0
        var throttled = 0
        var unauthorized = 0
        var short = 0
        var shuffled = 0
        var unlabelled = 0
        var fine = 100

        /// A little of all.
        static let storm = Trouble(
            lostBefore: 6, lostAfter: 6, notSent: 2, gatewayAfter: 3, throttled: 5, unauthorized: 2,
            short: 3, shuffled: 20, unlabelled: 3)
    }

    /// How a request is answered that holds a bill whose customer begins with `bad`: 400 with `{}`.
    enum Bare: Sendable {
        /// Nothing is done, as the API has it.
        case doesNothing
        /// The bills before the bad one are booked: against what is known of a 400.
        case booksOthers
    }

    private struct State {
        var bills: [String: [Bill]] = [:]
        var nextID = 1000
        var requests = 0
        var adds = 0
        var inFlight: [String: Int] = [:]
        var overlaps = 0
        var sentOrder: [String: [String]] = [:]
        var trouble = Trouble()
        var losses = 0
        var random: Seeded
        var isUnique = false
        var late: [(Bill)] = []
        var addsDown: Reply?
        var looksDown: Reply?
        var queueDown: Reply?
        var places: Int?
        var bare: Bare?
        var poison: String?
        var refusal: Model.Trouble?
        var atGate = 0
    }
    private let state: Mutex<State>

    init(seed: UInt64, trouble: Trouble = Trouble(), isUnique: Bool = false) {
        // Mixed, so that its seeds make the trouble that they always made.
        var state = State(random: Seeded(seed &* 0x9E37_79B9_7F4A_7C15 &+ 1))
        state.trouble = trouble
        state.isUnique = isUnique
        self.state = Mutex(state)
    }

    // MARK: What a test asks

    /// How often each bill number was booked.
    var bookings: [String: Int] { state.withLock { $0.bills.mapValues(\.count) } }
    /// What each was booked with.
    var amounts: [String: [String]] { state.withLock { $0.bills.mapValues { $0.map(\.amount) } } }
    var adds: Int { state.withLock { $0.adds } }
    /// How often two requests in flight held bills of one customer.
    var overlaps: Int { state.withLock { $0.overlaps } }
    /// The bill numbers of each customer in the order in which they were booked.
    var order: [String: [String]] { state.withLock { $0.sentOrder } }

    /// The answers to the next adds are lost, and nothing is booked.
    func loseNext(_ count: Int) { state.withLock { $0.losses = count } }

    /// A request with a bill of this customer gets no answer, and nothing is booked.
    func poison(_ customer: String?) { state.withLock { $0.poison = customer } }
    /// No connection comes about.
    func refuseConnections(_ trouble: Model.Trouble?) { state.withLock { $0.refusal = trouble } }
    func refuseBare(_ bare: Bare?) { state.withLock { $0.bare = bare } }

    func heal() { state.withLock { $0.trouble = Trouble() } }
    /// Answers everything with this.
    func refuseAll(_ reply: Reply?) {
        refuseAdds(reply)
        refuseLooks(reply)
    }
    func refuseAdds(_ reply: Reply?) { state.withLock { $0.addsDown = reply } }
    func refuseQueue(_ reply: Reply?) { state.withLock { $0.queueDown = reply } }
    func refuseLooks(_ reply: Reply?) { state.withLock { $0.looksDown = reply } }
    /// Lets this many more adds through the gate, then none until it is opened again with nil.
    func closeGate(after places: Int?) { state.withLock { $0.places = places } }
    /// How many stand before the closed gate.
    var atGate: Int { state.withLock { $0.atGate } }

    // MARK: Sender

    func slot() async throws -> Slot {
        try Task.checkCancellation()
        let isOpen = state.withLock { state in
            guard let places = state.places else { return true }
            state.places = max(0, places - 1)
            if places == 0 { state.atGate += 1 }
            return places > 0
        }
        // Cancelled, the sleep throws.
        while !isOpen, state.withLock({ $0.places == 0 }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        return Slot()
    }

    /// Waits until the task is cancelled.
    static func nothing() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
    }

    func send(_ request: Request, in slot: Slot) async -> Exchange {
        if let trouble = state.withLock({ $0.refusal }) { return .notSent(trouble) }
        let isAdd = request.method == .post
        if let reply = state.withLock({ isAdd ? $0.addsDown : $0.looksDown }) { return .reply(reply) }
        if request.method == .post { return await add(request) }
        return .reply(look(request.target))
    }

    private func add(_ request: Request) async -> Exchange {
        let items =
            (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [[String: Any]] ?? []
        let customers = items.compactMap { $0["identifierValue"] as? String }
        state.withLock { state in
            state.adds += 1
            for customer in customers {
                if state.inFlight[customer, default: 0] > 0 { state.overlaps += 1 }
                state.inFlight[customer, default: 0] += 1
            }
        }
        await Task.yield()
        try? await Task.sleep(for: .microseconds(200))
        defer {
            state.withLock { state in
                for customer in customers { state.inFlight[customer, default: 1] -= 1 }
            }
        }
        return state.withLock { Self.answer(items, &$0) }
    }

    private static func answer(_ items: [[String: Any]], _ state: inout State) -> Exchange {
        if state.losses > 0 {
            state.losses -= 1
            return .unanswered(Model.Trouble(.reset, "cut before the work"))
        }
        if let name = state.poison, items.contains(where: { $0["identifierValue"] as? String == name })
        {
            return .unanswered(Model.Trouble(.reset, "cut before the work"))
        }
        func isBad(_ item: [String: Any]) -> Bool {
            (item["identifierValue"] as? String)?.hasPrefix("bad") ?? false
        }
        if let bare = state.bare, items.contains(where: isBad) {
            if bare == .booksOthers {
                for item in items.prefix(while: { !isBad($0) }) { _ = book(item, &state) }
            }
            return .reply(Reply(status: 400, body: Array("{}".utf8)))
        }
        let trouble = state.trouble
        var dice = Int(
            state.random.next()
                % UInt64(
                    trouble.lostBefore + trouble.lostAfter + trouble.notSent + trouble.gatewayAfter
                        + trouble.throttled
                        + trouble.unauthorized + trouble.short + trouble.shuffled + trouble.unlabelled
                        + trouble.fine))
        func falls(_ weight: Int) -> Bool {
            dice -= weight
            return dice < 0
        }
        if falls(trouble.lostBefore) {
            return .unanswered(Model.Trouble(.reset, "cut before the work"))
        }
        if falls(trouble.notSent) { return .notSent(Model.Trouble(.connect, "refused")) }
        if falls(trouble.throttled) { return .reply(Reply(status: 429)) }
        if falls(trouble.unauthorized) { return .reply(Reply(status: 401)) }
        var answers = items.map { book($0, &state) }
        if falls(trouble.lostAfter) { return .unanswered(Model.Trouble(.reset, "cut after the work")) }
        if falls(trouble.gatewayAfter) {
            return .reply(Reply(status: 502, body: Array("<html>bad gateway</html>".utf8)))
        }
        if falls(trouble.short), answers.count > 1 { answers.removeLast() }
        if falls(trouble.shuffled) { answers.shuffle(using: &state.random) }
        if falls(trouble.unlabelled), !answers.isEmpty {
            answers[0] = ["entityId": 1, "errors": [], "warnings": []]
        }
        let failures = answers.filter { !(($0["errors"] as? [Any])?.isEmpty ?? true) }.count
        return .reply(
            json(["response": answers, "totalCount": answers.count, "failureCount": failures]))
    }

    private static func book(_ item: [String: Any], _ state: inout State) -> [String: Any] {
        let number = item["billNumber"] as? String ?? ""
        let customer = item["identifierValue"] as? String ?? ""
        let result: [String: Any] = [
            "billNumber": number, "type": item["type"] ?? "", "identifierValue": customer,
        ]
        func fail(_ code: Int, _ message: String) -> [String: Any] {
            [
                "entityId": NSNull(), "result": result,
                "errors": [["status": false, "code": code, "message": message]], "warnings": [],
            ]
        }
        if customer.hasPrefix("unknown") { return fail(8015, "customer not found") }
        if state.isUnique, state.bills[number] != nil { return fail(604, "duplicate bill number") }
        state.nextID += 1
        let bill = Bill(
            id: state.nextID, number: number, customer: customer,
            amount: "\(item["billAmount"] ?? "0")",
            date: item["billingDate"] as? String ?? "")
        state.bills[number, default: []].append(bill)
        state.sentOrder[customer, default: []].append(number)
        return ["entityId": state.nextID, "result": result, "errors": [], "warnings": []]
    }

    // MARK: Reads

    private func look(_ target: String) -> Reply {
        let url = URLComponents(string: "http://h" + target)
        let path = url?.path ?? ""
        func query(_ name: String) -> String { url?.queryItems?.first { $0.name == name }?.value ?? "" }
        return state.withLock { state in
            if path.hasPrefix("/v2/transactions/getByBillNumber/") {
                let number = String(path.dropFirst("/v2/transactions/getByBillNumber/".count))
                let bills = (state.bills[number] ?? []).map(Self.document)
                return Self.json([
                    "pagination": ["limit": 100, "offset": 0, "total": bills.count], "data": bills,
                    "warnings": [],
                    "errors": [],
                ])
            }
            if path == "/v2/customers/lookup" {
                return Self.json(["entity": Self.customerID(query("identifierValue"))])
            }
            if path.hasPrefix("/v2/transactions/") {
                let id = Int(path.dropFirst("/v2/transactions/".count)) ?? 0
                let bill = state.bills.values.joined().first { $0.id == id }
                guard let bill, query("type") == "" || query("type") == "REGULAR" else {
                    return Reply(
                        status: 400,
                        body: Array(
                            #"{"errors":[{"status":false,"code":688,"message":"not found"}]}"#.utf8))
                }
                return Self.json(Self.document(bill))
            }
            if path.hasSuffix("/rejectedTransactions") {
                if let reply = state.queueDown { return reply }
                return Self.json([
                    "pagination": ["limit": 100, "offset": 0, "total": 0], "data": [] as [Any],
                    "warnings": [], "errors": [],
                ])
            }
            if path == "/v1.1/organization/configs" {
                let value = state.isUnique ? "1" : "0"
                return Self.json([
                    "response": [
                        "status": ["success": "true", "code": "200", "message": "SUCCESS"],
                        "organization": [
                            "configs": [
                                "config": [
                                    [
                                        "key": "CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE", "scopes": "ORG",
                                        "entity_id": "4001",
                                        "value": value,
                                    ],
                                    [
                                        "key": "AMOUNT_ROUNDING_OFF_TO_DECIMAL_PLACES",
                                        "entity_id": "4001", "value": "2",
                                    ],
                                ]
                            ]
                        ],
                    ]
                ])
            }
            return Reply(status: 404)
        }
    }

    private static func customerID(_ value: String) -> Int {
        value.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFFFF }
    }

    private static func document(_ bill: Bill) -> [String: Any] {
        [
            "id": bill.id, "customerId": customerID(bill.customer), "source": "instore",
            "type": "REGULAR",
            "attribution": [
                "createDate": bill.date, "createdBy": ["id": 51, "code": "till.1", "type": "TILL"],
            ],
            "billDetails": [
                "billNumber": bill.number, "amount": Double(bill.amount) ?? 0, "billingTime": bill.date,
                "billingTimeInputOffset": "+00:00",
                "billingStore": ["id": 50, "code": "leeds", "type": "STORE"],
                "returnDetails": ["canceled": false],
            ], "customFields": [:] as [String: Any], "lineItems": [] as [Any],
        ]
    }

    private static func json(_ value: [String: Any]) -> Reply {
        Reply(status: 200, body: Array((try? JSONSerialization.data(withJSONObject: value)) ?? Data()))
    }
}
