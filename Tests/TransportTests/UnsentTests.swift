import Foundation
import Logging
import Model
import Synchronization
import Testing
import Transport

/// What certainly never left: it may go again.
@Suite(.timeLimit(.minutes(1))) struct UnsentTests {
    @Test("Nobody listens: not sent")
    func refused() async throws {
        let server = try ScriptServer { _ in [] }
        let port = server.port
        server.stop()
        try await with(server, { $0.baseURL = "http://127.0.0.1:\(port)" }) { client in
            // The listener may take a moment to go.
            var exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            while exchange.trouble == .reset {
                exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            }
            #expect(exchange.isNotSent && exchange.trouble == .connect)
            guard case .notSent(let trouble) = exchange else { return }
            #expect(trouble.message == "connection refused by 127.0.0.1:\(port)")
        }
    }

    @Test(
        "Whom a URL speaks of",
        arguments: [
            ("http://127.0.0.1:1/v2", "127.0.0.1:1"),
            ("https://api.example.com", "api.example.com:443"),
            ("http://api.example.com/x:1", "api.example.com:80"), ("http://[::1]:8080/", "[::1]:8080"),
            ("http://[::1]/", "[::1]:80"), ("https://user:word@h/x", "h:443"),
        ])
    func authorities(_ it: (String, String)) { #expect(authority(of: it.0) == it.1) }

    @Test("A name that does not resolve: not sent")
    func unresolved() async throws {
        let server = try ScriptServer { _ in [] }
        try await with(server, { $0.baseURL = "http://no-such-host.invalid" }) { client in
            let exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            #expect(exchange.isNotSent && exchange.trouble == .resolve)
        }
    }

    @Test("TLS that fails: not sent")
    func handshake() async throws {
        let server = try ScriptServer { _ in [] }
        try await with(server, { $0.baseURL = "https://127.0.0.1:\(server.port)" }) { client in
            async let exchange = client.send(Request(.post, "/", body: [1], adds: true))
            while server.connections < 1 { await Task.yield() }
            server.stop()
            let result = await exchange
            #expect(result.isNotSent && result.trouble == .tls)
        }
    }

    @Test("A server that takes the connection and stalls the handshake: not sent")
    func stalledHandshake() async throws {
        let server = try ScriptServer(early: { _, _ in .hang }, script: { _ in [] })
        try await with(
            server,
            {
                $0.baseURL = "https://127.0.0.1:\(server.port)"
                $0.connectTimeout = .milliseconds(50)
            }
        ) { client in
            let exchange = await client.send(Request(.post, "/", body: [1], adds: true))
            #expect(exchange.isNotSent && exchange.trouble == .connect)
        }
    }

    // What is counted.
}
