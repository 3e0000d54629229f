import Foundation
import Testing

@testable import Sandbox

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
