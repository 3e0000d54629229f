import Model
import Testing

@testable import Catalog

@Suite("Products")
struct SKUsTests {
    private func read(_ status: Int, _ body: String, _ codes: String...) throws -> [String] {
        let members = try codes.map {
            try prepare(#"{"sku":"\#($0)","ean":"E-\#($0)","price":1}"#, endpoint: .skusAdd).evidence
        }
        return Endpoint.skusAdd.read(reply(status, body), members).words
    }

    @Test("the example of the article")
    func example() throws {
        let words = try read(
            207,
            #"""
            {"created":[{"id":880001,"code":"SKU-1","ouId":-1,"ouCode":null}],
             "summary":{"totalRequested":2,"successCount":1,"failureCount":1},"warnings":[],
             "errors":[{"code":10104,"message":"exists","entityCode":"SKU-2","ouCode":null}]}
            """#, "SKU-1", "sku-2")
        #expect(words == ["accepted 880001", "exists"])
    }

    @Test("several errors of one product are one judgement")
    func several() throws {
        let errors =
            #"{"code":10121,"message":"a","entityCode":"A"},{"code":10104,"message":"b","entityIdentifier":"a"}"#
        #expect(try read(400, #"{"errors":[\#(errors)]}"#, "A") == ["exists"])
        #expect(
            try read(207, #"{"created":[{"id":1,"code":"A"}],"errors":[\#(errors)]}"#, "A", "B")
                == ["in doubt", "unbound"])
    }

    @Test("failures that name nobody are the rest's, where they are as many and all agree")
    func loose() throws {
        let created = #""created":[{"id":1,"code":"A"}]"#
        let same = #"{"code":10121,"message":"a"},{"code":10121,"message":"a"}"#
        #expect(
            try read(207, "{\(created),\"errors\":[\(same)]}", "A", "B", "C")
                == ["accepted 1", "rejected", "rejected"])
        #expect(
            try read(207, "{\(created),\"errors\":[\(same)]}", "A", "B", "C", "D")
                == ["accepted 1", "unbound", "unbound", "unbound"])
        let other = #"{"code":10121,"message":"a"},{"code":10104,"message":"b"}"#
        #expect(
            try read(207, "{\(created),\"errors\":[\(other)]}", "A", "B", "C")
                == ["accepted 1", "unbound", "unbound"])
        // A stranger among them, and nothing is the rest's.
        let stranger = #""created":[{"id":1,"code":"A"},{"id":9,"code":"Z"}]"#
        #expect(
            try read(207, "{\(stranger),\"errors\":[\(same)]}", "A", "B", "C")
                == ["accepted 1", "unbound", "unbound"])
        #expect(
            try read(207, "{\"created\":[],\"errors\":[\(other)]}", "B") == ["exists"])
    }

    @Test("named twice, it is a question; too large, it is halved")
    func odd() throws {
        let twice = #"{"created":[{"id":1,"code":"A"},{"id":2,"code":"a"}],"errors":[]}"#
        #expect(try read(200, twice, "A") == ["in doubt"])
        let large = #"{"errors":[{"code":10102,"message":"too many"}]}"#
        #expect(try read(400, large, "A", "B") == ["split"])
        #expect(try read(400, #"{"created":[],"errors":[{"code":10102}]}"#, "A", "B") == ["split"])
        #expect(try read(200, #"{"created":[],"errors":[]}"#, "A", "B") == ["in doubt"])
        #expect(
            try read(200, #"{"created":[{"id":1,"code":"A"}]}"#, "A", "B") == ["accepted 1", "unbound"])
    }

    @Test("a look-up by code, whatever its case, compares the EAN")
    func looks() throws {
        guard case .readBack(let readBack) = Endpoint.skusAdd.recovery else { return }
        let member = try prepare(
            #"{"sku":"Sku-1","ean":"E1","price":1}"#, endpoint: .skusAdd
        ).evidence
        func look(_ status: Int, _ body: String) -> SearchStep {
            guard case .ask(let request, let then) = readBack.search(member, OrgSettings()) else {
                return .done(ids: [], others: [])
            }
            #expect(request.target.hasPrefix("/v2/product/skus?entityCodes=Sku-1&"))
            return then(reply(status, body))
        }
        #expect(look(200, #"{"data":[{"id":7,"code":"SKU-1","ean":"E1"}]}"#).ids == ["7"])
        let other = look(200, #"{"data":[{"id":7,"code":"SKU-1","ean":"E2"}]}"#)
        #expect(other.ids == [] && other.others.count == 1)
        #expect(look(200, #"{"data":[]}"#).ids == [])
        #expect(look(200, #"{"data":null}"#).isUnclear)
        for status in [400, 403, 404, 500] { #expect(look(status, #"{"data":[]}"#).isUnclear) }
    }
}
