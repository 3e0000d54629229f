import Testing

@testable import Sandbox

@Suite("Badges", .timeLimit(.minutes(1)))
struct BadgeTests {
    private func badge(
        _ customer: Int, _ badge: String = "b1",
        _ dates: String = #""earnEventDate":1767225600,"earnExpiresOn":1798761600"#
    ) -> String {
        #"{"badgeMetaId":"\#(badge)","customerId":\#(customer),\#(dates)}"#
    }

    private func post(_ server: SandboxServer, _ items: String...) throws -> [JSON] {
        let body = "[" + items.joined(separator: ",") + "]"
        let reply = try server.ask(
            "POST", "/api_gateway/v1/badges/import/customerBadges", body: body
        ).reply
        return try #require(reply?.json).list
    }

    @Test("are imported as often as they are sent, and answered with their place")
    func imports() async throws {
        try await withSandbox { server in
            let items = try post(server, badge(1), badge(2, "unknown"), badge(0), badge(3))
            #expect(items.map { $0["errors"]?[0]?["code"]?.int } == [nil, 1054, 404, nil])
            #expect(items[1]["data"] == .null)
            #expect(items[3]["data"]?["requestId"]?.string?.hasSuffix("_4") == true)
            #expect(items[0]["data"]?["expiresOnISO"]?.string == "2027-01-01T00:00:00Z")
            _ = try post(server, badge(1))
            let one = try server.get("/_sandbox/deeds?of=badges&key=1/b1")
            #expect(one["count"]?.int == 2)
            #expect(try server.counts()["deeds"]?["badges"]?["surplus"]?.int == 1)
        }
    }

    @Test("are listed by customer, ten at a time")
    func list() async throws {
        try await withSandbox { server in
            for expires in 0..<12 {
                _ = try post(
                    server,
                    badge(
                        1, "b1",
                        #""earnEventDate":1767225600,"earnExpiresOn":\#(1_798_761_600 + expires)"#))
            }
            _ = try post(server, badge(2))
            let path = "/api_gateway/v1/badges/customer/1?badgeType=EARNED"
            #expect(try server.get(path)["data"]?.list.count == 10)
            #expect(try server.get(path + "&limit=1000")["data"]?.list.count == 12)
            let two = try server.get("/api_gateway/v1/badges/customer/2")["data"]
            #expect(two?.list.count == 1)
            #expect(two?[0]?["badgeMetaId"]?.string == "b1")
        }
    }

    @Test("take the other readings of the sources, too")
    func readings() async throws {
        try await withSandbox({ $0.badgesTakePut = true }) { server in
            let reply = try server.ask(
                "POST", "/api_gateway/v1/badges/import/customerBadges", body: "[]"
            ).reply
            #expect(reply?.status == 405)
        }
        try await withSandbox({ $0.badgesTakeMilliseconds = true }) { server in
            let items = try post(
                server, badge(1),
                badge(
                    2, "b1",
                    #""earnEventDateISO":"2026-01-01T00:00:00Z","earnExpiresOnISO":"2027-01-01T00:00:00Z""#
                ))
            #expect(items[0]["data"]?["expiresOnISO"]?.string?.hasPrefix("1970-01-21") == true)
            #expect(items[1]["data"]?["expiresOnISO"]?.string == "2027-01-01T00:00:00Z")
        }
    }
}
