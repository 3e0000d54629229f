import Model
import Records
import TestSupport
import Testing

@testable import Catalog

/// What holds for the whole catalog. A new endpoint is covered once ``Specimen`` knows it.
@Suite("The whole catalog")
struct ConformanceTests {
    private static func specimen(_ endpoint: Endpoint) throws -> Specimen {
        try #require(Specimen.of(endpoint), "\(endpoint.name) has no specimen")
    }

    private static func members(_ endpoint: Endpoint, _ specimen: Specimen) throws -> [Evidence] {
        try specimen.items.map { try prepare($0, endpoint: endpoint).evidence }
    }

    @Test("tells where it is from, what can go wrong, and what it needs", arguments: Endpoint.all)
    func told(_ endpoint: Endpoint) {
        #expect(!endpoint.reasons.isEmpty)
        #expect(Set(endpoint.reasons).count == endpoint.reasons.count)
        #expect(
            endpoint.fields.contains { $0.presence != .optional },
            "no field is required, not even in one case")
        let words = ([endpoint.summary, endpoint.source] + endpoint.fields.map(\.note)).joined(
            separator: " "
        ).lowercased()
        for secret in ["password", "secret", "token", "bearer", "basic "] {
            #expect(!words.contains(secret))
        }
    }

    @Test("one wrong field, and the item is refused, by name", arguments: Endpoint.all)
    func wrong(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        #expect(specimen.wrong.count >= 5)
        for (field, value) in specimen.wrong {
            let prepared = try prepare(
                changed(specimen.items[0], field, value), endpoint: endpoint)
            #expect(!prepared.problems.isEmpty, "\(field): \(value ?? "none")")
            for problem in prepared.problems {
                #expect(endpoint.reasons.contains(problem.reason), "\(problem)")
                #expect(!problem.message.isEmpty)
            }
        }
    }

    @Test("texts at their limits: n-1 and n pass, n+1 does not", arguments: Endpoint.all)
    func limits(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        func tooLong(_ item: String) throws -> Bool {
            try prepare(item, endpoint: endpoint).problems.contains { $0.reason == .tooLong }
        }
        for field in endpoint.fields {
            switch field.kind {
            case .text(most: let most?):
                for letter in ["a", "é", "\\u00e9"] {
                    for (length, isLong) in [(most - 1, false), (most, false), (most + 1, true)] {
                        let text = "\"" + String(repeating: letter, count: length) + "\""
                        #expect(
                            try tooLong(changed(specimen.items[0], field.name, text)) == isLong,
                            "\(field.name) of \(length)")
                    }
                }
            case .integer(let range?) where range.upperBound != .max:
                for (number, isOut) in [
                    (range.lowerBound, false), (range.upperBound, false),
                    (range.lowerBound - 1, true), (range.upperBound + 1, true),
                ] {
                    let problems = try prepare(
                        changed(specimen.items[0], field.name, String(number)), endpoint: endpoint,
                        checks: .none
                    ).problems
                    #expect(
                        problems.contains { $0.reason == .outOfRange } == isOut,
                        "\(field.name) of \(number)")
                }
            default: continue
            }
        }
    }

    @Test("requests are whole JSON, at one record, some and the most", arguments: Endpoint.answering)
    func requests(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let item = Array(specimen.items[0].utf8)
        let most = endpoint.chunk.most
        for count in Set([1, max(1, most - 1), most]) {
            let body = endpoint.body(Array(repeating: item[...], count: count))
            // Some have none.
            #expect(body.isEmpty || JSON(body) != nil)
        }
    }

    @Test(
        "the bound of a reply fits the largest batch, and is not far above it",
        arguments: Endpoint.answering)
    func replyBound(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let most = endpoint.chunk.most
        let items = (0..<most).map { Array(specimen.items[$0 % specimen.items.count].utf8)[...] }
        let limit = endpoint.chunk.replyLimit(records: most, body: endpoint.body(items).count)
        let one = specimen.envelope([specimen.done(0)]).utf8.count
        #expect(limit > 3 * one * most)
        #expect(endpoint.chunk.replyLimit(records: most, body: endpoint.chunk.bodyLimit) < 32 << 20)
    }

    @Test("a reply in order accepts each under its own id", arguments: Endpoint.answering)
    func inOrder(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let members = try Self.members(endpoint, specimen)
        let size = min(members.count, endpoint.chunk.most)
        let sent = Array(members.prefix(size))
        let body = specimen.envelope((0..<size).map(specimen.done))
        let words = endpoint.read(reply(200, body), sent).words
        #expect(words.allSatisfy { $0.hasPrefix("accepted") }, "\(words)")
        #expect(words.count == size)
    }

    @Test("every code of its table means what the table says", arguments: Endpoint.answering)
    func codes(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let member = try Self.members(endpoint, specimen)[0]
        #expect(!specimen.codes.rows.isEmpty)
        for row in specimen.codes.rows {
            for code in row.codes {
                let item = specimen.failed(0, Specimen.error(code))
                let verdict = endpoint.read(reply(200, specimen.envelope([item])), [member])
                guard case .each(let each) = verdict, each.count == 1 else {
                    // Some codes speak of the request, and then nothing was done.
                    let isOpen = row.meaning == .done || row.meaning == .inDoubt
                    let words = ["again", "split", "refused"] + (isOpen ? ["in doubt"] : [])
                    #expect(words.contains(verdict.words[0]), "\(code)")
                    continue
                }
                switch row.meaning {
                case .done: #expect(each[0].word.hasPrefix("accepted") || each[0].isDoubt, "\(code)")
                case .rejected, .batch: #expect(each[0].word == "rejected", "\(code)")
                case .exists: #expect(each[0].word == "exists", "\(code)")
                case .parked: #expect(each[0].word == "parked", "\(code)")
                case .again: #expect(each[0].word == "again", "\(code)")
                case .inDoubt: #expect(each[0].isDoubt, "\(code)")
                }
                if let reason = each[0].reason { #expect(endpoint.reasons.contains(reason)) }
            }
        }
        // A code that no page lists is never taken for success.
        for code in [1, 424_242] {
            let item = specimen.failed(0, Specimen.error(code))
            let verdict = endpoint.read(reply(200, specimen.envelope([item])), [member])
            #expect(!verdict.words[0].hasPrefix("accepted"))
        }
    }

    @Test(
        "a 400 with nothing in it refuses the whole, and what that means has a source",
        arguments: Endpoint.all)
    func bareRefusal(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let members = try Self.members(endpoint, specimen)
        guard case .doesNothing(let source) = endpoint.badRequest else {
            Issue.record("\(endpoint.name) does not say what a 400 means")
            return
        }
        #expect(!source.isEmpty)
        for count in Set([1, min(members.count, endpoint.chunk.most)]) {
            for body in ["", "{}", "<html>bad request</html>"] {
                let words = endpoint.read(reply(400, body), Array(members.prefix(count))).words
                #expect(words == ["bare"], "\(body)")
            }
        }
    }

    @Test("a reply cut at any byte accepts nobody", arguments: Endpoint.all)
    func cut(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let members = try Self.members(endpoint, specimen)
        let size = min(members.count, endpoint.chunk.most)
        let body = Array(specimen.envelope((0..<size).map(specimen.done)).utf8)
        for end in 0..<body.count {
            for status in [200, 201, 500] {
                let cut = Reply(status: status, body: Array(body[..<end]))
                let words = endpoint.read(cut, Array(members.prefix(size))).words
                #expect(words == ["in doubt"], "cut at \(end): \(words)")
            }
        }
    }

    @Test(
        "in another order, short or with strangers: rightly bound, or in doubt",
        arguments: Endpoint.answering
    )
    func mixed(_ endpoint: Endpoint) throws {
        let specimen = try Self.specimen(endpoint)
        let all = try Self.members(endpoint, specimen)
        let size = min(all.count, endpoint.chunk.most)
        let members = Array(all.prefix(size))
        let right = endpoint.read(
            reply(200, specimen.envelope((0..<size).map(specimen.done))), members
        ).words
        for seed in UInt64(1)...200 {
            var random = Seeded(seed)
            var order = Array(0..<size).shuffled(using: &random)
            let failing = Set((0..<size).filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
            order.removeAll { _ in size > 1 && Int.random(in: 0..<5, using: &random) == 0 }
            if order.isEmpty { continue }
            if Int.random(in: 0..<5, using: &random) == 0 {
                order.append(order[Int.random(in: 0..<order.count, using: &random)])
            }
            let items = order.map {
                failing.contains($0)
                    ? specimen.failed($0, Specimen.error(424_242)) : specimen.done($0)
            }
            let words = endpoint.read(reply(200, specimen.envelope(items)), members).words
            if words == ["in doubt"] { continue }
            #expect(words.count == size, "seed \(seed)")
            for (index, word) in words.enumerated() where word.hasPrefix("accepted") {
                #expect(
                    word == right[index] && order.contains(index) && !failing.contains(index),
                    "seed \(seed): record \(index) is \(word) of \(items)")
            }
        }
    }
}

extension Endpoint {
    /// Those whose reply speaks of records: a file's is a job, and is tested by itself.
    static var answering: [Endpoint] { all.filter { $0.fileJobs == nil } }
}

extension Disposition {
    /// Whether nobody knows.
    var isDoubt: Bool {
        switch self {
        case .inDoubt, .unbound: true
        default: false
        }
    }

    var reason: Reason? {
        switch self {
        case .rejected(let refusal), .exists(let refusal), .parked(let refusal),
            .again(_, let refusal), .inDoubt(let refusal), .unbound(let refusal):
            refusal.reason
        case .accepted: nil
        }
    }
}
