import Ledger
import Model
import Reports
import Synchronization
import Testing

@testable import Engine

/// Answers or refuses connections as it is told, at a time that stands still until it is moved.
private final class Switchboard: Sender {
    struct State {
        var exchange = Exchange.notSent(Trouble(.connect, "connection refused by 127.0.0.1:1"))
        var time: Int64 = 1_000_000
        var news: [OutageWatch.News] = []
    }
    let state = Mutex(State())

    func slot() async throws -> Slot { Slot() }
    func send(_ request: Request, in slot: Slot) async -> Exchange { state.withLock { $0.exchange } }

    func answer(_ exchange: Exchange) { state.withLock { $0.exchange = exchange } }
    func pass(_ seconds: Int64) { state.withLock { $0.time += seconds * 1000 } }
    var news: [OutageWatch.News] { state.withLock { $0.news } }

    func watch() -> OutageWatch {
        OutageWatch(
            self, now: { Timestamp(milliseconds: self.state.withLock { $0.time }) }, words: .reports,
            tell: { news in self.state.withLock { $0.news.append(news) } })
    }
}

@Suite struct OutageWatchTests {
    private static let request = Request(.get, "/")
    private static let refused = "connection refused by 127.0.0.1:1"

    @Test("A server that was never reached is told at once, and given up after two minutes")
    func never() async throws {
        let board = Switchboard()
        let watch = board.watch()
        for _ in 0..<5 { _ = await watch.send(Self.request, in: try await watch.slot()) }
        #expect(board.news == [.unreachable(cause: Self.refused)])
        board.pass(119)
        _ = await watch.send(Self.request, in: try await watch.slot())
        board.pass(1)
        await #expect(
            throws: SlotError(.unreachable, "the server cannot be reached: \(Self.refused)")
        ) { try await watch.slot() }
    }

    @Test("One that answered before is told when it lasts, and when it is over")
    func between() async throws {
        let board = Switchboard()
        let watch = board.watch()
        board.answer(.reply(Reply(status: 200)))
        _ = await watch.send(Self.request, in: try await watch.slot())
        board.answer(.notSent(Trouble(.connect, Self.refused)))
        _ = await watch.send(Self.request, in: try await watch.slot())
        #expect(board.news.isEmpty)
        board.pass(10)
        _ = await watch.send(Self.request, in: try await watch.slot())
        #expect(board.news == [.unreachable(cause: Self.refused)])
        board.pass(589)
        _ = try await watch.slot()
        board.answer(.reply(Reply(status: 500)))
        _ = await watch.send(Self.request, in: try await watch.slot())
        #expect(board.news.last == .reachable && board.news.count == 2)
        board.pass(10_000)
        _ = try await watch.slot()
        // A short one in between is not worth a word.
        board.answer(.notSent(Trouble(.connect, Self.refused)))
        _ = await watch.send(Self.request, in: try await watch.slot())
        board.answer(.reply(Reply(status: 200)))
        _ = await watch.send(Self.request, in: try await watch.slot())
        #expect(board.news.count == 2)
        // It took the connection: that is another trouble.
        board.answer(.unanswered(Trouble(.timeout, "no answer")))
        _ = await watch.send(Self.request, in: try await watch.slot())
        board.pass(10_000)
        _ = try await watch.slot()
    }

    /// A run over a server that refuses in this way from its first request on.
    private func end(_ trouble: Trouble) async throws -> (RunResult, Ledger, RunRow) {
        let scene = try ExecutionTests.Scene(bills: 40, customers: 40)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let (ledger, run, org) = try await scene.begin(server)
        server.refuseConnections(trouble)
        // Time passes by waiting alone.
        let time = Mutex(Int64(1_790_000_000_000))
        let environment = Environment(
            now: { Timestamp(milliseconds: time.withLock { $0 }) },
            sleep: { duration in
                let seconds = duration / .seconds(1)
                time.withLock { $0 += max(1, Int64(seconds * 1000)) }
                try await Task.sleep(for: .microseconds(100))
            }, words: .reports)
        let ending = try await Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server,
            environment: environment
        ).run()
        return (ending, ledger, run)
    }

    @Test(
        "A run that reaches nobody ends with 5 and the cause, with nothing sent",
        .timeLimit(.minutes(5)))
    func run() async throws {
        let (ending, ledger, run) = try await end(Trouble(.connect, Self.refused))
        #expect(ending.exitCode == 5, "\(ending)")
        #expect(ending.reason?.contains(Self.refused) == true, "\(ending)")
        #expect(try ledger.outage(run: run.number)?.cause == Self.refused)
        let totals = try ledger.totals(run: run.number)
        #expect(RecordState.allCases.allSatisfy { $0 == .unsent || totals[$0] == 0 })
    }

    @Test("A certificate that is not accepted ends it with 8 and the reason", .timeLimit(.minutes(5)))
    func certificate() async throws {
        let words = "the certificate of localhost:443 is not accepted: self-signed certificate"
        let (ending, ledger, run) = try await end(Trouble(.certificate, words))
        #expect(ending.exitCode == 8, "\(ending)")
        #expect(ending.reason?.contains("self-signed") == true, "\(ending)")
        #expect(try ledger.totals(run: run.number)[.inDoubt] == 0)
    }

    @Test(
        "What is before the run ends as the run would",
        arguments: [(404, 3), (403, 8), (401, 8), (503, 5)])
    func org(status: Int, code: Int) async throws {
        let server = FakeServer(seed: 1)
        server.refuseAll(Reply(status: status, body: Array("<html>no</html>".utf8)))
        let connection = Connection(name: "c", baseURL: "http://127.0.0.1", rate: nil)
        let codes: [RunStartError.Code: Int] = [.path: 3, .authentication: 8, .unreachable: 5]
        do {
            _ = try await RunStarter.learnOrg(
                connection, sender: server, environment: CrashTests.hurried)
            Issue.record("no error")
        } catch let error as RunStartError {
            #expect(codes[error.code] == code, "\(error)")
        }
    }
}
