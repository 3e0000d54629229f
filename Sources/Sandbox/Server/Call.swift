import NIOHTTP1

/// The calls the stand-in knows.
enum Route: Hashable {
    case token, bulk, byNumber, byID, older, customer, queue, configs, till, admin, unknown
    /// One of ``RouteHandler/all``.
    case handler(Int)

    var name: String {
        switch self {
        case .token: "POST /v3/oauth/token/generate"
        case .bulk: "POST /v2/transactions/bulk"
        case .byNumber: "GET /v2/transactions/getByBillNumber"
        case .byID: "GET /v2/transactions"
        case .older: "GET /v1.1/transaction/get"
        case .customer: "GET /v2/customers/lookup"
        case .queue: "rejectedTransactions"
        case .configs: "GET /v1.1/organization/configs"
        case .till: "GET /v2/organization/till"
        case .admin: "/_sandbox"
        case .unknown: "other"
        case .handler(let index): "\(RouteHandler.all[index].method) \(RouteHandler.all[index].path)"
        }
    }

    /// The route of a path, and what its last component names.
    init(method: HTTPMethod, path: String, queuePath: SandboxOptions.QueuePath, name: inout String) {
        let queue =
            queuePath == .organization
            ? "/v2/organization/rejectedTransactions" : "/v2/rejectedTransactions"
        if path.hasPrefix("/_sandbox/") {
            name = String(path.dropFirst("/_sandbox/".count))
            self = .admin
        } else if path == queue || path.hasPrefix(queue + "/") {
            name = String(path.dropFirst(queue.count + 1))
            self = .queue
        } else if method == .POST {
            switch path {
            case "/v2/transactions/bulk": self = .bulk
            case "/v3/oauth/token/generate": self = .token
            default: self = .unknown
            }
        } else if method == .GET {
            switch path {
            case "/v1.1/transaction/get": self = .older
            case "/v2/customers/lookup": self = .customer
            case "/v1.1/organization/configs": self = .configs
            case "/v2/organization/till": self = .till
            default:
                if let rest = path.tail(after: "/v2/transactions/getByBillNumber/") {
                    name = rest
                    self = .byNumber
                } else if let rest = path.tail(after: "/v2/transactions/"), !rest.contains("/") {
                    name = rest
                    self = .byID
                } else {
                    self = .unknown
                }
            }
        } else {
            self = .unknown
        }
        if self == .unknown, let handler = RouteHandler.find(method, path) {
            name = handler.name
            self = .handler(handler.index)
        }
    }
}

extension Route {
    /// What a handler's call is to faults; nil for all others.
    var deskKind: RouteHandler.Kind? {
        if case .handler(let index) = self { RouteHandler.all[index].kind } else { nil }
    }
}

/// One request, whole.
struct Call {
    let method: HTTPMethod
    let route: Route
    let path: String
    /// The last component of the path, decoded, where it names something.
    let name: String
    let headers: HTTPHeaders
    private let queryText: String
    var body: [UInt8] = []

    init(_ head: HTTPRequestHead, queuePath: SandboxOptions.QueuePath) {
        let target = head.uri
        let question = target.firstIndex(of: "?")
        path = question.map { String(target[..<$0]) } ?? target
        queryText = question.map { String(target[target.index(after: $0)...]) } ?? ""
        method = head.method
        headers = head.headers
        var name = ""
        route = Route(method: head.method, path: path, queuePath: queuePath, name: &name)
        self.name = name.percentDecoded(plusIsSpace: false)
    }

    /// A query parameter, decoded.
    func query(_ name: String) -> String? {
        for pair in queryText.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name {
                return parts.count > 1 ? String(parts[1]).percentDecoded(plusIsSpace: true) : ""
            }
        }
        return nil
    }

    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// What goes back.
struct Answer {
    var status = 200
    var headers: [(String, String)] = []
    var isHTML = false
    var body: [UInt8] = []
    /// Customers who are being worked on until it is sent.
    var held: [Int64] = []

    init(status: Int = 200, _ body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    init(status: Int = 200, text: String) { self.init(status: status, Array(text.utf8)) }

    /// An envelope with one error and nothing else.
    static func error(_ status: Int, code: Int, _ message: String) -> Answer {
        var body: [UInt8] = []
        body.add(#"{"response":null,"errors":["#)
        body.addError(code, message)
        body.add(#"],"warnings":[]}"#)
        return Answer(status: status, body)
    }
}

extension [UInt8] {
    /// `{"status": false, "code": 604, "message": "text"}`. Source: API reference, E1.
    mutating func addError(_ code: Int, _ message: String) {
        add(#"{"status":false,"code":"#)
        add(code)
        add(#","message":"#)
        add(quoted: message)
        add("}")
    }
}

extension String {
    func tail(after prefix: String) -> String? {
        guard hasPrefix(prefix), utf8.count > prefix.utf8.count else { return nil }
        return String(dropFirst(prefix.count))
    }

    func percentDecoded(plusIsSpace: Bool) -> String {
        guard contains(where: { $0 == "%" || $0 == "+" }) else { return self }
        var result: [UInt8] = []
        let bytes = Array(utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
                let value = UInt8(
                    String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                result.append(value)
                at += 3
            } else {
                result.append(plusIsSpace && bytes[at] == UInt8(ascii: "+") ? 0x20 : bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
