import Foundation
import Model
import Testing

@testable import Catalog

/// What holds of every listing: a new one is covered as soon as it is in the list.
@Suite("Listings of the catalog") struct ListingConformanceTests {
    static let names = Listing.all.map(\.name)

    private func listing(_ name: String) throws -> Listing {
        try #require(Listing.named(name))
    }

    /// A walk with all that is required, by the first kind of key where there are any.
    private func asking(_ listing: Listing, _ key: Listing.Key? = nil) -> Asking {
        let parameters = listing.parameters.filter(\.isRequired).map { ($0.sentName, "7") }
        guard let key = key ?? listing.keys.first else { return Asking(parameters: parameters) }
        return Asking(parameters: parameters, key: key, keys: ["K"])
    }

    @Test("It says what it is, and where that is from", arguments: names)
    func description(name: String) throws {
        let listing = try listing(name)
        #expect(!listing.summary.isEmpty)
        #expect(Self.names.count { $0 == name } == 1)
        #expect(!listing.items.isEmpty, "where the items are")
        #expect(Set(listing.keys.map(\.name)).count == listing.keys.count)
        #expect(Set(listing.parameters.map(\.name)).count == listing.parameters.count)
        for word in listing.personal.union(listing.withheld) { #expect(word == word.lowercased()) }
        if let imports = listing.imports { #expect(Endpoint.named(imports) != nil) }
        if listing.since != nil { #expect(listing.span == nil || listing.since != listing.span?.from) }
    }

    /// Reads that are asked by POST. Source: Listings, Customer listings; Listings, Transaction listings.
    private static let posts: Set = [
        "/api_gateway/cortex/v1/search", "/v2/bulk/getCustomers",
        "/v2/historicalPoints/getHistoricalPoints/{key}",
    ]

    @Test("Its requests read: whole paths, every key and parameter in place", arguments: names)
    func requests(name: String) throws {
        let listing = try listing(name)
        #expect([.get, .post].contains(listing.method))
        for key in listing.keys.isEmpty ? [nil] : listing.keys.map(Optional.some) {
            let path = key?.path ?? listing.path
            #expect(path.hasPrefix("/") && !path.contains("?"), "\(path)")
            // One GET of this API deletes. Source: Listings, Rules for paging.
            #expect(!path.lowercased().contains("delete"), "\(path)")
            #expect(listing.method == .get || Self.posts.contains(path), "\(path)")
            let request = listing.request(
                asking(listing, key), at: listing.paging.first, size: nil)
            #expect(!request.target.contains("{"), "\(request.target)")
            #expect(!request.adds)
            if let key, key.query == nil {
                #expect(key.path.contains("{key}"), "\(key.name) of \(key.path)")
            }
            for (parameter, value) in asking(listing).parameters {
                let all = request.target + String(decoding: request.body, as: UTF8.self)
                let isThere = all.contains(parameter) || path.contains("{\(parameter)}")
                #expect(isThere && all.contains(value), "\(parameter)")
            }
        }
    }

    @Test("A page is never larger than the call allows", arguments: names)
    func sizes(name: String) throws {
        let listing = try listing(name)
        guard let size = listing.paging.size else { return }
        for (asked, sent) in [(nil, size.most), (size.most + 1, size.most), (1, 1)] as [(Int?, Int)] {
            let pairs = listing.paging.parameters(at: listing.paging.first, size: asked)
            #expect(pairs.first { $0.0 == size.name }?.1 == String(sent))
        }
    }

    @Test(
        "All items come once and in their order, however many there are and however it is answered",
        arguments: names)
    func pages(name: String) throws {
        let listing = try listing(name)
        let size = min(3, listing.paging.size?.most ?? 3)
        for habit in ListingServer.Habit.allCases {
            for count in [0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 1, 17] {
                let server = ListingServer(listing: listing, count: count, habit: habit)
                let (ids, end, requests) = try walk(listing, server, size)
                let isCut = listing.paging.isCut && count >= size
                let all = (0..<(isCut ? size : count)).map(server.id)
                let what = "\(habit), \(count) items in pages of \(size)"
                // A page that was requested in order to learn what is counted comes before its turn.
                let isInOrder = habit != .otherReading || !listing.paging.mayCountPages
                #expect((isInOrder ? ids : ids.sorted()) == all, "\(what)")
                #expect(end == (isCut ? .cut : .end), "\(what)")
                #expect(requests <= count / size + 4, "\(what): \(requests) requests")
            }
        }
    }

    /// The ids of the items in the order they came, without repeats.
    private func walk(_ listing: Listing, _ server: ListingServer, _ size: Int) throws
        -> (ids: [String], end: Paging.Next, requests: Int)
    {
        var position = listing.paging.first
        var seen: Set<String> = []
        var ids: [String] = []
        for requests in 1...50 {
            let request = listing.request(asking(listing), at: position, size: size)
            let key = listing.keys.isEmpty ? nil : "K"
            guard
                case .page(let items, let facts) = listing.read(
                    server.answer(request), key: key, salt: nil)
            else {
                Issue.record("no page: \(listing.read(server.answer(request), key: key, salt: nil))")
                return (ids, .end, requests)
            }
            let before = seen.count
            for item in items where seen.insert(item.id).inserted { ids.append(item.id) }
            let next = listing.paging.next(
                after: position, facts, asked: size, seen: seen.count, fresh: seen.count - before,
                lastID: items.last.map { plain($0.id) })
            guard case .more(let further) = next else {
                return (ids.map(plain), next, requests)
            }
            position = further
        }
        Issue.record("it does not end")
        return (ids, .end, 50)
    }

    /// The first part of an id, without the key that it belongs to.
    private func plain(_ id: String) -> String {
        let parts = id.split(separator: "\u{1F}").filter { $0 != "K" && $0 != "x" }
        return parts.first.map(String.init) ?? id
    }

    @Test("What is no page of it is never taken for an empty one", arguments: names)
    func wrongs(name: String) throws {
        let listing = try listing(name)
        func isPage(_ status: Int, _ body: String) -> Bool {
            if case .page = listing.read(reply(status, body), key: "K", salt: nil) {
                true
            } else {
                false
            }
        }
        for body in [
            #"{"errors":[{"status":false,"code":999,"message":"no"}]}"#,
            #"{"data":[],"errors":[{"status":false,"code":"999","message":"no"}]}"#,
            #"{"data":null,"entity":null,"errors":[{"code":500,"message":"down"}],"warnings":[]}"#,
            #"{"response":{"status":{"success":"false","code":"999","message":"no"}}}"#,
            #"{"response":{"status":{"success":false,"code":500,"message":"down"}}}"#,
            #"{"status":{"success":false,"code":999,"message":"no"}}"#, "<html>down</html>", "",
        ] {
            #expect(!isPage(200, body), "200 \(body)")
        }
        for status in [301, 400, 404, 405, 415, 500, 503] {
            for body in ["", "{}", "<html></html>", #"{"data":[],"entity":[],"response":{}}"#] {
                #expect(!isPage(status, body), "\(status) \(body)")
            }
        }
        // Where the reply itself is the item, anything is one.
        guard !listing.items.contains([]) else { return }
        #expect(!isPage(200, #"{"moved":{"to":"elsewhere"},"as":1}"#))
    }

    @Test("What says that there is nothing is told from what cannot be answered", arguments: names)
    func nothing(name: String) throws {
        let listing = try listing(name)
        for code in listing.nothing {
            let body = #"{"errors":[{"status":false,"code":\#(code),"message":"none"}]}"#
            guard case .nothing = listing.read(reply(200, body), key: "K", salt: nil) else {
                Issue.record("\(code)")
                continue
            }
        }
        let busy = #"{"errors":[{"status":false,"code":521,"message":"later"}]}"#
        for answer in [reply(200, busy), reply(502, "<html></html>"), reply(503, "{}")] {
            guard case .again = listing.read(answer, key: "K", salt: nil) else {
                Issue.record("\(answer.status)")
                continue
            }
        }
    }

    @Test("Credentials and personal data stay out of what they may not be in", arguments: names)
    func care(name: String) throws {
        let listing = try listing(name)
        var content: [String: Any] = [:]
        for field in listing.personal where field != "_key" { content[field] = ["in": "secret-person"] }
        for field in listing.withheld { content[field.capitalized] = ["x": "secret-credential"] }
        let server = ListingServer(listing: listing, count: 1, content: content)
        let request = listing.request(asking(listing), at: listing.paging.first, size: nil)
        for salt in [nil, "s"] {
            guard
                case .page(let items, _) = listing.read(
                    server.answer(request), key: "secret-person", salt: salt), let item = items.first
            else {
                Issue.record("no item")
                continue
            }
            let text = String(decoding: item.text, as: UTF8.self)
            #expect(!text.contains("secret-credential"))
            if salt != nil, listing.holdsPersonalData { #expect(!text.contains("secret-person")) }
        }
    }

    @Test("A page that comes again, or a listing that ends too early, is told", arguments: names)
    func short(name: String) throws {
        let listing = try listing(name)
        guard listing.paging.step != .whole else { return }
        // It ignores the position: for ever the first page.
        let server = ListingServer(listing: listing, count: 8)
        var position = listing.paging.first
        var seen: Set<String> = []
        var end: Paging.Next?
        let first = listing.request(asking(listing), at: position, size: 3)
        for _ in 0..<6 where end == nil {
            guard
                case .page(let items, let facts) = listing.read(
                    server.answer(first), key: "K", salt: nil)
            else {
                Issue.record("no page")
                return
            }
            let before = seen.count
            seen.formUnion(items.map(\.id))
            let next = listing.paging.next(
                after: position, facts, asked: 3, seen: seen.count, fresh: seen.count - before,
                lastID: items.last?.id)
            guard case .more(let further) = next else {
                end = next
                break
            }
            position = further
        }
        guard case .short = end else {
            Issue.record("\(String(describing: end)) with \(seen.count) of 8 items")
            return
        }
    }
}
