import Foundation
import Logging
import Model
import Synchronization
import Testing
import Transport

@Suite("HTTPClient", .timeLimit(.minutes(1))) struct HTTPClientTests {
    @Test("A post arrives as it was made, on HTTP/1.1, without Expect, and its reply comes back")
    func post() async throws {
        let server = try ScriptServer { _ in
            [
                .send(
                    ScriptServer.reply(
                        201, #"{"ok":1}"#, headers: ["X-Cap-Requestid:  abc ", "Empty:"]))
            ]
        }
        try await with(server) { client in
            let body = Array(#"[{"a":"é"}]"#.utf8)
            let exchange = await client.send(
                Request(.post, "/v2/x?y=%20", headers: [Header("X-One", "1")], body: body, adds: true))
            #expect(
                exchange
                    == .reply(
                        Reply(
                            status: 201,
                            headers: [
                                Header("Content-Length", "8"), Header("X-Cap-Requestid", "abc"),
                                Header("Empty", ""),
                            ], body: Array(#"{"ok":1}"#.utf8))))
            let seen = try #require(server.seen.first)
            #expect(seen.method == "POST" && seen.target == "/v2/x?y=%20" && seen.version == "HTTP/1.1")
            #expect(seen.body == body)
            #expect(seen.header("X-One") == "1" && seen.header("Expect") == nil)
            #expect(seen.header("Content-Type") == "application/json")
            #expect(seen.header("Accept") == "application/json")
            #expect(seen.header("User-Agent") == "sluice/test")
            #expect(seen.header("Authorization") == nil)
            #expect(seen.header("Content-Length") == "\(body.count)")
        }
    }

    @Test("A body above a megabyte goes without Expect and whole")
    func largePost() async throws {
        let server = try ScriptServer { seen in [.send(ScriptServer.reply(200, "\(seen.body.count)"))] }
        try await with(server) { client in
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let exchange = await client.send(Request(.post, "/", body: body, adds: true))
            #expect(exchange.status == 200)
            #expect(server.seen.first?.body == body)
            #expect(server.seen.first?.header("Expect") == nil)
        }
    }

    @Test("Handles change their method from request to request")
    func methods() async throws {
        let server = try ScriptServer { _ in [.send(ScriptServer.reply(200))] }
        try await with(server) { client in
            for (method, body, adds) in [
                (Request.Method.post, "a", true), (.get, "", false), (.put, "bc", false),
                (.post, "", false),
                (.get, "", false), (.post, "d", false), (.put, "e", true), (.post, "", true),
            ] {
                #expect(
                    await client.send(Request(method, "/", body: Array(body.utf8), adds: adds)).status
                        == 200)
                let seen = try #require(server.seen.last)
                #expect(seen.method == method.rawValue)
                #expect(String(decoding: seen.body, as: UTF8.self) == body)
                if method == .get { #expect(seen.header("Content-Length") == nil) }
            }
            // The one that adds and has no body came on a connection of its own.
            #expect(server.seen.map(\.connection) == [0, 0, 0, 0, 0, 0, 0, 1])
        }
    }

    @Test("The coupon service has its own address")
    func hosts() async throws {
        let api = try ScriptServer { _ in [.send(ScriptServer.reply(200))] }
        let coupon = try ScriptServer { _ in [.send(ScriptServer.reply(202))] }
        defer { coupon.stop() }
        try await with(api, { $0.couponURL = coupon.url }) { client in
            #expect(await client.send(Request(.get, "/a")).status == 200)
            #expect(await client.send(Request(.get, "/b", host: .coupon)).status == 202)
            #expect(coupon.seen.map(\.target) == ["/b"])
        }
    }

    @Test("A redirect is a reply")
    func redirect() async throws {
        let server = try ScriptServer { _ in
            [.send(ScriptServer.reply(307, "", headers: ["Location: /elsewhere"]))]
        }
        try await with(server) { client in
            #expect(await client.send(Request(.post, "/", body: [1], adds: true)).status == 307)
            #expect(server.seen.count == 1)
        }
    }

    @Test(
        "What cannot be in a header or a path does not leave",
        arguments: [
            Request(.get, "/a b"), Request(.get, "relative"), Request(.get, "/a\r\nX: y"),
            Request(.get, "/", headers: [Header("X", "a\r\nY: b")]),
            Request(.get, "/", headers: [Header("X: y", "b")]),
        ])
    func injection(request: Request) async throws {
        let server = try ScriptServer { _ in [.send(ScriptServer.reply(200))] }
        try await with(server) { client in
            guard case .notSent = await client.send(request) else {
                Issue.record("it was sent")
                return
            }
            #expect(server.connections == 0)
        }
    }

    @Test("Connections are used again")
    func reuse() async throws {
        let server = try ScriptServer { _ in [.send(ScriptServer.reply(200))] }
        try await with(server) { client in
            for _ in 0..<50 {
                #expect(await client.send(Request(.post, "/", body: [1], adds: true)).status == 200)
            }
            #expect(server.connections == 1)
            #expect(client.statistics.replies[2] == 50)
        }
    }

    @Test("The statistics say what became of the requests, and why others wait")
    func statistics() async throws {
        let server = try ScriptServer { seen in
            switch seen.target {
            case "/cut": [.reset]
            case "/429": [.send(ScriptServer.reply(429, "", headers: ["Retry-After: 12"]))]
            default: [.send(ScriptServer.reply(Int(seen.target.dropFirst()) ?? 0, "four"))]
            }
        }
        let world = World(held: true)
        var tuning = HTTPClient.Tuning()
        tuning.clock = world.clock
        try await with(server, tuning: tuning) { client in
            for target in ["/200", "/201", "/400", "/500", "/cut", "/429"] {
                _ = await client.send(Request(.post, target, body: [1, 2, 3], adds: true))
            }
            _ = await client.send(Request(.get, "nowhere"))
            let statistics = client.statistics
            #expect(statistics.requests == 6 && statistics.unanswered == 1 && statistics.throttled == 1)
            #expect(statistics.replies == [0, 0, 2, 0, 2, 1, 0, 0, 0, 0])
            #expect(statistics.bytesSent == 18 && statistics.bytesReceived == 16)
            #expect(statistics.waitingReason == nil && statistics.gate.used == nil)
            #expect(statistics.gate.share == 0.8)
            let waiting = Task { try await client.slot() }
            while world.sleepers == 0 { await Task.yield() }
            #expect(client.statistics.waitingReason == "throttled by server, 12 s")
            world.release()
            _ = try await waiting.value
            #expect(client.statistics.waitingReason == nil)
            #expect(client.statistics.gate.waited == [.throttled: .seconds(12)])
        }
    }

    // Limits.

    @Test("A silent server: a timeout, in doubt")
    func timeout() async throws {
        let server = try ScriptServer { _ in [.hang] }
        try await with(
            server, { ($0.connectTimeout, $0.timeout) = (.milliseconds(50), .milliseconds(50)) }
        ) { client in
            let exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            #expect(exchange.trouble == .timeout && !exchange.isNotSent)
        }
    }

    @Test("A reply that trickles runs into the time limit as well")
    func trickle() async throws {
        let server = try ScriptServer { _ in
            [.send(Array("HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\n".utf8))]
                + (0..<1000).flatMap { _ in [ScriptServer.Step.send([0x61]), .sleep(milliseconds: 1)] }
        }
        try await with(
            server, { ($0.connectTimeout, $0.timeout) = (.milliseconds(50), .milliseconds(100)) }
        ) { client in
            #expect(await client.send(Request(.get, "/")).trouble == .timeout)
        }
    }

    @Test(
        "A reply above the limit is not read to its end", arguments: [true, false], [100_000, 200_000])
    func huge(isChunked: Bool, limit: Int) async throws {
        let head = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 200000"
        let (before, after) = isChunked ? ("3e8\r\n", "\r\n") : ("", "")
        let chunk = Array(before.utf8) + [UInt8](repeating: 0x61, count: 1000) + Array(after.utf8)
        let server = try ScriptServer { _ in
            [.send(Array("HTTP/1.1 200 x\r\n\(head)\r\n\r\n".utf8))]
                + [ScriptServer.Step](repeating: .send(chunk), count: 200)
                + (isChunked ? [.send(Array("0\r\n\r\n".utf8))] : [])
        }
        var tuning = HTTPClient.Tuning()
        tuning.replyLimit = limit
        try await with(server, tuning: tuning) { client in
            let exchange = await client.send(Request(.get, "/"))
            if limit == 200_000 {
                #expect(exchange.status == 200)
            } else {
                #expect(exchange.trouble == .replyTooLarge && !exchange.isNotSent)
            }
        }
    }

    @Test(
        "What is not HTTP is no reply",
        arguments: ["SSH-2.0-x\r\n", "HTTP/1.1 banana\r\n\r\n", "<html>"])
    func junk(text: String) async throws {
        let server = try ScriptServer { _ in [.send(Array(text.utf8)), .fin] }
        try await with(server) { client in
            let exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            #expect(exchange.trouble != nil && !exchange.isNotSent)
        }
    }

    @Test("A refusal that comes before the body was read is a reply", arguments: [413, 401])
    func early(status: Int) async throws {
        let server = try ScriptServer(
            early: { _, _ in
                .send(ScriptServer.reply(status, "too much", headers: ["Connection: close"]))
            },
            script: { _ in [.fin] })
        try await with(server) { client in
            let body = [UInt8](repeating: 7, count: 8_000_000)
            let exchange = await client.send(Request(.post, "/", body: body, adds: true))
            #expect(exchange.status == status)
        }
    }

    @Test("An interim reply is left out")
    func interim() async throws {
        let server = try ScriptServer { _ in
            [
                .send(
                    Array("HTTP/1.1 103 Early\r\nA: 1\r\n\r\n".utf8)
                        + ScriptServer.reply(200, "x", headers: ["B: 2"]))
            ]
        }
        try await with(server) { client in
            guard case .reply(let reply) = await client.send(Request(.get, "/")) else {
                Issue.record("no reply")
                return
            }
            #expect(reply.status == 200 && reply.header("A") == nil && reply.header("b") == "2")
        }
    }

    // Cancelling.

    @Test("Cancelling ends an exchange at once, in doubt; the client continues")
    func cancel() async throws {
        let server = try ScriptServer { seen in
            seen.target == "/hang" ? [.hang] : [.send(ScriptServer.reply(200))]
        }
        try await with(server) { client in
            let task = Task { await client.send(Request(.post, "/hang", body: [1], adds: true)) }
            while server.seen.isEmpty { await Task.yield() }
            task.cancel()
            let exchange = await task.value
            #expect(exchange.trouble == .cancelled && !exchange.isNotSent)
            #expect(await client.send(Request(.post, "/", body: [1], adds: true)).status == 200)
        }
    }

    @Test("Cancelled before it began: not sent")
    func cancelledBefore() async throws {
        let server = try ScriptServer { _ in [.hang] }
        try await with(server) { client in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await client.send(Request(.post, "/", body: [1], adds: true))
            }
            task.cancel()
            #expect(await task.value.trouble == .cancelled)
            #expect(server.seen.isEmpty)
        }
    }

    @Test("A shutdown ends what is in flight; nothing leaves after it")
    func shutdown() async throws {
        let server = try ScriptServer { _ in [.hang] }
        try await with(server) { client in
            async let hanging = client.send(Request(.post, "/", body: [1], adds: true))
            while server.seen.isEmpty { await Task.yield() }
            await client.shutdown()
            #expect(await hanging.trouble == .cancelled)
            let late = await client.send(Request(.post, "/", body: [1], adds: true))
            #expect(late.isNotSent && late.trouble == .cancelled)
            await client.shutdown()
        }
    }

    @Test("Replies in flight share one budget: those that do not fit wait, and none is lost")
    func replyBudget() async throws {
        let text = String(repeating: "reply ", count: 50_000)
        let server = try ScriptServer { _ in [.send(ScriptServer.reply(200, text))] }
        var tuning = HTTPClient.Tuning()
        tuning.replyBudget = 400_000
        try await with(server, tuning: tuning) { client in
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        guard case .reply(let reply) = await client.send(Request(.get, "/")) else {
                            return false
                        }
                        return reply.body.count == text.utf8.count
                    }
                }
                for await isWhole in group { #expect(isWhole) }
            }
        }
    }

    @Test("The connection's headers go with each request, but for those of the request's own")
    func connectionHeaders() async throws {
        let server = try ScriptServer { _ in [.send(ScriptServer.reply(200))] }
        try await with(server, { $0.headers = [Header("X-Gate", "g"), Header("X-Own", "c")] }) {
            client in
            let request = Request(.post, "/", headers: [Header("x-own", "r")], body: [1], adds: true)
            #expect(await client.send(request).status == 200)
            let seen = try #require(server.seen.first)
            #expect(seen.header("x-gate") == "g" && seen.header("x-own") == "r")
        }
    }

    @Test("A call with a limit of its own waits at its own gate, and others do not")
    func callLimit() async throws {
        let server = try ScriptServer { _ in [] }
        // Time passes by waiting alone.
        let time = Mutex(Int64(1_000_000_000_000))
        var tuning = HTTPClient.Tuning()
        tuning.clock = GateClock(
            now: { time.withLock { $0 } },
            sleep: { until in time.withLock { $0 = max($0, until) } },
            wall: { Timestamp(milliseconds: 1_790_000_000_000) })
        let most = Rate(requests: 1_000_000, per: .seconds(1))
        try await with(server, { $0.rate = most }, tuning: tuning) { client in
            let limit = CallLimit(
                "PUT /v2/x/{id}", Rate(requests: 60, per: .seconds(60)), source: "The test.")
            let begun = time.withLock { $0 }
            for _ in 0..<5 { _ = try await client.slot() }
            #expect(time.withLock { $0 } - begun < 1_000_000)
            for _ in 0..<5 { _ = try await client.slot(for: limit) }
            let passed = time.withLock { $0 } - begun
            // A place may be taken over to a tenth of a second late.
            #expect((3_900_000_000..<5_000_000_000).contains(passed))
            _ = try await client.slot()
            #expect(time.withLock { $0 } - begun - passed < 1_000_000)
        }
    }

    @Test("Where the connection says that nothing limits, a job's own rate is the only one")
    func noCallLimit() async throws {
        let server = try ScriptServer { _ in [] }
        let time = Mutex(Int64(1_000_000_000_000))
        var tuning = HTTPClient.Tuning()
        tuning.clock = GateClock(
            now: { time.withLock { $0 } },
            sleep: { until in time.withLock { $0 = max($0, until) } },
            wall: { Timestamp(milliseconds: 1_790_000_000_000) })
        let most = Rate(requests: 1_000_000, per: .seconds(1))
        try await with(
            server,
            {
                $0.rate = most
                $0.honorsCallLimits = false
            }, tuning: tuning
        ) { client in
            let limit = CallLimit(
                "PUT /v2/x/{id}", Rate(requests: 60, per: .seconds(60)), source: "The test.")
            let begun = time.withLock { $0 }
            for _ in 0..<50 { _ = try await client.slot(for: limit) }
            #expect(time.withLock { $0 } - begun < 1_000_000)
        }
    }

    @Test("A request says how long its reply may be")
    func replyLimitOfARequest() async throws {
        let server = try ScriptServer { _ in
            [.send(ScriptServer.reply(200, String(repeating: "x", count: 5000)))]
        }
        try await with(server) { client in
            let long = await client.send(Request(.post, "/", body: [1], adds: true, replyLimit: 4999))
            #expect(long.trouble == .replyTooLarge && !long.isNotSent)
            let fits = await client.send(Request(.post, "/", body: [1], adds: true, replyLimit: 5000))
            #expect(fits.status == 200)
        }
    }

    @Test("Many at once, cancelled at random, lose no answer and mix none up")
    func many() async throws {
        let server = try ScriptServer { seen in
            [.send(ScriptServer.reply(200, String(decoding: seen.body, as: UTF8.self)))]
        }
        try await with(server) { client in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        let body = Array("number \(number)".utf8)
                        let task = Task {
                            await client.send(Request(.post, "/", body: body, adds: true))
                        }
                        if number % 7 == 0 { task.cancel() }
                        switch await task.value {
                        case .reply(let reply): #expect(reply.body == body)
                        case .notSent(let trouble), .unanswered(let trouble):
                            #expect(trouble.code == .cancelled)
                        }
                    }
                    if number % 32 == 31 { await group.waitForAll() }
                }
            }
        }
    }
}
