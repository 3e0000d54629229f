import Model
import Records
import Testing

@testable import Catalog

@Suite("Files that the server works on")
struct FileJobTests {
    private func bound(_ endpoint: Endpoint, _ values: [String: String] = [:]) throws -> Endpoint {
        try endpoint.bound(to: ["series": "8801"].merging(values) { _, new in new })
    }

    private func item(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    private func text(_ endpoint: Endpoint, _ items: String...) throws -> String {
        let jobs = try #require(endpoint.fileJobs)
        let stem = FileJobs.stem(run: "R-1", attempt: 7)
        let request = jobs.upload(items.map(item), to: endpoint, stem: stem)
        #expect(request.host == .coupon && request.adds)
        #expect(
            request.headers == [
                Header("Content-Type", "multipart/form-data; boundary=----sluice-R-1-7f")
            ])
        return String(decoding: request.body, as: UTF8.self)
    }

    @Test("A file of codes and owners, of codes, of owners")
    func forms() throws {
        let owned = try text(try bound(.couponsUpload), #"{"code":"A1","customer":"44"}"#)
        #expect(
            owned == """
                ------sluice-R-1-7f\r
                Content-Disposition: form-data; name="customerIdentifier"\r
                \r
                MOBILE\r
                ------sluice-R-1-7f\r
                Content-Disposition: form-data; name="customerIdentifierColumn"\r
                \r
                0\r
                ------sluice-R-1-7f\r
                Content-Disposition: form-data; name="file"; filename="sluice-R-1-7f.csv"\r
                Content-Type: text/csv\r
                \r
                customer,code
                44,A1
                \r
                ------sluice-R-1-7f--\r

                """)
        let free = try bound(.couponsUpload, ["customer": "NOT_TAGGED"])
        let codes = try text(free, #"{"code":"A1"}"#, #"{"code":"A2"}"#)
        #expect(codes.contains("\r\ncode\nA1\nA2\n\r\n"))
        #expect(!codes.contains("customerIdentifierColumn"))
        let made = try bound(.couponsUpload, ["codes": "generated", "customer": "EMAIL"])
        #expect(try text(made, #"{"customer":"a@b.c"}"#).contains("\r\ncustomer\na@b.c\n\r\n"))
        // What a form has no place for is refused, not left out.
        #expect(try prepare(#"{"code":"A1"}"#, endpoint: made).problems.count == 2)
        #expect(try prepare(#"{"code":"A1"}"#, endpoint: free).problems == [])
        #expect(
            try prepare(#"{"code":"A1","customer":"44"}"#, endpoint: free).problems.map(\.field)
                == ["customer"])
        #expect(free.isRepeatKnownRefused == false)
        let told = ["refuses_repeat": "true"]
        #expect(try bound(.couponsUpload, told).isRepeatKnownRefused)
        #expect(
            try !bound(.couponsUpload, told.merging(["codes": "generated"]) { a, _ in a })
                .isRepeatKnownRefused)
    }

    @Test("A file of what was redeemed names its columns")
    func redeemed() throws {
        let endpoint = try bound(
            .couponsUploadRedeemed, ["customer": "EXTERNAL_ID", "details": "moved"])
        let words = try text(
            endpoint,
            #"{"coupon":"A1","customer":"c1","redeemedDate":"2026-02-03T09:55:00+00:00","redeemedAt":51,"billNumber":"R1"}"#
        )
        #expect(
            words.contains(
                #"{"couponCode":0,"externalId":1,"redeemedDateInMillis":2,"redeemedAt":3,"billId":4,"billNumber":5,"details":6}"#
            ))
        #expect(words.contains("\r\ncouponCode,externalId,redeemedDateInMillis,redeemedAt,"))
        #expect(words.contains("\nA1,c1,1770112500000,51,,R1,\n"))
        #expect(words.contains("name=\"Details\"\r\n\r\nmoved\r\n"))
    }

    @Test("A file that is taken is a job, never more")
    func taken() throws {
        let jobs = try #require(Endpoint.couponsUpload.fileJobs)
        let body =
            #"{"success":true,"status":200,"result":{"orgId":4001,"uploadJobStatuses":[{"jobId":31,"uploadStatus":"FINISHED","uploadedFileUrl":"sluice-R-1-7f_1_8801.csv","actualRowCount":2,"errorCount":0,"uploadedFileName":"sluice-R-1-7f.csv"},{"jobId":"x","uploadStatus":"COOKING","uploadedFileName":"other.csv"}]}}"#
        #expect(Endpoint.couponsUpload.read(reply(200, body), []) == .taken)
        #expect(
            Endpoint.couponsUpload.read(reply(200, body.replacing("true", with: "false")), []).words
                == ["in doubt"])
        #expect(Endpoint.couponsUploadRedeemed.read(reply(200, body), []).words == ["in doubt"])
        guard case .jobs(let list) = jobs.readStatus(reply(200, body)) else {
            Issue.record("no list")
            return
        }
        #expect(list.map(\.isEnded) == [true, false])
        #expect(list.map { $0.isOf("sluice-R-1-7f") } == [true, false])
        #expect(!list[0].isOf(FileJobs.stem(run: "R-1", attempt: 77)))
        for status in [404, 500] {
            guard case .unclear = jobs.readStatus(reply(status, body)) else {
                Issue.record("\(status) is no list")
                continue
            }
        }
        let target = jobs.status(of: try bound(.couponsUpload)).target
        #expect(target == "/coupon/api/v1/upload/getUploadStatus/8801")
        let redeem = try bound(.couponsUploadRedeemed)
        #expect(
            try #require(redeem.fileJobs).status(of: redeem).target
                == "/coupon/api/v1/upload/getUploadRedeemedCouponStatus/8801")
    }

    @Test("Counts prove all rows, or nothing")
    func proof() {
        func job(_ rows: Int, _ errors: Int, _ state: String = "FINISHED") -> FileJob {
            FileJob(id: "1", state: state, names: [], rows: rows, errors: errors)
        }
        #expect(job(10, 0).proves(10, header: 0))
        #expect(job(11, 0).proves(10, header: 1))
        #expect(!job(10, 0).proves(10, header: 1))
        #expect(!job(11, 0).proves(10, header: 0))
        #expect(!job(9, 0).proves(10, header: 0))
        #expect(!job(10, 1).proves(10, header: 0))
        #expect(!job(10, 0).proves(10, header: nil), "whether the header counts is not known")
        #expect(!job(10, 0, "STARTED").proves(10, header: 0))
        #expect([job(1, 0).header, job(2, 0).header] == [0, 1])
        #expect([job(0, 0), job(3, 0), job(1, 1), job(1, 0, "X")].allSatisfy { $0.header == nil })
    }

    @Test("A row is found by its code, or as a coupon made since; other pages say nothing")
    func rows() throws {
        let sent = try #require(Instant("2026-05-02T10:00:30Z")?.timestamp)
        func look(_ endpoint: Endpoint, _ evidence: [String], _ body: String) throws -> [String]? {
            let jobs = try #require(endpoint.fileJobs)
            guard case .ask(let request, let then)? = jobs.search(Evidence(evidence), endpoint, sent)
            else {
                return nil
            }
            #expect(request.target.contains("series_id=8801"))
            guard case .done(let ids, _) = then(reply(200, body)) else { return ["unclear"] }
            return ids.map(\.text)
        }
        func customer(_ coupons: String, total: Int) -> String {
            #"{"response":{"pagination":{"total":\#(total)},"status":{"success":"true","code":200},"customers":{"customer":[{"coupons":{"coupon":[\#(coupons)]}}]}}}"#
        }
        let old =
            #"{"id":"1","code":"DEMO7","created_date":"2026-05-02T09:50:00.000Z","redemption_count":0}"#
        let new =
            #"{"id":"2","code":"DEMO8","created_date":"2026-05-02 10:00:31","redemption_count":1}"#
        let both = customer(old + "," + new, total: 2)
        let given = try bound(.couponsUpload)
        #expect(try look(given, ["demo7", "44"], both) == ["1"])
        #expect(try look(given, ["DEMO9", "44"], both) == [])
        #expect(try look(given, ["DEMO9", "44"], customer(old, total: 200)) == ["unclear"])
        #expect(try look(given, ["DEMO7", "44"], "{}") == ["unclear"])
        let stranger =
            #"{"response":{"status":{"success":"false","code":500},"customers":{"customer":[{"item_status":{"success":"false","code":1012}}]}}}"#
        #expect(try look(given, ["DEMO7", "44"], stranger) == [])
        #expect(
            try look(given, ["DEMO7", "44"], stranger.replacing("1012", with: "999")) == ["unclear"])
        let made = try bound(.couponsUpload, ["codes": "generated"])
        #expect(try look(made, ["", "44"], both) == ["2"])
        // A reply about something else than was asked is no hit, and no miss either.
        func ofSeries(_ series: String) -> String {
            customer(new.replacing("{\"id\"", with: "{\"series_id\":\"\(series)\",\"id\""), total: 1)
        }
        #expect(try look(made, ["", "44"], ofSeries("8801")) == ["2"])
        #expect(try look(made, ["", "44"], ofSeries("8802")) == ["unclear"])
        func ofCustomer(_ mobile: String) -> String {
            customer(new, total: 1).replacing(
                "{\"coupons\"", with: "{\"mobile\":\"\(mobile)\",\"coupons\"")
        }
        #expect(try look(made, ["", "919000000144"], ofCustomer("919000000144")) == ["2"])
        #expect(try look(made, ["", "919000000144"], ofCustomer("919000000145")) == ["unclear"])
        let redeemed = try bound(.couponsUploadRedeemed)
        #expect(try look(redeemed, ["DEMO7", "44"], both) == [])
        #expect(try look(redeemed, ["DEMO8", "44"], both) == ["2"])
    }

    @Test("A code that is nobody's is looked up by itself, in its series")
    func freeRows() throws {
        let free = try bound(.couponsUpload, ["customer": "NOT_TAGGED"])
        let jobs = try #require(free.fileJobs)
        let sent = try #require(Instant("2026-05-02T10:00:30Z")?.timestamp)
        guard case .ask(let request, let then)? = jobs.search(Evidence(["A 1", ""]), free, sent) else {
            Issue.record("no look")
            return
        }
        #expect(request.target.hasPrefix("/v2/coupon?couponCodes=A%201&coupon_code_case=AS_IT_IS"))
        func look(_ body: String, _ status: Int = 200) -> [String]? {
            guard case .done(let ids, _) = then(reply(status, body)) else { return nil }
            return ids.map(\.text)
        }
        #expect(look(#"{"entity":[{"id":7,"code":"a 1","seriesId":8801}],"errors":[]}"#) == ["7"])
        #expect(look(#"{"data":{"code":"A 1","seriesId":"8801"}}"#) == ["A 1"])
        #expect(look(#"{"entity":[{"id":7,"code":"A 1","seriesId":8802}]}"#) == [], "another series")
        #expect(look(#"{"entity":[{"id":7,"code":"A 1"}]}"#) == [], "whose series nobody says")
        #expect(look(#"{"entity":null,"errors":[{"code":702,"message":"none"}]}"#) == [])
        #expect(look(#"{"entity":[],"errors":[{"code":500,"message":"down"}]}"#) == nil)
        #expect(look("{}") == nil)
        #expect(look("[]", 404) == nil)
    }
}
