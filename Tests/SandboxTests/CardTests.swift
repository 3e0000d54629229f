import Testing

@testable import Sandbox

@Suite("Cards", .timeLimit(.minutes(1)))
struct CardTests {
    private func card(_ number: String, _ more: String = "") -> String {
        #"{"seriesId":12,"cardNumber":"\#(number)","statusLabel":"NOT_ISSUED"\#(more)}"#
    }

    private func post(_ server: SandboxServer, _ body: String) throws -> WireReply? {
        try server.ask("POST", "/v2/card", body: body).reply
    }

    private func put(_ server: SandboxServer, _ items: String...) throws -> [JSON] {
        let reply = try server.ask(
            "PUT", "/v2/card/bulk", body: "[" + items.joined(separator: ",") + "]"
        ).reply
        return try #require(reply?.json?["response"]).list
    }

    @Test("are added once a number and once an external id")
    func adds() async throws {
        try await withSandbox { server in
            let first = try post(server, card("E-1", #","cardExternalId":"REF-1""#))
            #expect(first?.status == 200)
            #expect(first?.json?["entity"]?.int != nil)
            let cases: [(String, Int, Int)] = [
                (card("E-1"), 409, 3009), (card("E-2", #","cardExternalId":"REF-1""#), 409, 3045),
                (card("E-3", #","cardExternalId":"R""#), 400, 3050),
                (#"{"cardNumber":"E-4","statusLabel":"A"}"#, 404, 3004),
                (#"{"seriesId":12,"cardNumber":"E-4"}"#, 400, 3011),
            ]
            for (body, status, code) in cases {
                let reply = try post(server, body)
                #expect(reply?.status == status)
                #expect(reply?.json?["errors"]?[0]?["code"]?.int == code)
            }
            #expect(try server.counts()["deeds"]?["cards"]?["deeds"]?.int == 1)
            let found = try server.get("/v2/card?number=E-1")
            #expect(found["entity"]?["cardId"]?.int == first?.json?["entity"]?.int)
            #expect(try server.get("/v2/card?number=E-9")["errors"]?[0]?["code"]?.int == 3010)
        }
        try await withSandbox({ $0.singleStatus = false }) { server in
            _ = try post(server, card("E-1"))
            let again = try post(server, card("E-1"))
            #expect(again?.status == 200)
            #expect(again?.json?["errors"]?[0]?["code"]?.int == 3009)
        }
    }

    @Test("are changed, and say what they say already")
    func changes() async throws {
        try await withSandbox { server in
            func status(_ number: String, _ label: String) -> String {
                #"{"cardNumber":"\#(number)","statusLabel":"\#(label)"}"#
            }
            let items = try put(server, status("C-1", "ACTIVE"), status("unknown-1", "ACTIVE"))
            #expect(items[0]["entityId"]?["cardNumber"]?.string == "C-1")
            #expect(items[0]["entityId"]?["cardId"]?.int != nil)
            #expect(items[1].code == 3010)
            #expect(items[1]["entityId"]?["cardId"] == nil)
            let again = try put(server, status("C-1", "ACTIVE"))
            #expect(again[0]["warnings"]?[0]?["code"]?.int == 3039)
            _ = try put(server, status("C-1", "DELETED"))
            let back = try put(server, status("C-1", "ACTIVE"))
            #expect(back[0].code == 3038)
            #expect(back[0]["entityId"]?["cardId"]?.int != nil)
            #expect(try server.get("/_sandbox/deeds?of=cardChanges&key=C-1")["deeds"]?.int == 3)
        }
        try await withSandbox({ $0.unchangedLabelIsError = true }) { server in
            _ = try put(server, #"{"cardNumber":"C","statusLabel":"ACTIVE"}"#)
            #expect(try put(server, #"{"cardNumber":"C","statusLabel":"ACTIVE"}"#)[0].code == 3039)
        }
    }

    @Test("are changed by two hundred at most")
    func limit() async throws {
        try await withSandbox { server in
            for (count, code) in [(199, nil), (200, nil), (201, 1060)] {
                let items = (0..<count).map { #"{"cardNumber":"C\#($0)","statusLabel":"A"}"# }
                let body = "[" + items.joined(separator: ",") + "]"
                let reply = try server.ask("PUT", "/v2/card/bulk", body: body).reply
                #expect(reply?.json?["errors"]?[0]?["code"]?.int == code)
            }
        }
    }
}
