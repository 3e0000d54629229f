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
