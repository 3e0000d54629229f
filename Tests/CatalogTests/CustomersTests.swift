import Model
import Testing

@testable import Catalog

@Suite("Customers")
struct CustomersTests {
    private func customer(_ identifiers: (String, String)..., more: String = "") -> String {
        let list = identifiers.map { #"{"type":"\#($0.0)","value":"\#($0.1)"}"# }
        return
            #"{"profiles":[{"source":"INSTORE","identifiers":[\#(list.joined(separator: ","))]}],"loyaltyInfo":{"loyaltyType":"loyalty"}\#(more)}"#
    }

    private func profiles(_ type: String, _ value: String) -> String {
        #""profiles":[{"identifiers":[{"type":"\#(type)","value":"\#(value)"}]}]"#
    }

    private func added(_ elements: [String], _ items: String...) throws -> [String] {
        let members = try items.map { try prepare($0, endpoint: .customersAdd).evidence }
        return Endpoint.customersAdd.read(
            reply(200, "[" + elements.joined(separator: ",") + "]"), members
        ).words
    }

    @Test(
        "are bound although the server writes their identifiers otherwise",
        arguments: [
            ("mobile", "9190000101", "919190000101"), ("externalId", "123", "000000000123"),
            ("email", "Ada@Example.org", "ada@example.org"), ("wechat", "w-1", "w-1"),
            ("mobile", "+44 7833 100201", "447833100201"),
        ])
    func normalised(_ type: String, _ sent: String, _ echoed: String) throws {
        let words = try added(
            [
                #"{"entity":{"id":2,\#(profiles("email", "b@x.y"))}}"#,
                #"{"entity":{"id":1,\#(profiles(type, echoed))}}"#,
            ], customer((type, sent)), customer(("email", "b@x.y")))
        #expect(words == ["accepted 1", "accepted 2"])
    }

    @Test("an element with an id and errors, or without both, is a question")
    func questions() throws {
        let one = customer(("externalId", "A"))
        #expect(try added([#"{"entity":{"id":1},"errors":[]}"#], one) == ["accepted 1"])
        #expect(try added([#"{"entity":{"id":1,"errors":[{"code":8005}]}}"#], one) == ["in doubt"])
        #expect(try added([#"{"entity":{"id":1,"errors":[{"code":8050}]}}"#], one) == ["accepted 1"])
        #expect(try added([#"{"entity":{}}"#], one) == ["in doubt"])
        #expect(try added([#"{"errors":[{"code":8006,"message":"exists"}]}"#], one) == ["exists"])
        #expect(
            try added([#"{"errors":[{"code":8014}]}"#, #"{"errors":[{"code":8014}]}"#], one) == [
                "unbound"
            ])
    }

    @Test("all identifiers keep the order; the first says who it is")
    func keys() throws {
        let a = try prepare(
            customer(("mobile", "+44 7833 1"), ("email", "A@b.c")), endpoint: .customersAdd)
        let b = try prepare(
            customer(("email", "a@B.c"), ("mobile", "447833 1")), endpoint: .customersAdd)
        #expect(Set(a.orderKeys) == Set(b.orderKeys))
        #expect(a.identity != b.identity)
        #expect(Endpoint.customersAdd.key(a.evidence) == "+44 7833 1")
    }

    @Test("what was done in part is rejected, and says so")
    func partly() throws {
        let member = try prepare(customer(("externalId", "A")), endpoint: .customersAdd).evidence
        let answer = bulk([
            #"{"entityId":7,"result":{"id":7,\#(profiles("externalId", "A"))},"errors":[{"code":3017,"message":"label"}],"warnings":[]}"#
        ])
        guard case .each(let each) = Endpoint.customersUpsert.read(answer, [member]),
            case .rejected(let refusal) = each[0]
        else {
            Issue.record("not rejected")
            return
        }
        #expect(refusal.message == "Partly applied: label")
        #expect(refusal.serverCode == 3017)
    }

    @Test("a look-up by the first identifier")
    func looks() throws {
        guard case .readBack(let readBack) = Endpoint.customersAdd.recovery else { return }
        let member = try prepare(
            customer(("externalId", "LOY 7")), endpoint: .customersAdd
        ).evidence
        func look(_ status: Int, _ body: String) -> SearchStep {
            guard case .ask(let request, let then) = readBack.search(member, OrgSettings()) else {
                return .done(ids: [], others: [])
            }
            #expect(
                request.target
                    == "/v2/customers/lookup?source=INSTORE&identifierName=externalId&identifierValue=LOY%207"
            )
            // Whom a hit is about it does not say: it has to be said twice.
            if case .ask(let second, let again) = then(reply(status, body)) {
                #expect(second.target == request.target)
                return again(reply(status, body))
            }
            return then(reply(status, body))
        }
        #expect(look(200, #"{"entity":9001,"warnings":[],"errors":[]}"#).ids == ["9001"])
        for status in [200, 400, 404] {
            #expect(look(status, #"{"errors":[{"code":8015,"message":"no"}]}"#).ids == [])
        }
        #expect(look(200, "{}").isUnclear)
        #expect(look(404, "{}").isUnclear)
        for status in [401, 403, 429, 500] {
            #expect(look(status, #"{"errors":[{"code":8015}]}"#).isUnclear)
        }
    }

    // MARK: Parameters

    @Test("parameters go into the call, or are refused by name")
    func parameters() throws {
        #expect(try Endpoint.customersAdd.bound(to: [:]).path == "/v2/customers/bulk?source=INSTORE")
        #expect(
            try Endpoint.customersUpsert.bound(to: ["skip_change_identifier": "true"]).path
                == "/v2/integrations/customer/upsert/bulk?skipChangeIdentifier=true")
        #expect(try Endpoint.transactionsAdd.bound(to: [:]).path == "/v2/transactions/bulk")
        for values in [["source": "instore"], ["source": ""], ["sauce": "INSTORE"]] {
            #expect(throws: ParameterError.self) { try Endpoint.customersAdd.bound(to: values) }
        }
        do {
            _ = try Endpoint.customersAdd.bound(to: ["sourc": "INSTORE"])
        } catch {
            #expect(error.suggestion == "source")
        }
    }
}
