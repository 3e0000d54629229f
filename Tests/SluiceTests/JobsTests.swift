import Foundation
import TestSupport
import Testing

/// Every job in `jobs/` over its sample, against the sandbox: once to its end, and once more with nothing
/// left to send.
@Suite(.ownThreads) struct JobsTests {
    static let jobs: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/jobs")) ?? []
        return names.filter { name in
            // A plan of several jobs is no job.
            let text = try? String(contentsOfFile: Program.root + "/jobs/" + name, encoding: .utf8)
            return name.hasSuffix(".yaml") && text?.contains("\nendpoint:") == true
        }.map { String($0.dropLast(".yaml".count)) }.sorted()
    }()

    /// What has to be there before.
    static let before = [
        "prices": ["products"], "unenrol": ["milestones"], "store-changes": ["stores"],
        "location-store-changes": ["location-stores"], "associates": ["stores"],
    ]
    /// The samples that have bad rows.
    static let flawed: Set = [
        "items", "ugly", "coupon-revokes", "coupon-expiry", "reactivations", "badge-revokes",
        "badge-unenrolments", "till-fields", "group-changes", "associations", "note-changes",
        "card-references", "deliveries",
    ]

    @Test("Each job runs on its sample, and the second time sends nothing", arguments: jobs)
    func twice(job: String) throws {
        let program = try Program()
        defer { program.remove() }
        for folder in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + folder, withDestinationPath: Program.root + "/" + folder)
        }
        for name in Self.before[job] ?? [] {
            #expect(try program.run("run", "jobs/\(name).yaml").status == 0)
        }
        let first = try program.run("run", "jobs/\(job).yaml", "--json")
        #expect(first.status == (Self.flawed.contains(job) ? 1 : 0), "\(first)")
        #expect(try report(first).accepted > 0)
        let again = try program.run("run", "jobs/\(job).yaml", "--json")
        #expect(again.status == first.status, "\(again)")
        let (accepted, sent) = try report(again)
        // What was refused is sent again: it may have been fixed.
        #expect(accepted == 0 && (sent == 0 || Self.flawed.contains(job)), "\(again.out)")
    }

    /// How many records it accepted, and in how many requests they travelled.
    private func report(_ output: Program.Output) throws -> (accepted: Int, sent: Int) {
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
        let records = try #require(report["records"] as? [String: Any])
        let requests = try #require(report["requests"] as? [String: Any])
        return (try #require(records["accepted"] as? Int), try #require(requests["clean"] as? Int))
    }

    @Test("Every endpoint of the catalog has a job here, and the list of jobs has it")
    func complete() throws {
        let program = try Program()
        defer { program.remove() }
        let document = try #require(
            try JSONSerialization.jsonObject(
                with: Data(program.run("endpoints", "--json").out.utf8)) as? [String: Any])
        let names = (document["endpoints"] as? [[String: Any]] ?? []).compactMap {
            $0["name"] as? String
        }
        try #require(!names.isEmpty)
        let texts = try Self.jobs.map {
            try String(contentsOfFile: Program.root + "/jobs/\($0).yaml", encoding: .utf8)
        }
        for name in names {
            #expect(texts.contains { $0.contains("\nendpoint: \(name)\n") }, "no job calls \(name)")
        }
        let list = try String(contentsOfFile: Program.root + "/jobs/README.md", encoding: .utf8)
        for job in Self.jobs { #expect(list.contains("`\(job).yaml`"), "jobs/README.md: \(job)") }
    }
}
