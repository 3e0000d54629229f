import NIOHTTP1
import Records

/// A listing of the API: the form of its pages, how much a page holds, and what its items are like.
///
/// What it shows follows from the number that ``SandboxOptions/seedData`` gives; nothing of it is stored.
struct PagedCall: Sendable {
    /// How pages are requested, and how a reply is put together.
    enum Form: Sendable {
        /// `limit`, `offset`; `pagination` with the total.
        case offset(list: String)
        /// The same without a total.
        case untold(list: String)
        case series
        /// `offset` is the number of a page.
        case ledger
        /// Version 1.1, everything a text: the names from `response` to the list.
        case older([String])
        case badges(list: String)
        case rewards(list: String, details: String, from: Int)
        case content
        /// A page's number and size under these names, the first of that number, perhaps all inside one member.
        case details(page: String, size: String, from: Int, inside: String?, list: String)
        case deliveries
        case labels(list: String, inside: String?)
        /// Position and size in the body.
        case body
        /// A limit and nothing else.
        case limited(list: String)
        case workflow
        case numbered(from: Int)
        /// What follows `start_id`.
        case following([String])
        /// All at once, in lists under these names; none: the list is the reply.
        case whole([String])
        /// One thing, which is the reply, or is under that name.
        case single(String?)
    }

    let path: String
    var method = HTTPMethod.GET
    let form: Form
    var usual = 10
    var most = 100
    /// Asked by keys: the parameters that may carry one, or the path. Nil: everything at once.
    var keys: [String]?
    /// A request may carry several keys, and shows one thing of each.
    var isByKeys = false
    /// This many in all; nil: as many as there are of everything.
    var fixed: Int?
    var span: (from: String, to: String)?
    var newestFirst = false
    /// The JSON of an item.
    var item: @Sendable (_ index: Int, _ key: String, _ at: Int64) -> String = { index, _, at in
        SeededItem.plain(index, at)
    }

    var handler: RouteHandler {
        RouteHandler(method: method, path: path, kind: .look) { service, call, troubles in
            answer(service, call, troubles)
        }
    }

    func answer(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        var key = ""
        if let names = keys {
            key = names.compactMap { call.query($0) }.first ?? (names.isEmpty ? pathKey(call) : "")
            if key.isEmpty { return refusal(400, 8084, "customer identifier missing") }
            if !isByKeys, key.hasPrefix("unknown") || service.options.unknownCustomers.contains(key) {
                return refusal(400, 8015, "customer not found")
            }
        }
        if isByKeys {
            let items = key.split(separator: ",").filter { !$0.hasPrefix("unknown") }.enumerated().map {
                item($0, String($1), SeededItem.born)
            }
            return Answer(text: page(items, Window(limit: items.count), total: items.count, service))
        }
        var troublesLimit = Int.max
        for trouble in troubles where trouble.fault.kind == .smallPages {
            troublesLimit = max(1, trouble.fault.size ?? 1)
        }
        let grown =
            troubles.contains { $0.fault.kind == .shift } ? service.grow(path) : service.grown(path)
        let all = SeededItem.window(count(key, service) + grown, span, call, service)
        let body = form.isInBody ? Document(call.body) : nil
        func number(_ name: String) -> Int? {
            (body.flatMap { $0.text(name, of: $0.root) } ?? call.query(name)).flatMap { Int($0) }
        }
        var window = form.window(number, usual: usual, most: most)
        if window.isCapped, window.limit > troublesLimit {
            window.scale(to: troublesLimit)
        }
        let places = all.dropFirst(window.start).prefix(window.limit)
        let items = places.map { place in
            let index = newestFirst ? all.upperBound - 1 - (place - all.lowerBound) : place
            return item(index, key, SeededItem.time(index, service))
        }
        return Answer(text: page(Array(items), window, total: all.count, service))
    }

    private func pathKey(_ call: Call) -> String {
        let parts = path.split(separator: "/")
        let given = call.path.split(separator: "/")
        guard let place = parts.firstIndex(of: "*"), given.count > place else { return call.name }
        return String(given[place]).percentDecoded(plusIsSpace: false)
    }

    /// A key has as many as its last digit says, and one that ends in 9 some pages of them.
    private func count(_ key: String, _ service: Service) -> Int {
        guard keys != nil else { return fixed ?? service.options.seedData }
        if let fixed { return fixed }
        let digit = key.utf8.last.map { Int($0) % 10 } ?? 0
        // "9" is 57.
        return digit == 7 ? 2 * min(most, 20) + 3 : digit
    }

    private func refusal(_ status: Int, _ code: Int, _ message: String) -> Answer {
        guard case .older = form else { return .error(status, code: code, message) }
        return Answer(
            text:
                #"{"response":{"status":{"success":"false","code":"500","message":"all requests failed"},"customers":{"customer":[{"item_status":{"success":"false","code":"\#(code)","message":"\#(message)"}}]},"customer":{"item_status":{"success":"false","code":"\#(code)"}}}}"#
        )
    }
}

/// The part of a listing that a request asks for.
struct Window {
    var start = 0
    var limit: Int
    /// As the request has it, to be repeated in the reply.
    var number = 0
    var first = 0
    /// A fault may make it smaller.
    var isCapped = true

    init(limit: Int) { self.limit = limit }

    /// A page that is smaller than was requested.
    mutating func scale(to size: Int) {
        if start == (number - first) * limit, number > first { start = (number - first) * size }
        limit = size
    }
}

extension PagedCall.Form {
    var isInBody: Bool { if case .body = self { true } else { false } }

    func window(_ number: (String) -> Int?, usual: Int, most: Int) -> Window {
        func rows(_ limit: String, _ offset: String) -> Window {
            var window = Window(limit: max(1, min(number(limit) ?? usual, most)))
            window.start = max(0, number(offset) ?? 0)
            return window
        }
        func pages(_ size: String, _ page: String, from: Int) -> Window {
            var window = Window(limit: max(1, min(number(size) ?? usual, most)))
            window.first = from
            window.number = max(from, number(page) ?? from)
            window.start = (window.number - from) * window.limit
            return window
        }
        switch self {
        case .offset, .untold, .series, .older, .labels, .body: return rows("limit", "offset")
        case .ledger: return pages("limit", "offset", from: 0)
        case .badges: return pages("size", "page", from: 0)
        case .rewards(_, _, let from): return pages("size", "page", from: from)
        case .content: return pages("size", "page", from: 0)
        case .details(let page, let size, let from, _, _): return pages(size, page, from: from)
        case .deliveries: return pages("pageSize", "page", from: 1)
        case .workflow: return pages("limit", "PageNo", from: 0)
        case .numbered(let from): return pages("limit", "pageNo", from: from)
        case .following:
            var window = rows("limit", "start_id")
            if let size = number("batch_size") { window.limit = max(1, min(size, most)) }
            return window
        case .limited:
            let asked = ["limit", "pageSize", "points_limit", "coupons_limit"].compactMap { number($0) }
                .first
            return Window(limit: max(1, min(asked ?? usual, most)))
        case .whole, .single:
            var window = Window(limit: .max)
            window.isCapped = false
            return window
        }
    }
}
