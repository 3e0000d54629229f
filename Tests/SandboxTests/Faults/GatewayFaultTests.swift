import Foundation
import Testing

@testable import Sandbox

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
