import Foundation
import Testing

@testable import Sandbox

private let ends = ["", ":rst"]

@Suite("Trouble on the way", .timeLimit(.minutes(1)))
struct WireFaultTests {
    /// Ends in a reset or in order, as asked.
    private func isCut(_ outcome: Wire.Outcome, reset: Bool) -> Bool {
        switch outcome {
        case .closed: !reset
        case .reset: reset
        default: false
        }
    }

    @Test(
        "A connection is cut, with the work undone or done",
        arguments: [("cut-request", 0), ("cut-before", 0), ("cut-after", 1), ("cut-answer", 1)], ends)
    func cuts(kind: (String, Int), end: String) async throws {
        try await withSandbox(faults: ["\(kind.0):at=1\(end)"]) { server in
            let outcome = try server.post([Bill("A")])
            #expect(isCut(outcome, reset: end == ":rst"), "\(outcome)")
            if case .closed(let after) = outcome { #expect((after > 0) == (kind.0 == "cut-answer")) }
            #expect(try server.bookings(of: "A") == kind.1)
            #expect(try server.counts()["cut"]?.int == 1)
            #expect(try server.post([Bill("B")]).reply?.status == 200)
        }
    }

    @Test(
        "A reused connection is cut, a fresh one is not",
        arguments: ["cut-before", "cut-after", "cut-request"], ends)
    func reused(kind: String, end: String) async throws {
        try await withSandbox(faults: ["\(kind):reused:on=add\(end)"]) { server in
            for round in 0..<3 {
                let wire = try Wire(server.port)
                let first = wire.ask(
                    "POST", "/v2/transactions/bulk", body: Array(Bill.body([Bill("A\(round)")]).utf8))
                #expect(first.reply?.status == 200)
                let second = wire.ask(
                    "POST", "/v2/transactions/bulk", body: Array(Bill.body([Bill("B\(round)")]).utf8))
                #expect(isCut(second, reset: end == ":rst"), "\(second)")
                #expect(try server.bookings(of: "A\(round)") == 1)
                #expect(try server.bookings(of: "B\(round)") == (kind == "cut-after" ? 1 : 0))
            }
        }
    }

    @Test("The work is done late, after the connection was cut", arguments: ends)
    func late(end: String) async throws {
        try await withSandbox(faults: ["late:at=1:300ms\(end)"]) { server in
            let sent = ContinuousClock.now
            let outcome = try server.post([Bill("A"), Bill("B", ["billAmount": nil])])
            #expect(isCut(outcome, reset: end == ":rst"))
            #expect(ContinuousClock.now - sent < .milliseconds(300))
            while try server.counts()["lateWorks"]?.int == 0 {}
            #expect(ContinuousClock.now - sent >= .milliseconds(300))
            #expect(try server.bookings(of: "A") == 1)
            #expect(try server.bookings() == 1)
        }
    }

    @Test("No answer ever comes", arguments: [("hang-before", 0), ("hang-after", 1)])
    func hangs(kind: String, bookings: Int) async throws {
        try await withSandbox(faults: ["\(kind):at=1"]) { server in
            let wire = try Wire(server.port, patience: 200)
            let outcome = wire.ask(
                "POST", "/v2/transactions/bulk", body: Array(Bill.body([Bill("A")]).utf8))
            #expect(outcome == .silence(after: 0))
            #expect(try server.bookings(of: "A") == bookings)
            wire.hangUp()
            // It notices that the client is gone: only the connection that asks is left.
            while try server.counts()["open"]?.int != 1 {}
        }
    }

    @Test("A slow answer, and slow work", arguments: [false, true])
    func latency(before: Bool) async throws {
        try await withSandbox(faults: ["latency:on=add:300ms" + (before ? ":before" : "")]) { server in
            let wire = try Wire(server.port)
            let sent = ContinuousClock.now
            let body = Bill.body([Bill("A")])
            wire.write(
                Array(
                    "POST /v2/transactions/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                        .utf8))
            var early = try server.bookings()
            while !before, early == 0, ContinuousClock.now - sent < .milliseconds(250) {
                early = try server.bookings()
            }
            #expect(early == (before ? 0 : 1))
            #expect(wire.read().reply?.status == 200)
            #expect(ContinuousClock.now - sent >= .milliseconds(300))
            #expect(try server.bookings() == 1)
        }
    }

    @Test("Work continues when the client has gone")
    func goneClient() async throws {
        try await withSandbox(faults: ["latency:at=1:200ms:before"]) { server in
            do {
                let wire = try Wire(server.port)
                let body = Bill.body([Bill("A")])
                wire.write(
                    Array(
                        "POST /v2/transactions/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                            .utf8))
                while try server.counts()["paths"]?["POST /v2/transactions/bulk"] == nil {}
            }
            while try server.bookings(of: "A") == 0 {}
            #expect(try server.bookings() == 1)
        }
    }

    @Test("An answer trickles, swells, or has no end; the work is done")
    func longAnswers() async throws {
        let faults = ["trickle:at=1:1ms", "huge:at=2:size=3000000", "endless:at=3"]
        try await withSandbox(faults: faults) { server in
            #expect(try server.post([Bill("A")]).reply?.json?["failureCount"]?.int == 0)
            let huge = try #require(try server.post([Bill("B")]).reply)
            #expect(huge.body.count == 3_000_000)
            #expect(huge.json?["failureCount"]?.int == 0)
            let wire = try Wire(server.port)
            let endless = wire.ask(
                "POST", "/v2/transactions/bulk", body: Array(Bill.body([Bill("C")]).utf8), most: 20_000)
            #expect(endless.isSilence)
            #expect(try server.bookings() == 3)
        }
    }
}

@Suite("Trouble at the gateway")
struct GatewayFaultTests {
    @Test(
        "Any status, any body, before the work or after it", arguments: [500, 502, 503, 504, 520, 521],
        Fault.GatewayBody.allCases)
    func errors(status: Int, body: Fault.GatewayBody) async throws {
        let what = "status=\(status):body=\(body.rawValue)"
        try await withSandbox(faults: ["error-before:at=1:\(what)", "error-after:at=2:\(what)"]) {
            server in
            for bookings in [0, 1] {
                let reply = try #require(try server.post([Bill("A")]).reply)
                #expect(reply.status == status)
                switch body {
                case .empty: #expect(reply.body.isEmpty)
                case .html:
                    #expect(
                        reply.text.contains("<html>") && reply.headers["content-type"] == "text/html")
                case .half: #expect(!reply.body.isEmpty && reply.json == nil)
                case .json: #expect(reply.json != nil)
                }
                #expect(try server.bookings(of: "A") == bookings)
            }
        }
    }

    @Test("Where nothing is said, chance takes every status and every body")
    func chance() async throws {
        try await withSandbox(faults: ["error-before"]) { server in
            let wire = try Wire(server.port)
            var statuses: Set<Int> = []
            var bodies: Set<Int> = []
            for _ in 0..<100 {
                let reply = try #require(wire.ask("GET", "/v2/organization/till?code=a").reply)
                statuses.insert(reply.status)
                bodies.insert(reply.body.count)
            }
            #expect(statuses == [500, 502, 503, 504, 520, 521])
            #expect(bodies.count >= 4)
        }
    }

    @Test(
        "A refusal of the whole, nothing done",
        arguments: [
            ("unavailable", 503, "4001"), ("unauthorized", 401, "401"), ("forbidden", 403, "4000"),
            ("forbidden-field", 403, "source"), ("not-found", 404, "<html>"),
            ("maintenance", 200, "<html>"),
            ("bad-request", 400, "bad input"), ("batch-too-large", 400, "1060"),
            ("batch-too-large:status=413", 413, "1060"), ("busy", 521, "same customer"),
            ("throttle", 429, "limit"),
        ])
    func refusals(fault: String, status: Int, text: String) async throws {
        try await withSandbox(faults: ["\(fault):count=1"]) { server in
            let reply = try #require(try server.post([Bill("A")]).reply)
            #expect(reply.status == status)
            #expect(reply.text.contains(text))
            #expect(try server.bookings() == 0)
            #expect(try server.post([Bill("A")]).reply?.json?["failureCount"]?.int == 0)
        }
    }

    @Test("An empty 400, and an empty 200 after the work")
    func empty() async throws {
        try await withSandbox(faults: ["bad-request:at=1:body=empty", "empty-reply:at=2"]) { server in
            let first = try #require(try server.post([Bill("A")]).reply)
            #expect(first.status == 400 && first.body.isEmpty)
            #expect(try server.bookings() == 0)
            let second = try #require(try server.post([Bill("A")]).reply)
            #expect(second.status == 200 && second.body.isEmpty)
            #expect(try server.bookings() == 1)
        }
    }

    @Test("A 400 that says nothing, for requests that hold a bad record, or for any")
    func bare400() async throws {
        try await withSandbox(faults: ["bare-400:bad:on=add"]) { server in
            #expect(try server.post([Bill("A")]).reply?.status == 200)
            let bad = Bill("C", ["identifierValue": #""unknown-1""#])
            for _ in 0..<8 {
                let refused = try #require(try server.post([Bill("B"), bad]).reply)
                #expect(refused.status == 400 && (refused.body.isEmpty || refused.text == "{}"))
            }
            #expect(try server.bookings() == 1)
            #expect(try server.post([Bill("B")]).reply?.status == 200)
            #expect(try server.bookings() == 2)
        }
        try await withSandbox(faults: ["bare-400:body=json:at=1", "bare-400:body=empty:at=1"]) {
            server in
            let reply = try #require(try server.post([Bill("A")]).reply)
            #expect(reply.text == "{}")
            #expect(try server.bookings() == 0)
        }
    }

    @Test("Retry-After: none, seconds, a date, absurd")
    func retryAfter() async throws {
        let faults = [
            "throttle:at=1", "throttle:at=2:retry=5", "throttle:at=3:retry=date",
            "throttle:retry=absurd",
        ]
        try await withSandbox(faults: faults) { server in
            let values = try (0..<12).map { _ in
                try #require(try server.ask("GET", "/v2/organization/till?code=a").reply).headers[
                    "retry-after"]
            }
            #expect(values[0] == nil)
            #expect(values[1] == "5")
            #expect(values[2]?.hasSuffix(" GMT") == true)
            let absurd = Set(values[3...].compactMap { $0 })
            #expect(absurd.count > 1 && absurd.isSubset(of: ["99999999", "-1", "soon", "1e9"]))
        }
    }

    @Test("Every token is void in the middle of a run; a new one is good")
    func expiry() async throws {
        try await withSandbox(faults: ["expire:on=add:at=2"]) { server in
            func token() throws -> String {
                let outcome = try server.ask(
                    "POST", "/v3/oauth/token/generate", body: #"{"key":"k","secret":"s"}"#)
                return try #require(outcome.reply?.json?["data"]?["accessToken"]?.string)
            }
            var headers = ["X-CAP-API-OAUTH-TOKEN": try token()]
            #expect(try server.post([Bill("A")], headers: headers).reply?.status == 200)
            for _ in 0..<2 {
                #expect(try server.post([Bill("B")], headers: headers).reply?.status == 401)
            }
            headers = ["X-CAP-API-OAUTH-TOKEN": try token()]
            #expect(try server.post([Bill("B")], headers: headers).reply?.status == 200)
            #expect(try server.bookings() == 2)
        }
    }
}

@Suite("Trouble in the reply")
struct ReplyFaultTests {
    private let bills = (0..<6).map { Bill("B-\($0)", $0 == 3 ? ["billAmount": nil] : [:]) }

    /// The items of one reply that met the fault; five of the six bills are booked, whatever it says.
    private func items(_ fault: String) async throws -> [JSON] {
        var items: [JSON] = []
        try await withSandbox(faults: [fault]) { server in
            items = try server.book(bills)
            #expect(try server.bookings() == 5)
        }
        return items
    }

    private func numbers(_ items: [JSON]) -> [String?] {
        items.map { $0["result"]?["billNumber"]?.string }
    }
    private var sent: [String?] { bills.map(\.number) }

    @Test("Items are missing")
    func short() async throws {
        let one = numbers(try await items("short"))
        #expect(one.count == 5 && Set(one).isSubset(of: Set(sent)))
        #expect(try await items("short:size=4").count == 2)
        #expect(try await items("short:size=99").isEmpty)
    }

    @Test("There are more than were sent")
    func extra() async throws {
        let more = try await items("extra:size=2")
        #expect(numbers(more).prefix(6) == sent[...])
        #expect(more.count == 8 && more[7].id != nil && !sent.contains(numbers(more)[7]))
    }

    @Test("The order is another")
    func shuffled() async throws {
        let mixed = numbers(try await items("shuffled"))
        #expect(mixed != sent && Set(mixed) == Set(sent) && mixed.count == 6)
    }

    @Test("Items lack their bill number, or have a wrong one", arguments: [1, 6])
    func labels(size: Int) async throws {
        let bare = numbers(try await items("unlabelled:size=\(size)"))
        #expect(bare.count { $0 == nil } == size)
        let wrong = numbers(try await items("wrong-key:size=\(size)"))
        #expect(wrong.count { $0 == "NOT-YOURS-1" } == size)
    }

    @Test("A failed item's id takes every form", arguments: Fault.FailedID.allCases)
    func failedID(form: Fault.FailedID) async throws {
        let item = try await items("failed-id:id=\(form.rawValue)")[3]
        #expect(item.code == 601)
        switch form {
        case .null: #expect(item["entityId"] == .null)
        case .zero: #expect(item.id == 0)
        case .minusOne: #expect(item.id == -1)
        case .absent: #expect(item["entityId"] == nil)
        }
    }

    @Test("A failed item has no result")
    func noResult() async throws {
        let all = try await items("no-result")
        #expect(all[3]["result"] == nil && all[3].code == 601)
        #expect(all[2]["result"] != nil)
    }

    @Test("A booked item has errors as well")
    func idWithErrors() async throws {
        let all = try await items("id-with-errors:at=2")
        #expect(all.map(\.code) == [nil, 683, nil, 601, nil, nil])
        #expect(all[1].id != nil)
    }

    @Test("The JSON ends in the middle, the HTTP does not")
    func cutJSON() async throws {
        try await withSandbox(faults: ["cut-json"]) { server in
            let reply = try #require(try server.post(bills).reply)
            #expect(reply.status == 200 && !reply.body.isEmpty && reply.json == nil)
            #expect(try server.bookings() == 5)
        }
    }

    @Test("An item is told 521, and is not booked")
    func busyItem() async throws {
        try await withSandbox(faults: ["busy-item:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.map(\.code) == [nil, 521, nil])
            #expect(try server.bookings(of: "B") == 0)
        }
    }

    @Test("An item is told that its size code is invalid, and its neighbours are booked")
    func sizeCode() async throws {
        try await withSandbox(faults: ["size-code:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.map(\.code) == [nil, 672, nil])
            #expect(try server.bookings(of: "B") == 0)
        }
    }

    @Test(
        "A batch is too large by either code",
        arguments: [("batch-too-large", 1060), ("batch-too-large:code=672", 672)])
    func tooLarge(fault: String, code: Int) async throws {
        try await withSandbox(faults: [fault]) { server in
            let reply = try #require(try server.post(bills).reply)
            #expect(reply.status == 400)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("\(code)"))
            #expect(try server.bookings() == 0)
        }
    }

    @Test("A bill is parked after success")
    func parkBehind() async throws {
        try await withSandbox(faults: ["park-behind:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.allSatisfy { $0.code == nil && $0.id != nil })
            #expect(try server.bookings() == 2)
            let queue = try server.get("/v2/organization/rejectedTransactions")
            #expect(queue["pagination"]?["total"]?.int == 1)
            #expect(try server.get("/v2/transactions/getByBillNumber/B")["data"]?.list == [])
        }
    }
}

@Suite("Trouble in looks", .timeLimit(.minutes(1)))
struct LookFaultTests {
    private func hits(
        _ server: SandboxServer, _ number: String = "A", _ headers: [String: String] = [:]
    ) throws -> [Int] {
        let reply = try server.get("/v2/transactions/getByBillNumber/\(number)", headers: headers)
        return try #require(reply["data"]).list.compactMap { $0["id"]?.int }
    }

    @Test("Looks do not see the young")
    func lag() async throws {
        try await withSandbox(faults: ["lag:1h:count=3"]) { server in
            _ = try server.book([Bill("A")])
            #expect(try hits(server) == [])
            #expect(try server.get("/v2/transactions/700000001")["errors"]?[0]?["code"]?.int == 667)
            let older = try server.get("/v1.1/transaction/get?format=json&number=A")
            #expect(older["response"]?["transactions"]?["transaction"]?.list == [])
            #expect(try hits(server) == [700_000_001])
        }
        try await withSandbox(faults: ["lag:1h:on=queue:at=1"]) { server in
            _ = try server.book([Bill("P", ["lineItemsV2": #"[{"itemCode":"parked"}]"#])])
            for total in [0, 1] {
                let queue = try server.get("/v2/organization/rejectedTransactions")
                #expect(queue["pagination"]?["total"]?.int == total)
            }
        }
        try await withSandbox(faults: ["lag:200ms"]) { server in
            _ = try server.book([Bill("A")])
            while try hits(server).isEmpty {}
        }
    }

    @Test("Look-ups see the caller's till only")
    func till() async throws {
        let headers = ["X-CAP-API-ATTRIBUTION-ENTITY-CODE": "till.leeds.1"]
        try await withSandbox(faults: ["looks-till"]) { server in
            _ = try server.book([Bill("A")], headers: headers)
            #expect(try hits(server) == [])
            #expect(try hits(server, "A", headers) == [700_000_001])
        }
    }

    @Test("Looks leave returns out")
    func returns() async throws {
        try await withSandbox(faults: ["looks-no-returns:on=/v2/transactions/getByBillNumber"]) {
            server in
            _ = try server.book([Bill("A"), .giveBack("A", "FULL")])
            #expect(try hits(server) == [700_000_001])
            #expect(try server.get("/v2/transactions/700000002?type=RETURN")["id"]?.int == 700_000_002)
        }
    }

    @Test("Pages are small")
    func pages() async throws {
        try await withSandbox(faults: ["small-pages:size=2"]) { server in
            _ = try server.book((0..<5).map { Bill("A", ["billAmount": "\($0)"]) })
            let page = try server.get("/v2/transactions/getByBillNumber/A?limit=100&offset=4")
            #expect(page["data"]?.list.count == 1)
            #expect(page["pagination"]?["total"]?.int == 5)
            #expect(page["pagination"]?["limit"]?.int == 2)
            #expect(try hits(server).count == 2)
        }
    }

    @Test("Other bills of that number turn up, booked by nobody")
    func ghosts() async throws {
        try await withSandbox(faults: ["ghosts:size=2"]) { server in
            _ = try server.book([Bill("A")])
            for _ in 0..<2 { #expect(try hits(server) == [700_000_001, 990_000_001, 990_000_002]) }
            let bills = try #require(try server.get("/v2/transactions/getByBillNumber/A")["data"]).list
            #expect(bills.map { $0["billDetails"]?["billNumber"]?.string } == ["A", "A", "A"])
            #expect(bills[1]["customerId"] != bills[0]["customerId"])
            #expect(bills[2]["customerId"] == bills[0]["customerId"])
            #expect(bills[2]["billDetails"]?["billingTime"] != bills[0]["billDetails"]?["billingTime"])
            #expect(
                try server.get("/v2/transactions/990000001")["customerId"] == bills[1]["customerId"])
            #expect(try hits(server, "none").count == 2)
            let older = try server.get("/v1.1/transaction/get?number=A&type=ALL")
            #expect(older["response"]?["transactions"]?["transaction"]?.list.count == 3)
            #expect(try server.bookings() == 1)
        }
    }
}

@Suite("What a sandbox survives")
struct DurabilityTests {
    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(
        "Bookings and parked bills are there after a new start",
        arguments: [SandboxOptions.Durability.process, .disk])
    func restart(durability: SandboxOptions.Durability) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("state.sqlite").path
        func options(_ options: inout SandboxOptions) {
            options.statePath = path
            options.durability = durability
            options.uniqueness = .org
        }
        try await withSandbox(options) { server in
            _ = try server.book([Bill("A"), Bill("P", ["lineItemsV2": #"[{"itemCode":"parked"}]"#])])
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try await withSandbox(options) { server in
            #expect(try server.bookings(of: "A") == 1)
            #expect(try server.counts()["parked"]?.int == 1)
            let items = try server.book([Bill("A"), Bill("B")])
            #expect(items.map(\.code) == [604, nil])
            #expect(items[1].id == 700_000_002)
            #expect(
                try server.get("/v2/transactions/getByBillNumber/A")["data"]?[0]?["billDetails"]?[
                    "amount"]?.double == 42)
            _ = try server.ask("POST", "/_sandbox/reset")
        }
        try await withSandbox(options) { server in
            let bookings = try server.bookings()
            #expect(bookings == 0)
        }
    }

    @Test("An answered booking is in the file, while the sandbox still runs")
    func answeredIsDurable() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("state.sqlite").path
        let copy = folder.appendingPathComponent("copy.sqlite").path
        try await withSandbox {
            $0.statePath = path
        } _: { server in
            for round in 1...5 {
                _ = try server.book([Bill("A-\(round)")])
                // What a kill at this moment would leave behind.
                for end in ["", "-wal"] {
                    try? FileManager.default.removeItem(atPath: copy + end)
                    try FileManager.default.copyItem(atPath: path + end, toPath: copy + end)
                }
                try await withSandbox {
                    $0.statePath = copy
                } _: { other in
                    let bookings = try other.bookings()
                    #expect(bookings == round)
                }
            }
        }
    }

    @Test("A state file has one sandbox at a time, also after a start that failed")
    func oneAtATime() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("state.sqlite").path
        try await withSandbox {
            $0.statePath = path
        } _: { server in
            let error = await #expect(throws: SandboxError.self) {
                try await withSandbox {
                    $0.statePath = path
                } _: { _ in
                }
            }
            #expect(error?.description.contains("another sandbox") == true)
            _ = try server.book([Bill("A")])
            var other = SandboxOptions()
            other.statePath = path + "-other"
            other.port = server.port
            await #expect(throws: (any Error).self) { try await SandboxServer.start(other) }
            other.port = 0
            let second = try await SandboxServer.start(other)
            await second.stop()
        }
    }

    @Test("Another org's state, and what is no state, is refused")
    func foreign() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("state.sqlite").path
        try await withSandbox {
            $0.statePath = path
        } _: { _ in
        }
        await #expect(throws: SandboxError.self) {
            try await withSandbox {
                $0.statePath = path
                $0.org = "5"
            } _: { _ in
            }
        }
        let text = folder.appendingPathComponent("text.sqlite").path
        try String(repeating: "no database ", count: 1000).write(
            toFile: text, atomically: true, encoding: .utf8)
        await #expect(throws: (any Error).self) {
            try await withSandbox {
                $0.statePath = text
            } _: { _ in
            }
        }
    }
}
