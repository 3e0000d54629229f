import Foundation
import TestSupport
import Testing

/// Several at once on one ledger.
@Suite(.ownThreads) struct SharingTests {
    @Test("Two runs of one job: the second is turned away, and the first does not notice")
    func oneJob() throws {
        let stand = try Stand(items: 300, sandbox: ["--fault", "latency:500ms:on=add"])
        defer { stand.remove() }
        let first = try stand.startAndWait(done: 20)
        for command in [
            ["run", "job.yaml"], ["run", "job.yaml", "--anew"], ["resume"], ["reconcile"],
        ] {
            let second = try stand.program.run(command, killedAfter: 30)
            #expect(second.status == 6, "\(command): \(second)")
            #expect(second.err.contains("already running"), "\(second.err)")
        }
        first.wait()
        #expect(first.status == 0)
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("Two jobs over the same items at once do each item once", arguments: ["none", "org"])
    func twoJobs(uniqueness: String) throws {
        let stand = try Stand(
            items: 400, sandbox: ["--unique", uniqueness, "--fault", "latency:1ms-20ms:on=add"])
        defer { stand.remove() }
        // The other one has the second half first.
        let lines = try String(contentsOfFile: stand.program.folder + "/items.jsonl", encoding: .utf8)
            .split(separator: "\n")
        try stand.program.write(
            (lines[200...] + lines[..<200]).joined(separator: "\n") + "\n", to: "other.jsonl")
        let job = try String(contentsOfFile: stand.program.folder + "/job.yaml", encoding: .utf8)
        try stand.program.write(
            job.replacingOccurrences(of: "job: W", with: "job: other")
                .replacingOccurrences(of: "items.jsonl", with: "other.jsonl"), to: "other.yaml")
        let processes = try ["job.yaml", "other.yaml"].map {
            try stand.program.start(["run", $0, "--quiet"])
        }
        for process in processes {
            process.wait()
            // Items that the other one has under way wait for it: then some remain.
            #expect([0, 7].contains(process.status))
        }
        for _ in 0..<4 {
            #expect([0, 7].contains(try stand.command("resume").status))
        }
        #expect(try stand.command("status").status == 0)
        let done = try stand.done()
        #expect(done.allSatisfy { $0 == 1 }, "\(done.indices.filter { done[$0] != 1 })")
        let runs = try stand.program.run("runs", "--json").out
        #expect(!runs.contains("\"stopped\""), "both have ended: \(runs)")
    }
}
