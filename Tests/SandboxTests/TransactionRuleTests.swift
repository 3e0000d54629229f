import Foundation
import Testing

@testable import Sandbox

@Suite("POST /v2/transactions/bulk", .timeLimit(.minutes(1)))
struct TransactionRuleTests {
    @Test("A good bill is booked and echoed as documented")
    func booked() async throws {
        try await withSandbox { server in
            let reply = try #require(
                try server.post([Bill("R-1", ["paymentModes": #"[{"mode":"Cash","value":"42.5"}]"#])])
                    .reply)
            #expect(reply.status == 200)
            #expect(reply.headers["org_id"] == "4001")
            #expect(reply.headers["till"] == "till.sandbox.1")
            #expect(reply.headers["x-cap-request-id"]?.isEmpty == false)
            let json = try #require(reply.json)
            #expect(json["totalCount"]?.int == 1)
            #expect(json["failureCount"]?.int == 0)
            let item = try #require(json["response"]?[0])
            #expect(item.id == 700_000_001)
            #expect(item["errors"]?.list == [] && item["warnings"]?.list == [])
            let result = try #require(item["result"])
            #expect(result["billNumber"]?.string == "R-1")
            #expect(result["type"]?.string == "REGULAR")
            #expect(result["identifierValue"]?.string == "447700900101")
            #expect(result["billAmount"]?.double == 42.5)
            #expect(result["billingDate"]?.string == "2026-02-03T04:45:00Z")
            #expect(result["lineItemsV2"]?[0]?["qty"]?.double == 2)
            #expect(result["lineItemsV2"]?[0]?["returnable"] == .bool(true))
            #expect(result["sideEffects"]?[0]?["awardedPoints"]?.int == 4)
        }
    }

    @Test(
        "Each rule refuses with its own code, and its neighbours are booked",
        arguments: [
            (8084, ["identifierType": nil]), (8084, ["identifierValue": nil]),
            (8084, ["identifierValue": #""""#]),
            (8084, ["identifierValue": #""  ""#]), (8155, ["identifierType": #""Mobile""#]),
            (8154, ["identifierType": #""id""#, "identifierValue": #""abc""#]),
            (8155, ["source": #""instore""#]), (8155, ["source": nil]),
            (690, ["type": nil]), (690, ["type": #""MIXED""#]), (690, ["type": "3"]),
            (602, ["billNumber": nil]), (602, ["billNumber": #""""#]), (602, ["billNumber": "null"]),
            (685, ["billNumber": "\"\(String(repeating: "9", count: 51))\""]),
            (601, ["billAmount": nil]), (601, ["billAmount": #""12,5""#]),
            (601, ["billAmount": "true"]),
            (662, ["billAmount": "-1"]), (666, ["grossAmount": "-1"]), (665, ["discount": #""-0.01""#]),
            (1114, ["billingDate": #""03/02/2026""#]),
            (643, ["billingDate": #""2126-01-01T00:00:00Z""#]),
            (644, ["billingDate": #""1996-01-01T00:00:00Z""#]),
            (661, ["lineItemsV2": #"[{"itemCode":"a","qty":-1}]"#]),
            (662, ["lineItemsV2": #"[{"itemCode":"a","amount":-1}]"#]),
            (663, ["lineItemsV2": #"[{"itemCode":"a","value":-1}]"#]),
            (664, ["lineItemsV2": #"[{"itemCode":"a","rate":-1}]"#]),
            (665, ["lineItemsV2": #"[{"itemCode":"a","discount":-1}]"#]),
            (8015, ["identifierValue": #""unknown-1""#]), (8015, ["identifierValue": #""listed-1""#]),
            (3045, ["identifierValue": #""blocked-1""#]), (3045, ["identifierValue": #""listed-2""#]),
            (628, ["type": #""RETURN""#, "purchaseTime": #""2026-02-03T10:15:00+05:30""#]),
            (628, ["type": #""RETURN""#, "returnType": #""SOME""#]),
            (628, ["type": #""NOT_INTERESTED_RETURN""#, "returnType": #""CANCELLED""#]),
            (624, ["type": #""RETURN""#, "returnType": #""FULL""#]),
            (
                624,
                [
                    "type": #""RETURN""#, "returnType": #""FULL""#,
                    "purchaseTime": #""2026-02-04T00:00:00Z""#,
                ]
            ),
            (
                625,
                [
                    "type": #""RETURN""#, "returnType": #""FULL""#,
                    "purchaseTime": #""2026-02-01T00:00:00Z""#,
                ]
            ),
        ] as [(Int, [String: String?])])
    func refused(code: Int, changes: [String: String?]) async throws {
        try await withSandbox {
            $0.unknownCustomers = ["listed-1"]
            $0.blockedCustomers = ["listed-2"]
            $0.pastLimit = .seconds(20 * 365 * 86_400)
        } _: { server in
            let items = try server.book([Bill("first"), Bill("bad", changes), Bill("last")])
            #expect(items.count == 3)
            #expect(items[1].code == code)
            #expect(items[1]["entityId"] == .null)
            #expect(items[0].id != nil && items[2].id != nil)
            #expect(try server.bookings() == 2)
            #expect(try server.bookings(of: "bad") == 0)
        }
    }

    @Test("An item that is no object is refused by itself")
    func noObject() async throws {
        try await withSandbox { server in
            let outcome = try server.ask("POST", "/v2/transactions/bulk", body: "[7,\(Bill().json)]")
            let items = try #require(outcome.reply?.json?["response"]).list
            #expect(items[0].code == 602)
            #expect(items[1].id != nil)
        }
    }

    @Test(
        "A body that is no array of bills is refused whole",
        arguments: ["", "{}", "[]", "[", "nonsense"])
    func noArray(body: String) async throws {
        try await withSandbox { server in
            let reply = try #require(try server.ask("POST", "/v2/transactions/bulk", body: body).reply)
            #expect(reply.status == 400)
            #expect(reply.json?["errors"]?[0]?["code"]?.int == 400)
            #expect(try server.bookings() == 0)
        }
    }

    @Test("A batch over the limit is refused whole", arguments: [1060, 672])
    func tooLarge(code: Int) async throws {
        try await withSandbox {
            $0.maxBatch = 2
            $0.batchTooLargeCode = code
        } _: { server in
            let reply = try #require(try server.post([Bill("a"), Bill("b"), Bill("c")]).reply)
            #expect(reply.status == 400)
            #expect(reply.json?["errors"]?[0]?["code"]?.int == code)
            #expect(try server.bookings() == 0)
            #expect(try server.book([Bill("a"), Bill("b")]).allSatisfy { $0.id != nil })
        }
    }

    @Test("A not-interested bill may be anonymous, a regular one may not")
    func anonymous() async throws {
        try await withSandbox { server in
            let none: [String: String?] = ["identifierType": nil, "identifierValue": nil]
            let items = try server.book([
                Bill("a", none.merging(["type": #""NOT_INTERESTED""#]) { $1 }), Bill("b", none),
            ])
            #expect(items[0].id != nil)
            #expect(items[1].code == 8084)
        }
    }

    @Test("Unknown extended fields are a warning")
    func warnings() async throws {
        try await withSandbox { server in
            let items = try server.book([
                Bill("a", ["extendedFields": #"{"unknown_1":"x","channel":"y"}"#])
            ])
            #expect(items[0].id != nil)
            #expect(items[0]["warnings"]?.list.count == 1)
            #expect(items[0]["warnings"]?[0]?["code"]?.int == 91016)
        }
    }

    @Test("The statuses of failed items can be told by HTTP")
    func statuses() async throws {
        try await withSandbox {
            $0.bulkStatus = .byItems
        } _: { server in
            let bad: [String: String?] = ["billAmount": nil]
            let outcomes = try [[Bill("a")], [Bill("b"), Bill("c", bad)], [Bill("d", bad)]].map(
                server.post)
            #expect(outcomes.map(\.reply?.status) == [200, 201, 500])
        }
    }

    @Test(
        "604 as far as uniqueness reaches",
        arguments: [
            (SandboxOptions.Uniqueness.none, [nil, nil, nil, nil]), (.org, [604, 604, 604, 604]),
            (.store, [604, 604, nil, nil]), (.till, [604, nil, nil, nil]),
        ] as [(SandboxOptions.Uniqueness, [Int?])])
    func uniqueness(uniqueness: SandboxOptions.Uniqueness, codes: [Int?]) async throws {
        try await withSandbox {
            $0.uniqueness = uniqueness
        } _: { server in
            func book(_ type: String, _ code: String) throws -> Int? {
                try server.book(
                    [Bill("A")],
                    headers: [
                        "X-CAP-API-ATTRIBUTION-ENTITY-TYPE": type,
                        "X-CAP-API-ATTRIBUTION-ENTITY-CODE": code,
                    ])[0].code
            }
            let first = try book("TILL", "till.leeds.1")
            #expect(first == nil)
            let tills = [
                ("TILL", "till.leeds.1"), ("TILL", "till.leeds.2"), ("STORE_CODE", "york"),
                ("TILL", "kiosk"),
            ]
            for (till, code) in zip(tills, codes) { #expect(try book(till.0, till.1) == code) }
            #expect(try server.book([Bill("A ")])[0].code == nil, "spaces count")
        }
    }

    @Test("604 within one request, and only within the days")
    func uniqueWithinDays() async throws {
        try await withSandbox {
            $0.uniqueness = .org
            $0.uniqueInDays = 30
        } _: { server in
            let items = try server.book([
                Bill("A"), Bill("A"), Bill("A", ["billingDate": #""2026-03-06T10:15:00Z""#]),
                Bill("A", ["billingDate": #""2026-02-20T10:15:00Z""#]),
            ])
            #expect(items.map(\.code) == [nil, 604, nil, 604])
        }
    }

    @Test("A record's own attribution wins over the request's")
    func attribution() async throws {
        try await withSandbox { server in
            _ = try server.book([
                Bill("A", ["attribution": #"{"createdBy":{"code":"york","type":"STORE"}}"#])
            ])
            #expect(
                try server.get("/_sandbox/bookings?number=A")["bookings"]?[0]?["store"]?.string
                    == "york")
        }
    }

    @Test("An unknown till fails each item, or falls back")
    func unknownTill() async throws {
        let headers = ["X-CAP-API-ATTRIBUTION-ENTITY-CODE": "unknown.7"]
        try await withSandbox { server in
            let items = try server.book([Bill()], headers: headers)
            #expect(items[0].code == 671)
        }
        try await withSandbox {
            $0.fallsBackToDefaultTill = true
        } _: { server in
            let items = try server.book([Bill()], headers: headers)
            #expect(items[0].code == nil)
            let bookings = try server.get("/_sandbox/bookings?number=B-1")["bookings"]
            #expect(bookings?[0]?["till"]?.string == "till.sandbox.1")
        }
    }

    @Test(
        "One customer in two requests at once: the second is told 521",
        arguments: SandboxOptions.SameCustomer.allCases)
    func sameCustomer(setting: SandboxOptions.SameCustomer) async throws {
        try await withSandbox(
            { $0.sameCustomer = setting }, faults: ["latency:at=1:400ms"]
        ) { server in
            let slow = try Wire(server.port)
            let body = Bill.body([Bill("A")])
            slow.write(
                Array(
                    "POST /v2/transactions/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                        .utf8))
            while try server.bookings() == 0 {}
            let other = try server.post([Bill("B"), Bill("C", ["identifierValue": #""447700900202""#])])
            let reply = try #require(other.reply)
            let items = reply.json?["response"]?.list ?? []
            switch setting {
            case .item: #expect(items.map(\.code) == [521, nil])
            case .request: #expect(reply.status == 521 && items.isEmpty)
            case .never: #expect(items.map(\.code) == [nil, nil])
            }
            #expect(slow.read().reply?.status == 200)
            #expect(try server.book([Bill("D")])[0].code == nil)
        }
    }
}

@Suite("Returns")
struct ReturnTests {
    @Test("More than was bought never comes back")
    func quantities() async throws {
        try await withSandbox { server in
            let items = try server.book([
                Bill("A"), .giveBack("A", "LINE_ITEM"), .giveBack("A", "AMOUNT"),
                .giveBack("A", "LINE_ITEM", ["billAmount": "1"]), .giveBack("A", "LINE_ITEM"),
                .giveBack("A", "FULL"),
            ])
            #expect(items.map(\.code) == [nil, nil, 632, nil, 626, 639])
        }
    }

    @Test("More than was paid never comes back")
    func amounts() async throws {
        try await withSandbox { server in
            let items = try server.book([
                Bill("A"), .giveBack("A", "AMOUNT"), .giveBack("A", "LINE_ITEM"),
                .giveBack("A", "AMOUNT"),
                .giveBack("A", "AMOUNT", ["billAmount": "0.01"]),
            ])
            #expect(items.map(\.code) == [nil, nil, 638, nil, 630])
        }
    }

    @Test("A bill comes back whole once", arguments: ["FULL", "CANCELLED"])
    func whole(kind: String) async throws {
        try await withSandbox { server in
            let items = try server.book([
                Bill("A"), .giveBack("A", kind), .giveBack("A", kind), .giveBack("A", "LINE_ITEM"),
            ])
            #expect(items.map(\.code) == [nil, nil, 633, 633])
            #expect(try server.bookings(of: "A") == 2)
        }
    }

    @Test("What was not bought, or by another, does not come back")
    func originals() async throws {
        try await withSandbox { server in
            let items = try server.book([
                Bill("A"),
                .giveBack("A", "LINE_ITEM", ["lineItemsV2": #"[{"itemCode":"SKU-9","qty":1}]"#]),
                .giveBack("A", "LINE_ITEM", ["lineItemsV2": nil]),
                .giveBack("A", "FULL", ["identifierValue": #""447700900999""#]),
                .giveBack("A", "FULL", ["id": "700000009"]),
                .giveBack("A", "FULL", ["id": "700000001"]),
                .giveBack("A", "FULL", ["type": #""NOT_INTERESTED_RETURN""#]),
            ])
            #expect(items.map(\.code) == [nil, 687, 687, 688, 625, nil, 625])
        }
    }

    @Test("An org may take returns without their originals, or each number back once")
    func settings() async throws {
        try await withSandbox {
            $0.allowsReturnWithoutOriginal = true
            $0.returnsUnique = true
        } _: { server in
            let items = try server.book([.giveBack("A", "AMOUNT"), .giveBack("A", "AMOUNT")])
            #expect(items.map(\.code) == [nil, 604])
            #expect(items[0]["warnings"]?[0]?["code"]?.int == 625)
        }
    }
}

@Suite("The queue of rejected transactions")
struct ParkingTests {
    @Test("A bill with an unknown item is parked, openly or after success", arguments: [false, true])
    func parking(behind: Bool) async throws {
        try await withSandbox {
            $0.parksBehindSuccess = behind
            $0.parkedItems = ["SKU-7"]
        } _: { server in
            let bills = [
                Bill("A"), Bill("P", ["lineItemsV2": #"[{"itemCode":"parked-1","qty":1,"amount":1}]"#]),
                Bill("Q", ["lineItemsV2": #"[{"itemCode":"SKU-7","qty":1,"amount":1}]"#]),
                Bill("R", ["paymentModes": #"[{"mode":"parked","value":1}]"#]),
            ]
            let items = try server.book(bills)
            #expect(items.map(\.code) == (behind ? [nil, nil, nil, nil] : [nil, 683, 683, 842]))
            #expect(items.allSatisfy { ($0.id != nil) == (behind || $0.code == nil) })
            #expect(try server.bookings() == 1)
            #expect(try server.counts()["parked"]?.int == 3)
            let queue = try server.get(
                "/v2/organization/rejectedTransactions?isTransactionPayloadRequired=true")
            #expect(queue["pagination"]?["total"]?.int == 3)
            #expect(queue["data"]?.list.map { $0["billNumber"]?.string } == ["P", "Q", "R"])
            #expect(queue["data"]?[0]?["status"]?.string == "OPEN")
            #expect(queue["data"]?[0]?["orgId"]?.int == 4001)
            #expect(queue["data"]?[0]?["errors"]?[0]?["value"]?.string == "parked-1")
            #expect(queue["data"]?[0]?["transactionPayload"]?.string == bills[1].json)
            #expect(try server.get("/v2/transactions/getByBillNumber/P")["data"]?.list == [])
        }
    }

    @Test("With a list of known items, all others are parked")
    func knownItems() async throws {
        try await withSandbox {
            $0.knownItems = ["SKU-1"]
        } _: { server in
            let items = try server.book([
                Bill("A"), Bill("B", ["lineItemsV2": #"[{"itemCode":"SKU-2"}]"#]),
            ])
            #expect(items.map(\.code) == [nil, 683])
        }
    }

    @Test("The queue is read by page, date, number and state")
    func reading() async throws {
        try await withSandbox { server in
            let parked = #"[{"itemCode":"parked-1"}]"#
            _ = try server.book((0..<25).map { Bill("P-\($0)", ["lineItemsV2": parked]) })
            let path = "/v2/organization/rejectedTransactions"
            func numbers(_ query: String) throws -> [String?] {
                try server.get(path + query)["data"]?.list.map { $0["billNumber"]?.string } ?? []
            }
            #expect(try numbers("").count == 10)
            #expect(try numbers("?limit=20&offset=20") == (20..<25).map { "P-\($0)" })
            let odd = try server.ask("GET", path + "?transactionNumber=P-7").reply
            #expect(odd?.status == 400, "the parameter is a number")
            _ = try server.book([Bill("0077", ["lineItemsV2": parked])])
            #expect(try numbers("?transactionNumber=77").isEmpty)
            _ = try server.book([Bill("77", ["lineItemsV2": parked])])
            #expect(try numbers("?transactionNumber=77") == ["77"])
            #expect(try numbers("?status=FIXED").isEmpty)
            #expect(try numbers("?startDate=2020-01-01&endDate=2020-01-31").isEmpty)
            #expect(try numbers("?startDate=2020-01-01&endDate=2120-01-31").count == 10)
            #expect(try numbers("?errorCode=842").isEmpty)
            #expect(try server.ask("GET", "/v2/rejectedTransactions").reply?.status == 404)
        }
    }

    @Test("Both paths, and a queue that knows no pages")
    func otherPath() async throws {
        try await withSandbox {
            $0.queuePath = .root
            $0.queueIgnoresOffset = true
        } _: { server in
            _ = try server.book(
                (0..<12).map { Bill("P-\($0)", ["lineItemsV2": #"[{"itemCode":"parked"}]"#]) })
            let page = try server.get("/v2/rejectedTransactions?limit=100&offset=10")
            #expect(page["data"]?.list.count == 10)
            #expect(page["data"]?[0]?["billNumber"]?.string == "P-0")
            #expect(page["pagination"]?["total"]?.int == 12)
            #expect(try server.ask("GET", "/v2/organization/rejectedTransactions").reply?.status == 404)
        }
    }
}
