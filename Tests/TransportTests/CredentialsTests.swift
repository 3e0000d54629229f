import Foundation
import Logging
import Model
import Synchronization
import Testing

@testable import Transport

@Suite("Credentials", .timeLimit(.minutes(1))) struct CredentialsTests {
    /// A server that gives `token-1`, `token-2`, … and echoes what each call carried.
    private func server(
        ttl: String = "900", token: @escaping @Sendable (Int) -> [UInt8]? = { _ in nil },
        reply: @escaping @Sendable (ScriptServer.Seen) -> [UInt8] = { _ in ScriptServer.reply(200) }
    ) throws -> ScriptServer {
        let calls = Counter()
        return try ScriptServer { seen in
            guard seen.target == "/v3/oauth/token/generate" else { return [.send(reply(seen))] }
            let number = calls.next()
            let granted =
                #"{"data":{"accessToken":"token-\#(number)","ttlSeconds":\#(ttl)},"errors":null}"#
            return [.send(token(number) ?? ScriptServer.reply(200, granted))]
        }
    }

    private func with(
        _ server: ScriptServer, world: World = World(), key: String = "K\u{E9}y\n",
        secret: String = " s\"e\\c \r\n",
        rate: Rate? = nil, handler: Handler = Handler(), mode: Int = 0o600,
        _ body: (HTTPClient, World) async throws -> Void
    ) async throws {
        defer { server.stop() }
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (name, text) in [("key", key), ("secret", secret)] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
            }
            var tuning = HTTPClient.Tuning()
            tuning.clock = world.clock
            let client = try HTTPClient(
                connection: Connection(
                    name: "test", baseURL: server.url,
                    authentication: .oauth(keyFile: "\(folder)/key", secretFile: "\(folder)/secret"),
                    rate: rate),
                stateDirectory: folder, userAgent: "sluice/test",
                logger: Logger(label: "t") { _ in handler },
                tuning: tuning)
            try await body(client, world)
            await client.shutdown()
            #expect(!handler.text.contains("s\"e") && !handler.text.contains("token-"))
        }
    }

    private func expect(
        _ slot: Slot, generation: Int? = nil, credential: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        if let generation { #expect(slot.generation == generation, sourceLocation: location) }
        if let credential { #expect(slot.credential == credential, sourceLocation: location) }
    }

    private func tokenCalls(_ server: ScriptServer) -> [ScriptServer.Seen] {
        server.seen.filter { $0.target == "/v3/oauth/token/generate" }
    }

    @Test("One token is fetched for all, and goes in its own header")
    func once() async throws {
        let server = try server()
        try await with(server) { client, _ in
            let slots = try await withThrowingTaskGroup(of: Slot.self) { group in
                for _ in 0..<40 { group.addTask { try await client.slot() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(slots.allSatisfy { $0.credential == "token-1" && $0.generation == 1 })
            _ = await client.send(Request(.get, "/x"), in: slots[0])
            let calls = tokenCalls(server)
            #expect(calls.count == 1)
            let sent = try JSONDecoder().decode([String: String].self, from: Data(calls[0].body))
            #expect(sent == ["key": "K\u{E9}y", "secret": " s\"e\\c "])
            #expect(calls[0].header("X-CAP-API-OAUTH-TOKEN") == nil && calls[0].method == "POST")
            let seen = try #require(server.seen.last)
            #expect(
                seen.header("X-CAP-API-OAUTH-TOKEN") == "token-1" && seen.header("Authorization") == nil
            )
            #expect(client.statistics.tokenCalls == 1 && client.statistics.requests == 2)
        }
    }

    @Test(
        "It is renewed when four fifths of its life are over", arguments: ["900", "\"900\"", "900.0"])
    func renewal(ttl: String) async throws {
        let server = try server(ttl: ttl)
        try await with(server) { client, world in
            try await expect(client.slot(), generation: 1)
            world.advance(719_000_000_000)
            try await expect(client.slot(), generation: 1)
            world.advance(2_000_000_000)
            try await expect(client.slot(), credential: "token-2")
            #expect(tokenCalls(server).count == 2)
        }
    }

    @Test("A renewal that fails in passing leaves the old token in use until it expires")
    func failedRenewal() async throws {
        let server = try server(token: { $0 == 1 ? nil : ScriptServer.reply(503) })
        try await with(server) { client, world in
            try await expect(client.slot(), generation: 1)
            world.advance(750_000_000_000)
            try await expect(client.slot(), generation: 1)
            let calls = tokenCalls(server).count
            try await expect(client.slot(), generation: 1)
            #expect(tokenCalls(server).count == calls)
            world.advance(200_000_000_000)
            let error = await #expect(throws: SlotError.self) { try await client.slot() }
            #expect(error?.code == .unreachable)
        }
    }

    @Test("After a 401 it is renewed, once however many were refused with it")
    func refused() async throws {
        let server = try server(reply: { seen in
            ScriptServer.reply(seen.header("X-CAP-API-OAUTH-TOKEN") == "token-1" ? 401 : 200)
        })
        try await with(server) { client, _ in
            let slots = [try await client.slot(), try await client.slot(), try await client.slot()]
            #expect(await client.send(Request(.get, "/x"), in: slots[0]).status == 401)
            #expect(await client.send(Request(.get, "/x"), in: slots[1]).status == 401)
            let renewed = try await client.slot()
            #expect(renewed.generation == 2)
            #expect(await client.send(Request(.get, "/x"), in: renewed).status == 200)
            // One that was still under way with the old token.
            #expect(await client.send(Request(.get, "/x"), in: slots[2]).status == 401)
            try await expect(client.slot(), generation: 2)
            #expect(tokenCalls(server).count == 2)
        }
    }

    @Test(
        "A refused secret is an authentication error, asked once",
        arguments: [
            (401, "{}"), (400, "<html>"), (403, ""),
            (200, #"{"data":null,"errors":[{"code":1,"message":"no"}]}"#),
            (404, ""), (302, ""), (200, #"{"data":{"accessToken":"a\nb","ttlSeconds":1}}"#),
        ])
    func wrong(status: Int, body: String) async throws {
        let server = try server(token: { _ in ScriptServer.reply(status, body) })
        try await with(server) { client, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let error = await #expect(throws: SlotError.self) { try await client.slot() }
                        #expect(error?.code == .authentication)
                    }
                }
            }
            #expect(tokenCalls(server).count == 1)
        }
    }

    @Test("A temporary error is tried four times, for all who wait", arguments: [500, 503, 429, 200])
    func passing(status: Int) async throws {
        let server = try server(token: { _ in ScriptServer.reply(status, "<html>") })
        try await with(server) { client, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let error = await #expect(throws: SlotError.self) { try await client.slot() }
                        #expect(error?.code == .unreachable)
                    }
                }
            }
            // Those that came after the first failure try for themselves.
            #expect([4, 8, 12].contains(tokenCalls(server).count))
        }
    }

    @Test("A temporary error that passes costs a few seconds")
    func recovers() async throws {
        let server = try server(token: { $0 < 4 ? ScriptServer.reply(502) : nil })
        try await with(server) { client, world in
            let start = world.now
            try await expect(client.slot(), credential: "token-4")
            #expect((1...15).contains((world.now - start) / 1_000_000_000))
        }
    }

    @Test("Token calls take places at the gate")
    func places() async throws {
        let server = try server()
        try await with(server, rate: Rate(requests: 60, per: .seconds(60))) { client, world in
            let start = world.now
            _ = try await client.slot()
            #expect(world.now - start >= 900_000_000)
        }
    }

    @Test("A token that expires at the gate is not sent")
    func expiresWaiting() async throws {
        let server = try server(
            ttl: "30", reply: { _ in ScriptServer.reply(429, "", headers: ["Retry-After: 60"]) })
        try await with(server) { client, world in
            let slot = try await client.slot()
            let start = world.now
            #expect(await client.send(Request(.get, "/x"), in: slot).status == 429)
            let next = try await client.slot()
            #expect(next.generation == 2 && world.now - start >= 60_000_000_000)
        }
    }

    @Test(
        "Files that cannot be used are authentication errors that name them",
        arguments: ["", "  \n", "a\nb\n"])
    func unusable(secret: String) async throws {
        let server = try server()
        try await with(server, secret: secret) { client, _ in
            let error = await #expect(throws: SlotError.self) { try await client.slot() }
            #expect(error?.code == .authentication)
            #expect(error?.message.contains("/secret: ") == true)
            #expect(server.seen.isEmpty)
        }
    }

    @Test("Files that other users may read are refused", arguments: [0o600, 0o400, 0o640, 0o604])
    func permissions(mode: Int) async throws {
        try await with(try server(), mode: mode) { client, _ in
            guard mode & 0o077 != 0 else { return _ = try await client.slot() }
            let error = await #expect(throws: SlotError.self) { try await client.slot() }
            #expect(error?.code == .authentication && error?.message.contains("chmod 600") == true)
        }
    }

    @Test("Basic sends the MD5 of the password in lower-case hex")
    func basic() async throws {
        let server = try ScriptServer { seen in
            [.send(ScriptServer.reply(seen.target == "/401" ? 401 : 200))]
        }
        defer { server.stop() }
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("password\n".utf8).write(to: URL(fileURLWithPath: folder + "/p"))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: folder + "/p")
            let client = try HTTPClient(
                connection: Connection(
                    name: "test", baseURL: server.url,
                    authentication: .basic(username: "till.01", passwordFile: folder + "/p"), rate: nil),
                stateDirectory: folder, userAgent: "sluice/test",
                logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
            let slot = try await client.slot()
            _ = await client.send(Request(.get, "/401"), in: slot)
            let sent = try #require(server.seen.first?.header("Authorization"))
            let text = Data("till.01:5f4dcc3b5aa765d61d8327deb882cf99".utf8).base64EncodedString()
            #expect(sent == "Basic " + text)
            // A password is not renewed.
            try await expect(client.slot(), generation: slot.generation)
            await client.shutdown()
        }
    }

    @Test("A caller who is cancelled leaves the others their token")
    func cancelled() async throws {
        let open = Counter()
        let server = try ScriptServer { seen in
            _ = open.next()
            return seen.connection == 0
                ? [.hang]
                : [.send(ScriptServer.reply(200, #"{"data":{"accessToken":"t","ttlSeconds":9}}"#))]
        }
        try await with(server) { client, _ in
            let first = Task { try await client.slot() }
            while server.seen.isEmpty { await Task.yield() }
            let second = Task { try await client.slot() }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            try await expect(second.value, credential: "t")
        }
    }
}

final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}

/// A log in memory.
final class Handler: LogHandler {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }
    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }
}
