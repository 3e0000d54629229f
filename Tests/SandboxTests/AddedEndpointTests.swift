package import Catalog
import Foundation
import Jobs
import Mapping
import Model
import NIOHTTP1
import NIOPosix
import Records
import Testing

@testable import Sandbox

// 1. The spec
extension Endpoint {
    /// Adds lockers of stores: `POST /v2/orgEntity/locker`.
    package static let lockersAdd = EndpointSpec(
        "lockers.add", "Adds lockers of stores, one per request.", .post, "/v2/orgEntity/locker",
        what: "A locker", adds: true,
        fields: [
            Field("code", .text(most: 20), .required, "Unique in the org."),
            Field("storeId", .integer(1...Int.max), .required, "The server's id."),
            Field("mobile", .text(most: nil), .when("unless email is given")),
            Field("email", .text(most: nil)),
        ],
        rules: [.exactlyOne(of: ["mobile", "email"])],
        keys: Keys(
            identity: [.text("code")], order: [.thing("locker", .text("code"))],
            evidence: [.text("code")]),
        reply: .single(),
        codes: CodeTable([
            .init(.exists, .duplicate, 1220), .init(.rejected, .targetUnknown, 1234),
            .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        ]),
        recovery: .resend, refusesRepeat: true,
        source:
            "Locker. Facts: Stores, Add a till. Unconfirmed: all of it, since there is no such call."
    ).endpoint
}

// 2. The sandbox
extension PlainCall {
    static let lockers: [PlainCall] = [
        single(
            "lockers.add", .POST, "/v2/orgEntity/locker", by: "code", .refused(1220),
            unknown: ("storeId", 1234))
    ]
}

/// The steps of the article on adding an endpoint, followed with a call that does not exist.
@Suite("Adding an endpoint")
struct AddedEndpointTests {
    // 3. The sample
    static let sample = """
        code,store,phone,mail
        L-1,51,447700900101,
        L-2,51,,ada@example.org
        L-3,404,447700900103,
        L-4,51,447700900104,bob@example.org
        """

    // 4. The job
    static let job = """
        job: lockers
        connection: sandbox
        endpoint: lockers.add
        input: { files: samples/lockers.csv }
        record:
          fields:
            code:    code
            storeId: { from: store, as: integer }
            mobile:  { from: phone, empty: omit }
            email:   { from: mail, empty: omit }
        """

    @Test("Each record of the sample comes out as the spec says, and again as already there")
    func steps() throws {
        let job = try Job.parse(
            yaml: Self.job, file: "lockers.yaml", endpoints: Endpoint.all + [.lockersAdd])
        let service = try Service(
            SandboxOptions(), on: MultiThreadedEventLoopGroup.singleton.next())
        for (round, first) in ["accepted", "exists"].enumerated() {
            let outcomes = try Self.items(job).map { try outcome($0, job.endpoint, service) }
            #expect(
                outcomes == [
                    first, first, "rejected target-unknown", "invalid rule mobile",
                ], "round \(round + 1)")
        }
    }

    @Test("The article shows these steps, word for word")
    func article() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(
                path: "Sources/sluice/Documentation.docc/AddingAnEndpoint.md"), encoding: .utf8)
        let own = try String(contentsOfFile: #filePath, encoding: .utf8)
        func part(_ from: String, _ to: String) throws -> String {
            let start = try #require(own.range(of: from)).upperBound
            let end = try #require(own.range(of: to, range: start..<own.endIndex)).lowerBound
            return own[start..<end].trimmingCharacters(in: .newlines)
        }
        #expect(text.contains(try part("// 1. The spec\n", "// 2. The sandbox")))
        #expect(text.contains(try part("static let lockers: [PlainCall] = [\n", "    ]\n}")))
        #expect(text.contains(Self.sample))
        #expect(text.contains(Self.job))
    }

    /// The items that a job makes of the sample.
    private static func items(_ job: Job) throws -> [[UInt8]] {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "lockers-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        try (sample + "\n").write(to: file, atomically: true, encoding: .utf8)
        let input = try #require(
            try InputList.resolve([file.path], options: job.input, relativeTo: "/").first)
        let reader = try RowReader.open(input, index: 0, options: job.input)
        var mapper = try Mapper(spec: job.mapping, columns: reader.columns, attribution: nil)
        var block = RowBlock()
        var batch = RecordBatch()
        while try reader.read(into: &block, rows: 64) { mapper.map(block, into: &batch) }
        mapper.finish(into: &batch)
        return batch.records.map { Array(batch.bytes[$0.item]) }
    }

    /// What becomes of an item: what the checks say of it, or what the sandbox answers.
    private func outcome(_ item: [UInt8], _ endpoint: Endpoint, _ service: Service) throws -> String {
        var tape = JSONTape()
        try tape.parse(item, in: 0..<item.count)
        var prepared = PreparedItem()
        endpoint.prepare(
            Item(bytes: item, range: 0..<item.count, tape: tape, attribution: nil), &prepared)
        if let problem = prepared.problems.first {
            return "invalid \(problem.reason.code) \(problem.field ?? "")"
        }
        let plain = try #require(PlainCall.lockers.first)
        #expect(plain.path == endpoint.path)
        var call = Call(
            HTTPRequestHead(version: .http1_1, method: plain.method, uri: endpoint.path),
            queuePath: SandboxOptions().queuePath)
        call.body = endpoint.body([item[...]])
        let answer = plain.handler.answer(service, call, [])
        let verdict = endpoint.read(
            Reply(status: answer.status, body: answer.body), [prepared.evidence])
        guard case .each(let each) = verdict, let only = each.first else { return "\(verdict)" }
        return switch only {
        case .accepted: "accepted"
        case .exists: "exists"
        case .rejected(let refusal): "rejected \(refusal.reason.code)"
        default: "\(only)"
        }
    }
}
