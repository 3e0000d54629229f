import Model
import Records
import TestSupport
import Testing

@testable import Catalog

extension Endpoint: CustomTestStringConvertible {
    public var testDescription: String { name }
}

/// Holds for every endpoint, so that a new one is covered the day it is listed.
@Suite("Every endpoint")
struct EndpointTests {
    /// Items that are fit to be sent; an endpoint without any fails here and is given some.
    private static func samples(_ endpoint: Endpoint) -> [String] {
        Specimen.of(endpoint)?.items ?? []
    }

    private static func members(_ endpoint: Endpoint) throws -> [Evidence] {
        try samples(endpoint).map { try prepare($0, endpoint: endpoint).evidence }
    }

    @Test("is described", arguments: Endpoint.all)
    func described(_ endpoint: Endpoint) {
        #expect(!endpoint.summary.isEmpty && !endpoint.source.isEmpty)
        #expect(endpoint.path.hasPrefix("/") && !endpoint.path.contains("?"))
        #expect(1 <= endpoint.chunk.normal && endpoint.chunk.normal <= endpoint.chunk.most)
        #expect(endpoint.chunk.bodyLimit > 0)
        #expect(!endpoint.fields.isEmpty)
        #expect(Set(endpoint.fields.map(\.name)).count == endpoint.fields.count)
        for reason in endpoint.reasons { #expect(Reason.named(reason.code) == reason) }
        #expect(endpoint.method != .get)
        if endpoint.adds, case .resend = endpoint.recovery {
            // But for what the server knows by a key of ours.
            for member in (try? Self.members(endpoint)) ?? [] {
                #expect(endpoint.refusesRepeat(member, OrgSettings()))
            }
        }
    }

    @Test func namesAreUnique() {
        #expect(Set(Endpoint.all.map(\.name)).count == Endpoint.all.count)
        for endpoint in Endpoint.all { #expect(Endpoint.named(endpoint.name)?.name == endpoint.name) }
        #expect(Endpoint.named("transactions") == nil)
        #expect(Endpoint.suggestion(for: "transaction.add") == "transactions.add")
        #expect(Endpoint.suggestion(for: "frobnicate") == nil)
    }

    @Test("takes its samples", arguments: Endpoint.all)
    func samplesAreFit(_ endpoint: Endpoint) throws {
        let samples = try Self.samples(endpoint).map { try prepare($0, endpoint: endpoint) }
        #expect(samples.count >= 3)
        for sample in samples {
            #expect(sample.problems == [])
            #expect(!endpoint.key(sample.evidence).isEmpty)
            #expect(!endpoint.kind(sample.evidence).isEmpty)
        }
        #expect(Set(samples.map(\.identity)).count == samples.count)
        #expect(Set(samples.map(\.binding)).count == samples.count)
    }

    @Test("bodies are JSON that hold the items as they are", arguments: Endpoint.answering)
    func bodies(_ endpoint: Endpoint) throws {
        let items = Self.samples(endpoint).map { Array($0.utf8) }
        // What a request says once is taken from its first item.
        let isGathered =
            endpoint.recovery.sameRequest != nil
            || ["badges.unenrol", "coupons.revoke"].contains(endpoint.name)
        let least = endpoint.chunk.most == 1 || isGathered ? 1 : 0
        for count in least...min(items.count, endpoint.chunk.most) {
            let body = endpoint.body(items.prefix(count).map { $0[...] })
            // What is in the path is not in the body.
            guard endpoint.fields.allSatisfy({ $0.place == .body }) else { continue }
            var tape = JSONTape()
            try tape.parse(body, in: 0..<body.count)
            let text = String(decoding: body, as: UTF8.self)
            for item in Self.samples(endpoint).prefix(count) where !isGathered {
                #expect(text.contains(item))
            }
        }
    }

    @Test("a throttled or unauthorized request did nothing", arguments: Endpoint.all)
    func undone(_ endpoint: Endpoint) throws {
        let members = try Self.members(endpoint)
        #expect(endpoint.read(Reply(status: 429), members) == .again(after: nil))
        #expect(endpoint.read(Reply(status: 401), members).words == ["unauthorized"])
        for status in [403, 404, 405, 415] {
            #expect(endpoint.read(Reply(status: status), members).words == ["refused"])
        }
        #expect(endpoint.read(Reply(status: 413), members).words == ["split"])
    }

    @Test(
        "an unlisted or broken answer of a call that adds is doubt",
        arguments: Endpoint.all.filter(\.adds))
    func doubt(_ endpoint: Endpoint) throws {
        let members = try Self.members(endpoint)
        let told = [400, 401, 403, 404, 405, 413, 415, 429]
        for status in Array(100...599) where !told.contains(status) {
            for body in ["", "<html>soon</html>", "{", "[]", "null"] {
                let verdict = endpoint.read(reply(status, body), members)
                #expect(verdict.words == ["in doubt"], "\(status) \(body)")
            }
        }
    }

    @Test("no reply crashes it, or says anything of more records than went", arguments: Endpoint.all)
    func anyReply(_ endpoint: Endpoint) throws {
        let members = try Self.members(endpoint)
        for seed in UInt64(1)...300 {
            var random = Seeded(seed)
            let body = randomJSON(depth: 4, &random)
            let status = [200, 201, 207, 400, 403, 500, 503].randomElement(using: &random) ?? 200
            switch endpoint.read(reply(status, body), members) {
            case .each(let each): #expect(each.count == members.count, "seed \(seed)")
            default: break
            }
        }
    }

    @Test("no item crashes its checks", arguments: Endpoint.all)
    func anyItem(_ endpoint: Endpoint) throws {
        let names = endpoint.fields.map(\.name)
        for seed in UInt64(1)...300 {
            var random = Seeded(seed)
            var members: [String] = []
            for name in names.shuffled(using: &random).prefix(12) {
                members.append("\"\(name)\": " + randomJSON(depth: 3, &random))
            }
            // What has no problem can be told from others and looked for.
            for item in ["{" + members.joined(separator: ",") + "}", randomJSON(depth: 3, &random)] {
                let prepared = try prepare(item, endpoint: endpoint)
                #expect(
                    !prepared.problems.isEmpty || !prepared.evidence.bytes.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test("evidence of nothing is no crash", arguments: Endpoint.all)
    func emptyEvidence(_ endpoint: Endpoint) {
        let nothing = Evidence()
        #expect(endpoint.key(nothing).isEmpty)
        _ = endpoint.kind(nothing)
        _ = endpoint.repeats(nothing)
        _ = endpoint.refusesRepeat(nothing, OrgSettings(billNumbers: .org))
        _ = endpoint.read(bulk([item("A", id: "1")]), [nothing])
        if case .readBack(let readBack) = endpoint.recovery {
            _ = readBack.search(nothing, OrgSettings())
        }
    }
}

/// Some JSON text, with the names and values that replies have.
private func randomJSON(depth: Int, _ random: inout Seeded) -> String {
    let names = [
        "response", "entityId", "result", "errors", "warnings", "billNumber", "type", "code", "message",
        "status", "data", "success", "errorCode", "lineItemsV2", "createdBy",
    ]
    let values = [
        "null", "true", "0", "-1", "1", "604", "521", "4000", "1060", #""""#, #""B""#, #""REGULAR""#,
        #""RETURN""#,
        #""2026-02-03T10:15:00Z""#, "1e400", #""\u0000""#, "99999999999999999999",
    ]
    switch depth == 0 ? 3 : Int.random(in: 0..<5, using: &random) {
    case 0, 1:
        let some = names.shuffled(using: &random).prefix(Int.random(in: 0...5, using: &random))
        let members = some.map { "\"\($0)\":" + randomJSON(depth: depth - 1, &random) }
        return "{" + members.joined(separator: ",") + "}"
    case 2:
        let count = Int.random(in: 0...4, using: &random)
        return "["
            + (0..<count).map { _ in randomJSON(depth: depth - 1, &random) }.joined(separator: ",")
            + "]"
    default: return values.randomElement(using: &random) ?? "null"
    }
}
