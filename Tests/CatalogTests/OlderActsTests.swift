import Model
import Records
import Testing

@testable import Catalog

/// What is special to the v1 calls that do something.
@Suite("The v1 calls that do something")
struct OlderActsTests {
    private func words(_ endpoint: Endpoint, _ items: [String], _ body: String) throws -> [String] {
        let members = try items.map { item in
            let prepared = try prepare(item, endpoint: endpoint)
            #expect(prepared.problems == [])
            return prepared.evidence
        }
        return endpoint.read(reply(200, body), members).words
    }

    private func redeemed(_ customer: String, _ item: String) throws -> String {
        try words(
            .pointsRedeemOlder,
            [
                #"{"points_redeemed":"10.125","customer":{\#(customer)},"external_reference_number":"w-1"}"#
            ],
            #"{"response":{"status":{"success":"true","code":"200","message":"SUCCESS"},"responses":{"points":{\#(item)}}}}"#
        )[0]
    }

    @Test("A reference that was served is told from a refusal, and what nobody lists is neither")
    func references() throws {
        let mobile = #""mobile":"919700000000""#
        func failed(_ code: Int, _ message: String) throws -> String {
            try redeemed(
                mobile,
                mobile
                    + #","item_status":{"success":"false","code":\#(code),"message":"\#(message)"}"#)
        }
        #expect(try failed(804, "Insufficient current points") == "rejected")
        #expect(try failed(8998, "The external reference number exists") == "exists")
        #expect(try failed(8998, "Cannot be redeemed now").hasPrefix("in doubt"))
        #expect(try failed(894, "Please try again later") == "again")
    }

    @Test("The ids of redemptions are texts; the customer echoed is the one that was requested")
    func customers() throws {
        let done =
            #","redemption_id":"r0njPT","item_status":{"success":"true","code":800,"message":"ok"}"#
        let echo = #""mobile":"919700000000","email":"t@example.org","external_id":"","user_id":"98""#
        #expect(try redeemed(#""mobile":"9700000000""#, echo + done).hasPrefix("accepted"))
        #expect(try redeemed(#""mobile":"9700000000""#, echo + done).contains("r0njPT"))
        // What names the customer is not always echoed.
        #expect(try redeemed(#""card_number":"C-1""#, echo + done).hasPrefix("accepted"))
        #expect(try redeemed(#""external_id":"EX-1""#, echo + done).hasPrefix("accepted"))
        #expect(try redeemed(#""mobile":"9711111111""#, echo + done) == "unbound")
    }

    @Test("Of a 201, each subscription is judged by its own status")
    func partial() throws {
        func row(_ email: String, _ channel: String) -> String {
            #"{"email":"\#(email)","channel":"\#(channel)","priority":"TRANS","is_subscribed":"1"}"#
        }
        func item(_ email: String, _ channel: String, _ done: Bool) -> String {
            #"{"user_id":"608","mobile":"447700900001","email":"\#(email)","channel":"\#(channel)","priority":"TRANS","item_status":{"success":"\#(done)","code":"\#(done ? 1000 : 1012)","message":"m"}}"#
        }
        let body =
            #"{"response":{"status":{"success":"true","code":"201","message":"some failed","total":"3","success_count":"2"},"subscriptions":{"subscription":["#
            + [
                item("a@example.org", "SMS", true), item("b@example.org", "EMAIL", false),
                item("a@example.org", "EMAIL", true),
            ].joined(separator: ",") + "]}}}"
        let said = try words(
            .customersSubscribeOlder,
            [
                row("a@example.org", "email"), row("A@example.org", "sms"),
                row("b@example.org", "email"),
            ],
            body)
        #expect(said.map { String($0.prefix(8)) } == ["accepted", "accepted", "rejected"], "\(said)")
    }

    // MARK: Bills of nobody

    /// What a look-up finds that is answered by these, in turn.
    private func found(_ customer: String, _ answers: (status: Int, body: String)...) throws -> String {
        let item =
            #"{"id":12,"old_type":"NOT_INTERESTED","new_type":"REGULAR","customer":{\#(customer)}}"#
        let member = try prepare(item, endpoint: .transactionsRetro).evidence
        var step = TransactionsRetro.look.search(member, OrgSettings())
        for answer in answers {
            guard case .ask(let request, let then) = step else { return "asked too little" }
            #expect(request.method == .get)
            step = then(reply(answer.status, answer.body))
        }
        return switch step {
        case .ask: "asked too much"
        case .done(let ids, let others): (ids.map(\.text) + others).joined(separator: ",")
        case .unclear, .alike: "unclear"
        }
    }

    @Test("A bill of nobody is looked for among those of customers, and whose it is")
    func retro() throws {
        let bill = (200, #"{"id":12,"customerId":98,"billDetails":{"billNumber":"B"},"errors":[]}"#)
        let none = (400, #"{"errors":[{"status":false,"code":667,"message":"not found"}]}"#)
        #expect(try found(#""id":"98""#, bill) == "12")
        #expect(try found(#""id":"99""#, bill) == "that bill with another customer")
        #expect(try found(#""mobile":"447""#, bill, (200, #"{"entity":98}"#)) == "12")
        #expect(try found(#""mobile":"447""#, bill, (500, "")) == "unclear")
        #expect(try found(#""mobile":"447""#, none) == "")
        #expect(try found(#""mobile":"447""#, (503, none.1)) == "unclear")
        #expect(try found(#""mobile":"447""#, (200, #"{"id":13,"customerId":98}"#)) == "unclear")
        #expect(try found(#""mobile":"447""#, (200, #"{"id":12}"#)) == "unclear")
    }

    @Test("A header that the job says is sent with each request, and never makes another")
    func headers() throws {
        let endpoint = try Endpoint.transactionsRetro.bound(to: ["signature": "BOOKS_1"])
        #expect(endpoint.headers == [Header("X-CAP-CLIENT-SIGNATURE", "BOOKS_1")])
        #expect(endpoint.path == "/v1.1/transaction/update")
        for bad in ["", "a b", "a\r\nX-Other: 1", "é"] {
            #expect(throws: ParameterError.self) {
                try Endpoint.transactionsRetro.bound(to: ["signature": bad])
            }
        }
        #expect(throws: ParameterError.self) { try Endpoint.transactionsRetro.bound(to: [:]) }
    }
}
