import Model
import Testing

@testable import Catalog

@Suite("Cards")
struct CardsTests {
    // MARK: Adding

    private func added(_ status: Int, _ body: String) throws -> [String] {
        let member = try prepare(
            #"{"seriesId":12,"cardNumber":"E-1","statusLabel":"NOT_ISSUED"}"#, endpoint: .cardsAdd
        ).evidence
        return Endpoint.cardsAdd.read(reply(status, body), [member]).words
    }

    private func error(_ code: Int, _ message: String = "no") -> String {
        #"{"warnings":[],"errors":[{"status":false,"code":\#(code),"message":"\#(message)"}]}"#
    }

    @Test("one that exists says so by status, by code, or both", arguments: [200, 400, 409, 500])
    func exists(_ status: Int) throws {
        #expect(try added(status, error(3009)) == ["exists"])
        #expect(try added(status, error(3045)) == ["exists"])
        #expect(try added(409, error(77)) == ["exists"])
        #expect(try added(409, "") == ["in doubt"])
    }

    @Test("a series that is not there is the record's own trouble; a path that is not, everybody's")
    func notThere() throws {
        #expect(try added(404, error(3004)) == ["rejected"])
        #expect(try added(404, error(404)) == ["rejected"])
        #expect(try added(404, "<html>") == ["refused"])
        #expect(try added(404, "{}") == ["refused"])
    }

    @Test("an id alone is success; with errors, or under a failing status, it is not")
    func ids() throws {
        #expect(try added(200, #"{"entity":5002,"warnings":[]}"#) == ["accepted 5002"])
        #expect(try added(201, #"{"createdId":"5002"}"#) == ["accepted 5002"])
        #expect(try added(200, #"{"entity":0}"#) == ["in doubt"])
        #expect(try added(200, #"{"entity":5002,"errors":[{"code":3022}]}"#) == ["in doubt"])
        #expect(try added(500, #"{"entity":5002}"#) == ["in doubt"])
        #expect(try added(200, error(1)) == ["rejected"])
        #expect(try added(500, error(1)) == ["in doubt"])
        #expect(try added(200, error(500)) == ["in doubt"])
        #expect(try added(403, error(4000)) == ["refused"])
        #expect(try added(200, error(521)) == ["again"])
    }

    @Test("the external id is no shorter than the number")
    func external() throws {
        for (id, isShort) in [("E-12", true), ("E-123", false), ("E-1234", false), ("É-123", false)] {
            let problems = try prepare(
                #"{"seriesCode":"S","cardNumber":"N-123","statusLabel":"A","cardExternalId":"\#(id)"}"#,
                endpoint: .cardsAdd
            ).problems
            #expect(problems.contains { $0.field == "cardExternalId" } == isShort)
        }
    }

    // MARK: Looks

    private func look(_ status: Int, _ body: String) throws -> SearchStep {
        let member = try prepare(
            #"{"seriesId":12,"cardNumber":"E 1","statusLabel":"A","cardExternalId":"REF-1"}"#,
            endpoint: .cardsAdd
        ).evidence
        guard case .readBack(let readBack) = Endpoint.cardsAdd.recovery,
            case .ask(let request, let then) = readBack.search(member, OrgSettings())
        else {
            Issue.record("no look")
            return .done(ids: [], others: [])
        }
        #expect(request.target == "/v2/card?number=E%201")
        return then(reply(status, body))
    }

    @Test("found in the reply, under entity, or in a list")
    func found() throws {
        let card = #"{"cardId":7,"cardNumber":"E 1","seriesId":12}"#
        for body in [card, #"{"entity":\#(card)}"#, #"{"data":[\#(card)],"errors":[]}"#] {
            #expect(try look(200, body).ids == ["7"])
        }
        let other = try look(200, #"{"id":7,"cardNumber":"E 1","seriesId":"13","cardExternalId":"X"}"#)
        #expect(other.ids == [])
        #expect(other.others == ["a card with that number and another series and external id"])
    }

    @Test("only what says that there is none is a miss")
    func missed() throws {
        for status in [200, 400, 404] { #expect(try look(status, error(3010)).ids == []) }
        #expect(try look(200, #"{"entity":null}"#).ids == [])
        #expect(try look(200, #"{"data":[]}"#).ids == [])
        #expect(try look(200, "{}").isUnclear)
        #expect(try look(404, "{}").isUnclear)
        #expect(try look(404, "").isUnclear)
        #expect(try look(200, error(500)).isUnclear)
        for status in [401, 403, 429, 500, 503] { #expect(try look(status, error(3010)).isUnclear) }
    }

    // MARK: Changing

    @Test("the example of the article")
    func example() throws {
        let members = try ["DEMO0000000001Z", "DEMO-unknown"].map {
            try prepare(
                #"{"cardNumber":"\#($0)","statusLabel":"ACTIVE"}"#, endpoint: .cardsUpdate
            ).evidence
        }
        let answer = reply(
            200,
            #"""
            {"response": [{"entityId": {"cardId": 5001, "customerId": 0, "cardNumber": "DEMO0000000001Z", "orgId": 4001, "entityId": 51, "customFields": {"tier_note": "a"},
                "statusLabelInfo": {"id": 7, "label": "ACTIVE", "status": "ACTIVE", "type": "CARD", "isActive": true, "default": true, "actions": {}},
                "activeAndDigital": false, "transactionNotAllowed": false},
               "errors": [], "warnings": [{"status": false, "code": 3039, "message": "label unchanged"}]},
              {"entityId": {"cardNumber": "DEMO-unknown", "orgId": 4001, "entityId": 51, "statusLabel": "ACTIVE", "activeAndDigital": false,
                "transactionNotAllowed": false},
               "errors": [{"status": false, "code": 3010, "message": "no such card"}], "warnings": []}],
             "totalCount": 2, "failureCount": 1}
            """#)
        #expect(
            Endpoint.cardsUpdate.read(answer, members)
                == .each([
                    .accepted(ServerID("5001"), [Warning(code: 3039, message: "label unchanged")]),
                    .rejected(Refusal(.targetUnknown, serverCode: 3010, message: "no such card")),
                ]))
    }

    @Test(
        "3039 as an error is told by its words",
        arguments: [
            ("card label is unchanged", "accepted 9"), ("Status is already the same", "accepted 9"),
            ("maximum active cards reached", "rejected"),
            ("already at the active card limit", "rejected"), ("3039", "rejected"),
        ])
    func unchanged(_ message: String, _ word: String) throws {
        let member = try prepare(
            #"{"cardNumber":"C","statusLabel":"ACTIVE"}"#, endpoint: .cardsUpdate
        ).evidence
        let answer = bulk([
            #"{"entityId":{"cardId":9,"cardNumber":"C"},"errors":[{"code":3039,"message":"\#(message)"}]}"#
        ])
        #expect(Endpoint.cardsUpdate.read(answer, [member]).words == [word])
    }

    @Test("a card by its external id is bound by that")
    func byExternalID() throws {
        let members = try [
            #"{"cardExternalId":"X-1","statusLabel":"A"}"#, #"{"cardNumber":"X-1","statusLabel":"A"}"#,
        ].map { try prepare($0, endpoint: .cardsUpdate).evidence }
        let answer = bulk([
            #"{"entityId":{"cardId":2,"cardNumber":"X-1"},"errors":[]}"#,
            #"{"entityId":{"cardId":1,"cardNumber":"N","cardExternalId":"X-1"},"errors":[]}"#,
        ])
        #expect(Endpoint.cardsUpdate.read(answer, members).words == ["accepted 1", "accepted 2"])
    }

    // MARK: Making

    @Test(
        "numbers come under either name; 3059 says why there are fewer; anything else is never success")
    func generated() {
        func read(_ status: Int, _ body: String) -> CardsGenerate.Answer {
            CardsGenerate.read(reply(status, body))
        }
        for name in ["data", "entity"] {
            #expect(
                read(200, #"{"\#(name)":["A1","A2"],"warnings":[],"errors":[]}"#)
                    == .cards(["A1", "A2"], shortfall: nil))
        }
        let fewer = #"{"data":["A1"],"warnings":[{"code":3059,"message":"A2"}],"errors":[]}"#
        #expect(read(200, fewer) == .cards(["A1"], shortfall: "A2"))
        for end in 0..<fewer.utf8.count {
            guard case .lost = read(200, String(fewer.prefix(end))) else {
                return #expect(Bool(false), "cut at \(end)")
            }
        }
        for body in ["", "<html>", #"{"data":[]}"#, #"{"data":[7,{}]}"#, #"{"data":null,"errors":[]}"#]
        {
            guard case .lost = read(200, body) else { return #expect(Bool(false), "\(body)") }
        }
        func refused(_ code: Int) -> String {
            switch read(
                200, #"{"data":null,"warnings":[],"errors":[{"code":\#(code),"message":"no"}]}"#)
            {
            case .refused: "refused"
            case .tooMany: "too many"
            case .again: "again"
            case .lost: "lost"
            default: "?"
            }
        }
        #expect([3000, 3018, 705, 3025].map(refused) == Array(repeating: "refused", count: 4))
        #expect(
            [3026, 1060, 521, 500, 3030].map(refused) == [
                "too many", "too many", "again", "lost", "lost",
            ])
    }

    @Test("a log that cannot be read is no empty log, and other series are left out")
    func generationLog() {
        let entry =
            #"{"id":91,"seriesId":12,"count":3,"createdBy":51,"date":"2026-02-03T10:30:00+00:00"}"#
        let other = #"{"id":92,"seriesId":13,"count":3}"#
        let log = CardsGenerate.readLog(
            reply(200, #"{"entity":[\#(entry),\#(other)],"warnings":[]}"#), series: 12)
        #expect(log?.map(\.id) == ["91"] && log?.first?.till == "51")
        #expect(CardsGenerate.readLog(reply(200, #"{"entity":[]}"#), series: 12) == [])
        for body in ["", "{}", #"{"entity":null}"#, #"{"entity":[{"id":1}]}"#] {
            #expect(CardsGenerate.readLog(reply(200, body), series: 12) == nil, "\(body)")
        }
    }
}
