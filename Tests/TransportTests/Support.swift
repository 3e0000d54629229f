import Foundation
import Logging
import Model
import Synchronization
import Testing
import Transport

extension Exchange {
    var status: Int? { if case .reply(let reply) = self { reply.status } else { nil } }
    var isNotSent: Bool { if case .notSent = self { true } else { false } }
    var trouble: Trouble.Code? {
        switch self {
        case .reply: nil
        case .notSent(let trouble), .unanswered(let trouble): trouble.code
        }
    }
}

extension HTTPClient {
    /// An attempt in a slot that nobody requested.
    func send(_ request: Request) async -> Exchange { await send(request, in: Slot()) }
}

/// A folder of its own that goes with the test.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

func with(
    _ server: ScriptServer, _ change: (inout Connection) -> Void = { _ in },
    tuning: HTTPClient.Tuning = .init(),
    _ body: (HTTPClient) async throws -> Void
) async throws {
    defer { server.stop() }
    try await withFolder { folder in
        var connection = Connection(name: "test", baseURL: server.url, rate: nil)
        change(&connection)
        // On a machine that is busy, seconds pass between two requests of a test.
        var tuning = tuning
        tuning.idleLimit = max(tuning.idleLimit, .seconds(600))
        let client = try HTTPClient(
            connection: connection, stateDirectory: folder, userAgent: "sluice/test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, tuning: tuning)
        try await body(client)
        await client.shutdown()
    }
}
