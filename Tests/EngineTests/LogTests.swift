import Engine
import Foundation
import Ledger
import Logging
import Model
import Reports
import Synchronization
import Testing

/// Keeps what is logged.
private final class Kept: Sendable {
    let lines = Mutex<[(level: Logger.Level, text: String)]>([])
    var all: [String] { lines.withLock { $0.map { $0.text } } }
}

private struct KeepingHandler: LogHandler {
    let kept: Kept
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        kept.lines.withLock { $0.append((event.level, "\(event.message) \(text)")) }
    }
}

@Suite(.timeLimit(.minutes(5))) struct LogTests {
    private func run(_ level: Logger.Level) async throws -> (lines: [String], run: String) {
        let scene = try ExecutionTests.Scene(bills: 60, customers: 60) { number in
            ExecutionTests.Scene.line(number, customer: number == 7 ? "bad-jane" : "jane.doe-\(number)")
        }
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        server.refuseBare(.doesNothing)
        server.loseNext(1)
        let (ledger, run, org) = try await scene.begin(server)
        let kept = Kept()
        var logger = Logger(label: "test") { _ in KeepingHandler(kept: kept) }
        logger.logLevel = level
        _ = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real,
            logger: logger
        ).run()
        return (kept.all, run.id.text)
    }

    @Test("Requests, decisions and waits are told with the run's id, and nobody is named")
    func told() async throws {
        let (lines, run) = try await run(.trace)
        #expect(lines.contains { $0.contains("request") && $0.contains("POST /v2/transactions/bulk") })
        #expect(lines.contains { $0.contains("reply") && $0.contains("status=400") })
        #expect(lines.contains { $0.contains("GET /v2/transactions/getByBillNumber/*") })
        #expect(lines.contains { $0.contains("rejected: checking") })
        #expect(lines.contains { $0.hasPrefix("in doubt ") })
        #expect(lines.contains { $0.contains("proved absent") })
        #expect(lines.allSatisfy { $0.contains("run=\(run)") })
        for line in lines {
            #expect(
                !line.contains("jane") && !line.contains("B-") && !line.contains("12.50"), "\(line)")
        }
    }

    @Test("Looks are told on the second level only, and nothing where nobody asks")
    func levels() async throws {
        let (lines, _) = try await run(.debug)
        #expect(lines.contains { $0.contains("POST /v2/transactions/bulk") })
        #expect(!lines.contains { $0.contains("getByBillNumber") })
        #expect(try await run(.warning).lines.isEmpty)
    }
}
