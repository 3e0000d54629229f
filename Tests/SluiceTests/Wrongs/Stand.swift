import Foundation
import TestSupport
import Testing

/// A program with a job over some items of a specimen, and a sandbox of its own process to send them to.
struct Stand {
    let program: Program
    let server: Program.Server
    let specimen: Specimen
    /// Names job and items.
    let name: String
    let items: Int

    let doubtWait: String

    /// In seconds: nothing here takes so long by itself.
    static let patience = 90.0

    init(
        _ specimen: Specimen = .transactionsAdd, name: String = "W", items: Int = 60,
        bad: Set<Int> = [], server: Program.Server? = nil, sandbox: [String] = [],
        doubtWait: String = "300ms", send: String? = nil, more: String = "",
        connection: String = "rate: none"
    ) throws {
        program = try Program()
        self.specimen = specimen
        self.name = name
        self.items = items
        self.doubtWait = doubtWait
        self.server = try server ?? program.sandbox(sandbox)
        try write(items: 0..<items, bad: bad)
        try writeJob(send: send ?? "chunk: \(specimen.chunk), in_flight: 4", more: more)
        try program.write("k", to: "key", mode: 0o600)
        try connect(connection)
    }

    func write(items: Range<Int>, bad: Set<Int> = []) throws {
        try program.write(specimen.input(name, items: items, bad: bad), to: "items.jsonl")
    }

    func writeJob(send: String, more: String = "") throws {
        try program.writeJob(
            name, specimen.endpoint, files: "items.jsonl",
            """
            send: { \(send) }
            doubt: { wait: \(doubtWait) }
            \(specimen.more)
            \(more)
            """)
    }

    func connect(_ connection: String) throws {
        try program.connect(to: server.url, connection)
    }

    /// - Parameter keepsServer: It is another's.
    func remove(keepsServer: Bool = false) {
        if !keepsServer { server.stop() }
        program.remove()
    }

    // MARK: Continuing

    /// One command, which must not hang.
    @discardableResult
    func command(_ arguments: String..., seconds: Double = Self.patience) throws -> Program.Output {
        let output = try program.run(arguments, killedAfter: seconds)
        if output.status == -SIGKILL {
            throw Hanging(description: "\(arguments) still ran after \(seconds) s\n\(output.err)")
        }
        return output
    }

    /// `run`, or `resume` where there is a run already, until all is done. What only a person can tell is
    /// decided in between.
    func goOn(rounds: Int = 6) throws -> Program.Output {
        // Without a run there is nothing to report.
        let hasRun = try program.run("report").status != 2
        var output =
            hasRun ? try command("resume", "--json") : try command("run", "job.yaml", "--json")
        for _ in 1..<rounds where ![0, 1].contains(output.status) {
            if specimen.holds { try decide() }
            output = try command("resume", "--json")
        }
        return output
    }

    /// As a person who looks at the server does: what is there was accepted, what is not is sent again.
    private func decide() throws {
        // What comes late has come by then.
        usleep(300_000)
        let done = try done()
        var landed: [String] = []
        var missing: [String] = []
        for (record, key) in try doubts() {
            if done[record] > 0 { landed.append(key) } else { missing.append(key) }
        }
        guard !landed.isEmpty || !missing.isEmpty else { return }
        let output = try program.run(
            ["reconcile"] + (landed.isEmpty ? [] : ["--accept"] + landed)
                + (missing.isEmpty ? [] : ["--resend"] + missing) + ["--reason", "looked it up"])
        #expect(output.status == 0, "\(output.err)")
    }

    /// The records in doubt and their keys, as the newest list of reasons has them.
    private func doubts() throws -> [(record: Int, key: String)] {
        let folder = program.folder + "/state/runs"
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let lists = try FileManager.default.contentsOfDirectory(atPath: folder + "/" + run)
            .filter { $0.hasPrefix("reasons") }
        let newest = lists.max { ($0.count, $0) < ($1.count, $1) }
        guard let newest else { return [] }
        return try String(contentsOfFile: folder + "/" + run + "/" + newest, encoding: .utf8)
            .split(separator: "\n").compactMap { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false)
                guard cells.count > 6, cells[6] == "in doubt", let record = Int(cells[1]) else {
                    return nil
                }
                return (record, String(cells[5]))
            }
    }

    /// Starts the run and waits until the sandbox has done some of it.
    func startAndWait(done: Int) throws -> Child {
        let process = try program.start(["run", "job.yaml", "--quiet"])
        for _ in 0..<2000 where process.isRunning {
            if try server.ask("/_sandbox/counts")["bookings"] as? Int ?? 0 >= done { break }
            usleep(5_000)
        }
        return process
    }

    /// Runs the job until some of it is in doubt and no look-up says anything, and interrupts it there.
    func interruptInDoubt() throws {
        // Where looks fail, a first meeting with the org would end the run before anything is sent.
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        if !job.contains("verify_existing:") {
            try program.write(job + "\nverify_existing: none\n", to: "job.yaml")
        }
        // Slow, so that the interruption finds records that are not sent yet, however fast the machine is.
        try server.set(["cut-after:on=add:count=2", "error-before:on=look", "latency:1s:on=add"])
        let process = try program.start(["run", "job.yaml", "--quiet"])
        for _ in 0..<2000 where process.isRunning {
            if try server.ask("/_sandbox/counts")["cut"] as? Int ?? 0 > 1 { break }
            usleep(5_000)
        }
        // For the look-up that comes early to have said nothing, too.
        usleep(200_000)
        process.send(SIGINT)
        process.wait()
        try server.set([])
        #expect(process.status == 4, "doubts come before an interruption")
        #expect(try totals()["in_doubt"] ?? 0 > 0)
    }

    // MARK: Asking

    /// The counts of a report in JSON, by outcome.
    func totals(_ output: Program.Output? = nil) throws -> [String: Int] {
        let text = try output?.out ?? program.run("report", "--json").out
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
        let totals = report["records"] as? [String: Any] ?? report["totals"] as? [String: Any]
        return try #require(totals).compactMapValues { $0 as? Int }
    }

    func done() throws -> [Int] { try specimen.done(server, name, items) }

    /// Every item but the bad ones was done exactly once, and the ledger says the same.
    func expectOnce(
        except bad: Set<Int> = [], _ output: Program.Output,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let done = try done()
        let lost = done.indices.filter { done[$0] == 0 && !bad.contains($0) }
        let twice = done.indices.filter { done[$0] > 1 || done[$0] > 0 && bad.contains($0) }
        #expect(lost.isEmpty, "lost \(lost)\n\(output.err)", sourceLocation: sourceLocation)
        #expect(twice.isEmpty, "twice \(twice)\n\(output.err)", sourceLocation: sourceLocation)
        let totals = try totals()
        #expect(
            totals["accepted"] == items - bad.count, "\(totals)\n\(output.err)",
            sourceLocation: sourceLocation)
    }
}

struct Hanging: Error, CustomStringConvertible {
    let description: String
}
