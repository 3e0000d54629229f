import Foundation
import TestSupport
import Testing

/// What ended before its work was done: it is on a list, and `resume` never says that nothing is to do.
@Suite(.ownThreads) struct UnfinishedTests {
    static func runs(_ program: Program) throws -> [[String: Any]] {
        let output = try program.run("runs", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        return document?["runs"] as? [[String: Any]] ?? []
    }

    static func states(_ program: Program) throws -> [String] {
        try runs(program).compactMap { $0["state"] as? String }
    }

    private func connect(_ program: Program, to url: String) throws {
        try program.connect(to: url)
    }

    /// A program with a job over three bills, and no server.
    private func lonely() throws -> Program {
        let program = try Program()
        try program.write(
            (0..<3).map { CommandTests.bill($0) }.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(files: "bills.jsonl")
        try connect(program, to: "http://127.0.0.1:9")
        return program
    }

    // MARK: Before there is a run

    @Test("A file that is refused leaves no run, and the corrected one runs")
    func refusedFile() throws {
        let program = try Program()
        defer { program.remove() }
        try program.writeJob(
            "sales", connection: "sandbox", files: "\"in.csv\"",
            """
            record:
              fields:
                identifierType: { value: mobile }
                identifierValue: phone
                type: { value: REGULAR }
                source: { value: INSTORE }
                billNumber: bill
                billingDate: { from: sold, as: datetime, format: iso, zone: UTC }
                billAmount: { from: total, as: number }
            verify_existing: none
            """)
        let good = "phone,bill,sold,total\n447700900101,W1,2026-01-05T10:00:00,1\n"
        try program.write("Report: Sales\n" + good, to: "in.csv")
        let first = try program.run("run", "job.yaml")
        #expect(first.status == 2, "\(first)")
        #expect(try Self.runs(program).isEmpty)
        #expect(try program.run("resume").status == 0, "nothing was begun")
        try program.write(good, to: "in.csv")
        let second = try program.run("run", "job.yaml")
        #expect(second.status == 0, "\(second)")
        #expect(try Self.states(program) == ["finished"])
    }

    @Test(
        "A run that does not reach the server is pending: resume tries it, from wherever it is called")
    func pending() throws {
        let program = try lonely()
        defer { program.remove() }
        let first = try program.run("run", "job.yaml")
        #expect(first.status == 5, "\(first)")
        let run = try #require(try Self.runs(program).first)
        #expect(run["state"] as? String == "pending" && run["exit_code"] as? Int == 5, "\(run)")
        let name = try #require(run["run"] as? String)
        #expect(first.err.contains("sluice resume \(name)"), "\(first.err)")
        let again = try program.run("resume")
        #expect(again.status == 5, "\(again)")
        let status = try program.run("status").out
        #expect(
            status.contains("pending, exit 5") && status.contains("sluice resume \(name)"), "\(status)")
        let report = try program.run("report", name)
        #expect(report.status == 0 && report.out.contains("pending, exit 5"), "\(report)")
        #expect(try program.run("report").status == 2)
        #expect(try program.run("explain", "B-1").err.contains(name))
        #expect(try program.run("prune", "--older-than", "1ms").status == 0)
        #expect(try Self.states(program) == ["pending"])
        let server = try program.sandbox()
        defer { server.stop() }
        try connect(program, to: server.url)
        let last = try program.shell(
            "mkdir elsewhere && cd elsewhere && \"$SLUICE\" resume --connections ../connections.yaml")
        #expect(last.status == 0, "\(last)")
        let done = try Self.runs(program)
        #expect(done.count == 1 && done[0]["state"] as? String == "finished", "\(done)")
        #expect(done[0]["run"] as? String == name)
        #expect(try server.ask("/_sandbox/counts")["distinct"] as? Int == 3)
        #expect(try program.run("resume").status == 0)
    }

    @Test("The job's next run takes the place of a pending one, and abandon drops it")
    func replaced() throws {
        let program = try lonely()
        defer { program.remove() }
        #expect(try program.run("run", "job.yaml").status == 5)
        let first = try #require(try Self.runs(program).first?["run"] as? String)
        #expect(try program.run("run", "job.yaml").status == 5)
        let second = try Self.runs(program)
        #expect(second.count == 1 && second[0]["run"] as? String != first)
        let server = try program.sandbox()
        defer { server.stop() }
        try connect(program, to: server.url)
        #expect(try program.run("run", "job.yaml").status == 0)
        #expect(try Self.states(program) == ["finished"])
        try connect(program, to: "http://127.0.0.1:9")
        #expect(try program.run("run", "job.yaml").status == 5)
        let third = try #require(try Self.runs(program).first?["run"] as? String)
        #expect(try program.run("abandon", third).status == 0)
        #expect(try Self.states(program) == ["finished"])
        #expect(try program.run("resume").status == 0)
    }

    @Test("Refused credentials leave a pending run as well, an export job that finds no server, too")
    func otherKinds() throws {
        let program = try lonely()
        defer { program.remove() }
        try program.write(
            "job: stores\nexport: stores\nconnection: there\nfile: stores.jsonl\n", to: "export.yaml")
        #expect(try program.run("run", "export.yaml").status == 5)
        #expect(try Self.states(program) == ["pending"])
        let server = try program.sandbox("--fault", "unauthorized:1")
        defer { server.stop() }
        try connect(program, to: server.url)
        #expect(try program.run("run", "job.yaml").status == 8)
        #expect(try Self.states(program) == ["pending", "pending"])
        try server.set([])
        let last = try program.run("resume", "--json")
        #expect(last.status == 0, "\(last)")
        let document = try JSONSerialization.jsonObject(with: Data(last.out.utf8)) as? [String: Any]
        #expect((document?["steps"] as? [[String: Any]])?.count == 2, "\(last.out)")
        #expect(try Self.states(program) == ["finished"])
        #expect(FileManager.default.fileExists(atPath: program.folder + "/stores.jsonl"))
    }

    @Test("A pipe is read once: what could not begin with it is not tried without it")
    func pipe() throws {
        let program = try lonely()
        defer { program.remove() }
        try program.writeJob(files: "\"-\"")
        #expect(try program.shell("cat bills.jsonl | \"$SLUICE\" run job.yaml").status == 5)
        #expect(try Self.runs(program).isEmpty)
    }

    // MARK: Several

    /// Two jobs over items of their own, both cut off.
    private func twoCutOff() throws -> Stand {
        let stand = try Stand(items: 200, sandbox: ["--fault", "latency:30ms:on=add"])
        try stand.program.write(stand.specimen.input("V", items: 0..<200), to: "others.jsonl")
        let job = try String(contentsOfFile: stand.program.folder + "/job.yaml", encoding: .utf8)
        try stand.program.write(
            job.replacingOccurrences(of: "job: W", with: "job: V").replacingOccurrences(
                of: "items.jsonl", with: "others.jsonl"), to: "other.yaml")
        for (index, file) in ["job.yaml", "other.yaml"].enumerated() {
            let process = try stand.program.start(["run", file, "--quiet"])
            while process.isRunning {
                let booked = try stand.server.ask("/_sandbox/counts")["bookings"] as? Int ?? 0
                if booked > 20 + 60 * index { break }
                usleep(2_000)
            }
            process.send(SIGKILL)
            process.wait()
        }
        try stand.server.set([])
        return stand
    }

    @Test("All that was cut off continues, the oldest first, and the worst of their ends counts")
    func allGoOn() throws {
        let stand = try twoCutOff()
        defer { stand.remove() }
        let items = stand.program.folder + "/items.jsonl"
        try FileManager.default.moveItem(atPath: items, toPath: items + ".away")
        let first = try stand.command("resume")
        #expect(first.status == 3, "the one cannot, the other does: \(first)")
        #expect(try stand.specimen.done(stand.server, "V", 200).allSatisfy { $0 == 1 })
        try FileManager.default.moveItem(atPath: items + ".away", toPath: items)
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        #expect(try stand.done().allSatisfy { $0 == 1 })
        #expect(try Self.states(stand.program) == ["finished", "finished"])
        #expect(try stand.command("resume").status == 0)
    }

    @Test("What waits for keys that an unfinished run holds names that run, and continues after it")
    func waits() throws {
        let stand = try Stand()
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let holder = try #require(try Self.runs(stand.program).first?["run"] as? String)
        let job = try String(contentsOfFile: stand.program.folder + "/job.yaml", encoding: .utf8)
        try stand.program.write(
            job.replacingOccurrences(of: "job: W", with: "job: V"), to: "other.yaml")
        let second = try stand.command("run", "other.yaml")
        #expect(second.status == 7, "\(second)")
        #expect(second.out.contains("of run \(holder)"), "the reason names it: \(second.out)")
        #expect(second.err.contains("run \(holder) has the records they wait for"), "\(second.err)")
        #expect(second.out.contains("\n  sluice resume\n"), "\(second.out)")
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        #expect(try stand.done().allSatisfy { $0 == 1 })
        #expect(try Self.states(stand.program) == ["finished", "finished"])
    }

    @Test("What an abandoned run left in doubt can still be settled")
    func abandonedDoubts() throws {
        let stand = try Stand()
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let run = try #require(try Self.runs(stand.program).first?["run"] as? String)
        #expect(try stand.command("abandon", run).status == 0)
        #expect(try stand.command("resume", run).err.contains("sluice reconcile \(run)"))
        _ = try stand.command("reconcile", run)
        #expect(try stand.totals()["in_doubt"] == 0)
        #expect(try Self.states(stand.program) == ["abandoned"])
    }

    // MARK: run --resume

    @Test("run --resume finishes what is unfinished, then begins; `resume: auto` is the same")
    func resumesAndBegins() throws {
        let stand = try Stand(items: 200, sandbox: ["--fault", "latency:30ms:on=add"])
        defer { stand.remove() }
        for isAutomatic in [false, true] {
            try stand.server.set(["latency:30ms:on=add"])
            if isAutomatic {
                try stand.program.write(
                    stand.specimen.input("W", items: 0..<200)
                        + stand.specimen.input("V", items: 0..<100),
                    to: "items.jsonl")
                try stand.writeJob(send: "chunk: 5, in_flight: 4", more: "resume: auto")
            }
            let process = try stand.startAndWait(done: isAutomatic ? 220 : 20)
            process.send(SIGKILL)
            process.wait()
            try stand.server.set([])
            if !isAutomatic { #expect(try stand.command("run", "job.yaml").status == 2) }
            let output = try stand.program.run(
                ["run", "job.yaml"] + (isAutomatic ? [] : ["--resume"]))
            #expect(output.status == 0, "\(output)")
            #expect(try stand.done().allSatisfy { $0 == 1 })
        }
        #expect(try stand.specimen.done(stand.server, "V", 100).allSatisfy { $0 == 1 })
        #expect(try Self.states(stand.program) == Array(repeating: "finished", count: 4))
        #expect(try stand.command("run", "job.yaml", "--resume", "--anew").status == 2)
    }

    @Test(
        "Where the input was replaced, doubts are settled, the rest is closed and listed, the new file begins"
    )
    func inputReplaced() throws {
        let stand = try Stand(items: 400)
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let old = try #require(try Self.runs(stand.program).first?["run"] as? String)
        try stand.program.write(stand.specimen.input("V", items: 0..<50), to: "items.jsonl")
        #expect(try stand.command("resume").status == 3, "only --resume closes anything")
        let output = try stand.command("run", "job.yaml", "--resume")
        #expect(output.status == 1, "\(output)")
        #expect(try stand.specimen.done(stand.server, "V", 50).allSatisfy { $0 == 1 })
        let done = try stand.done()
        let report = try stand.program.run("report", old, "--json").out
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
        let records = try #require(document["records"] as? [String: Any])
        #expect(document["state"] as? String == "finished" && document["exit_code"] as? Int == 1)
        #expect(records["in_doubt"] as? Int == 0)
        #expect(records["accepted"] as? Int == done.count { $0 == 1 }, "\(records)")
        #expect(done.allSatisfy { $0 <= 1 })
        // Read and not sent, or never read: every row is in a range, and none that was sent is.
        let gone = try #require(document["input_gone"] as? [String: Any])
        let ranges = try #require(gone["ranges"] as? [[String: Any]])
        var listed = Set<Int>()
        for range in ranges {
            guard let first = range["first_record"] as? Int, let last = range["last_record"] as? Int
            else {
                let row = try #require(range["row"] as? Int)
                listed.formUnion((row - 1)..<400)
                continue
            }
            listed.formUnion(first...last)
        }
        #expect(listed == Set(done.indices.filter { done[$0] == 0 }), "\(ranges)")
        let text = try stand.program.run("report", old)
        #expect(text.out.contains("input-gone"), "\(text.out)")
        let folder = stand.program.folder + "/state/runs/\(old)"
        let lists = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasPrefix("reasons")
        }
        #expect(
            try lists.contains {
                try String(contentsOfFile: folder + "/" + $0, encoding: .utf8).contains("input-gone")
            }, "\(lists)")
        #expect(try stand.command("resume").status == 0)
        // What was never sent stays with its next step, although a run after it has nothing left.
        let step = "sluice abandon \(old)"
        #expect(try stand.command("status").out.contains(step))
        #expect(try stand.command("report", "--job", stand.name).out.contains(step))
        // The old file again: what it lacks is imported, and nothing is left to say.
        try stand.write(items: 0..<400)
        #expect(try stand.command("run", "job.yaml", "--resume").status == 0)
        #expect(try stand.done().allSatisfy { $0 == 1 })
        #expect(try !stand.command("status").out.contains(step))
        #expect(try !stand.command("report", "--job", stand.name).out.contains(step))
    }

    @Test("Once a person has closed it, what was never sent of a replaced input is not listed any more")
    func inputReplacedAndClosed() throws {
        let stand = try Stand(items: 400)
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let old = try #require(try Self.runs(stand.program).first?["run"] as? String)
        try stand.program.write(stand.specimen.input("V", items: 0..<5), to: "items.jsonl")
        let output = try stand.command("run", "job.yaml", "--resume")
        #expect(output.err.contains("those in doubt are settled"), "\(output.err)")
        let step = "sluice abandon \(old)"
        #expect(try stand.command("status").out.contains(step))
        #expect(try stand.command("abandon", old).status == 0)
        #expect(try !stand.command("status").out.contains(step))
        #expect(try !stand.command("report", "--job", stand.name).out.contains(step))
    }

    @Test("An input that is out of reach is not taken for replaced")
    func inputAway() throws {
        let stand = try Stand(items: 200, sandbox: ["--fault", "latency:30ms:on=add"])
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 20)
        process.send(SIGINT)
        process.wait()
        try stand.server.set([])
        let items = stand.program.folder + "/items.jsonl"
        try FileManager.default.moveItem(atPath: items, toPath: items + ".away")
        #expect(try stand.command("run", "job.yaml", "--resume").status == 3)
        try FileManager.default.moveItem(atPath: items + ".away", toPath: items)
        #expect(try stand.command("run", "job.yaml", "--resume").status == 0)
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("After a stop by errors nothing continues or begins by itself")
    func stopped() throws {
        let stand = try Stand(items: 60, bad: Set(20..<60), more: "stop: { errors: 5 }")
        defer { stand.remove() }
        #expect(try stand.command("run", "job.yaml").status == 3)
        let before = try stand.done()
        let output = try stand.command("run", "job.yaml", "--resume")
        #expect(output.status == 3, "\(output)")
        #expect(output.err.contains("sluice abandon"), "\(output.err)")
        #expect(try stand.done() == before)
        #expect(try Self.runs(stand.program).count == 1)
    }

    // MARK: A week

    @Test(
        "A week of nights by one cron line ends with every row imported or listed, and no hand laid on")
    func week() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox("--unique", "store")
        defer { server.stop() }
        func job(_ more: String = "") throws {
            try program.writeJob(
                "nightly", files: "export.csv",
                """
                record:
                  fields:
                    identifierType: { value: externalId }
                    identifierValue: customer
                    type: { value: REGULAR }
                    source: { value: INSTORE }
                    billNumber: bill
                    billingDate: { from: sold, as: datetime, format: iso, zone: UTC }
                    billAmount: { from: total, as: number }
                send: { chunk: 5, in_flight: 2 }
                doubt: { wait: 300ms }
                \(more)
                """, to: "nightly.yaml")
        }
        let size = 120
        func export(_ night: Int, header: String = "customer,bill,sold,total") throws {
            let rows = (0..<size).map { "c\($0),N\(night)-\($0),2026-02-03T10:15:00,12.5" }
            // In place of the one of the night before, as the usual export does.
            try program.write(header + "\n" + rows.joined(separator: "\n") + "\n", to: "export.csv")
        }
        let line = ["run", "--resume", "--quiet", "nightly.yaml"]
        func booked() throws -> Int {
            try server.ask("/_sandbox/counts")["bookings"] as? Int ?? 0
        }
        try job()
        try connect(program, to: server.url)

        // Good.
        try export(1)
        #expect(try program.run(line).status == 0)
        #expect(try booked() == size)
        // Bad: refused as a whole, it leaves nothing.
        try export(2, header: "Report: sales")
        #expect(try program.run(line).status == 2)
        // Stopped at the time limit.
        try export(3)
        try server.set(["latency:15s:on=add"])
        let limit = Date().addingTimeInterval(90)
        let parts = Calendar.current.dateComponents([.hour, .minute], from: limit)
        let hour = try #require(parts.hour)
        let minute = try #require(parts.minute)
        try job(String(format: "stop: { until: \"%02d:%02d\" }", hour, minute))
        let third = try program.run(line)
        #expect(third.status == 7, "\(third)")
        try job()
        // Cut off in the middle; what the night before left was replaced.
        try export(4)
        try server.set(["latency:40ms:on=add"])
        let before = try booked()
        let process = try program.start(line)
        while process.isRunning, try booked() < before + 30 { usleep(5_000) }
        process.send(SIGKILL)
        process.wait()
        try server.set([])
        // Replaced.
        try export(5)
        let fifth = try program.run(line)
        #expect(fifth.status == 1, "\(fifth)")
        // The server is down.
        try export(6)
        try connect(program, to: "http://127.0.0.1:9")
        #expect(try program.run(line).status == 5)
        // Good again.
        try export(7)
        try connect(program, to: server.url)
        let seventh = try program.run(line)
        #expect(seventh.status == 1, "what the sixth would have read is listed: \(seventh)")
        // And a night without anything.
        let eighth = try program.run(line)
        #expect(eighth.status == 0, "\(eighth)")

        let runs = try Self.runs(program)
        #expect(runs.allSatisfy { $0["state"] as? String == "finished" }, "\(runs)")
        var imported = 0
        var listed = 0
        for run in runs {
            let name = try #require(run["run"] as? String)
            let text = try program.run("report", name, "--json").out
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let records = try #require(report["records"] as? [String: Any])
            #expect(records["in_doubt"] as? Int == 0)
            imported += records["accepted"] as? Int ?? 0
            guard let gone = report["input_gone"] as? [String: Any] else { continue }
            for range in gone["ranges"] as? [[String: Any]] ?? [] {
                if let first = range["first_record"] as? Int, let last = range["last_record"] as? Int {
                    listed += last - first + 1
                } else {
                    listed += size + 1 - (try #require(range["row"] as? Int))
                }
            }
        }
        // Six files were good; each of their rows is in the one or in the other.
        #expect(imported + listed == 6 * size, "\(imported) imported, \(listed) listed")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == imported)
        #expect(counts["surplus"] as? Int == 0)
        #expect(try program.run("resume").status == 0)
    }
}
