import Testing

@testable import Sandbox

@Suite("Coupons", .timeLimit(.minutes(1)))
struct CouponTests {
    @Test("are issued again by each call, but where one is all there is")
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
            #expect(try server.get("/_sandbox/writes?of=coupons&key=1/410011")["count"]?.int == 2)
            let unknown = #"{"seriesIds":[1],"customer":{"mobile":"unknown"}}"#
            #expect(
                try server.ask("POST", path, body: unknown).reply?.json?["errors"]?[0]?["code"]?.int
                    == 701)
            #expect(try server.ask("POST", "/v2/coupon/bulk/issue", body: body).reply?.status == 400)
        }
    }
}

@Suite("Coupon files", .timeLimit(.minutes(1)))
struct CouponFileTests {
    private func form(_ rows: String) -> String {
        """
        --b\r
        Content-Disposition: form-data; name="customerIdentifier"\r
        \r
        MOBILE\r
        --b\r
        Content-Disposition: form-data; name="customerIdentifierColumn"\r
        \r
        0\r
        --b\r
        Content-Disposition: form-data; name="file"; filename="mine.csv"\r
        Content-Type: text/csv\r
        \r
        \(rows)\r
        --b--\r

        """
    }

    @Test("are told about by counts alone; a code that is there is an error")
    func counts() async throws {
        try await withSandbox { server in
            let path = "/coupon/api/v1/upload/file/8801"
            let type = ["Content-Type": "multipart/form-data; boundary=b"]
            func upload(_ rows: String) throws -> JSON? {
                try server.ask("POST", path, headers: type, body: form(rows)).reply?.json
            }
            let first = try upload("phone,code\n1,A\n2,B\nunknown,C\n")
            #expect(first?["result"]?["uploadJobStatuses"]?[0]?["uploadStatus"]?.string == "STARTED")
            #expect(try upload("phone,code\n1,A\n3,D\n")?["success"] != nil)
            var jobs: JSON?
            for _ in 0..<200 {
                jobs = try server.get("/coupon/api/v1/upload/getUploadStatus/8801")["result"]?[
                    "uploadJobStatuses"]
                if jobs?[1]?["uploadStatus"]?.string == "FINISHED" { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(jobs?[0]?["actualRowCount"]?.int == 3)
            #expect(jobs?[0]?["errorCount"]?.int == 1)
            #expect(jobs?[1]?["errorCount"]?.int == 1)
            #expect(jobs?[1]?["uploadedFileName"]?.string == "mine.csv")
            #expect(try server.get("/_sandbox/deeds?of=codes&key=8801/A")["deeds"]?.int == 1)
            let mine = try server.get("/v1.1/customer/coupons?mobile=1&series_id=8801")["response"]
            #expect(
                mine?["customers"]?["customer"]?[0]?["coupons"]?["coupon"]?[0]?["code"]?.string == "A")
            #expect(try server.ask("POST", path, body: "{}").reply?.status == 400)
        }
    }
}
