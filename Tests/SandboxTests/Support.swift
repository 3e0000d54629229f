import Testing

@testable import Sandbox

/// A sandbox of the test's own, ended with it.
func withSandbox(
    _ change: (inout SandboxOptions) throws -> Void = { _ in },
    faults: [String] = [],
    _ body: (SandboxServer) async throws -> Void
) async throws {
    var options = SandboxOptions()
    options.faults = try FaultPlan(seed: 7, parsing: faults)
    options.controls = true
    try change(&options)
    let server = try await SandboxServer.start(options)
    do { try await body(server) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

extension SandboxServer {
    /// One request on a connection of its own.
    func ask(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = ""
    ) throws -> Wire.Outcome {
        try Wire(port).ask(method, target, headers: headers, body: Array(body.utf8))
    }

    func get(_ target: String, headers: [String: String] = [:]) throws -> JSON {
        try #require(try ask("GET", target, headers: headers).reply?.json)
    }

    /// Sends bills and gives the items of the reply.
    func book(_ bills: [Bill], headers: [String: String] = [:]) throws -> [JSON] {
        let reply = try #require(try post(bills, headers: headers).reply)
        return try #require(reply.json?["response"]).list
    }

    func post(_ bills: [Bill]) throws -> Wire.Outcome { try post(bills, headers: [:]) }

    func post(_ bills: [Bill], headers: [String: String]) throws -> Wire.Outcome {
        try ask("POST", "/v2/transactions/bulk", headers: headers, body: Bill.body(bills))
    }

    func counts() throws -> JSON { try get("/_sandbox/counts") }
    func bookings() throws -> Int { try #require(try counts()["bookings"]?.int) }
    func bookings(of number: String) throws -> Int {
        try #require(try get("/_sandbox/bookings?number=\(number)")["count"]?.int)
    }
}

/// A bill to send, good unless a test spoils it.
struct Bill {
    var number: String
    var members: [String: String] = [:]

    /// - Parameter changes: Members as JSON text; nil takes one out.
    init(_ number: String = "B-1", _ changes: [String: String?] = [:]) {
        self.number = number
        members = [
            "identifierType": #""mobile""#, "identifierValue": #""447700900101""#,
            "source": #""INSTORE""#,
            "type": #""REGULAR""#, "billNumber": "\"\(number)\"",
            "billingDate": #""2026-02-03T10:15:00+05:30""#, "billAmount": "42.5",
            "lineItemsV2": #"[{"itemCode":"SKU-1","qty":2,"rate":21.25,"value":42.5,"amount":42.5}]"#,
        ]
        for (name, value) in changes { members[name] = value }
    }

    static func giveBack(_ number: String, _ kind: String, _ changes: [String: String?] = [:]) -> Bill {
        Bill(
            number,
            [
                "type": #""RETURN""#, "returnType": "\"\(kind)\"",
                "purchaseTime": #""2026-02-03T10:15:00+05:30""#,
                "billingDate": #""2026-02-04T10:15:00+05:30""#, "billAmount": "21.25",
                "lineItemsV2": #"[{"itemCode":"SKU-1","qty":1,"amount":21.25}]"#,
            ].merging(changes) { $1 })
    }

    var json: String {
        "{" + members.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
    static func body(_ bills: [Bill]) -> String { "[" + bills.map(\.json).joined(separator: ",") + "]" }
}

extension JSON {
    /// The code of an item's first error.
    var code: Int? { self["errors"]?[0]?["code"]?.int }
    var id: Int? { self["entityId"]?.int }
}
