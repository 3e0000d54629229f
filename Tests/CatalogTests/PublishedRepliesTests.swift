import Model
import Records
import Testing

@testable import Catalog

/// Replies and fields as the API's pages print them, where they differ from what their text says.
@Suite("Published replies")
struct PublishedRepliesTests {
    // MARK: Rewards

    private static let reward =
        #"{"mobile":"447700900101","rewards":[{"rewardId":5001,"quantity":2,"requestId":"w-1"}]}"#

    private func rewarded(_ body: String) throws -> Disposition? {
        let prepared = try prepare(Self.reward, endpoint: .rewardsIssue)
        let verdict = Endpoint.rewardsIssue.read(reply(200, body), [prepared.evidence])
        guard case .each(let each) = verdict else { return nil }
        return each.first
    }

    private func rewards(_ items: String..., top: String = #""code":8003,"message":"fail to issue""#)
        -> String
    {
        #"{"status":{"success":false,\#(top)},"rewards":[\#(items.joined(separator: ","))]}"#
    }

    private func one(
        _ code: Int, reward: String = "5001", request: String? = #""requestId":null"#, quantity: Int = 0
    ) -> String {
        #"{"status":{"success":\#(code == 200),"code":\#(code),"message":"why"},"transactionId":81002,"rewardId":\#(reward),"requestedQuantity":2,"quantity":\#(quantity)\#(request.map { "," + $0 } ?? "")}"#
    }

    @Test(
        "A refused reward without request id is refused for the reason inside, whatever is at the top",
        arguments: [#""requestId":null"#, #""requestId":"""#, nil])
    func refusedReward(request: String?) throws {
        for code in [12_005, 8004, 12_050] {
            let refused = Disposition.rejected(
                Refusal(.refusedValue, serverCode: code, message: "why"))
            #expect(try rewarded(rewards(one(code, request: request))) == refused)
            #expect(
                try rewarded(
                    rewards(
                        one(code, request: request),
                        top: #""code":8010,"message":"Reward issued partially""#)) == refused)
        }
        // Numbers may come as texts.
        #expect(
            try rewarded(rewards(one(12_005, reward: #""5001""#, request: request)))
                == .rejected(Refusal(.refusedValue, serverCode: 12_005, message: "why")))
    }

    @Test("One that travelled alone is bound by its reward; more issued than asked is issued")
    func boundByReward() throws {
        #expect(
            try rewarded(rewards(one(200, request: nil, quantity: 2)))
                == .accepted(ServerID("81002"), []))
        // As the page prints it: 8010 of a reward whose quantity is above what was asked.
        #expect(
            try rewarded(rewards(one(8010, request: nil, quantity: 3)))
                == .accepted(ServerID("81002"), []))
        guard case .accepted(_, let warnings) = try rewarded(rewards(one(8010, quantity: 1))) else {
            Issue.record("one of two is issued")
            return
        }
        #expect(warnings.map(\.code) == [8010])
    }

    @Test("An item of another request or of another reward is nobody's here")
    func strangers() throws {
        #expect(try rewarded(rewards(one(12_005, request: #""requestId":"w-2""#))) == nil)
        #expect(try rewarded(rewards(one(12_005, reward: "5002"))) == nil)
        #expect(try rewarded(rewards(one(12_005, reward: "null"))) == nil)
        // Two of that reward, and none says whose it is.
        #expect(try rewarded(rewards(one(12_005), one(200, quantity: 2))) == nil)
        // An item that names the request comes first.
        #expect(
            try rewarded(
                rewards(one(12_005), one(200, request: #""requestId":"w-1""#, quantity: 2)))
                == .accepted(ServerID("81002"), []))
    }

    @Test("What a partner said of a refusal is told")
    func partner() throws {
        let body =
            #"{"status":{"success":false,"code":8004,"message":"not redeemable","partnerError":{"codes":["1632"],"messages":["group 7 is not valid"]}},"intouch":null}"#
        #expect(
            try rewarded(body)
                == .rejected(
                    Refusal(
                        .refusedValue, serverCode: 8004,
                        message: "not redeemable (1632 group 7 is not valid)")))
    }

    // MARK: Request ids

    private static let used =
        #"{"data":null,"errors":[{"code":809,"message":"Request with the same requestId is not allowed","reference":null}],"warnings":null}"#

    @Test("A request id that was used before is told as that, and not as a missing answer")
    func usedID() throws {
        let said = Refusal(
            .repeatedRequest, serverCode: 809,
            message: "Request with the same requestId is not allowed")
        for endpoint in [Endpoint.badgesEarn, .badgesEnrol] {
            let item = try #require(Specimen.of(endpoint)).items[0]
            let member = try prepare(item, endpoint: endpoint).evidence
            guard case .inDoubt(let refusal) = endpoint.read(reply(400, Self.used), [member]) else {
                Issue.record("\(endpoint.name): it says that a request has come, not what it did")
                continue
            }
            #expect(refusal == said)
            #expect(endpoint.serverCodes[.repeatedRequest] == [809])
        }
        let item = try #require(Specimen.of(.promotionsEnrol)).items[0]
        let member = try prepare(item, endpoint: .promotionsEnrol).evidence
        for status in [200, 400] {
            #expect(
                Endpoint.promotionsEnrol.read(reply(status, Self.used), [member])
                    == .each([.exists(said)]))
        }
        // Of another call the number means something else.
        #expect(Endpoint.pointsRedeemOlder.serverCodes[.customerBlocked]?.contains(809) == true)
    }

    // MARK: Allocation of currency

    private func allocation(_ more: String, lookup: String) -> String {
        #"{"orgId":1,"programId":12,"awardStrategyId":4,"expiryStrategyId":5,"sourceValue":-1,"eventName":"TransactionAdd","eventSourceId":"700100","uniqueId":"w-1","lookupParams":\#(lookup)\#(more)}"#
    }

    private static let customer =
        #"{"entityType":"CUSTOMER","identifierType":"mobile","identifierValue":"447700900101"}"#

    @Test("A promotion and a line are numbers, and a ledger knows the texts they were")
    func numbers() throws {
        func prepared(_ more: String) throws -> PreparedItem {
            try prepare(allocation(more, lookup: Self.customer), endpoint: .currencyAllocate)
        }
        let number = try prepared(#","promotionId":-1,"billLineItemId":77"#)
        let text = try prepared(#","promotionId":"-1","billLineItemId":"77""#)
        #expect(number.problems == [] && text.problems == [])
        #expect(number.content == text.content)
        #expect(try prepared(#","promotionId":-1,"billLineItemId":78"#).content != number.content)
        // What earlier versions made of it, when both were texts.
        let texts = Currency.fields.map { field in
            ["promotionId", "billLineItemId"].contains(field.name)
                ? Field(field.name, .text(most: nil)) : field
        }
        let item = allocation(#","promotionId":"-1","billLineItemId":"77""#, lookup: Self.customer)
        var tape = JSONTape()
        let bytes = Array(item.utf8)
        try tape.parse(bytes, in: 0..<bytes.count)
        var former = PreparedItem()
        ItemContext.prepare(
            Item(bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: nil),
            Schema(texts), "currency.allocate", "An allocation", into: &former, rules: Currency.check)
        #expect(former.problems == [] && former.content == number.content)
        #expect(former.identity == number.identity && former.evidence == number.evidence)
        for (name, value) in [
            ("promotionId", #""spring""#), ("promotionId", "1.5"), ("billLineItemId", #""""#),
            ("billLineItemId", "true"),
        ] {
            #expect(try prepared(#","\#(name)":\#(value)"#).problems.map(\.field) == [name])
        }
    }

    @Test(
        "Type and identifier are optional, as long as somebody is named",
        arguments: [
            (#"{"entityType":"USERGROUP2","groupId":61450}"#, nil),
            (#"{"identifierValue":"447700900101","source":"ALL"}"#, nil),
            (#"{"identifierType":"id","identifierValue":"7","source":"MAPP_SDK"}"#, nil),
            (
                #"{"entityType":"USERGROUP2","identifierType":"mobile","identifierValue":"44","groupId":7}"#,
                nil
            ),
            (#"{"entityType":"CUSTOMER","identifierValue":"7"}"#, "lookupParams.identifierType"),
            (#"{"entityType":"CUSTOMER","groupId":7}"#, "lookupParams.identifierType"),
            (#"{"entityType":"USERGROUP2"}"#, "lookupParams"), ("{}", "lookupParams"),
            (#"{"identifierType":"mobile","groupId":7}"#, "lookupParams.identifierValue"),
            (#"{"identifierValue":"7","source":"ELSEWHERE"}"#, "lookupParams.source"),
        ] as [(String, String?)])
    func optional(_ lookup: String, _ field: String?) throws {
        let prepared = try prepare(allocation("", lookup: lookup), endpoint: .currencyAllocate)
        #expect(prepared.problems.first?.field == field)
    }

    @Test("Two groups are two, and the only item of a reply is the only record's")
    func groups() throws {
        func prepared(_ lookup: String) throws -> PreparedItem {
            try prepare(allocation("", lookup: lookup), endpoint: .currencyAllocate)
        }
        let seven = try prepared(#"{"entityType":"USERGROUP2","groupId":7}"#)
        let eight = try prepared(#"{"entityType":"USERGROUP2","groupId":8}"#)
        #expect(seven.binding != eight.binding && seven.orderKeys[0] != eight.orderKeys[0])
        // As the page prints it: no eventLogId, no httpStatus, and the server's own number of whom it is.
        let done =
            #"{"total":1,"success":1,"failures":0,"data":[{"status":"SUCCESS","entityId":387979573,"sideEffects":[]}],"warnings":[]}"#
        let failed =
            #"{"total":1,"success":0,"failures":1,"data":[{"status":"FAILED","entityId":387979573,"eventLogId":-1,"httpStatus":400,"errors":[{"code":8136,"message":"program"}]}]}"#
        for member in [seven, try prepared(Self.customer)] {
            #expect(
                Endpoint.currencyAllocate.read(reply(200, done), [member.evidence])
                    == .each([.accepted(nil, [])]))
            #expect(
                Endpoint.currencyAllocate.read(reply(207, failed), [member.evidence])
                    == .each([
                        .rejected(Refusal(.refusedValue, serverCode: 8136, message: "program"))
                    ]))
        }
    }

    // MARK: Stores

    @Test("The id of a store is sent where it is given, and has to be that of its code")
    func storeID() throws {
        let copy =
            #"{"id":"75228794","code":"s1","name":"One","externalId":["E-1"]}"#
        func filled(_ row: String) throws -> Readiness? {
            let prepared = try prepare(row, endpoint: .storesUpdate)
            #expect(prepared.problems == [])
            let step = StoresUpdate.merge.start(
                [prepared.evidence], [Array(row.utf8)[...]], ["untold": "empty"])
            guard case .ask(_, let then) = step,
                case .done(let each) = then(reply(200, #"{"data":[\#(copy)]}"#))
            else { return nil }
            return each.first
        }
        guard case .go(let bytes) = try filled(#"{"id":75228794,"code":"s1","address":"New"}"#) else {
            Issue.record("it may go")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""id":75228794"#))
        guard case .go(let plain) = try filled(#"{"code":"s1","address":"New"}"#) else {
            Issue.record("it may go without")
            return
        }
        #expect(!String(decoding: plain, as: UTF8.self).contains(#""id""#))
        guard case .refuse(let refusal) = try filled(#"{"id":7,"code":"s1","address":"New"}"#) else {
            Issue.record("another store's id is refused")
            return
        }
        #expect(refusal.reason == .conflict && refusal.field == "id")
        #expect(refusal.message == "The server's store with this code has the id 75228794, not 7.")
        // An id alone changes nothing.
        #expect(
            try prepare(#"{"id":7,"code":"s1"}"#, endpoint: .storesUpdate).problems.map(\.reason)
                == [.rule])
        #expect(Endpoint.storesAdd.fields.allSatisfy { $0.name != "id" })
    }

    // MARK: Listings

    @Test("The queue may be under two paths, and settings are requested by name, scope and module")
    func listings() throws {
        let rejected = try #require(Listing.named("rejected"))
        let targets = rejected.paths.indices.map {
            rejected.request(Asking(), at: rejected.paging.first, size: 10, path: $0).target
        }
        #expect(
            targets == [
                "/v2/organization/rejectedTransactions?limit=10&offset=0",
                "/v2/rejectedTransactions?limit=10&offset=0",
            ])
        let configs = try #require(Listing.named("configs"))
        #expect(configs.parameters.map(\.name) == ["name", "scope", "module"])
        #expect(
            configs.request(
                Asking(parameters: [("name", "A_B"), ("scope", "ORG"), ("module", "LOYALTY")]),
                at: configs.paging.first, size: nil
            ).target
                == "/v1.1/organization/configs?format=json&name=A_B&scope=ORG&module=LOYALTY")
        // An org without settings, as its server writes it.
        let none =
            #"{"response":{"status":{"success":"true","code":"3208","message":"m"},"organization":[]}}"#
        guard case .page(let items, _) = configs.read(reply(200, none), key: nil, salt: nil) else {
            Issue.record("no settings are an empty list")
            return
        }
        #expect(items.isEmpty)
    }
}
