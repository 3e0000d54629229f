import Model
import Testing

@testable import Catalog

@Suite("Stores")
struct StoresTests {
    private func item(_ code: String, _ name: String = "Leeds One", ids: String = #"["ERP-501"]"#)
        -> String
    {
        #"{"code":"\#(code)","name":"\#(name)","externalIds":\#(ids)}"#
    }

    @Test("the example of the article")
    func example() throws {
        let members = try ["leeds_01", "leeds_02"].map {
            try prepare(item($0), endpoint: .storesAdd).evidence
        }
        let answer = reply(
            200,
            #"""
            {"response": [{"entityId": 60001,
               "result": {"id": 60001, "code": "leeds_01", "name": "Leeds One", "type": "STORE", "adminType": "GENERAL", "isActive": true, "timeZoneId": -1,
                "currencyId": -1, "languageId": -1, "parentZoneId": 300, "externalIds": ["ERP-501"]},
               "errors": [], "warnings": []},
              {"entityId": null, "result": {"code": "leeds_02", "name": "Leeds Two", "type": "STORE", "externalIds": ["ERP-502"]},
               "errors": [{"status": false, "code": 1220, "message": "code taken"}], "warnings": []}],
             "totalCount": 2, "failureCount": 1}
            """#)
        #expect(
            Endpoint.storesAdd.read(answer, members)
                == .each([
                    .accepted(ServerID("60001"), []),
                    .exists(Refusal(.duplicate, serverCode: 1220, message: "code taken")),
                ]))
    }

    @Test(
        "a code by name or by number: characters are refused",
        arguments: ["400", #""INVALID_CHARACTERS""#])
    func characters(_ code: String) throws {
        let member = try prepare(item("x-1"), endpoint: .storesAdd).evidence
        let answer = bulk([
            #"{"entityId":null,"result":{"code":"x-1"},"errors":[{"code":\#(code),"message":"INVALID_CHARACTERS"}]}"#
        ])
        guard case .each(let each) = Endpoint.storesAdd.read(answer, [member]),
            case .rejected(let refusal) = each[0]
        else {
            Issue.record("not rejected")
            return
        }
        #expect(refusal.reason == .refusedValue)
        #expect(refusal.message.contains("INVALID_CHARACTERS"))
    }

    // MARK: Looks

    /// Answers each request by its path, and gives how the search ends.
    private func search(_ code: String, _ answer: (String) -> Reply) throws -> SearchStep {
        let member = try prepare(
            item(code, ids: #"["E1","E2"]"#), endpoint: .storesAdd
        ).evidence
        guard case .readBack(let readBack) = Endpoint.storesAdd.recovery else {
            Issue.record("no read-back")
            return .done(ids: [], others: [])
        }
        var step = readBack.search(member, OrgSettings())
        for _ in 0..<50 {
            guard case .ask(let request, let then) = step else { return step }
            #expect(request.method == .get && !request.adds)
            step = then(answer(request.target))
        }
        Issue.record("no end")
        return step
    }

    private func entities(_ rows: [String], total: Int?) -> Reply {
        let pagination = total.map { #""pagination":{"limit":"500","offset":"0","total":"\#($0)"},"# }
        return reply(
            200,
            #"{"response":{\#(pagination ?? "")"status":{"success":"true","code":"200"},"organization":{"entities":{"entity":["#
                + rows.joined(separator: ",") + "]}}}}")
    }

    private func row(_ id: Int, _ code: String, _ name: String, _ ids: String...) -> String {
        let external = ids.enumerated().map {
            #","external_id\#($0.offset == 0 ? "" : "_\($0.offset)")":"\#($0.element)""#
        }
        return #"{"id":"\#(id)","code":"\#(code)","name":"\#(name)"\#(external.joined())}"#
    }

    @Test("the newest call alone settles what it shows")
    func byCode() throws {
        let step = try search("a%b") { target in
            #expect(target.contains("entityCodes=a%25b"))
            return reply(
                200,
                #"{"data":[{"id":7,"code":"a%b","name":"leeds  one","externalId":["E2","E1"]}]}"#)
        }
        // A code of the kind is refused before it is sent; here it shows that it is quoted.
        #expect(step.ids == ["7"])
    }

    @Test("what it does not tell is read from the older one, to the last page")
    func byPages() throws {
        for first in [404, 400, 200] {
            var pages = 0
            let step = try search("c") { target in
                guard target.hasPrefix("/v1.1") else { return reply(first, "{}") }
                pages += 1
                switch target.split(separator: "=").last {
                case "0": return entities([row(1, "a", "A", "X"), row(2, "b", "B")], total: 3)
                case "2": return entities([row(3, "c", "Leeds One", "E1", "E2")], total: 3)
                default: return entities([], total: 3)
                }
            }
            #expect(step.ids == ["3"])
            #expect(pages == 2)
        }
    }

    @Test("another name or other external ids are named; the same name elsewhere, too")
    func differences() throws {
        let other = try search("c") { target in
            target.hasPrefix("/v1.1")
                ? entities([row(1, "x", "Leeds One", "E1"), row(3, "c", "Hull", "E1")], total: nil)
                : reply(404)
        }
        #expect(other.ids == [])
        #expect(
            other.others == [
                "a store with that name and another code",
                "a store with that code and other name and external ids",
            ])
        let missed = try search("C") { target in
            target.hasPrefix("/v1.1")
                ? entities(target.hasSuffix("=0") ? [row(3, "c", "Hull", "E1")] : [], total: nil)
                : reply(404)
        }
        #expect(missed.ids == [])
        #expect(missed.others == ["a store with a similar code and other name and external ids"])
    }

    @Test("an error is never a miss", arguments: [401, 403, 429, 500, 503])
    func errors(_ status: Int) throws {
        #expect(try search("c") { _ in reply(status, "{}") }.isUnclear)
        let pages = try search("c") { target in
            guard target.hasPrefix("/v1.1") else { return reply(404) }
            return target.hasSuffix("=0") ? entities([row(1, "a", "A")], total: 9) : reply(status)
        }
        #expect(pages.isUnclear)
    }

    @Test("pages that begin after an id are found out")
    func byID() throws {
        let all = [row(701, "a", "A"), row(702, "b", "B"), row(703, "c", "Leeds One", "E1", "E2")]
        let step = try search("c") { target in
            guard target.hasPrefix("/v1.1"),
                let id = target.split(separator: "=").last.flatMap({ Int($0) })
            else { return reply(404) }
            return entities(Array(all.dropFirst(max(0, id - 700)).prefix(2)), total: 3)
        }
        #expect(step.ids == ["703"])
    }

    @Test("pages that repeat are no end")
    func repeated() throws {
        let step = try search("c") { target in
            target.hasPrefix("/v1.1") ? entities([row(1, "a", "A")], total: 9) : reply(404)
        }
        #expect(step.isUnclear)
    }
}

extension SearchStep {
    var ids: [String]? { if case .done(let ids, _) = self { ids.map(\.text) } else { nil } }
    var alike: [Alike] { if case .alike(_, _, let entries) = self { entries } else { [] } }
    var others: [String] { if case .done(_, let others) = self { others } else { [] } }
    var isUnclear: Bool { if case .unclear = self { true } else { false } }
}
