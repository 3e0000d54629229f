import Testing

@testable import Sandbox

@Suite("Coupons", .timeLimit(.minutes(1)))
struct CouponTests {
    @Test("are issued anew by each call, but where one is all there is")
    func issues() async throws {
        try await withSandbox { server in
            let path = "/v2/coupon/bulk/issue?source=INSTORE"
            let body = #"{"seriesIds":[410011,404001,410019],"customer":{"mobile":"1"}}"#
            let first = try server.ask("POST", path, body: body).reply?.json?["response"]
            #expect(first?.list.map(\.code) == [nil, 707, nil])
            #expect(first?[0]?["entityId"]?.int == 410_011)
            #expect(first?[0]?["result"]?["code"]?.string?.hasPrefix("DEMO") == true)
            let second = try server.ask("POST", path, body: body).reply?.json?["response"]
            #expect(second?.list.map(\.code) == [nil, 707, 709])
            #expect(try server.get("/_sandbox/deeds?of=coupons&key=1/410011")["count"]?.int == 2)
            let unknown = #"{"seriesIds":[1],"customer":{"mobile":"unknown"}}"#
            #expect(
                try server.ask("POST", path, body: unknown).reply?.json?["errors"]?[0]?["code"]?.int
                    == 701)
            #expect(try server.ask("POST", "/v2/coupon/bulk/issue", body: body).reply?.status == 400)
        }
    }
}
