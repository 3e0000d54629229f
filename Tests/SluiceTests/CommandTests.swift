import App
import Foundation
import TestSupport
import Testing

/// The commands as a person and a script meet them.
@Suite(.ownThreads) struct CommandTests {
    static func bill(_ number: Int, customer: String? = nil) -> String {
        """
        {"identifierType":"externalId","identifierValue":"\(customer ?? "c\(number)")","source":"INSTORE",\
        "type":"REGULAR","billNumber":"B-\(number)","billingDate":"2026-02-03T10:15:00+00:00","billAmount":12.5}
        """
    }

    /// A program with a job over this many bills.
    private func program(
        bills: Int, connection: String = "sandbox", more: String = "",
        customer: (Int) -> String? = { _ in nil }
    ) throws -> Program {
        let program = try Program()
        try program.write(
            (0..<bills).map { Self.bill($0, customer: customer($0)) }.joined(separator: "\n") + "\n",
            to: "bills.jsonl")
        try program.writeJob(connection: connection, files: "bills.jsonl", more)
        return program
    }

    private func connect(_ program: Program, to url: String) throws {
        try program.connect(to: url)
    }

    @Test("A run, the same again, and what is told about them")
    func runAndAgain() throws {
        let program = try program(bills: 45) { $0 == 7 ? "unknown-7" : nil }
        defer { program.remove() }
        let first = try program.run("run", "job.yaml")
        #expect(first.status == 1, "\(first)")
        #expect(first.prints("accepted 44"), "\(first.out)")
        #expect(first.out.contains("customer-unknown"))
        // The rejects file is the record's own line after its mark; fixed, it is an input.
        let folder = program.folder + "/state/runs"
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let rejects = folder + "/" + run + "/rejects.jsonl"
        let line = try String(contentsOfFile: rejects, encoding: .utf8)
        let marked = Self.bill(7, customer: "unknown-7").dropFirst()
        #expect(line == #"{"_sluice":"\#(run)#7","# + marked + "\n")
        let mode = try FileManager.default.attributesOfItem(atPath: rejects)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try line.replacingOccurrences(of: "unknown-7", with: "c7").write(
            toFile: program.folder + "/fixed.jsonl", atomically: true, encoding: .utf8)
        try program.writeJob(connection: "sandbox", files: "fixed.jsonl", to: "fixed.yaml")
        #expect(try program.run("run", "fixed.yaml").status == 0)
        // The whole file again: nothing is sent, whatever it says now of bill 7.
        let again = try program.run("run", "job.yaml", "--json")
        #expect(again.status == 1, "bill 7 stands there with another customer: \(again.out)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(again.out.utf8)) as? [String: Any])
        #expect(document["schema"] as? Int == 1)
        #expect(try program.run("status").status == 0)
        #expect(try program.run("runs").out.split(separator: "\n").count == 4)
        let story = try program.run("explain", "B-7")
        #expect(story.status == 0)
        #expect(story.out.contains("8015"), "\(story.out)")
        let landed = try program.run("explain", "B-31").out
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let length = Self.bill(31, customer: "c31").utf8.count + 1
        #expect(
            landed.contains("in bills.jsonl, row 32, line 32, byte")
                && landed.contains("\(length) bytes long"), "\(landed)")
        // What the file has lost since is not made up.
        try program.write(Self.bill(0, customer: "c0") + "\n", to: "bills.jsonl")
        #expect(try program.run("explain", "B-31").out.contains("in or after bills.jsonl"))
        #expect(try program.run("report").status == 0)
        #expect(try program.run("resume").status == 0)
    }

    @Test(
        "What is wrong with a job is said with its line, and is status 2",
        arguments: [
            ("jobb: x\n", "job.yaml:1"), ("", "job.yaml"),
            (
                "job: a\nendpoint: transaction.add\nconnection: sandbox\ninput: { files: x }\n",
                "transactions.add"
            ),
            (
                "job: a\nendpoint: transactions.add\nconnection: sandbox\ninput: { files: nothing-there.csv }\n",
                "nothing-there.csv"
            ),
            (
                "job: a\nendpoint: transactions.add\nconnection: nowhere\ninput: { files: job.yaml }\n",
                "nowhere"
            ),
        ])
    func badJobs(text: String, words: String) throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(text, to: "job.yaml")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 2, "\(output)")
        #expect(output.err.contains(words), "\(output.err)")
        #expect(!output.err.contains("Fatal"))
    }

    @Test("A reason's next step names commands that exist, and its server's codes are told")
    func reasons() throws {
        let program = try Program()
        defer { program.remove() }
        let output = try program.run("endpoints", "transactions.add", "--json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
        let reasons =
            (document["reasons"] as? [[String: Any]] ?? [])
            + (document["common_reasons"] as? [[String: Any]] ?? [])
        #expect(reasons.count > 30)
        let unknown = reasons.first { $0["code"] as? String == "customer-unknown" }
        #expect((unknown?["server_codes"] as? [Int])?.contains(8015) == true)
        var commands = Set<Substring>()
        for reason in reasons {
            let words = try #require(reason["next_step"] as? String).components(separatedBy: "`sluice ")
            commands.formUnion(words.dropFirst().compactMap { $0.split { " `".contains($0) }.first })
        }
        #expect(commands.contains("retry"))
        let help = try program.run("--help").out
        for command in commands { #expect(help.contains("\n  \(command) "), "\(command)") }
        let text = try program.run("endpoints", "transactions.add").out
        #expect(text.contains("8015"))
        #expect(text.contains("source: Add/Return Transaction in Bulk, 2026-08-13"))
    }

    @Test("Usage errors are status 2, help is 0")
    func usage() throws {
        let program = try Program()
        defer { program.remove() }
        #expect(try program.run("run").status == 2)
        #expect(try program.run("runn", "x").status == 2)
        #expect(try program.run("--help").status == 0)
        #expect(try program.run("run", "--help").status == 0)
        #expect(try program.run("--version").out == "0.1.0\n")
        #expect(try program.run("report").status == 2)
        #expect(try program.run("explain", "nobody").status == 1)
    }

    @Test("validate and plan say what would be, and touch nothing")
    func dry() throws {
        let program = try program(bills: 30)
        defer { program.remove() }
        let good = try program.run("validate", "job.yaml")
        #expect(good.status == 0)
        #expect(good.out.contains("30 fit to send, 0 invalid"))
        let plan = try program.run("plan", "job.yaml")
        #expect(plan.status == 0)
        #expect(plan.prints("requests 2 of up to 20 records"), "\(plan.out)")
        try program.write(
            Self.bill(1) + "\n{\"billNumber\":\n" + Self.bill(2) + "\n", to: "bills.jsonl")
        let bad = try program.run("validate", "job.yaml")
        #expect(bad.status == 1)
        #expect(bad.err.contains("bills.jsonl:2:"), "\(bad.err)")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/state"))
    }

    @Test("convert shows what a file reads as, and loses no neighbour of a bad row")
    func convert() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write("a;b;a\r\n1;\"x\r\ny\";3\r\n4;5\r\n6;7;8\r\n", to: "x.csv")
        let lines = try program.run("convert", "x.csv")
        #expect(lines.status == 1)
        #expect(
            lines.out
                == "{\"a\":\"1\",\"b\":\"x\\r\\ny\",\"a_2\":\"3\"}\n{\"a\":\"6\",\"b\":\"7\",\"a_2\":\"8\"}\n"
        )
        #expect(lines.err.contains("x.csv:4"), "\(lines.err)")
        #expect(
            try program.run("convert", "x.csv", "--no-header").out.hasPrefix("[\"a\",\"b\",\"a\"]\n"))
        #expect(try program.run("convert", "nothing.csv").status == 2)
    }

    @Test(
        "Refusals of everything stop the run with nothing rejected",
        arguments: [
            ("forbidden:on=add", Int32(8)), ("not-found:on=add", 3), ("unauthorized:on=add", 8),
        ])
    func refusals(fault: String, status: Int32) throws {
        let program = try program(bills: 200, connection: "there")
        defer { program.remove() }
        let server = try program.sandbox("--fault", fault)
        defer { server.stop() }
        try connect(program, to: server.url)
        let output = try program.run("run", "job.yaml", "--json")
        #expect(output.status == status, "\(output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
        let totals = try #require(
            report["records"] as? [String: Any] ?? report["totals"] as? [String: Any])
        #expect(totals["rejected"] as? Int == 0, "\(totals)")
        // All that was read, however far that came.
        #expect(totals["unsent"] as? Int == totals["read"] as? Int, "\(totals)")
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 0)
    }

    @Test("A server that is not there is a temporary error")
    func nobodyThere() throws {
        let program = try program(bills: 5, connection: "there")
        defer { program.remove() }
        try connect(program, to: "http://127.0.0.1:9")
        #expect(try program.run("run", "job.yaml").status == 5)
    }

    @Test("With --quiet a run prints nothing but what is wrong, to stderr")
    func quiet() throws {
        let program = try program(bills: 20) { $0 == 7 ? "unknown-7" : nil }
        defer { program.remove() }
        let first = try program.run("run", "job.yaml", "--quiet")
        #expect(first.status == 1 && first.out.isEmpty, "\(first)")
        for words in [
            "of bills: finished, exit 1; 20 records: 19 accepted, 1 rejected",
            "1 rejected: customer-unknown, server code 8015, first at bills.jsonl, line 8",
            "sluice retry ",
        ] {
            #expect(first.err.contains(words), "\(words) in \(first)")
        }
        try program.write(Self.bill(0, customer: "c0") + "\n", to: "bills.jsonl")
        let second = try program.run("run", "job.yaml", "--resume", "--quiet")
        #expect(second.status == 0 && second.out.isEmpty && second.err.isEmpty, "\(second)")
    }

    @Test("State and settings are below the same home")
    func home() throws {
        let program = try Program()
        defer { program.remove() }
        try FileManager.default.createDirectory(
            atPath: program.folder + "/home/.config/sluice", withIntermediateDirectories: true)
        try program.connect(
            "mine", to: "http://127.0.0.1:1", file: "home/.config/sluice/connections.yaml")
        // What an older version has kept elsewhere does not count once there is something here.
        let output = try program.shell(
            "mkdir -p home/.local/state/sluice home/.local/state/sluice-host; "
                + "unset SLUICE_STATE XDG_STATE_HOME XDG_CONFIG_HOME; HOME=$PWD/home \"$SLUICE\" doctor"
        )
        #expect(output.out.contains("home/.config/sluice/connections.yaml:"), "\(output)")
        #expect(output.prints("home/.local/state/sluice,"), "\(output)")
        #expect(
            FileManager.default.fileExists(
                atPath: program.folder + "/home/.local/state/sluice/ledger.sqlite"))
    }

    @Test("One rule for the home of a user's folders")
    func folders() {
        func state(_ environment: [String: String], there: Set<String> = []) -> String {
            UserFolders.state(
                "sluice", environment: environment, passwd: "/home/p", exists: there.contains)
        }
        let (old, new) = ("/home/p/.local/state/sluice", "/srv/h/.local/state/sluice")
        #expect(state(["XDG_STATE_HOME": "/x", "HOME": "/srv/h"]) == "/x/sluice")
        #expect(state(["HOME": "/srv/h"]) == new)
        #expect(state([:]) == old)
        #expect(state(["HOME": ""]) == old)
        // A ledger of an older version is found again; one of each is a choice that $HOME makes.
        #expect(state(["HOME": "/srv/h"], there: [old]) == old)
        #expect(state(["HOME": "/srv/h"], there: [old, new]) == new)
    }

    @Test(
        "What is wrong with another connection of the file is no concern of a job; `doctor` tells of it"
    )
    func otherConnections() throws {
        let program = try program(bills: 2, connection: "there")
        defer { program.remove() }
        try program.write(
            "connections:\n  there: { base_url: \"http://127.0.0.1:1\", rate: none }\n"
                + "  other: { base_url: \"http://127.0.0.1:1\", rate: fast }\n", to: "connections.yaml")
        let plan = try program.run("plan", "job.yaml")
        #expect(plan.status == 0 && plan.prints("bills: transactions.add over there"), "\(plan)")
        #expect(try program.run("validate", "job.yaml").status == 0)
        let doctor = try program.run("doctor", "other")
        #expect(doctor.status == 2 && doctor.prints("90/min"), "\(doctor)")
        let all = try program.run("doctor")
        #expect(
            all.out.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                "there, other") && all.prints("90/min"), "\(all)")
    }

    @Test("The address of the built-in sandbox, which is its secret, is not printed")
    func sandboxPlace() throws {
        let program = try program(bills: 2)
        defer { program.remove() }
        for output in [
            try program.run("export", "stores", "--plan"), try program.run("plan", "job.yaml"),
        ] {
            #expect(output.status == 0 && output.prints("over sandbox (built in)"), "\(output)")
            #expect(!output.out.contains("http"), "\(output)")
        }
    }

    @Test("An input that changed is not continued with")
    func changedInput() throws {
        let program = try program(
            bills: 400, connection: "there", more: "send: { chunk: 5, in_flight: 2 }")
        defer { program.remove() }
        let server = try program.sandbox("--fault", "latency:always:20ms")
        defer { server.stop() }
        try connect(program, to: server.url)
        let process = try program.start(["run", "job.yaml", "--quiet"])
        for _ in 0..<500 {
            usleep(10_000)
            if try server.ask("/_sandbox/counts")["bookings"] as? Int ?? 0 > 20 { break }
        }
        // A second run of the job while this one continues is turned away.
        let second = try program.run("run", "job.yaml")
        #expect(second.status == 6 && second.err.contains("(process \(process.id))"), "\(second)")
        process.send(SIGINT)
        process.wait()
        #expect(process.status == 130)
        let text = try String(contentsOfFile: program.folder + "/bills.jsonl", encoding: .utf8)
        try program.write(text.replacingOccurrences(of: "12.5", with: "13.5"), to: "bills.jsonl")
        #expect(try program.run("resume").status == 3)
        // A run that is open is not started again in silence.
        let anew = try program.run("run", "job.yaml")
        #expect(anew.status == 2)
        #expect(anew.err.contains("sluice resume"))
        try program.write(text, to: "bills.jsonl")
        let output = try program.run("resume")
        #expect(output.status == 0, "\(output)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == 400)
        #expect(counts["surplus"] as? Int == 0)
    }

    @Test("Standard input is an input like any other")
    func standardInput() throws {
        let program = try program(bills: 3)
        defer { program.remove() }
        try program.writeJob(connection: "sandbox", files: "\"-\"")
        let output = try program.shell("cat bills.jsonl | $SLUICE run job.yaml --quiet")
        #expect(output.status == 0, "\(output)")
    }

    @Test("The doctor names what is wrong, and with what to fix it; one of all is enough to fail")
    func doctor() throws {
        let program = try Program()
        let server = try program.sandbox(["--unique", "store", "--ignore-offsets"])
        defer {
            server.stop()
            program.remove()
        }
        func connect(_ lines: String...) throws {
            try program.write(
                "connections:\n" + lines.map { "  \($0)\n" }.joined(), to: "connections.yaml")
        }
        #expect(try program.run("doctor", "sandbox").status == 0)
        try connect("good: { base_url: \"\(server.url)\", auth: none, rate: 300/min }")
        let well = try program.run("doctor")
        #expect(well.status == 0)
        #expect(well.prints("good ok org 4001, answers in"), "\(well)")
        #expect(well.prints("300 requests in 1 min 00 s at most"))
        #expect(well.prints("bill numbers unique per store"))
        #expect(well.prints("note dates lose their offset"))
        let quiet = try program.run("doctor", "--quiet")
        #expect(quiet.prints("good note dates") && !quiet.prints("good ok"), "\(quiet)")
        try connect(
            "good: { base_url: \"\(server.url)\", auth: none }",
            "gone: { base_url: \"http://127.0.0.1:9\", auth: none }")
        let gone = try program.run("doctor")
        #expect(gone.status == 5 && gone.prints("gone wrong http://127.0.0.1:9 does not answer"))
        #expect(gone.prints("good ok org 4001"))
        #expect(try program.run("doctor", "good").status == 0)
        try server.set(["unauthorized:1"])
        let refused = try program.run("doctor", "good", "--json")
        #expect(refused.status == 8 && refused.out.contains("Check the files of the key"), "\(refused)")
        try server.set(["maintenance:1"])
        #expect(try program.run("doctor", "good").out.contains("probably not the API"))
        try server.set([])
        try connect("other: { base_url: \"\(server.url)\", auth: none, org: \"7\" }")
        #expect(try program.run("doctor").prints("the server says org 4001, and the connection 7"))
        try connect(
            "keyless: { base_url: \"\(server.url)\", auth: { oauth: { key_file: no, secret_file: no } } }"
        )
        let keyless = try program.run("doctor")
        #expect(keyless.status == 8 && keyless.prints("keyless wrong"), "\(keyless)")
        try program.write("connections: [", to: "connections.yaml")
        #expect(try program.run("doctor").status == 2)
    }
}
