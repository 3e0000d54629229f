import Foundation
import Testing

@testable import Sandbox

/// Who may ask the sandbox what.
@Suite struct DoorTests {
    @Test("Only names of this machine lead in, whatever page a browser shows")
    func hosts() async throws {
        try await withSandbox { server in
            for host in ["localhost", "127.0.0.1:\(server.port)", "[::1]:1", "LOCALHOST:8080"] {
                let reply = try server.ask("GET", "/_sandbox/counts", headers: ["Host": host]).reply
                #expect(reply?.status == 200, "\(host)")
            }
            for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", ""] {
                let reply = try server.ask("POST", "/_sandbox/reset", headers: ["Host": host]).reply
                #expect(reply?.status == 421, "\(host)")
            }
            let refused = try server.ask(
                "POST", "/v2/transactions/bulk", headers: ["Host": "evil.example"],
                body: Bill.body([Bill("B-1")]))
            #expect(refused.reply?.status == 421)
            #expect(try server.bookings() == 0)
        }
    }

    @Test("The books are open only to those who ask to read them")
    func controls() async throws {
        try await withSandbox({ $0.controls = false }) { server in
            for path in ["/_sandbox/counts", "/_sandbox/bookings", "/_sandbox", "/_sandbox/reset"] {
                let reply = try server.ask("GET", path).reply
                #expect(reply?.status == 404 && reply?.text.contains("--controls") == true, "\(path)")
            }
            #expect(try server.book([Bill("B-1")]).count == 1)
        }
    }

    @Test("With a token, nobody else gets an answer")
    func token() async throws {
        try await withSandbox({ $0.token = "t0ken" }) { server in
            #expect(server.baseURL == "http://127.0.0.1:\(server.port)/t0ken")
            for path in ["/v2/transactions/bulk", "/_sandbox/counts", "/t0ke/v2/x", "/t0kenx", "/"] {
                #expect(try server.ask("GET", path).reply?.status == 403, "\(path)")
            }
            let reply = try server.ask(
                "POST", "/t0ken/v2/transactions/bulk", body: Bill.body([Bill("B-1")])
            ).reply
            #expect(reply?.status == 200)
            #expect(try server.get("/t0ken/_sandbox/counts")["bookings"]?.int == 1)
        }
    }
}
