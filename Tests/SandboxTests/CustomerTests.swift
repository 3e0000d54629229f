import Testing

@testable import Sandbox

@Suite("Customers", .timeLimit(.minutes(1)))
struct CustomerTests {
    private func customer(_ value: String, _ type: String = "externalId", _ more: String = "") -> String
    {
        #"{"profiles":[{"source":"INSTORE","identifiers":[{"type":"\#(type)","value":"\#(value)"}]}]\#(more)}"#
    }

    private func post(_ server: SandboxServer, _ path: String, _ items: String...) throws -> JSON {
        let body = "[" + items.joined(separator: ",") + "]"
        return try #require(try server.ask("POST", path, body: body).reply?.json)
    }

    private let bulk = "/v2/customers/bulk?source=INSTORE"
    private let upsert = "/v2/integrations/customer/upsert/bulk?skipChangeIdentifier=false"

    private func lookup(_ server: SandboxServer, _ value: String) throws -> JSON {
        try server.get("/v2/customers/lookup?identifierName=externalId&identifierValue=\(value)")
    }

    @Test("are there once they are added, under the number that a look-up tells")
    func adds() async throws {
        try await withSandbox { server in
            #expect(try lookup(server, "new-1")["errors"]?[0]?["code"]?.int == 8015)
            let reply = try post(
                server, bulk, customer("new-1"), customer("44a", "mobile"), customer(""))
            #expect(reply.list.count == 3)
            let id = reply[0]?["entity"]?["id"]?.int
            #expect(id != nil)
            #expect(reply[1]?["errors"]?[0]?["code"]?.int == 8014)
            #expect(reply[2]?["errors"]?[0]?["code"]?.int == 8002)
            #expect(reply[1]?["entity"]?["id"] == nil)
            #expect(try lookup(server, "new-1")["entity"]?.int == id)
            // Everybody else is there without it.
            #expect(try lookup(server, "LOY-7")["entity"]?.int != nil)
            _ = try post(server, bulk, customer("new-1"))
            #expect(
                try server.get("/_sandbox/deeds?of=customers&key=externalId:new-1")["deeds"]?.int == 2)
        }
        try await withSandbox({ $0.knownCustomersAreErrors = true }) { server in
            _ = try post(server, bulk, customer("A"))
            #expect(try post(server, bulk, customer("A"))[0]?["errors"]?[0]?["code"]?.int == 8006)
        }
    }

    @Test("are changed in steps, and the steps before a refused one stay")
    func upserts() async throws {
        try await withSandbox({ $0.countryCode = "91" }) { server in
            let reply = try post(
                server, upsert, customer("9190000101", "mobile"),
                customer("B", "externalId", #","statusLabel":"unknown""#), customer("blocked-1"))
            let items = try #require(reply["response"]).list
            #expect(
                items[0]["result"]?["profiles"]?[0]?["identifiers"]?[0]?["value"]?.string
                    == "919190000101")
            #expect(items[1].code == 3017)
            #expect(items[1].id != nil)
            #expect(items[2].code == 8026)
            #expect(reply["failureCount"]?.int == 2)
            #expect(try server.counts()["deeds"]?["customers"]?["things"]?.int == 2)
        }
    }
}
