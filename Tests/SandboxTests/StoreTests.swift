import Testing

@testable import Sandbox

@Suite("Stores", .timeLimit(.minutes(1)))
struct StoreTests {
    private func store(_ code: String, _ name: String? = nil, ids: String = #"["ERP-1"]"#) -> String {
        #"{"code":"\#(code)","name":"\#(name ?? "Store " + code)","externalIds":\#(ids)}"#
    }

    private func post(_ server: SandboxServer, _ items: String...) throws -> [JSON] {
        let body = "[" + items.joined(separator: ",") + "]"
        let reply = try server.ask("POST", "/v2/orgEntity/store/bulk", body: body).reply
        return try #require(reply?.json?["response"]).list
    }

    @Test("are added once a code and once a name")
    func uniqueness() async throws {
        try await withSandbox { server in
            let items = try post(
                server, store("leeds_01"), store("leeds_01", "Other"),
                store("york", "Store leeds_01"), store("hull", ids: "[]"), store("a b"),
                store("x-1"))
            #expect(items.map(\.code) == [nil, 1220, 1206, 1221, 400, nil])
            #expect(items[0].id == items[0]["result"]?["id"]?.int)
            #expect(items[1]["result"]?["code"]?.string == "leeds_01")
            #expect(try server.counts()["deeds"]?["stores"]?["things"]?.int == 2)
            #expect(try server.counts()["deeds"]?["stores"]?["surplus"]?.int == 0)
        }
        try await withSandbox({ $0.refusesHyphens = true }) { server in
            try #expect(post(server, store("x-1"))[0].code == 400)
        }
    }

    @Test("are read back by code, and page by page")
    func looks() async throws {
        try await withSandbox { server in
            _ = try post(server, store("a"), store("b"), store("c", ids: #"["E1","E2"]"#))
            let found = try server.get("/v2/locations?type=STORE&entityCodes=c")
            #expect(found["data"]?.list.count == 1)
            #expect(found["data"]?[0]?["externalId"]?.list.count == 2)
            #expect(try server.get("/v2/locations?type=STORE&entityCodes=z")["data"]?.list == [])
            let page = try server.get(
                "/v1.1/organization/entities?format=json&type=STORE&limit=2&start_id=2")
            let entities = page["response"]?["organization"]?["entities"]?["entity"]
            #expect(entities?.list.count == 1)
            #expect(entities?[0]?["external_id_1"]?.string == "E2")
            #expect(page["response"]?["pagination"]?["total"]?.string == "3")
        }
        try await withSandbox({ $0.hasLocations = false }) { server in
            try #expect(server.ask("GET", "/v2/locations?entityCodes=a").reply?.status == 404)
        }
        try await withSandbox(faults: ["lag:3600s"]) { server in
            _ = try post(server, store("a"))
            #expect(try server.get("/v2/locations?entityCodes=a")["data"]?.list == [])
        }
    }

    @Test("beyond two hundred are too many")
    func limit() async throws {
        try await withSandbox { server in
            for (count, code) in [(199, nil), (200, nil), (201, 1060)] {
                let items = (0..<count).map { store("s\(count)_\($0)") }
                let body = "[" + items.joined(separator: ",") + "]"
                let reply = try server.ask("POST", "/v2/orgEntity/store/bulk", body: body).reply
                #expect(reply?.json?["errors"]?[0]?["code"]?.int == code)
            }
        }
    }
}
