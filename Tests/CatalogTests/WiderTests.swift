import Model
import Records
import Testing

@testable import Catalog

/// What is special to calls of the wider catalog; what they share is in ``ConformanceTests``.
@Suite("The wider catalog")
struct WiderTests {
    private func words(_ endpoint: Endpoint, _ item: String, _ status: Int, _ body: String) throws
        -> [String]
    {
        let prepared = try prepare(item, endpoint: endpoint)
        #expect(prepared.problems == [])
        return endpoint.read(reply(status, body), [prepared.evidence]).words
    }

    // MARK: Paths and queries

    @Test("What is in path and query is taken out of the body, and encoded")
    func places() throws {
        let endpoint = try Endpoint.customersUpdateBy.bound(to: ["source": "LINE"])
        let item =
            #"{"identifierName":"email","identifierValue":"a+b@c.org","extendedFields":{"x":"1"}}"#
        let bytes = Array(item.utf8)[...]
        #expect(
            endpoint.target(of: [bytes])
                == "/v2/customers/lookup?source=LINE&identifierName=email&identifierValue=a%2Bb%40c.org"
        )
        #expect(
            String(decoding: endpoint.body([bytes]), as: UTF8.self) == #"{"extendedFields":{"x":"1"}}"#)
        // A path is never led elsewhere.
        #expect(
            Endpoint.customersUpdate.target(of: [Array(#"{"userId":"1/../2"}"#.utf8)[...]])
                == "/v2/customers/1%2F..%2F2")
    }

    // MARK: Stores

    private static let full =
        #"{"id":5,"code":"s1","name":"One","description":"D","adminType":"GENERAL","isActive":true,"#
        + #""timeZoneId":191,"currencyId":-1,"languageId":-1,"parentZoneId":3,"parentConceptId":null,"#
        + #""email":"a@b.c","mobile":null,"landline":null,"latitude":null,"longitude":null,"address":"Old","#
        + #""cityId":null,"areaId":null,"customFields":{"k":"v"},"referenceId":-1,"isOuEnabled":false,"#
        + #""default":false,"type":"STORE","externalId":["E-1","E-2"]}"#

    private func filled(_ row: String, _ stores: String, untold: String = "refuse") throws -> Readiness?
    {
        let prepared = try prepare(row, endpoint: .storesUpdate)
        #expect(prepared.problems == [])
        let step = StoresUpdate.merge.start(
            [prepared.evidence], [Array(row.utf8)[...]], ["untold": untold])
        guard case .ask(let request, let then) = step else { return nil }
        #expect(request.method == .get && request.target.contains("entityCodes=s1"))
        guard case .done(let each) = then(reply(200, #"{"data":[\#(stores)]}"#)) else { return nil }
        return each.first
    }

    @Test("A store is filled up with what the server has; what is given wins, null empties")
    func merged() throws {
        let ready = try filled(
            #"{"code":"s1","address":"New","email":null,"externalIds":["E-9"]}"#, Self.full)
        guard case .go(let bytes) = ready, let json = JSON(bytes) else {
            Issue.record("it may go: \(String(describing: ready))")
            return
        }
        func text(_ name: String) -> String? { json.scalar(json.member(named: name, of: json.root)) }
        #expect(text("address") == "New" && text("name") == "One" && text("timeZoneId") == "191")
        #expect(text("email") == nil && text("isActive") == "true" && text("id") == nil)
        #expect(json.scalar(json.node(["customFields", "k"], of: json.root)) == "v")
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""externalIds":["E-9"]"#))
    }

    @Test("A sparse row is never sent: an unknown store, another name, a field that nobody tells")
    func refused() throws {
        let row = #"{"code":"s1","address":"New"}"#
        func reason(_ ready: Readiness?) -> Reason? {
            if case .refuse(let refusal)? = ready { refusal.reason } else { nil }
        }
        #expect(
            reason(try filled(row, Self.full.replacing(#""s1""#, with: #""s2""#))) == .targetUnknown)
        #expect(
            reason(try filled(#"{"code":"s1","name":"Two","address":"New"}"#, Self.full)) == .conflict)
        let short = #"{"code":"s1","name":"One"}"#
        #expect(reason(try filled(row, short)) == .rule)
        #expect(reason(try filled(row, short, untold: "empty")) == nil)
        // What is not understood holds the request back.
        let prepared = try prepare(row, endpoint: .storesUpdate)
        for (status, body) in [(403, ""), (500, ""), (200, "<html>"), (200, "{}")] {
            let step = StoresUpdate.merge.start([prepared.evidence], [Array(row.utf8)[...]], [:])
            guard case .ask(_, let then) = step, case .unclear = then(reply(status, body)) else {
                Issue.record("\(status) \(body) is taken for an answer")
                continue
            }
        }
    }

    @Test("Where the v2 call is not there, the stores are read from the older one, or the run stops")
    func olderStores() throws {
        let row = #"{"code":"s1","address":"New"}"#
        let prepared = try prepare(row, endpoint: .storesUpdate)
        func start() -> PreparationStep {
            let step = StoresUpdate.merge.start(
                [prepared.evidence], [Array(row.utf8)[...]], ["untold": "empty"])
            guard case .ask(_, let then) = step else { return step }
            return then(reply(404, "{}"))
        }
        guard case .ask(let request, let then) = start() else {
            Issue.record("nothing else is asked")
            return
        }
        #expect(request.target.hasPrefix("/v1.1/organization/entities?"))
        let page =
            #"{"response":{"status":{"success":"true"},"organization":{"entities":{"entity":[{"id":"7","code":"s1","name":"One"}]}}}}"#
        guard case .done(let each) = then(reply(200, page)), case .go(let sent)? = each.first else {
            Issue.record("the store is not filled up")
            return
        }
        #expect(String(decoding: sent, as: UTF8.self).contains(#""name":"One""#))
        guard case .ask(_, let again) = start(), case .unclear(let refusal) = again(reply(404, "{}"))
        else {
            Issue.record("a call that is not there is taken for an answer")
            return
        }
        #expect(refusal.reason == .notFound)
    }

    @Test("Of more than a hundred stores, each page is read")
    func pages() {
        let codes = (0..<150).map { "s\($0)" }
        let members = codes.map { Evidence([$0, ""]) }
        let items = codes.map { Array(#"{"code":"\#($0)","address":"A"}"#.utf8)[...] }
        var step = StoresUpdate.merge.start(members, items, ["untold": "empty"])
        var asked = 0
        while case .ask(_, let then) = step {
            let page = codes.dropFirst(asked * 100).prefix(100)
            asked += 1
            let rows = page.map { #"{"code":"\#($0)","name":"N"}"# }.joined(separator: ",")
            step = then(reply(200, #"{"data":[\#(rows)]}"#))
        }
        guard case .done(let each) = step else { return }
        #expect(asked == 2 && each.count == 150)
        #expect(each.allSatisfy { if case .go = $0 { true } else { false } })
    }

    // MARK: Identifiers

    @Test("An identifier that another customer has is refused before the call")
    func owners() throws {
        let item =
            #"{"userId":7,"source":"INSTORE","add":[{"type":"mobile","value":"4477"}]}"#
        let prepared = try prepare(item, endpoint: .customersChangeIdentifier)
        func ready(_ status: Int, _ body: String) -> String {
            let step = CustomersSingle.ownerFirst.start(
                [prepared.evidence], [Array(item.utf8)[...]], [:])
            guard case .ask(_, let then) = step else { return "no look" }
            switch then(reply(status, body)) {
            case .done(let each): if case .go? = each.first { return "go" } else { return "refused" }
            case .unclear: return "unclear"
            case .ask: return "asks"
            }
        }
        #expect(ready(200, #"{"entity":8}"#) == "refused")
        #expect(ready(200, #"{"entity":7}"#) == "go")
        #expect(ready(400, #"{"errors":[{"code":8015,"message":"none"}]}"#) == "go")
        for (status, body) in [(500, ""), (200, "{}"), (404, ""), (200, "<html>")] {
            #expect(ready(status, body) == "unclear", "\(status) \(body)")
        }
    }

    // MARK: Coupons

    @Test("Coupons issued in part were accepted, and the warning says how many are missing")
    func inPart() throws {
        let item = #"{"seriesId":5,"count":3,"customer":{"mobile":"1"}}"#
        let prepared = try prepare(item, endpoint: .couponsIssueMany)
        let body =
            #"{"coupons":[{"code":"A"}],"successCount":1,"failureCount":2,"errors":[{"code":5004,"message":"only one"}]}"#
        guard
            case .each(let each) = Endpoint.couponsIssueMany.read(reply(200, body), [prepared.evidence]),
            case .accepted(let id, let warnings)? = each.first
        else {
            Issue.record("it has landed")
            return
        }
        #expect(id == ServerID("A") && warnings.first?.code == 5004)
        #expect(warnings.first?.message.contains("1 of 3") == true)
        // The list and the count have to agree.
        #expect(
            try words(
                .couponsIssueMany, item, 200,
                body.replacing(#""successCount":1"#, with: #""successCount":2"#))
                == ["in doubt"])
        #expect(try words(.couponsIssueMany, item, 200, "{}") == ["in doubt"])
    }

    private func redemption(_ verdicts: [(String, Int)]) -> String {
        let items = verdicts.map { code, said in
            #"{"entityId":1,"result":{"redemptionId":"61","code":"\#(code)","redemptionStatus":{"success":\#(said == 700),"code":\#(said),"message":"m"}},"errors":[]}"#
        }
        return #"{"response":[\#(items.joined(separator: ","))],"totalCount":1,"failureCount":0}"#
    }

    @Test("Codes are redeemed all or none; who is fine says so with 749")
    func redeemed() throws {
        let item =
            #"{"redemptionRequestList":[{"code":"A"},{"code":"B"}],"user":{"mobile":"1"},"billAmount":"5"}"#
        func word(_ verdicts: (String, Int)...) throws -> [String] {
            try words(.couponsRedeem, item, 200, redemption(verdicts))
        }
        #expect(try word(("A", 700), ("B", 700)) == ["accepted 61"])
        #expect(try word(("A", 749), ("B", 702)) == ["rejected"])
        #expect(try word(("A", 749), ("B", 711)) == ["exists"])
        #expect(try word(("A", 700), ("B", 702)) == ["in doubt"])
        #expect(try word(("A", 700)) == ["in doubt"])
    }

    @Test(
        "A dry run tells what is used; one that redeemed after all is the redemption that was expected")
    func dryRun() throws {
        let item = #"{"redemptionRequestList":[{"code":"A"}],"user":{"mobile":"1"},"billAmount":"5"}"#
        let member = try prepare(item, endpoint: .couponsRedeem).evidence
        guard case .ask(let request, let then) = CouponsRedeem.dryRun.search(member, OrgSettings())
        else {
            return
        }
        #expect(request.target.contains("is_redeemable=true") && request.adds)
        #expect(JSON(request.body) != nil)
        func ids(_ body: String, _ status: Int = 200) -> Int? {
            if case .done(let ids, _) = then(reply(status, body)) { ids.count } else { nil }
        }
        #expect(ids(redemption([("A", 700)]).replacing(#""61""#, with: #""-1""#)) == 0)
        #expect(ids(redemption([("A", 700)])) == 1)
        #expect(ids(redemption([("A", 716)])) == 1)
        #expect(ids(redemption([("A", 702)])) == 0)
        #expect(ids("", 500) == nil && ids("{}") == nil)
    }

    // MARK: Others

    @Test("Of a total failure of v1.1 nothing was done, though its items are empty")
    func totalFailure() throws {
        let body =
            #"{"response":{"status":{"success":"false","code":"500","message":"all failed"},"customers":{"customer":[{},{}]}}}"#
        let members = try ["A", "B"].map {
            try prepare(#"{"external_id":"\#($0)"}"#, endpoint: .customersAddOlder).evidence
        }
        #expect(Endpoint.customersAddOlder.read(reply(200, body), members).words == ["split"])
    }

    @Test("An unknown label is a warning there and a refusal here")
    func warned() throws {
        let item = #"{"userId":7,"add":[{"labelName":"vip"},{"labelName":"vop"}]}"#
        let warning = #""warnings":[{"status":false,"code":33000,"message":"vop unknown"}]"#
        #expect(try words(.labelsChange, item, 200, #"{"entity":7,\#(warning)}"#) == ["rejected"])
        #expect(try words(.labelsChange, item, 200, "{\(warning)}") == ["rejected"])
        #expect(try words(.labelsChange, item, 200, #"{"entity":7,"warnings":[]}"#) == ["accepted 7"])
    }

    @Test("An item whose own status is 5xx is in doubt; used before is used before")
    func allocated() throws {
        let item = try #require(Specimen.of(.currencyAllocate)).items[0]
        func said(_ status: Int, _ code: Int) -> String {
            #"{"data":[{"status":"FAILURE","entityId":70001,"eventLogId":-1,"httpStatus":\#(status),"errors":[{"code":\#(code),"message":"m"}]}]}"#
        }
        #expect(try words(.currencyAllocate, item, 200, said(503, 8136)) == ["in doubt"])
        #expect(try words(.currencyAllocate, item, 200, said(409, 6006)) == ["exists"])
        #expect(try words(.currencyAllocate, item, 200, said(400, 8136)) == ["rejected"])
    }

    @Test("Of a link all three levels have to say yes")
    func linked() throws {
        let item =
            #"{"customer":{"externalId":"E"},"linkToPartnerPrograms":[{"partnerProgramName":"P"}]}"#
        func said(_ customer: Int, _ leaf: String) -> String {
            #"{"linkCustomers":[{"customer":{"id":7,"externalId":"E","status":{"status":true,"code":\#(customer),"message":"m"}},"linkToPartnerPrograms":[{\#(leaf)}]}]}"#
        }
        func leaf(_ code: Int) -> String {
            #""partnerLinkStatus":{"status":false,"code":\#(code),"message":"m"}"#
        }
        #expect(try words(.partnersLink, item, 200, said(1000, leaf(200))) == ["accepted 7"])
        #expect(try words(.partnersLink, item, 200, said(1000, leaf(2005))) == ["accepted 7"])
        #expect(try words(.partnersLink, item, 200, said(1000, leaf(2006))) == ["rejected"])
        #expect(try words(.partnersLink, item, 200, said(8015, leaf(200))) == ["rejected"])
        #expect(try words(.partnersLink, item, 200, said(1000, "")) == ["in doubt"])
    }

    @Test("A warning that nothing was issued is a refusal")
    func notIssued() throws {
        let item = try #require(Specimen.of(.promotionsGrant)).items[0]
        let body =
            #"{"response":[{"result":{"entityId":7},"errors":[],"warnings":[{"code":8890,"message":"limit"}]}]}"#
        #expect(try words(.promotionsGrant, item, 200, body) == ["rejected"])
    }

    // MARK: Rewards, promotions by their id

    @Test("Of a reward its own status counts, whatever is said of the whole")
    func rewards() throws {
        func words(_ rewards: String, whole: String = #"{"success":false,"code":8010,"message":"m"}"#)
            throws -> String
        {
            let prepared = try prepare(
                #"{"mobile":"447700900101","rewards":[{"rewardId":5001,"quantity":2,"requestId":"w-1"}]}"#,
                endpoint: .rewardsIssue)
            let verdict = Endpoint.rewardsIssue.read(
                reply(200, #"{"status":\#(whole),"rewards":\#(rewards)}"#), [prepared.evidence])
            guard case .each(let each) = verdict, let one = each.first else {
                return verdict.words.joined()
            }
            switch one {
            case .accepted(let id, let warnings):
                return "accepted \(id?.text ?? "") \(warnings.map(\.code))"
            case .rejected(let refusal):
                return "rejected \(refusal.reason.code) \(refusal.serverCode ?? 0)"
            default: return one.word
            }
        }
        func one(_ quantity: Int, _ code: Int, id: String = "w-1") -> String {
            #"[{"status":{"success":\#(code == 200),"code":\#(code),"message":"m"},"transactionId":81001,"rewardId":5001,"requestedQuantity":2,"quantity":\#(quantity),"requestId":"\#(id)"}]"#
        }
        #expect(try words(one(2, 200)) == "accepted 81001 []")
        // A repeat may do nothing, where all was done.
        #expect(try words(one(0, 200)) == "accepted 81001 [0]")
        #expect(try words(one(1, 8010)) == "accepted 81001 [8010]")
        #expect(try words(one(0, 8004)) == "rejected refused-value 8004")
        #expect(try words(one(0, 10_003)) == "rejected conflict 10003")
        #expect(try words(one(2, 200, id: "w-2")) == "in doubt")
        #expect(
            try words("null", whole: #"{"success":false,"code":8004,"message":"too few"}"#)
                == "rejected refused-value 8004")
        #expect(
            try words("null", whole: #"{"success":true,"code":200,"message":"ok"}"#) == "in doubt")
    }

    @Test("One bad customer refuses a promotion to all, and the request is cut")
    func issuedPromotions() throws {
        let items = [70_001, 70_002].map { #"{"promotionId":"65aa","customerId":\#($0)}"# }
        let bytes = items.map { Array($0.utf8)[...] }
        let endpoint = try Endpoint.promotionsIssue.bound(to: ["context": "w 3"])
        #expect(String(decoding: endpoint.body(bytes), as: UTF8.self) == "[70001,70002]")
        #expect(
            endpoint.target(of: bytes)
                == "/api_gateway/v1/promotions/65aa/issueBulk?contextId=w%203")
        let members = try items.map { try prepare($0, endpoint: endpoint).evidence }
        let bad = #"{"data":null,"errors":[{"code":1006,"message":"bad"}]}"#
        guard case .split = endpoint.read(reply(400, bad), members) else {
            Issue.record("not cut")
            return
        }
        // Alone, it is the bad one.
        #expect(try words(.promotionsIssue, items[0], 400, bad) == ["split"])
        let half = #"{"data":{"70002":{"id":"65bb"}},"errors":[]}"#
        let read = endpoint.read(reply(200, half), members).words
        #expect(read.count == 2 && read[0].hasPrefix("in doubt") && read[1] == "accepted 65bb")
    }
}
