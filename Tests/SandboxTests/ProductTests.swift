import Testing

@testable import Sandbox

@Suite("Products", .timeLimit(.minutes(1)))
struct ProductTests {
    private func ask(_ server: SandboxServer, _ method: String, _ items: String...) throws -> WireReply
    {
        try #require(
            try server.ask(method, "/v2/product/skus", body: "[" + items.joined(separator: ",") + "]")
                .reply)
    }

    @Test("are added once a code and once an EAN, then changed")
    func changes() async throws {
        try await withSandbox { server in
            let first = try ask(
                server, "POST", #"{"sku":"A","ean":"1","price":5}"#, #"{"sku":"B","ean":"1"}"#,
                #"{"sku":"a"}"#, #"{"sku":"C","brandCode":"unknown"}"#)
            #expect(first.status == 207)
            #expect(first.json?["created"]?.list.count == 1)
            #expect(first.json?["errors"]?.list.map { $0["code"]?.int } == [10107, 10003, 10122])
            #expect(first.json?["errors"]?[0]?["entityCode"]?.string == "B")
            #expect(try ask(server, "POST", #"{"sku":"a"}"#).status == 400)
            let second = try ask(server, "PUT", #"{"sku":"a","price":4}"#, #"{"sku":"Z"}"#)
            #expect(second.json?["updated"]?.list.count == 1)
            #expect(second.json?["errors"]?[0]?["code"]?.int == 10105)
            #expect(try server.get("/_sandbox/deeds?of=products&key=a")["deeds"]?.int == 2)
            let found = try server.get("/v2/product/skus?entityCodes=A,zz")["data"]
            #expect(found?.list.count == 1)
            #expect(found?[0]?["price"]?.double == 4)
        }
    }

    @Test("lose items and labels on request")
    func faults() async throws {
        try await withSandbox(faults: ["short:at=1", "unlabelled:at=2"]) { server in
            let short = try ask(server, "POST", #"{"sku":"A"}"#, #"{"sku":"B"}"#)
            #expect(short.json?["created"]?.list.count == 1)
            let bare = try ask(server, "POST", #"{"sku":"A"}"#)
            #expect(bare.json?["errors"]?[0]?["entityCode"] == nil)
            #expect(try server.counts()["deeds"]?["products"]?["things"]?.int == 2)
        }
    }

    @Test("beyond a hundred are too many")
    func limit() async throws {
        try await withSandbox { server in
            for (count, isTooLarge) in [(99, false), (100, false), (101, true)] {
                let items = (0..<count).map { #"{"sku":"S\#(count)_\#($0)"}"# }
                let reply = try server.ask(
                    "POST", "/v2/product/skus", body: "[" + items.joined(separator: ",") + "]"
                ).reply
                #expect((reply?.json?["errors"]?[0]?["code"]?.int == 10102) == isTooLarge)
            }
        }
    }
}
