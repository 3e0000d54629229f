import Foundation
import Model
import Testing

@testable import Catalog

/// What an endpoint derives from items of every form, and makes of replies with every code.
///
/// ``StoredFormTests`` has a few items in full. Here each field has values of its kind in turn; a line has a digest
/// of what comes of them: identity, content, binding, group, order keys, evidence, reasons, path and body. A new
/// endpoint adds lines (`SLUICE_GOLDEN=1` writes the file again); a line that is there must not change.
@Suite("Derived forms")
struct DerivedFormTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/derived-forms.txt")

    @Test("What follows from an item and a reply is what it always was")
    func unchanged() throws {
        let lines = try Endpoint.all.flatMap { try Self.items($0) + Self.replies($0) }
        if ProcessInfo.processInfo.environment["SLUICE_GOLDEN"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(
                to: Self.file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(
            String.init)
        #expect(Set(golden).subtracting(lines) == [], "these are derived otherwise now")
        #expect(Set(lines).subtracting(golden) == [], "new: write the file with SLUICE_GOLDEN=1")
        #expect(golden == lines)
    }

    // MARK: Items

    private static func items(_ endpoint: Endpoint) throws -> [String] {
        let specimen = try #require(Specimen.of(endpoint))
        let item = specimen.items[0]
        var lines = [
            "\(endpoint.name) wrong "
                + digest(
                    try specimen.wrong.map {
                        try derived(changed(item, $0.field, $0.value), endpoint)
                    })
        ]
        for field in endpoint.fields {
            let values: [String?] = [nil, "null"] + samples(field.kind)
            lines.append(
                "\(endpoint.name) \(field.name) "
                    + digest(try values.map { try derived(changed(item, field.name, $0), endpoint) }))
        }
        return lines
    }

    private static func derived(_ item: String, _ endpoint: Endpoint) throws -> String {
        let prepared = try prepare(item, endpoint: endpoint)
        let bytes = Array(item.utf8)[...]
        let words =
            [
                prepared.identity.high, prepared.identity.low, prepared.content, prepared.binding,
                prepared.group,
            ] + prepared.orderKeys
        let problems = prepared.problems.map { $0.reason.code + " " + ($0.field ?? "") }
        return [
            words.map { String($0) }.joined(separator: " "), "\(prepared.evidence.bytes)",
            problems.joined(separator: ";"), endpoint.target(of: [bytes]),
            String(decoding: endpoint.body([bytes]), as: UTF8.self),
        ].joined(separator: "|")
    }

    /// JSON texts of values of a kind, fit and not.
    private static func samples(_ kind: Field.Kind) -> [String] {
        switch kind {
        case .text:
            [
                #""""#, #""x-1""#, #""Ä b/c""#, #""007""#, #""2026-02-03 14:05:00""#,
                #""A@Example.org""#, #""+44 7700 900101""#, "7",
            ]
        case .oneOf(let words): words.map { "\"\($0)\"" } + [#""none of them""#]
        case .integer(let range):
            ["1", "7", #""007""#, "12345", "-1", #""x""#, "\(range?.lowerBound ?? 0)"]
        case .number: ["1", #""42.50""#, "0.0001", "-3", #""1e2""#, #""x""#]
        case .boolean: ["true", "false", #""true""#]
        case .instant: [#""2026-02-03T10:15:00+05:30""#, #""2026-02-03T10:15:00Z""#, #""2026-02-03""#]
        case .open: ["{}", #"{"a":"b","c":7}"#, "[]"]
        case .object(let fields): objects(fields)
        case .list(let element): lists(samples(element))
        }
    }

    private static func objects(_ fields: [Field]) -> [String] {
        func member(_ field: Field, _ value: String) -> String { "\"\(field.name)\":\(value)" }
        func first(_ field: Field) -> String {
            let all = samples(field.kind)
            return all.first { $0 != #""""# && $0 != "[]" && $0 != "{}" } ?? all[0]
        }
        let whole = fields.map { member($0, first($0)) }
        var texts = ["{}", "{" + whole.joined(separator: ",") + "}", "7"]
        for (index, field) in fields.enumerated() {
            texts.append("{" + whole[index] + "}")
            for value in samples(field.kind).prefix(4) {
                var some = whole
                some[index] = member(field, value)
                texts.append("{" + some.joined(separator: ",") + "}")
            }
            var others = whole
            others.remove(at: index)
            texts.append("{" + others.joined(separator: ",") + "}")
        }
        return texts
    }

    private static func lists(_ elements: [String]) -> [String] {
        ["[]", "7"] + elements.map { "[\($0)]" } + [
            "[" + elements.prefix(3).joined(separator: ",") + "]"
        ]
    }

    // MARK: Replies

    private static func replies(_ endpoint: Endpoint) throws -> [String] {
        let specimen = try #require(Specimen.of(endpoint))
        let most = min(endpoint.chunk.most, specimen.items.count)
        let members = try specimen.items.map { try prepare($0, endpoint: endpoint).evidence }
        let codes = specimen.codes.rows.flatMap(\.codes) + [99_999, 500, 404]
        var words: [String] = []
        func note(_ status: Int, _ body: String, _ members: [Evidence]) {
            let verdict = endpoint.read(reply(status, body), members)
            words.append(verdict.words.joined(separator: " "))
            if case .each(let each) = verdict {
                words += each.map { $0.reason?.code ?? "" }
            }
        }
        for code in codes {
            for status in [200, 400, 404, 409, 500] {
                let failed = specimen.failed(0, Specimen.error(code))
                note(status, specimen.envelope([failed]), [members[0]])
                guard most > 1 else { continue }
                note(status, specimen.envelope([failed, specimen.done(1)]), Array(members[0...1]))
                note(status, specimen.envelope([specimen.done(1), failed]), Array(members[0...1]))
            }
        }
        for count in Set([1, most]).sorted() {
            let all = Array(members.prefix(count))
            note(200, specimen.envelope((0..<count).map(specimen.done)), all)
            note(200, specimen.envelope([specimen.done(0)]), all)
            for body in ["", "{}", "[]", "<html>", #"{"errors":[{"code":8015,"message":"m"}]}"#] {
                for status in [200, 400, 401, 403, 404, 413, 429, 500, 503] { note(status, body, all) }
            }
        }
        return ["\(endpoint.name) replies " + digest(words)]
    }

    private static func digest(_ texts: [String]) -> String {
        String(Label.digest(texts), radix: 16)
    }
}
