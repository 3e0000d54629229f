import Foundation
import Testing

@testable import Sandbox

@Suite("Changes of bills", .timeLimit(.minutes(1)))
struct TransactionUpdateTests {
    private func change(_ id: Int, _ phone: String = "447700900101", city: String = "Leeds") -> String {
        #"{"identifierType":"mobile","identifierValue":"\#(phone)","source":"INSTORE","id":\#(id),"#
            + #""extendedFields":{"delivery_city":"\#(city)"}}"#
    }

    private func put(_ server: SandboxServer, _ items: String...) throws -> [JSON] {
        let body = "[" + items.joined(separator: ",") + "]"
        let reply = try server.ask("PUT", "/v2/transactions/bulk", body: body).reply
        return try #require(reply?.json?["response"]).list
    }

    private func deeds(_ server: SandboxServer, _ id: Int) throws -> JSON {
        try server.get("/_sandbox/deeds?of=billChanges&key=\(id)")
    }

    @Test("are answered without entityId, and set once more on a repeat")
    func sets() async throws {
        try await withSandbox { server in
            let first = try put(server, change(7), change(8, city: "York"))
            #expect(first.count == 2)
            #expect(first[0]["entityId"] == nil)
            #expect(first[0]["result"]?["id"]?.int == 7)
            #expect(first[0]["errors"]?.list == [])
            _ = try put(server, change(7, city: "Hull"))
            let seven = try deeds(server, 7)
            #expect(seven["count"]?.int == 1)
            #expect(seven["deeds"]?.int == 2)
            #expect(
                seven["things"]?[0]?["content"]?["extendedFields"]?["delivery_city"]?.string == "Hull")
            #expect(try server.counts()["deeds"]?["billChanges"]?["deeds"]?.int == 3)
        }
    }

    @Test("go to bills of that customer only, and to none that was never booked")
    func owners() async throws {
        try await withSandbox { server in
            let id = try #require(try server.book([Bill("A")])[0].id)
            let items = try put(
                server, change(id), change(id + 1), change(id, "447700900999"), change(9, "unknown1"))
            #expect(items.map(\.code) == [nil, 667, 667, 8015])
            #expect(try deeds(server, id)["deeds"]?.int == 1)
        }
    }

    @Test("know the faults of every bulk call")
    func faults() async throws {
        try await withSandbox(faults: [
            "cut-after:at=1", "short:at=1", "unlabelled:at=1", "busy-item:at=3",
        ]) { server in
            #expect(try server.ask("PUT", "/v2/transactions/bulk", body: "[\(change(7))]").reply == nil)
            #expect(try deeds(server, 7)["deeds"]?.int == 1)
            let items = try put(server, change(7), change(8), change(9))
            #expect(items.count == 3)
            #expect(items.contains { $0.code == 521 })
        }
        try await withSandbox(faults: ["short", "unlabelled"]) { server in
            let items = try put(server, change(7), change(8), change(9))
            #expect(items.count == 2)
            try #expect(deeds(server, 7)["deeds"]?.int == 1)
        }
    }

    @Test("survive the process")
    func durable() async throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "updates-\(UInt64.random(in: 0...UInt64.max)).sqlite"
        ).path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withSandbox({ $0.statePath = path }) { server in
            _ = try put(server, change(7))
            _ = try put(server, change(7, city: "Hull"))
        }
        try await withSandbox({ $0.statePath = path }) { server in
            let seven = try deeds(server, 7)
            #expect(seven["deeds"]?.int == 2)
            #expect(seven["count"]?.int == 1)
        }
    }
}
