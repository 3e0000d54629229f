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
        "A refused reward without request id is refused for the reason inside, whatever stands at the top",
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
}
