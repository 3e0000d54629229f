import Foundation
import GRDB
import TestSupport
import Testing

/// A ledger that is older than what was sent, on the host it was used on and on another.
@Suite(.ownThreads) struct AdoptTests {
    /// Two nights and one more over a server that takes a bill as often as it comes.
    private static func stage(uniqueness: String = "none") throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox("--unique", uniqueness)
        try program.connect(to: server.url)
        try write(program, "first", 0..<60)
        try write(program, "second", 60..<120)
        try write(program, "third", 120..<130)
        return (program, server)
    }

    private static func write(_ program: Program, _ name: String, _ bills: Range<Int>) throws {
        try program.write(
            bills.map { CommandTests.bill($0) }.joined(separator: "\n") + "\n", to: name + ".jsonl")
        try program.writeJob(
            name, files: "\(name).jsonl",
            """
            doubt: { wait: 300ms }
            """, to: name + ".yaml")
    }

    private static func copy(_ from: String, _ to: String, _ program: Program) throws {
        let files = FileManager.default
        if files.fileExists(atPath: program.folder + "/" + to) {
            try files.removeItem(atPath: program.folder + "/" + to)
        }
        try files.copyItem(
            atPath: program.folder + "/" + from, toPath: program.folder + "/" + to)
    }

    /// As a person backs up a ledger that is in use.
    private static func vacuum(_ program: Program, into name: String) throws {
        let queue = try DatabaseQueue(path: program.folder + "/state/ledger.sqlite")
        try queue.vacuum(into: program.folder + "/" + name)
    }

    /// Puts a copy of the ledger alone in the place of the one in use.
    private static func restore(_ program: Program, _ name: String) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(
                atPath: program.folder + "/state/ledger.sqlite" + suffix)
        }
        try FileManager.default.copyItem(
            atPath: program.folder + "/" + name, toPath: program.folder + "/state/ledger.sqlite")
    }

    private static func counts(_ server: Program.Server) throws -> [Int] {
        let counts = try server.ask("/_sandbox/counts")
        return ["bookings", "distinct", "surplus"].map { counts[$0] as? Int ?? -1 }
    }

    @Test("A ledger put back from a backup sends nothing, and once adopted nothing twice")
    func restored() throws {
        let (program, server) = try Self.stage()
        defer {
            server.stop()
            program.remove()
        }
        #expect(try program.run("run", "first.yaml").status == 0)
        try Self.copy("state", "backup", program)
        #expect(try program.run("run", "second.yaml").status == 0)
        #expect(try program.run("ledger").status == 0)
        try Self.copy("backup", "state", program)

        for arguments in [
            ["run", "second.yaml"], ["run", "third.yaml"], ["resume"], ["reconcile"], ["retry"],
            ["ledger"], ["doctor"],
        ] {
            let output = try program.run(arguments)
            #expect(output.status == 9, "\(arguments) \(output)")
            #expect(output.prints("sluice ledger adopt"), "\(output)")
            #expect(output.prints("its counter is"), "\(output)")
        }
        // What only reads continues.
        #expect(try program.run("report").status == 0)
        #expect(try program.run("status").status == 0)
        #expect(try Self.counts(server) == [120, 120, 0])

        let adopted = try program.run("ledger", "adopt")
        #expect(adopted.status == 0 && adopted.prints("looked up before it is sent"), "\(adopted)")
        let plan = try program.run("plan", "third.yaml", "--json")
        #expect(plan.out.contains("\"looks\" : 10"), "\(plan)")
        let again = try program.run("run", "second.yaml")
        #expect(again.status == 0 && again.prints("skipped 60"), "\(again)")
        #expect(try Self.counts(server) == [120, 120, 0])
        let fresh = try program.run("run", "third.yaml")
        #expect(fresh.status == 0 && fresh.prints("accepted 10"), "\(fresh)")
        #expect(try Self.counts(server) == [130, 130, 0])

        #expect(try program.run("ledger", "adopt", "--trust-from", "yesterday").status == 2)
        #expect(try program.run("ledger", "adopt", "--trust-from", "now").status == 0)
        #expect(try program.run("plan", "third.yaml", "--json").out.contains("\"looks\" : 0"))
        try Self.write(program, "fourth", 130..<140)
        let trusted = try program.run("run", "fourth.yaml", "--json")
        #expect(trusted.status == 0, "\(trusted)")
        #expect(try Self.counts(server) == [140, 140, 0])

        // The backup of before is older than the adopted one, too.
        try Self.copy("backup", "state", program)
        #expect(try program.run("run", "fourth.yaml").status == 9)
    }

    @Test("The folders of runs tell where the ledger alone was put back, also on another host")
    func foldersTell() throws {
        var (program, server) = try Self.stage()
        defer {
            server.stop()
            program.remove()
        }
        #expect(try program.run("run", "first.yaml").status == 0)
        try Self.vacuum(program, into: "old.sqlite")
        #expect(try program.run("run", "second.yaml").status == 0)
        try Self.restore(program, "old.sqlite")
        program.host = program.folder + "/elsewhere"
        let refused = try program.run("run", "second.yaml")
        #expect(refused.status == 9 && refused.prints("it does not know run"), "\(refused)")
        let adopted = try program.run("ledger", "adopt")
        #expect(adopted.status == 0 && adopted.prints("second (") && adopted.prints("second.jsonl"))
        #expect(try program.run("runs").prints("abandoned"))
        let again = try program.run("run", "second.yaml")
        #expect(again.status == 0 && again.prints("skipped 60"), "\(again)")
        #expect(try Self.counts(server) == [120, 120, 0])
        #expect(try program.run("ledger").status == 0)
    }

    @Test("A backup made while a run continued is after as soon as that run has sent more")
    func backupDuringRun() throws {
        let (program, server) = try Self.stage()
        defer {
            server.stop()
            program.remove()
        }
        try Self.write(program, "night", 0..<400)
        let job = try String(contentsOfFile: program.folder + "/night.yaml", encoding: .utf8)
        try program.write(job + "\nsend: { chunk: 5, in_flight: 2 }\n", to: "night.yaml")
        try server.set(["latency:always:20ms"])
        let process = try program.start(["run", "night.yaml", "--quiet"])
        while process.isRunning, try Self.counts(server)[0] < 20 { usleep(5_000) }
        try Self.vacuum(program, into: "during.sqlite")
        process.wait()
        #expect(process.status == 0)
        try server.set([])
        #expect(try Self.counts(server) == [400, 400, 0])
        try Self.restore(program, "during.sqlite")
        #expect(try program.run("resume").status == 9)
        #expect(try program.run("ledger", "adopt", "--quiet").status == 0)
        let output = try program.run("resume")
        #expect(output.status == 0, "\(output)")
        #expect(try Self.counts(server) == [400, 400, 0])
    }

    @Test("Where nothing tells, a first meeting looks at records from all over the input")
    func firstMeeting() throws {
        var (program, server) = try Self.stage()
        let folder = program.folder
        defer {
            server.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        // Another ledger has imported the last quarter.
        try Self.write(program, "all", 0..<1200)
        try Self.write(program, "tail", 900..<1200)
        #expect(try program.run("run", "tail.yaml", "--state", program.folder + "/other").status == 0)
        let output = try program.run("run", "all.yaml")
        #expect(output.status == 0 && output.prints("skipped 300"), "\(output)")
        #expect(output.prints("records, sampled over the input, are on the server already"))
        #expect(try Self.counts(server) == [1200, 1200, 0])
        // Copied whole to a second host, it meets the org again: what the first one sent in the meantime is seen.
        try Self.write(program, "next", 1200..<1300)
        try Self.copy("state", "copy", program)
        #expect(try program.run("run", "next.yaml").status == 0)
        program.host = program.folder + "/elsewhere"
        let second = try program.run("run", "next.yaml", "--state", program.folder + "/copy")
        #expect(second.status == 3 && second.prints("`sluice ledger adopt --force`"), "\(second)")
        #expect(try Self.counts(server) == [1300, 1300, 0])
    }

    @Test("A copy in a second folder of one host is told from the one in use")
    func secondFolder() throws {
        let (program, server) = try Self.stage()
        defer {
            server.stop()
            program.remove()
        }
        #expect(try program.run("run", "first.yaml").status == 0)
        try Self.copy("state", "copy", program)
        #expect(try program.run("run", "second.yaml").status == 0)
        let copy = ["--state", program.folder + "/copy"]
        #expect(try program.run(["run", "second.yaml"] + copy).status == 9)
        #expect(try program.run(["ledger", "adopt", "--quiet"] + copy).status == 0)
        // Each continues by itself from here.
        #expect(try program.run("run", "third.yaml").status == 0)
        let again = try program.run(["run", "third.yaml"] + copy)
        #expect(again.status == 0 && again.prints("skipped 10"), "\(again)")
        #expect(try program.run("ledger").status == 0)
        #expect(try Self.counts(server) == [130, 130, 0])
    }

    @Test(
        "The gate is the user's, one for a server whatever folder the ledger is in; core files are off")
    func gates() throws {
        let (program, server) = try Self.stage()
        defer {
            server.stop()
            program.remove()
        }
        let port = server.url.split(separator: ":").last ?? ""
        try program.connect([("there", server.url), ("here", "http://LOCALHOST:\(port)")])
        func gates() throws -> [String] {
            try FileManager.default.contentsOfDirectory(
                atPath: program.folder + "/host/sluice-host/gates")
        }
        #expect(try program.run("run", "first.yaml").status == 0)
        let other = ["--state", program.folder + "/other", "--connection", "here"]
        #expect(try program.run(["run", "second.yaml"] + other).status == 0)
        #expect(try gates().count == 1)
        // The built-in sandbox is nobody else's: it shares nothing.
        #expect(try program.run("run", "third.yaml", "--connection", "sandbox").status == 0)
        #expect(try gates().count == 1)
        let limits = try String(
            contentsOfFile: "/proc/\(server.process.id)/limits", encoding: .utf8)
        let core = try #require(
            limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core)")
    }

    @Test("Calls that cannot be looked up send nothing until a person names what goes")
    func held() throws {
        let program = try Program()
        defer { program.remove() }
        for folder in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + folder, withDestinationPath: Program.root + "/" + folder)
        }
        #expect(try program.run("run", "jobs/customers.yaml", "--quiet").status == 0)
        #expect(try program.run("ledger", "adopt").prints("nothing to do"))
        #expect(try program.run("ledger", "adopt", "--force", "--quiet").status == 0)
        let plan = try program.run("plan", "jobs/coupons.yaml")
        #expect(plan.prints("cannot be looked up"), "\(plan)")
        let output = try program.run("run", "jobs/coupons.yaml")
        #expect(output.status == 1 && output.prints("accepted 0"), "\(output)")
        #expect(output.prints("cannot-look-up"), "\(output)")
        // By itself, a retry does not send them either.
        #expect(try program.run("retry").prints("no record of run"))
        let sent = try program.run("retry", "--reason", "cannot-look-up")
        #expect(sent.status == 0 && !sent.prints("accepted 0"), "\(sent)")
    }
}
