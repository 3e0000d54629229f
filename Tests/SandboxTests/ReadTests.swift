import Testing

@testable import Sandbox

@Suite("Reading bills back")
struct LookTests {
    @Test("By number: every kind, by page, floored")
    func byNumber() async throws {
        try await withSandbox { server in
            _ = try server.book(
                [Bill("A/1 é"), .giveBack("A/1 é", "AMOUNT")]
                    + (0..<120).map { Bill("M", ["billAmount": "\($0).99"]) })
            let both = try server.get("/v2/transactions/getByBillNumber/A%2F1%20%C3%A9")
            #expect(both["pagination"]?["total"]?.int == 2)
            let bill = try #require(both["data"]?[0])
            #expect(bill["id"]?.int == 700_000_001)
            #expect(bill["source"]?.string == "instore")
            #expect(bill["billDetails"]?["billNumber"]?.string == "A/1 é")
            #expect(bill["billDetails"]?["amount"]?.double == 42)
            #expect(bill["billDetails"]?["billingTime"]?.string == "2026-02-03T04:45:00Z")
            #expect(bill["billDetails"]?["billingTimeInputOffset"]?.string == "+05:30")
            #expect(bill["billDetails"]?["billingStore"]?["code"]?.string == "sandbox")
            #expect(bill["attribution"]?["createdBy"]?["code"]?.string == "till.sandbox.1")
            let path = "/v2/transactions/getByBillNumber/M"
            #expect(try server.get(path)["data"]?.list.count == 100)
            let rest = try server.get(path + "?limit=500&offset=100")
            #expect(rest["data"]?.list.count == 20)
            #expect(rest["data"]?[0]?["billDetails"]?["amount"]?.double == 100)
            #expect(try server.get(path + "?offset=500")["data"]?.list == [])
        }
    }

    @Test("A miss is an empty list, or an error where the org has it so", arguments: [false, true])
    func misses(isError: Bool) async throws {
        try await withSandbox {
            $0.missIsError = isError
        } _: { server in
            let reply = try server.get("/v2/transactions/getByBillNumber/none")
            #expect(reply["data"]?.list == [])
            #expect(reply["errors"]?.list.count == (isError ? 1 : 0))
            let older = try server.get("/v1.1/transaction/get?format=json&number=none")
            #expect(older["response"]?["status"]?["success"]?.string == (isError ? "false" : "true"))
        }
    }

    @Test("By id: the type has to match, lines are there")
    func byID() async throws {
        try await withSandbox { server in
            _ = try server.book([Bill("A"), .giveBack("A", "LINE_ITEM")])
            #expect(
                try server.get("/v2/transactions/700000001")["lineItems"]?[0]?["itemCode"]?.string
                    == "SKU-1")
            #expect(
                try server.get("/v2/transactions/700000002?type=RETURN")["type"]?.string == "RETURN")
            for miss in ["700000002", "700000001?type=RETURN", "700000003", "1"] {
                #expect(try server.get("/v2/transactions/\(miss)")["errors"]?[0]?["code"]?.int == 667)
            }
        }
    }

    @Test("The v1 call filters, and writes strings and clock times")
    func older() async throws {
        try await withSandbox {
            $0.serverZoneMinutes = 330
        } _: { server in
            _ = try server.book(
                [Bill("A")], headers: ["X-CAP-API-ATTRIBUTION-ENTITY-CODE": "till.leeds.2"])
            _ = try server.book([.giveBack("A", "AMOUNT"), Bill("A", ["billAmount": "7.9"])])
            func ids(_ query: String) throws -> [String?] {
                try server.get("/v1.1/transaction/get?format=json&number=A" + query)["response"]?[
                    "transactions"]?[
                        "transaction"]?.list.map { $0["id"]?.string } ?? []
            }
            #expect(try ids("") == ["700000001", "700000003"])
            #expect(try ids("&type=RETURN") == ["700000002"])
            #expect(try ids("&type=ALL").count == 3)
            #expect(try ids("&store_code=leeds") == ["700000001"])
            #expect(try ids("&till_code=till.sandbox.1") == ["700000003"])
            #expect(try ids("&amount=7") == ["700000003"])
            #expect(try ids("&date=2026-02-03").count == 2)
            #expect(try ids("&date=2026-02-04").isEmpty)
            let one = try server.get("/v1.1/transaction/get?format=json&id=700000001")
            let bill = try #require(one["response"]?["transactions"]?["transaction"]?[0])
            #expect(bill["billing_time"]?.string == "2026-02-03 10:15:00")
            #expect(bill["amount"]?.string == "42.0")
            #expect(bill["customer"]?["mobile"]?.string == "447700900101")
            #expect(bill["item_status"]?["code"]?.string == "600")
        }
    }

    @Test("A list of one may be an object")
    func loneItem() async throws {
        try await withSandbox {
            $0.loneItemIsObject = true
        } _: { server in
            _ = try server.book([Bill("A")])
            let reply = try server.get("/v1.1/transaction/get?format=json&number=A")
            #expect(reply["response"]?["transactions"]?["transaction"]?["number"]?.string == "A")
        }
    }

    @Test("An org that ignores offsets, or keeps decimals")
    func orgSettings() async throws {
        try await withSandbox {
            $0.ignoresOffsets = true
            $0.amountDecimals = 2
        } _: { server in
            _ = try server.book([Bill("A", ["billAmount": "42.999"])])
            let details = try #require(
                try server.get("/v2/transactions/getByBillNumber/A")["data"]?[0]?["billDetails"])
            #expect(details["billingTime"]?.string == "2026-02-03T10:15:00Z")
            #expect(details["billingTimeInputOffset"] == nil)
            #expect(details["amount"]?.double == 42.99)
        }
    }
}

@Suite("Customers, org, tokens")
struct OrganizationTests {
    @Test("A customer has one id, in look-ups and on bills")
    func customers() async throws {
        try await withSandbox { server in
            func look(_ name: String, _ value: String) throws -> JSON {
                try server.get(
                    "/v2/customers/lookup?source=INSTORE&identifierName=\(name)&identifierValue=\(value)"
                )
            }
            let id = try #require(try look("mobile", "447700900101")["entity"]?.int)
            _ = try server.book([Bill("A")])
            #expect(
                try server.get("/v2/transactions/getByBillNumber/A")["data"]?[0]?["customerId"]?.int
                    == id)
            #expect(try look("email", "447700900101")["entity"]?.int != id)
            #expect(try look("id", "9001")["entity"]?.int == 9001)
            #expect(try look("mobile", "unknown1")["errors"]?[0]?["code"]?.int == 8015)
            #expect(try look("phone", "1")["errors"]?[0]?["code"]?.int == 8155)
        }
    }

    @Test("The configuration tells the org and its uniqueness")
    func configs() async throws {
        try await withSandbox {
            $0.org = "77"
            $0.uniqueness = .store
            $0.uniqueInDays = 90
        } _: { server in
            let reply = try server.get("/v1.1/organization/configs?format=json")
            let list = try #require(reply["response"]?["organization"]?["configs"]?["config"]).list
            let values = Dictionary(
                uniqueKeysWithValues: list.map { ($0["key"]?.string, $0["value"]?.string) })
            #expect(list.allSatisfy { $0["entity_id"]?.string == "77" })
            #expect(values["CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE"] == "1")
            #expect(values["CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_STORE"] == "1")
            #expect(values["CONF_LOYALTY_BILL_NUMBER_UNIQUE_IN_DAYS"] == "90")
        }
        try await withSandbox {
            $0.uniqueness = .org
            $0.tellsUniqueness = false
        } _: { server in
            let reply = try #require(
                try server.ask("GET", "/v1.1/organization/configs?format=json").reply)
            #expect(reply.status == 200 && !reply.text.contains("UNIQUE"))
        }
    }

    @Test("A till is there, or 3202")
    func tills() async throws {
        try await withSandbox { server in
            let known = try server.get("/v2/organization/till?code=till.leeds.1")
            #expect(known["entity"]?["store"]?["code"]?.string == "leeds")
            let unknown = try server.get("/v2/organization/till?code=unknown")
            #expect(unknown["errors"]?[0]?["code"]?.int == 3202)
        }
    }

    @Test("Only a good token, or Basic with an MD5, comes in")
    func tokens() async throws {
        try await withSandbox {
            $0.requiresAuthentication = true
            $0.clients = ["key": "secret"]
        } _: { server in
            func token(_ secret: String) throws -> Wire.Outcome {
                try server.ask(
                    "POST", "/v3/oauth/token/generate", body: #"{"key":"key","secret":"\#(secret)"}"#)
            }
            #expect(try token("wrong").reply?.status == 401)
            let data = try #require(try token("secret").reply?.json?["data"])
            #expect(data["ttlSeconds"]?.int == 900)
            let good = try #require(data["accessToken"]?.string)
            func status(_ headers: [String: String]) throws -> Int? {
                try server.ask("GET", "/v2/organization/till?code=a", headers: headers).reply?.status
            }
            #expect(try status([:]) == 401)
            #expect(try status(["X-CAP-API-OAUTH-TOKEN": good]) == 200)
            #expect(try status(["X-CAP-API-OAUTH-TOKEN": good + "x"]) == 401)
            // till1:5f4dcc3b5aa765d61d8327deb882cf99 and till1:password
            #expect(
                try status([
                    "Authorization": "Basic dGlsbDE6NWY0ZGNjM2I1YWE3NjVkNjFkODMyN2RlYjg4MmNmOTk="
                ]) == 200)
            #expect(try status(["Authorization": "Basic dGlsbDE6cGFzc3dvcmQ="]) == 401)
            #expect(try server.post([Bill()]).reply?.status == 401)
            #expect(try server.bookings() == 0)
        }
    }

    @Test("A token ends with its time")
    func expiry() {
        var tokens = Tokens()
        let token = tokens.issue(client: "key", now: 1000, expiry: 2000)
        #expect(tokens.client(of: token, now: 1999) != nil)
        #expect(tokens.client(of: token, now: 2000) == nil)
        tokens.voidAll(now: 1000)
        #expect(tokens.client(of: token, now: 1500) == nil)
        #expect(tokens.issue(client: "key", now: 1500, expiry: 2500, reuse: 501) == token)
        #expect(tokens.issue(client: "other", now: 1500, expiry: 2500, reuse: 501) != token)
        #expect(
            tokens.client(of: tokens.issue(client: "key", now: 1000, expiry: 2000), now: 1500) != nil)
    }

    @Test(
        "Limits hold for each credential by itself, and nothing is done beyond them",
        arguments: [true, false])
    func rate(saysWhen: Bool) async throws {
        try await withSandbox {
            $0.rate = .init(requests: 3, window: .sliding, sendsRetryAfter: saysWhen)
        } _: { server in
            for number in 0..<3 { #expect(try server.post([Bill("B-\(number)")]).reply?.status == 200) }
            let reply = try #require(try server.post([Bill("B-3")]).reply)
            #expect(reply.status == 429)
            #expect((reply.headers["retry-after"].flatMap { Int($0) } != nil) == saysWhen)
            #expect(try server.bookings() == 3)
            #expect(try server.counts()["throttled"]?.int == 1)
            #expect(try server.counts()["peakPerMinute"]?.int == 4)
            let other = ["Authorization": "Basic eA=="]
            #expect(
                try server.ask("GET", "/v2/organization/till?code=a", headers: other).reply?.status
                    == 200)
        }
    }
}

@Suite("The sandbox about itself")
struct AdminTests {
    @Test("It counts requests, bookings and duplicates, and forgets on demand")
    func counting() async throws {
        try await withSandbox { server in
            for _ in 0..<2 { _ = try server.book([Bill("A"), Bill("B", ["billAmount": nil])]) }
            _ = try server.book([Bill("A", ["billAmount": "1"])])
            var counts = try server.counts()
            #expect(counts["bookings"]?.int == 3)
            #expect(counts["distinct"]?.int == 2)
            #expect(counts["duplicates"]?.int == 1)
            #expect(counts["items"]?.int == 5)
            #expect(counts["paths"]?["POST /v2/transactions/bulk"]?["200"]?.int == 3)
            #expect(try server.get("/_sandbox/duplicates")["numbers"]?.list == [.string("A")])
            #expect(try server.bookings(of: "A") == 3)
            let page = try server.get("/_sandbox/bookings?from=700000002&limit=1")
            #expect(page["bookings"]?.list.map { $0["id"]?.int } == [700_000_002])
            #expect(page["next"]?.int == 700_000_003)
            let rest = try server.get("/_sandbox/bookings?from=700000003")
            #expect(rest["bookings"]?.list.count == 1 && rest["next"] == .null)
            #expect(try server.ask("POST", "/_sandbox/reset").reply?.status == 200)
            counts = try server.counts()
            #expect(counts["bookings"]?.int == 0 && counts["requests"]?.int == 0)
        }
    }

    @Test("Its faults change while it runs")
    func faults() async throws {
        try await withSandbox { server in
            #expect(
                try server.ask("POST", "/_sandbox/faults?seed=3", body: "forbidden\n").reply?.status
                    == 200)
            #expect(try server.post([Bill()]).reply?.status == 403)
            #expect(try server.counts()["faults"]?[0]?["fired"]?.int == 1)
            let bad = try #require(try server.ask("POST", "/_sandbox/faults", body: "nonsense").reply)
            #expect(bad.status == 400 && bad.text.contains("nonsense"))
            #expect(try server.ask("POST", "/_sandbox/faults").reply?.status == 200)
            #expect(try server.post([Bill()]).reply?.status == 200)
        }
    }

    @Test("Unknown paths are 404")
    func unknown() async throws {
        try await withSandbox { server in
            for path in ["/", "/v2/nothing", "/_sandbox/nothing"] {
                let outcome = try server.ask("GET", path)
                #expect(outcome.reply?.status == 404)
            }
            let put = try server.ask("PUT", "/v2/transactions/elsewhere", body: "[]")
            #expect(put.reply?.status == 404)
        }
    }

    @Test(
        "Reads show what the server makes of a bill, and find it by that form alone where it is filed so"
    )
    func rewriting() async throws {
        let number = "/v2/transactions/getByBillNumber/"
        try await withSandbox {
            $0.rewriting = Rewriting([.upper, .zeros, .spaces, .round, .seconds, .offset])
        } _: { server in
            _ = try server.book([Bill("0 a", ["billingDate": #""2026-02-03T10:15:40+05:30""#])])
            let bill = try #require(try server.get(number + "0%20a")["data"]?[0]?["billDetails"])
            #expect(bill["billNumber"]?.string == "A")
            #expect(bill["amount"]?.int == 43)
            #expect(bill["billingTime"]?.string == "2026-02-03T10:15:00Z")
            #expect(bill["billingTimeInputOffset"] == nil)
        }
        try await withSandbox {
            $0.rewriting = Rewriting([.lower, .filed])
        } _: { server in
            _ = try server.book([Bill("A")])
            #expect(try server.get(number + "A")["data"]?.list.isEmpty == true)
            #expect(try server.get(number + "a")["data"]?.list.count == 1)
            _ = try server.book([Bill("B")])
            #expect(try server.get(number + "b")["data"]?.list.count == 1)
        }
    }

    @Test("A stale look answers with the reply to the one before it")
    func stale() async throws {
        try await withSandbox(faults: ["stale-look:at=2", "rewrite:at=3:form=lower"]) { server in
            _ = try server.book([Bill("A"), Bill("B", ["identifierValue": #""447700900102""#])])
            func shown(_ number: String) throws -> String? {
                try server.get("/v2/transactions/getByBillNumber/" + number)["data"]?[0]?[
                    "billDetails"]?[
                        "billNumber"]?.string
            }
            #expect(try [shown("A"), shown("B"), shown("B"), shown("B")] == ["A", "A", "b", "B"])
        }
    }
}
