import Model
import Testing

@testable import Catalog

/// How a search ended, and what it requested.
private struct Ending: Equatable {
    var word: String
    var asked: [String]
}

private func run(_ step: SearchStep, _ server: (String) -> Reply) -> Ending {
    var step = step
    var asked: [String] = []
    while asked.count < 100 {
        switch step {
        case .ask(let request, let then):
            #expect(request.method == .get && !request.adds && request.body.isEmpty)
            asked.append(request.target)
            step = then(server(request.target))
        case .done(let ids, let others):
            let found = ids.map(\.text).joined(separator: ",")
            return Ending(
                word: (found.isEmpty ? "miss" : found) + (others.isEmpty ? "" : " | \(others.count)"),
                asked: asked)
        case .alike(let ids, _, let entries):
            let forms = entries.map { entry in
                (entry.isAnother ? "another " : "")
                    + entry.differences.map(\.field.name).joined(separator: "+")
            }
            return Ending(
                word: (ids.map(\.text) + ["alike " + forms.joined(separator: ", ")])
                    .joined(separator: " "), asked: asked)
        case .unclear(let refusal): return Ending(word: "unclear \(refusal.reason.code)", asked: asked)
        }
    }
    return Ending(word: "endless", asked: asked)
}

@Suite("Replies to look-ups that say nothing") struct LookReplyTests {
    @Test(arguments: [
        (200, "", "The reply to the look-up is empty (HTTP status 200)."),
        (200, "{\"a\":", "The reply to the look-up is not JSON, or is cut off (HTTP status 200)."),
        (
            200, "{}",
            "The reply to the look-up is JSON that does not say what was asked (HTTP status 200)."
        ),
        (404, "{}", "The look-up was answered with status 404."),
    ])
    func words(status: Int, body: String, words: String) {
        #expect(LookReply.unclear(reply(status, body)).message == words)
    }
}

/// A bill as the reads by number and by id show it.
private func shown(
    _ id: Int, number: String = "R-20260203-0001", amount: String = "42.5",
    time: String? = "2026-02-03T10:15:00Z", store: String = "leeds", till: String = "till.leeds.1",
    customer: String? = "9001"
) -> String {
    let customerID = customer.map { "\"customerId\": \($0)," } ?? ""
    let billingTime = time.map { "\"billingTime\": \"\($0)\"," } ?? ""
    return """
        {"id": \(id), \(customerID) "source": "instore",
         "attribution": {"createdBy": {"id": 51, "code": "\(till)", "type": "TILL"}},
         "billDetails": {"billNumber": "\(number)", "amount": \(amount), "grossAmount": 0.0, \(billingTime)
          "billingTimeInputOffset": "+00:00", "billingStore": {"id": 50, "code": "\(store)", "type": "STORE"},
          "returnDetails": {"canceled": false}}, "customFields": {}, "lineItems": []}
        """
}

private func page(_ bills: [String], total: Int? = nil, offset: Int = 0) -> Reply {
    reply(
        200,
        """
        {"pagination": {"limit": 100, "offset": \(offset), "total": \(total ?? bills.count)},
         "data": [\(bills.joined(separator: ","))], "warnings": [], "errors": []}
        """)
}

private func failed(_ code: Int, status: Int = 400) -> Reply {
    reply(status, #"{"errors": [{"status": false, "code": \#(code), "message": "no"}]}"#)
}

private func search(_ text: String, _ org: OrgSettings = OrgSettings(), at place: Attribution? = nil)
    throws -> SearchStep
{
    guard case .readBack(let readBack) = Endpoint.transactionsAdd.recovery else {
        return .unclear(Refusal(.refused))
    }
    return readBack.search(try prepare(text, attribution: place).evidence, org)
}

extension String {
    fileprivate var prefixed: String { "alike " + self }
}

@Suite("A sale is found again")
struct SaleSearchTests {
    /// A server that has these bills under the number, sales by id, and one customer.
    private func server(
        _ rows: [String], sales: [Int: String]? = nil, customer: String = #"{"entity": 9001}"#
    ) -> (String) -> Reply {
        { target in
            if target.hasPrefix("/v2/transactions/getByBillNumber/") { return page(rows) }
            if target.hasPrefix("/v2/customers/lookup") { return reply(200, customer) }
            let id = Int(target.dropFirst("/v2/transactions/".count).prefix { $0 != "?" }) ?? 0
            if let sales { return sales[id].map { reply(200, $0) } ?? failed(667) }
            return rows.first { $0.contains("\"id\": \(id),") }.map { reply(200, $0) } ?? failed(667)
        }
    }

    @Test func foundAndConfirmed() throws {
        let ending = run(
            try search(bill(["billNumber": #""R 1/ü""#])), server([shown(7, number: "R 1/ü")]))
        #expect(
            ending
                == Ending(
                    word: "7",
                    asked: [
                        "/v2/transactions/getByBillNumber/R%201%2F%C3%BC?limit=100&offset=0",
                        "/v2/transactions/7?type=REGULAR",
                        "/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=447700900101",
                    ]))
    }

    static let leeds = Attribution(kind: .storeCode, code: "Leeds")

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var sale = bill()
        var hit: String
        var org = OrgSettings()
        var place: Attribution?
        let word: String

        init(
            _ name: String, _ word: String, sale: String = bill(), hit: String,
            org: OrgSettings = OrgSettings(), place: Attribution? = nil
        ) {
            testDescription = name
            self.word = word
            self.sale = sale
            self.hit = hit
            self.org = org
            self.place = place
        }
    }

    static let cases: [Case] = [
        Case("equal", "7", hit: shown(7), place: leeds),
        Case(
            "equal, at its till", "7", hit: shown(7),
            place: Attribution(kind: .till, code: "till.leeds.1")),
        Case(
            "a kind of place that reads do not tell", "7", hit: shown(7),
            place: Attribution(kind: .storeName, code: "x")),
        Case("another store", "miss | 1", hit: shown(7, store: "york"), place: leeds),
        Case(
            "another till", "miss | 1", hit: shown(7),
            place: Attribution(kind: .till, code: "till.york.1")),
        Case("another day", "miss | 1", hit: shown(7, time: "2026-02-04T10:15:00Z")),
        Case("another second", "miss | 1", hit: shown(7, time: "2026-02-03T10:15:01Z")),
        Case(
            "a space at the number's end", "alike bill number",
            hit: shown(7, number: "R-20260203-0001 ")),
        Case("the number in lower case", "alike bill number", hit: shown(7, number: "r-20260203-0001")),
        Case(
            "leading zeros dropped", "alike bill number", sale: bill(["billNumber": #""0017""#]),
            hit: shown(7, number: "17")),
        Case(
            "the number without spaces", "alike bill number", sale: bill(["billNumber": #""R 1""#]),
            hit: shown(7, number: "R1")),
        Case(
            "another number", "another bill number".prefixed, hit: shown(7, number: "R-20260203-0002")),
        Case(
            "another number at another store", "another bill number".prefixed,
            hit: shown(7, number: "R-20260203-0002", store: "york"), place: leeds),
        Case(
            "in another form, at another store", "miss | 1",
            hit: shown(7, number: "r-20260203-0001", store: "york"), place: leeds),
        Case(
            "in another form, of another customer", "miss | 1",
            hit: shown(7, number: "r-20260203-0001", customer: "9002")),
        Case(
            "without seconds", "alike time", sale: bill(["billingDate": #""2026-02-03T10:15:40Z""#]),
            hit: shown(7, time: "2026-02-03T10:15:00Z")),
        Case("the day alone", "alike time", hit: shown(7, time: "2026-02-03T00:00:00Z")),
        Case(
            "all at once", "alike bill number+amount+time",
            sale: bill([
                "billNumber": #""0x 7""#, "billAmount": "42.5",
                "billingDate": #""2026-02-03T10:15:40+05:30""#,
            ]),
            hit: shown(7, number: "X7", amount: "43", time: "2026-02-03T10:15:00Z"),
            org: OrgSettings(ignoresOffsets: false)),
        Case("the server's zone", "7", hit: shown(7, time: "2026-02-03T15:45:00+05:30")),
        Case(
            "milliseconds cut off", "7", sale: bill(["billingDate": #""2026-02-03T10:15:00.987Z""#]),
            hit: shown(7)),
        Case(
            "an org that drops offsets", "7",
            sale: bill(["billingDate": #""2026-02-03T15:45:00+05:30""#]),
            hit: shown(7, time: "2026-02-03T15:45:00Z")),
        Case(
            "an org known to keep them", "alike time",
            sale: bill(["billingDate": #""2026-02-03T15:45:00+05:30""#]),
            hit: shown(7, time: "2026-02-03T15:45:00Z"), org: OrgSettings(ignoresOffsets: false)),
        Case(
            "another zone's clock", "alike time",
            sale: bill(["billingDate": #""2026-02-03T15:45:00+05:30""#]),
            hit: shown(7, time: "2026-02-03T11:15:00Z")),
        Case("floored to whole numbers", "7", hit: shown(7, amount: "42")),
        Case("floored to whole numbers, as text", "7", hit: shown(7, amount: "\"42.00\"")),
        Case("one less", "miss | 1", hit: shown(7, amount: "41")),
        Case("rounded up", "alike amount", hit: shown(7, amount: "43")),
        Case(
            "rounded up to a place", "alike amount", sale: bill(["billAmount": "42.57"]),
            hit: shown(7, amount: "42.6")),
        Case(
            "rounded to five hundredths", "alike amount", sale: bill(["billAmount": "42.53"]),
            hit: shown(7, amount: "42.55")),
        Case("another amount", "miss | 1", hit: shown(7, amount: "42.4")),
        Case(
            "a binary fraction cut off", "7", sale: bill(["billAmount": "38.98"]),
            hit: shown(7, amount: "38.97"),
            org: OrgSettings(amountDecimals: 2)),
        Case(
            "two less of the last place", "miss | 1", sale: bill(["billAmount": "38.98"]),
            hit: shown(7, amount: "38.96"), org: OrgSettings(amountDecimals: 2)),
        Case(
            "an org that does not round", "alike amount", hit: shown(7, amount: "42"),
            org: OrgSettings(amountDecimals: -1)),
        Case("another customer", "miss | 1", hit: shown(7, customer: "9002")),
        Case("no time shown", "unclear unbound-answer", hit: shown(7, time: nil)),
        Case("no amount shown", "unclear unbound-answer", hit: shown(7, amount: "null")),
        Case("no customer shown", "unclear unbound-answer", hit: shown(7, customer: nil)),
        Case(
            "no date sent", "7", sale: bill(["billingDate": nil]),
            hit: shown(7, time: "2020-01-01T00:00:00Z")),
        Case(
            "by the customer's number", "7",
            sale: bill(["identifierType": #""id""#, "identifierValue": #""9001""#]), hit: shown(7)),
        Case(
            "by another's number", "miss | 1",
            sale: bill(["identifierType": #""id""#, "identifierValue": #""9""#]), hit: shown(7)),
        Case(
            "anonymous", "7",
            sale: bill(["type": #""NOT_INTERESTED""#, "identifierType": nil, "identifierValue": nil]),
            hit: shown(7, customer: "-1")),
        Case(
            "anonymous with a customer", "7", sale: bill(["type": #""NOT_INTERESTED""#]),
            hit: shown(7, customer: nil)),
    ]

    @Test("by what it is", arguments: cases)
    func compared(_ it: Case) throws {
        #expect(run(try search(it.sale, it.org, at: it.place), server([it.hit])).word == it.word)
    }

    @Test("A customer who is not the bill's is looked up twice: a reply may be about somebody else")
    func theCustomerIsAskedForTwice() throws {
        let good = server([shown(7)])
        for (second, word) in [("9001", "7"), ("9002", "miss | 1"), ("9003", "unclear unbound-answer")]
        {
            var lookUps = 0
            let ending = run(try search(bill())) { target in
                guard target.hasPrefix("/v2/customers") else { return good(target) }
                lookUps += 1
                return reply(200, #"{"entity": \#(lookUps == 1 ? "9002" : second)}"#)
            }
            #expect(ending.word == word)
        }
    }

    @Test("By the forms of its number it may be there, and is never found")
    func variants() throws {
        guard case .readBack(let readBack) = Endpoint.transactionsAdd.recovery else { return }
        let member = try prepare(bill(["billNumber": #""00 ab""#])).evidence
        let steps = readBack.variants(member, OrgSettings())
        #expect(steps.count == 5)
        let filed = server([shown(7, number: "AB")])
        let words = steps.map { step in
            run(step) { target in
                target.contains("getByBillNumber") && !target.contains("/AB?")
                    ? page([]) : filed(target)
            }.word
        }
        #expect(words.filter { $0 == "miss" }.count == 4)
        #expect(words.filter { $0 == "alike bill number" }.count == 1)
        // Digits without zeros have no other form.
        let plain = try prepare(bill(["billNumber": #""1234""#])).evidence
        #expect(readBack.variants(plain, OrgSettings()).isEmpty)
    }

    @Test("A number of dots is no way up the path", arguments: [(".", "%2E"), ("..", "%2E%2E")])
    func dots(_ number: String, _ path: String) throws {
        let ending = run(try search(bill(["billNumber": "\"\(number)\""]))) { _ in page([]) }
        #expect(ending.asked.first?.hasPrefix("/v2/transactions/getByBillNumber/\(path)?") == true)
    }

    @Test func onlyOursOfSeveral() throws {
        let rows = [shown(1, time: "2026-01-01T10:15:00Z"), shown(2), shown(3), shown(4, amount: "1")]
        // 3 is a return: under REGULAR it is not found.
        #expect(run(try search(bill()), server(rows, sales: [2: rows[1]])).word == "2 | 3")
    }

    @Test func underItsIdStandsAnother() throws {
        // Ids of different types may coincide.
        let ending = run(try search(bill()), server([shown(7)], sales: [7: shown(7, number: "X")]))
        #expect(ending.word == "miss | 1")
        #expect(
            run(try search(bill()), server([shown(7)], sales: [7: shown(8)])).word
                == "unclear unbound-answer")
    }

    @Test(
        "a miss",
        arguments: [
            page([]), failed(688), failed(688, status: 404), failed(667, status: 200), failed(668),
        ])
    func miss(_ answer: Reply) throws {
        #expect(run(try search(bill())) { _ in answer }.word == "miss")
    }

    @Test(
        "no miss",
        arguments: [
            reply(500), reply(502, "<html>"), reply(429), reply(401), reply(403), reply(404),
            reply(200),
            reply(200, "<html>soon</html>"), reply(200, "{}"), reply(200, "[]"), failed(500),
            failed(688, status: 503),
            failed(688, status: 429), failed(12_345),
            reply(200, #"{"errors": [{"code": 688}, {"code": 1}]}"#),
            reply(200, #"{"data": [{"message": "deleted"}], "pagination": {"total": 1}}"#),
            reply(200, #"{"pagination": {"total": 3}, "data": []}"#),
        ])
    func unclear(_ answer: Reply) throws {
        #expect(run(try search(bill())) { _ in answer }.word.hasPrefix("unclear"))
    }

    @Test(
        "a lost answer later on is unclear", arguments: ["/v2/transactions/7?", "/v2/customers/lookup"])
    func unclearLater(_ prefix: String) throws {
        let good = server([shown(7)])
        for bad in [reply(500), reply(404), reply(200, ""), reply(200, "[]"), failed(8015), failed(1)] {
            let ending = run(try search(bill())) { $0.hasPrefix(prefix) ? bad : good($0) }
            #expect(ending.word.hasPrefix("unclear"))
        }
    }

    @Test func allPagesAreRead() throws {
        let others = (1...150).map { shown($0, amount: "1") }
        let all = others + [shown(500)]
        let good = server(all)
        let ending = run(try search(bill())) { target in
            guard let at = target.firstRange(of: "offset=") else { return good(target) }
            let offset = Int(target[at.upperBound...]) ?? 0
            return page(
                Array(all[min(offset, all.count)...].prefix(100)), total: all.count, offset: offset)
        }
        #expect(ending.word == "500 | 150")
        #expect(ending.asked.filter { $0.contains("getByBillNumber") }.count == 2)
    }

    @Test func pagesThatRepeatAreNoMiss() throws {
        let rows = (1...100).map { shown($0, amount: "1") }
        #expect(
            run(try search(bill())) { _ in page(rows, total: 151) }.word == "unclear unbound-answer")
        // What is found is found anyway.
        let some = rows + [shown(700)]
        let good = server(some)
        let ending = run(try search(bill())) {
            $0.contains("getByBillNumber") ? page(some, total: 151) : good($0)
        }
        #expect(ending.word == "700 | 100")
    }

    @Test func withoutATotalPagesGoOnWhileTheyAreFull() throws {
        let rows = (1...100).map { shown($0, amount: "1") }
        let full = reply(200, #"{"data": [\#(rows.joined(separator: ","))]}"#)
        let ending = run(try search(bill())) {
            $0.hasSuffix("offset=0") ? full : reply(200, #"{"data": []}"#)
        }
        #expect(ending.word == "miss | 100")
    }
}

@Suite("A return is found again")
struct ReturnSearchTests {
    private func older(_ rows: String, success: String = "\"true\"", code: String = "\"200\"") -> Reply
    {
        reply(
            200,
            #"{"response": {"status": {"success": \#(success), "code": \#(code), "message": "m"}, "transactions": {"transaction": \#(rows)}}}"#
        )
    }

    private func row(_ id: Int, type: String? = "RETURN", number: String = "R-20260203-0001") -> String
    {
        let type = type.map { #""type": "\#($0)","# } ?? ""
        return
            #"{"id": "\#(id)", "number": "\#(number)", \#(type) "amount": "5", "item_status": {"success": "true", "code": "600"}}"#
    }

    private func server(_ older: Reply, returns: [Int: String]) -> (String) -> Reply {
        { target in
            if target.hasPrefix("/v1.1/") { return older }
            if target.hasPrefix("/v2/customers") { return reply(200, #"{"entity": "9001"}"#) }
            let id = Int(target.dropFirst("/v2/transactions/".count).prefix { $0 != "?" }) ?? 0
            return returns[id].map { reply(200, $0) } ?? failed(667)
        }
    }

    @Test func byTheCallsThatTellTypes() throws {
        let ending = run(
            try search(returnBill()), server(older("[\(row(8))]"), returns: [8: shown(8, amount: "5")]))
        #expect(
            ending
                == Ending(
                    word: "8",
                    asked: [
                        "/v1.1/transaction/get?format=json&number=R-20260203-0001&type=RETURN",
                        "/v2/transactions/8?type=RETURN",
                        "/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=447700900101",
                    ]))
    }

    @Test func equalPartialReturnsAreAllFound() throws {
        let two = older("[\(row(8)), \(row(9)), \(row(10))]")
        let returns = [8: shown(8, amount: "5"), 9: shown(9, amount: "5"), 10: shown(10, amount: "6")]
        #expect(run(try search(returnBill()), server(two, returns: returns)).word == "9,8 | 1")
    }

    @Test func aLoneObjectIsAList() throws {
        let answer = older(row(8), success: "true", code: "200")
        #expect(
            run(try search(returnBill()), server(answer, returns: [8: shown(8, amount: "5")])).word
                == "8")
    }

    @Test func theSaleIsNeverTakenForIt() throws {
        #expect(
            run(try search(returnBill()), server(older("[\(row(8, type: "REGULAR"))]"), returns: [:]))
                .word == "miss | 1")
        // Shown without its type: its id is not found as a return.
        #expect(
            run(try search(returnBill()), server(older("[\(row(8, type: nil))]"), returns: [:])).word
                == "miss | 1")
        #expect(
            run(try search(returnBill()), server(older("[\(row(8, number: "X"))]"), returns: [:])).word
                == "alike another bill number")
    }

    @Test func misses() throws {
        for answer in [
            older("[]"), older("null"), older("[]", success: "true", code: "200"),
            older(
                #"[{"item_status": {"success": "false", "code": "688"}}]"#, success: "\"false\"",
                code: "\"500\""),
            older(#"{"item_status": {"success": false, "code": 668}}"#, success: "false", code: "500"),
            older("[]", success: "false", code: "688"),
        ] {
            #expect(run(try search(returnBill())) { _ in answer }.word == "miss")
        }
    }

    @Test func errorsAreNoMisses() throws {
        for answer in [
            reply(500), reply(200), reply(401), reply(429, "{}"), reply(200, "{}"), reply(404),
            older("[]", success: "false", code: "500"), older("[]", success: "false", code: "401"),
            older(
                #"[{"item_status": {"success": "false", "code": "1000"}}]"#, success: "false",
                code: "500"),
            older(#"[{"number": "R-20260203-0001"}]"#),
        ] {
            #expect(run(try search(returnBill())) { _ in answer }.word.hasPrefix("unclear"))
        }
    }

    @Test func aGapAmongReturnsIsUnclear() throws {
        // One of them could not be compared: it may be the one.
        let two = older("[\(row(8)), \(row(9))]")
        let returns = [8: shown(8, amount: "5"), 9: shown(9, amount: "5", time: nil)]
        #expect(
            run(try search(returnBill()), server(two, returns: returns)).word
                == "unclear unbound-answer")
    }
}
