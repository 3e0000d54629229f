import Foundation
import Testing

@testable import Sandbox

/// Bills of the queue, replayed and given up.
@Suite("The queue: replaying and giving up")
struct QueueTests {
    static let path = "/v2/organization/rejectedTransactions"

    private static func bill(_ number: String, items: String...) -> Bill {
        let lines = items.map { #"{"itemCode":"\#($0)","qty":1,"amount":1}"# }
        return Bill(number, ["lineItemsV2": "[\(lines.joined(separator: ","))]"])
    }

    private static func mend(_ server: SandboxServer, _ value: String) throws {
        #expect(try server.ask("POST", "/_sandbox/fix?value=\(value)").reply?.status == 200)
    }

    private static func retrigger(
        _ server: SandboxServer, _ body: String, at path: String = Self.path
    ) throws -> Int {
        let reply = try #require(try server.ask("POST", path + "/retrigger", body: body).reply)
        return try #require(reply.json?["retriggerId"]?.int)
    }

    /// The states of all its bills, by number.
    private static func states(
        _ server: SandboxServer, at path: String = Self.path
    ) throws -> [String: String] {
        var states: [String: String] = [:]
        for state in [
            "OPEN", "PARTIAL_FIXED", "FIXED", "REPLAYED", "SUCCESS", "MAX_OUT", "PERMANENT_FAILED",
        ] {
            for entry in try server.get("\(path)?status=\(state)&limit=100")["data"]?.list ?? [] {
                states[entry["billNumber"]?.string ?? ""] = entry["status"]?.string
            }
        }
        return states
    }

    /// Waits for a bill to come to a state, within seconds.
    private static func comes(
        _ bill: String, to state: String, _ server: SandboxServer, at path: String = Self.path
    ) async throws -> Bool {
        for _ in 0..<1000 {
            if try states(server, at: path)[bill] == state { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test("What is fixed is booked after a while, what is not stays, and gives out after three tries")
    func replay() async throws {
        try await withSandbox {
            $0.retriggerTime = .milliseconds(30)
        } _: { server in
            _ = try server.book([
                Self.bill("A", items: "parked-1"), Self.bill("B", items: "parked-1", "parked-2"),
                Self.bill("C", items: "parked-3"),
            ])
            try Self.mend(server, "parked-1")
            let all = #"{"transactionNumber":["A","B","C"]}"#
            let id = try Self.retrigger(server, all)
            #expect(try await Self.comes("A", to: "SUCCESS", server))
            let states = try Self.states(server)
            #expect(states == ["A": "SUCCESS", "B": "PARTIAL_FIXED", "C": "OPEN"])
            #expect(try server.bookings(of: "A") == 1)
            let status = try server.get("\(Self.path)/retriggerStatus/\(id)")["status"]
            #expect(status?["success"]?.int == 1 && status?["replayed"]?.int == 0)
            // What is booked is not booked again.
            for _ in 0..<2 { _ = try Self.retrigger(server, all) }
            #expect(try Self.states(server) == ["A": "SUCCESS", "B": "MAX_OUT", "C": "MAX_OUT"])
            try Self.mend(server, "parked-3")
            _ = try Self.retrigger(server, all)
            try await Task.sleep(for: .milliseconds(50))
            #expect(try Self.states(server)["C"] == "MAX_OUT")
            #expect(try server.bookings() == 1)
        }
    }

    @Test(
        "An item that is imported fixes what names it; the other path serves, too; numbers are all chosen by error"
    )
    func importing() async throws {
        try await withSandbox {
            $0.retriggerTime = .milliseconds(1)
            $0.queuePath = .root
        } _: { server in
            let path = "/v2/rejectedTransactions"
            _ = try server.book([Self.bill("A", items: "parked-1"), Self.bill("B", items: "parked-2")])
            for (path, status) in [(Self.path, 404), (path, 400)] {
                let reply = try server.ask("POST", path + "/retrigger", body: "{}").reply
                #expect(reply?.status == status)
            }
            let reply = try server.ask(
                "POST", "/v2/product/skus?source=INSTORE",
                body: #"[{"sku":"parked-2","name":"x"}]"#
            ).reply
            #expect(reply?.status ?? 0 < 300, "\(reply?.status ?? 0)")
            _ = try Self.retrigger(server, #"{"errorCode":["683"]}"#, at: path)
            #expect(try await Self.comes("B", to: "SUCCESS", server, at: path))
            #expect(try server.bookings(of: "B") == 1)
            #expect(try server.bookings(of: "A") == 0)
            let given = try server.ask(
                "PUT", path + "/markFailed", body: #"{"transactionNumber":["A"],"comments":"gone"}"#)
            #expect(given.reply?.json?["result"] == .bool(true))
            let failed = try server.get(path + "?status=PERMANENT_FAILED")
            #expect(failed["data"]?[0]?["billNumber"]?.string == "A")
        }
    }

    @Test("A replay that a stop interrupts is done after the new start")
    func restart() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "queue-\(UUID().uuidString).sqlite")
        defer { try? FileManager.default.removeItem(at: file) }
        try await withSandbox {
            $0.statePath = file.path
            $0.retriggerTime = .seconds(60)
        } _: { server in
            _ = try server.book([Self.bill("A", items: "parked-1"), Self.bill("B", items: "parked-2")])
            try Self.mend(server, "parked-1")
            _ = try Self.retrigger(server, #"{"transactionNumber":["A","B"]}"#)
            #expect(try Self.states(server) == ["A": "REPLAYED", "B": "OPEN"])
        }
        try await withSandbox {
            $0.statePath = file.path
        } _: { server in
            let states = try Self.states(server)
            #expect(states == ["A": "SUCCESS", "B": "OPEN"])
            #expect(try server.bookings() == 1)
        }
    }
}
