import Foundation
import TestSupport
import Testing

/// Servers that show what they were sent in another form, and replies about something else.
@Suite(.ownThreads) struct FormsTests {
    private static func bills(_ numbers: [String]) -> String {
        numbers.map { number in
            #"{"identifierType":"externalId","identifierValue":"c\#(number)","source":"INSTORE","type":"REGULAR","billNumber":"\#(number)","billingDate":"2026-02-03T10:15:30+00:00","billAmount":5.5,"lineItemsV2":[{"itemCode":"sku","qty":1,"amount":5.5}]}"#
        }.joined(separator: "\n") + "\n"
    }

    private static func prepare(_ numbers: [String], _ arguments: [String]) throws -> (
        Program, Program.Server
    ) {
        let program = try Program()
        let server = try program.sandbox(["--unique", "none"] + arguments)
        try program.connect(to: server.url, "rate: none, timeout: 2s")
        try program.writeJob(
            files: "bills.jsonl", "send: { chunk: 10, in_flight: 1 }\ndoubt: { wait: 300ms }")
        try program.write(bills(numbers), to: "bills.jsonl")
        return (program, server)
    }

    /// However its lines are broken.
    private static func says(_ output: Program.Output, _ words: String) -> Bool {
        (output.out + " " + output.err).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .contains(words)
    }

    private static func booked(_ server: Program.Server) throws -> [Int?] {
        let counts = try server.ask("/_sandbox/counts")
        return [counts["bookings"] as? Int, counts["surplus"] as? Int]
    }

    private static func reasons(_ program: Program) throws -> String {
        let runs = program.folder + "/state/runs"
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
        return try String(contentsOfFile: "\(runs)/\(run)/reasons.csv", encoding: .utf8)
    }

    @Test("What a server makes of its bills is learnt, and then they are found; doctor shows it")
    func learnt() throws {
        let (program, server) = try Self.prepare(
            (0..<60).map { "ab-\($0)" },
            ["--rewrite", "upper,round,seconds", "--fault", "cut-after:at=3:on=add"])
        defer {
            server.stop()
            program.remove()
        }
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 0, "\(output)")
        #expect(Self.says(output, "accepted 60"), "\(output)")
        #expect(try Self.booked(server) == [60, 0])
        let told = try program.run("explain", "ab-20")
        #expect(Self.says(told, "bill number is AB-20, but ab-20 was sent"), "\(told)")
        let doctor = try program.run("doctor")
        #expect(
            Self.says(doctor, "the server shows bill number in upper case (3 records agree)"),
            "\(doctor)")
        #expect(Self.says(doctor, "amount rounded half up to 0 decimal places"), "\(doctor)")
        #expect(Self.says(doctor, "time without seconds"), "\(doctor)")
    }

    @Test("What nothing tells about stays in doubt, with both forms and the command that settles it")
    func told() throws {
        let numbers = (0..<10).map { "ab-\($0)" }
        let (program, server) = try Self.prepare(
            numbers, ["--rewrite", "upper", "--fault", "cut-after:at=1:on=add"])
        defer {
            server.stop()
            program.remove()
        }
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 4, "\(output)")
        #expect(Self.says(output, "No look-up can settle 10 records in doubt"), "\(output)")
        let reasons = try Self.reasons(program)
        #expect(reasons.contains("bill number is AB-3, but ab-3 was sent (id "))
        #expect(reasons.contains("--accept record:3"))
        let story = try program.run("explain", "ab-3")
        #expect(Self.says(story, "bill number is AB-3, but ab-3 was sent"), "\(story)")
        #expect(Self.says(story, "--accept record:3"), "\(story)")
        // A resume sends nothing of it again.
        #expect(try program.run("resume").status == 4)
        #expect(try Self.booked(server) == [10, 0])
        let run = try #require(output.out.split(separator: " ").first.map(String.init))
        let decided = try program.run(
            ["reconcile", run, "--accept"] + numbers + ["--reason", "seen"])
        #expect(decided.status == 0, "\(decided)")
        #expect(try program.run("resume").status == 0)
        #expect(try Self.booked(server) == [10, 0])
    }

    @Test("A bill filed under another form of its number is not missed")
    func filed() throws {
        // The controls have numbers that no server rewrites, and are found.
        let numbers = (0..<10).map { "ab-\($0)" } + (100..<150).map(String.init)
        let (program, server) = try Self.prepare(
            numbers, ["--rewrite", "upper,filed", "--fault", "cut-after:at=1:on=add"])
        defer {
            server.stop()
            program.remove()
        }
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 4, "\(output)")
        #expect(try Self.booked(server)[1] == 0)
        #expect(try Self.reasons(program).contains("bill number is AB-3, but ab-3 was sent"))
        // A person has looked; then all the rest goes, and nothing twice.
        let run = try #require(output.out.split(separator: " ").first.map(String.init))
        let decided = try program.run(
            ["reconcile", run, "--accept"] + numbers.prefix(10) + ["--reason", "seen"])
        #expect(decided.status == 0, "\(decided)")
        #expect(try program.run("resume").status == 0)
        #expect(try Self.booked(server) == [60, 0])
    }

    @Test("A reply about another bill is no miss")
    func stale() throws {
        let (program, server) = try Self.prepare(
            (0..<60).map { "b-\($0)" },
            [
                "--fault", "cut-after:at=2:on=add", "--fault", "stale-look:40%", "--fault",
                "stale-look:40%:on=customer",
            ])
        defer {
            server.stop()
            program.remove()
        }
        var output = try program.run("run", "job.yaml")
        for _ in 0..<5 where output.status == 4 { output = try program.run("resume") }
        #expect(output.status == 0, "\(output)")
        #expect(try Self.booked(server) == [60, 0])
    }

    @Test("Bills are given up only when someone says so, and none that is booked")
    func markFailed() throws {
        let (program, server) = try Self.prepare(["b-1", "b-2"], [])
        defer {
            server.stop()
            program.remove()
        }
        #expect(try program.run("run", "job.yaml").status == 0)
        let unasked = try program.run("rejected", "mark-failed", "b-9", "--comment", "x")
        #expect(unasked.status == 2 && unasked.err.contains("--yes"), "\(unasked)")
        let booked = try program.run("rejected", "mark-failed", "b-1", "--comment", "x", "--yes")
        #expect(booked.status == 2 && booked.err.contains("was accepted by run"), "\(booked)")
    }
}
