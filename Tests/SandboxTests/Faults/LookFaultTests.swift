import Foundation
import Testing

@testable import Sandbox

@Suite("Trouble in looks", .timeLimit(.minutes(1)))
struct LookFaultTests {
    private func hits(
        _ server: SandboxServer, _ number: String = "A", _ headers: [String: String] = [:]
    ) throws -> [Int] {
        let reply = try server.get("/v2/transactions/getByBillNumber/\(number)", headers: headers)
        return try #require(reply["data"]).list.compactMap { $0["id"]?.int }
    }

    @Test("Looks do not see the young")
    func lag() async throws {
        try await withSandbox(faults: ["lag:1h:count=3"]) { server in
            _ = try server.book([Bill("A")])
            #expect(try hits(server) == [])
            #expect(try server.get("/v2/transactions/700000001")["errors"]?[0]?["code"]?.int == 667)
            let older = try server.get("/v1.1/transaction/get?format=json&number=A")
            #expect(older["response"]?["transactions"]?["transaction"]?.list == [])
            #expect(try hits(server) == [700_000_001])
        }
        try await withSandbox(faults: ["lag:1h:on=queue:at=1"]) { server in
            _ = try server.book([Bill("P", ["lineItemsV2": #"[{"itemCode":"parked"}]"#])])
            for total in [0, 1] {
                let queue = try server.get("/v2/organization/rejectedTransactions")
                #expect(queue["pagination"]?["total"]?.int == total)
            }
        }
        try await withSandbox(faults: ["lag:200ms"]) { server in
            _ = try server.book([Bill("A")])
            while try hits(server).isEmpty {}
        }
    }

    @Test("Look-ups see the caller's till only")
    func till() async throws {
        let headers = ["X-CAP-API-ATTRIBUTION-ENTITY-CODE": "till.leeds.1"]
        try await withSandbox(faults: ["looks-till"]) { server in
            _ = try server.book([Bill("A")], headers: headers)
            #expect(try hits(server) == [])
            #expect(try hits(server, "A", headers) == [700_000_001])
        }
    }

    @Test("Looks leave returns out")
    func returns() async throws {
        try await withSandbox(faults: ["looks-no-returns:on=/v2/transactions/getByBillNumber"]) {
            server in
            _ = try server.book([Bill("A"), .giveBack("A", "FULL")])
            #expect(try hits(server) == [700_000_001])
            #expect(try server.get("/v2/transactions/700000002?type=RETURN")["id"]?.int == 700_000_002)
        }
    }

    @Test("Pages are small")
    func pages() async throws {
        try await withSandbox(faults: ["small-pages:size=2"]) { server in
            _ = try server.book((0..<5).map { Bill("A", ["billAmount": "\($0)"]) })
            let page = try server.get("/v2/transactions/getByBillNumber/A?limit=100&offset=4")
            #expect(page["data"]?.list.count == 1)
            #expect(page["pagination"]?["total"]?.int == 5)
            #expect(page["pagination"]?["limit"]?.int == 2)
            #expect(try hits(server).count == 2)
        }
    }

    @Test("Other bills of that number turn up, booked by nobody")
    func ghosts() async throws {
        try await withSandbox(faults: ["ghosts:size=2"]) { server in
            _ = try server.book([Bill("A")])
            for _ in 0..<2 { #expect(try hits(server) == [700_000_001, 990_000_001, 990_000_002]) }
            let bills = try #require(try server.get("/v2/transactions/getByBillNumber/A")["data"]).list
            #expect(bills.map { $0["billDetails"]?["billNumber"]?.string } == ["A", "A", "A"])
            #expect(bills[1]["customerId"] != bills[0]["customerId"])
            #expect(bills[2]["customerId"] == bills[0]["customerId"])
            #expect(bills[2]["billDetails"]?["billingTime"] != bills[0]["billDetails"]?["billingTime"])
            #expect(
                try server.get("/v2/transactions/990000001")["customerId"] == bills[1]["customerId"])
            #expect(try hits(server, "none").count == 2)
            let older = try server.get("/v1.1/transaction/get?number=A&type=ALL")
            #expect(older["response"]?["transactions"]?["transaction"]?.list.count == 3)
            #expect(try server.bookings() == 1)
        }
    }
}
