import Foundation
import TestSupport
import Testing

/// No room left: for the ledger, for the lists of what was not accepted, for the report.
@Suite(.ownThreads) struct DiskTests {
    // A limit on the size of files behaves as a full disk does, and needs no mounting. The signal that
    // comes with it is ignored, so that the writing fails instead.
    private func limited(_ stand: Stand, kilobytes: Int, _ command: String) throws -> Program.Output {
        // dash and bash count blocks of 512 and 1024 bytes.
        try stand.program.shell(
            "trap '' XFSZ; ulimit -f \(kilobytes); exec \"$SLUICE\" \(command)", killedAfter: 60)
    }

    @Test(
        "No room for the ledger stops the run, and nothing is lost or done twice",
        arguments: [40, 150, 300, 600, 1200])
    func ledger(kilobytes: Int) throws {
        let stand = try Stand(items: 600)
        defer { stand.remove() }
        let first = try limited(stand, kilobytes: kilobytes, "run job.yaml")
        #expect([0, 5].contains(first.status), "\(first)")
        if first.status == 5 {
            #expect(first.err.contains("ledger.sqlite"), "\(first.err)")
            #expect(first.err.contains("sluice resume") || first.err.contains("disk"), "\(first.err)")
        }
        let last = try stand.goOn()
        #expect(last.status == 0, "first \(first.status): \(last)")
        try stand.expectOnce(last)
    }

    @Test("No place for a run's folder: nothing is sent, and `resume` does it all later")
    func folder() throws {
        let bad = Set(0..<300)
        let stand = try Stand(items: 310, bad: bad)
        defer { stand.remove() }
        // What is in the way of the folder is in the way for root, too.
        let script = """
            mkdir -p state; : > state/runs; "$SLUICE" run job.yaml; status=$?; rm state/runs; exit $status
            """
        let output = try stand.program.shell(script, killedAfter: 30)
        #expect(output.status == 5, "\(output)")
        #expect(output.err.contains("state/runs"), "\(output.err)")
        #expect(try stand.command("resume").status == 1)
        let folder = try #require(
            try FileManager.default.contentsOfDirectory(atPath: stand.program.folder + "/state/runs")
                .first)
        let list = try String(
            contentsOfFile: stand.program.folder + "/state/runs/\(folder)/rejects.jsonl",
            encoding: .utf8)
        #expect(list.split(separator: "\n").count == 300)
    }

    @Test("A list that does not fit is not left in half")
    func halfAList() throws {
        let stand = try Stand(items: 3000, bad: Set(0..<3000), send: "chunk: 100, in_flight: 4")
        defer { stand.remove() }
        let first = try stand.command("run", "job.yaml", "--quiet")
        #expect(first.status == 1, "\(first)")
        let runs = stand.program.folder + "/state/runs"
        let folder = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
        for file in try FileManager.default.contentsOfDirectory(atPath: "\(runs)/\(folder)") {
            try FileManager.default.removeItem(atPath: "\(runs)/\(folder)/\(file)")
        }
        let report = try limited(stand, kilobytes: 100, "report")
        #expect(report.status == 5, "\(report)")
        #expect(!report.err.contains("Fatal"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(runs)/\(folder)").isEmpty)
        #expect(try stand.command("report").status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(runs)/\(folder)").count == 2)
    }

    @Test(
        "No room for what is printed is said; it is no success, unless the status says what became of data",
        arguments: [
            "run job.yaml", "run job.yaml --json", "convert items.jsonl", "runs", "status", "endpoints",
        ])
    func output(command: String) throws {
        let stand = try Stand(items: 10)
        defer { stand.remove() }
        let sends = command.hasPrefix("run ")
        let full = try stand.program.shell("exec \"$SLUICE\" \(command) > /dev/full", killedAfter: 30)
        #expect(full.status == (sends ? 0 : 5), "\(full)")
        #expect(full.err.contains("standard output: No space left on device"), "\(full.err)")
        let closed = try stand.program.shell("exec \"$SLUICE\" \(command) >&-", killedAfter: 30)
        #expect(closed.status == (sends ? 0 : 5), "\(closed)")
        let silent = try stand.program.shell("exec \"$SLUICE\" \(command) >&- 2>&-", killedAfter: 30)
        #expect(silent.status == (sends ? 0 : 5))
        if sends { #expect(try stand.done().allSatisfy { $0 == 1 }) }
        // Nothing that was printed is in a file that was opened in the meantime.
        #expect(try stand.program.run("runs").status == 0)
    }

    @Test("A reader that has seen enough does not change how a run ended")
    func readerGone() throws {
        let stand = try Stand(items: 10, bad: [3])
        defer { stand.remove() }
        let output = try stand.program.shell(
            "{ \"$SLUICE\" run job.yaml; echo $? > status; } | true; cat status", killedAfter: 30)
        let status = try String(contentsOfFile: stand.program.folder + "/status", encoding: .utf8)
        #expect(status == "1\n", "\(output)")
    }
}
