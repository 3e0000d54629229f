import Foundation
import TestSupport
import Testing

/// Rows of one bill that were all malformed, each a record of its own: fixed, they are one bill again, and settle
/// all their marks.
@Suite(.serialized, .ownThreads) struct MarkTests {
    private static let job = Program.job(
        "marked", files: "\"bills.*\"",
        """
        record:
          group: [store, bill_no]
          fields:
            identifierType:  { value: externalId }
            identifierValue: phone
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill_no
            billingDate:     { value: "2026-02-03T10:15:00+00:00" }
            billAmount:      { from: total, as: number }
            lineItemsV2:
              each: row
              fields: { itemCode: sku, qty: { value: 1 }, amount: { value: 1 } }
        send: { chunk: 5, in_flight: 4 }
        doubt: { wait: 300ms }
        """)

    private static let header = "sku,phone,total,store,bill_no\n"

    private static func prepare(_ job: String = job) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox("--unique", "none")
        try program.connect(to: server.url)
        try program.write(job, to: "job.yaml")
        return (program, server)
    }

    private static func document(_ output: Program.Output) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Data(output.out.utf8))
        return try #require(json as? [String: Any], "\(output)")
    }

    /// The newest run.
    private static func run(_ program: Program) throws -> String {
        let runs = try document(program.run("runs", "--json"))["runs"] as? [[String: Any]]
        return try #require(runs?.first?["run"] as? String)
    }

    private static func rows(_ name: String, of run: String, _ program: Program) throws -> [String] {
        try String(
            contentsOfFile: program.folder + "/state/runs/\(run)/\(name)", encoding: .utf8
        ).split(separator: "\n").map(String.init)
    }

    private static func booked(_ server: Program.Server) throws -> [String: [[String]]] {
        var booked: [String: [[String]]] = [:]
        let kept = try server.ask("/_sandbox/bookings?limit=100000")
        for one in try #require(kept["bookings"] as? [[String: Any]]) {
            booked[one["number"] as? String ?? "", default: []].append(one["lines"] as? [String] ?? [])
        }
        return booked
    }

    private static func open(_ program: Program, job: String = "marked") throws -> [String: Int] {
        let whole = try document(program.run("report", "--job", job, "--json"))
        return (whole["open"] as? [String: Any] ?? [:]).compactMapValues { $0 as? Int }
    }

    @Test("Fixed in two rounds: open as one record after the first, none is left after the second")
    func csv() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            Self.header + "g1,c1,1,s1,G\na1,c2,3\na2,c2,3\na3,c2,3\nb1,c3,1\nh1,c1,1,s1,H\n",
            to: "bills.csv")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1 && output.prints("invalid 4"), "\(output)")
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.csv", of: run, program)
        #expect(lines.count == 5 && lines[1] == "\(run)#1,a1,c2,3", "\(lines)")
        // Sorted so that the rows of the bill stand apart; its amount is still wrong.
        let wrong = [
            lines[0], lines[1] + "x,s1,A", lines[4] + ",s1,B", lines[2] + "x,s1,A",
            lines[3] + "x,s1,A",
        ]
        try program.write(wrong.joined(separator: "\n"), to: "fixed.csv")
        let half = try program.run("retry", run, "--from", "fixed.csv")
        #expect(half.status == 1 && half.err.contains("grouped: rows of 1 group"), "\(half)")
        #expect(half.err.contains("2 records tied to the 4 that they repair"), "\(half)")
        #expect(half.prints("accepted 1") && half.prints("invalid 1"), "\(half)")
        #expect(
            half.err.contains("4 not accepted at first, 1 repaired since, 3 open"), "\(half)")
        var open = try Self.open(program)
        #expect(open["records"] == 1 && open["repaired"] == 1, "\(open)")
        let second = try Self.run(program)
        let again = try Self.rows("rejects.csv", of: second, program)
        #expect(again.count == 4 && again.dropFirst().allSatisfy { $0.hasPrefix("\(second)#0,a") })
        #expect(!(try program.run("report", run)).out.contains("rejects"))
        // By the marks of the first round, or of the second: both name the same.
        let right = wrong.map { $0.replacingOccurrences(of: "3x", with: "3") }
        try program.write(
            ([right[0], again[3].replacingOccurrences(of: "3x", with: "3")] + right[1...3])
                .joined(separator: "\n"), to: "fixed.csv")
        let sent = try program.run("retry", run, "--from", "fixed.csv")
        #expect(sent.status == 0 && sent.prints("accepted 1"), "\(sent)")
        #expect(
            sent.err.contains("4 not accepted at first, 4 repaired since, 0 open"), "\(sent)")
        #expect(
            try Self.booked(server) == [
                "G": [["g1"]], "H": [["h1"]], "A": [["a3", "a1", "a2"]], "B": [["b1"]],
            ])
        open = try Self.open(program)
        #expect(open["records"] == 0 && open["repaired"] == 4, "\(open)")
        // Nothing is sent again, and nothing is kept for it.
        let late = try program.run("retry", run, "--from", "fixed.csv")
        #expect(late.status == 0 && late.prints("requests 0"), "\(late)")
        #expect(try program.run("retry", run, "--all").err.contains("no open records"))
        let pruned = try program.run("prune", "--older-than", "1ms")
        #expect(pruned.status == 0 && !pruned.err.contains("kept"), "\(pruned)")
    }

    @Test("JSON lines; what was refused goes as one from the ledger once the job reads it")
    func json() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        func row(_ sku: String, _ rest: String) -> String {
            #"{"sku":"\#(sku)","phone":"c1","total":2\#(rest)}"#
        }
        try program.write(
            [row("g1", #","store":"s","bill_no":"G""#), row("a1", ""), row("a2", "")]
                .joined(separator: "\n"), to: "bills.jsonl")
        #expect(try program.run("run", "job.yaml").prints("invalid 2"))
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.jsonl", of: run, program)
        #expect(lines.count == 2 && lines[0].hasPrefix(#"{"_sluice":"\#(run)#1","#), "\(lines)")
        try program.write(
            lines.map { $0.dropLast() + #","store":"s","bill_no":"A"}"# }.joined(separator: "\n"),
            to: "fixed.jsonl")
        let dry = try program.run("retry", run, "--from", "fixed.jsonl", "--dry-run")
        #expect(dry.status == 0 && dry.err.contains("1 record tied to the 2 that it repairs"), "\(dry)")
        // From the ledger, with a job that finds the bill of these rows.
        try program.write(
            Self.job.replacingOccurrences(of: "group: [store, bill_no]", with: "group: [phone]")
                .replacingOccurrences(of: "billNumber:      bill_no", with: "billNumber:      phone"),
            to: "job.yaml")
        let sent = try program.run("retry", run)
        #expect(sent.status == 0 && sent.prints("accepted 1"), "\(sent)")
        #expect(
            sent.err.contains("2 not accepted at first, 2 repaired since, 0 open"), "\(sent)")
        let late = try program.run("retry", run, "--from", "fixed.jsonl")
        #expect(late.status == 0 && late.prints("requests 0"), "\(late)")
        #expect(try Self.booked(server) == ["G": [["g1"]], "c1": [["a1", "a2"]]])
    }

    @Test(
        "Marks of elsewhere are refused; a bill of two marks and none, and one closed, are taken as they are"
    )
    func odd() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(Self.header + "z1,c9,1\n", to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let other = try Self.run(program)
        try program.write(
            Self.header + "a1,c2,3\na2,c2,3\na3,c2,3\nb1,c3,1\nb2,c3,1\n", to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try Self.run(program)
        func give(_ rows: [String]) throws {
            try program.write(
                (["_sluice,sku,phone,total,store,bill_no"] + rows).joined(separator: "\n"),
                to: "fixed.csv")
        }
        for mark in ["nonsense", "\(other)#0", "\(run)#99"] {
            try give(["\(run)#0,a1,c2,3,s1,A", "\(mark),a2,c2,3,s1,A"])
            let refused = try program.run("retry", run, "--from", "fixed.csv")
            #expect(refused.status == 2, "\(refused)")
            #expect(
                refused.err.contains("says \(mark), which is not a record of this run"), "\(refused)")
        }
        let closed = try program.run(
            "abandon", run, "--records", "\(run)#2", "--reason", "a test")
        #expect(closed.status == 0, "\(closed)")
        // The mark of the first row is in the second bill as well: that one is invalid, and keeps its own.
        try give([
            "\(run)#0,a1,c2,3,s1,A", ",a2,c2,3,s1,A", "\(run)#2,a3,c2,3,s1,A", "\(run)#0,b1,c3,1,s1,B",
            "\(run)#3,b1,c3,1,s1,B",
        ])
        let sent = try program.run("retry", run, "--from", "fixed.csv")
        #expect(sent.status == 1 && sent.prints("accepted 1"), "\(sent)")
        #expect(sent.prints("repeated-mark"), "\(sent)")
        #expect(sent.err.contains("5 not accepted at first, 2 repaired since, 3 open"), "\(sent)")
        // Rows 1 and 4 were not in the file: they stay open, beside that bill and the other run's.
        #expect(try Self.open(program)["records"] == 4)
        let second = try Self.run(program)
        // The row that had lost its mark comes with it, and then the bill is the one that was imported.
        try give([
            "\(run)#0,a1,c2,3,s1,A", "\(run)#1,a2,c2,3,s1,A", "\(run)#2,a3,c2,3,s1,A",
            "\(second)#1,b1,c3,1,s1,B", "\(run)#4,b2,c3,1,s1,B",
        ])
        let rest = try program.run("retry", run, "--from", "fixed.csv")
        #expect(rest.status == 0 && rest.prints("accepted 1") && rest.prints("skipped 1"), "\(rest)")
        #expect(rest.err.contains("5 not accepted at first, 5 repaired since, 0 open"), "\(rest)")
        #expect(try Self.open(program)["records"] == 1)
        #expect(
            try Self.booked(server) == ["A": [["a1", "a2", "a3"]], "B": [["b1", "b2"]]])
    }

    @Test("A bill that was imported short is not imported again with its other rows")
    func short() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(Self.header + "a1,c2,3\na2,c2,3\n", to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.csv", of: run, program)
        try program.write(lines[0] + "\n" + lines[1] + ",s1,A\n", to: "fixed.csv")
        #expect(try program.run("retry", run, "--from", "fixed.csv").status == 0)
        // Under another number, so that no key tells.
        try program.write(
            lines[0] + "\n" + lines[1] + ",s1,A-2\n" + lines[2] + ",s1,A-2\n", to: "fixed.csv")
        let whole = try program.run("retry", run, "--from", "fixed.csv")
        #expect(whole.status == 1 && whole.prints("requests 0"), "\(whole)")
        #expect(whole.prints("conflicting-key"), "\(whole)")
        #expect(
            whole.err.contains("2 not accepted at first, 1 repaired since, 1 open"), "\(whole)")
        #expect(try Self.open(program)["records"] == 1)
        #expect(try Self.booked(server) == ["A": [["a1"]]])
    }

    @Test("Rows that had no key need their marks, and the message says so; with them the bill goes")
    func unmarked() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            "bill_no,store,sku,phone,total\nA,s1,a1,c2\nA,s1,a2,c2\nB,s1,b1,c3,1\n", to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.csv", of: run, program)
        try #require(lines.count == 3, "\(lines)")
        let header = "bill_no,store,sku,phone,total\n"
        try program.write(header + "A,s1,a1,c2,3\nA,s1,a2,c2,3\n", to: "fixed.csv")
        let refused = try program.run("retry", run, "--from", "fixed.csv")
        #expect(refused.status == 2 && refused.err.contains("add the column `_sluice`"), "\(refused)")
        try program.write(
            lines.enumerated().map { $0.element + ($0.offset > 0 ? ",3\n" : "\n") }.joined(),
            to: "fixed.csv")
        let sent = try program.run("retry", run, "--from", "fixed.csv")
        #expect(sent.status == 0 && sent.err.contains("2 repaired since, 0 open"), "\(sent)")
        #expect(try Self.booked(server) == ["A": [["a1", "a2"]], "B": [["b1"]]])
    }

    @Test("Where several open records have the key of a row without a mark, they are named")
    func several() throws {
        let (program, server) = try Self.prepare(
            Self.job.replacingOccurrences(of: "  group: [store, bill_no]\n", with: "")
                .replacingOccurrences(of: "      each: row\n", with: "")
                .replacingOccurrences(
                    of: "      fields: { itemCode", with: "      - fields: { itemCode"))
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            "bill_no,store,sku,phone,total\nA,s1,a1,c2,x\nA,s1,a2,c2,y\n", to: "bills.csv")
        let first = try program.run("run", "job.yaml", "--quiet")
        try #require(first.status == 1, "\(first)")
        let run = try Self.run(program)
        try program.write("bill_no,store,sku,phone,total\nA,s1,a1,c2,3\n", to: "fixed.csv")
        let refused = try program.run("retry", run, "--from", "fixed.csv")
        #expect(refused.status == 2, "\(refused)")
        #expect(
            refused.err.contains("2 open records of this run have its key")
                && refused.err.contains("\(run)#0, \(run)#1"), "\(refused)")
        try program.write(
            "_sluice,bill_no,store,sku,phone,total\n\(run)#0,A,s1,a1,c2,3\n", to: "fixed.csv")
        let sent = try program.run("retry", run, "--from", "fixed.csv")
        #expect(sent.status == 0 && sent.prints("accepted 1"), "\(sent)")
    }

    @Test("Fixed files of both kinds at once: each bill keeps the marks of its rows")
    func kinds() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(Self.header + "a1,c2,3\na2,c2,3\n", to: "bills.csv")
        try program.write(
            ["b1", "b2"].map { #"{"sku":"\#($0)","phone":"c3","total":1}"# }.joined(separator: "\n"),
            to: "bills.jsonl")
        #expect(try program.run("run", "job.yaml").prints("invalid 4"))
        let run = try Self.run(program)
        let csv = try Self.rows("rejects.csv", of: run, program)
        try program.write(
            ([csv[0]] + csv.dropFirst().map { $0 + ",s1,A" } + [",a3,c2,3,s1,A"])
                .joined(separator: "\n"), to: "fixed.csv")
        let name = try #require(
            FileManager.default.contentsOfDirectory(
                atPath: program.folder + "/state/runs/\(run)"
            ).first { $0.hasSuffix(".jsonl") })
        try program.write(
            Self.rows(name, of: run, program).map {
                $0.dropLast() + #","store":"s1","bill_no":"B"}"#
            }.joined(separator: "\n"), to: "fixed.jsonl")
        let sent = try program.run("retry", run, "--from", "fixed.csv", "fixed.jsonl")
        #expect(sent.status == 0 && sent.prints("accepted 2"), "\(sent)")
        #expect(
            sent.err.contains("4 not accepted at first, 4 repaired since, 0 open"), "\(sent)")
        #expect(
            try Self.booked(server) == ["A": [["a1", "a2", "a3"]], "B": [["b1", "b2"]]])
    }

    @Test("Lines without a bill are fixed into one in the rejects of a joined job")
    func joined() throws {
        let (program, server) = try Self.prepare(
            """
            job: joined
            endpoint: transactions.add
            connection: there
            input:
              files: bills.csv
              join: { lines: lines.csv, on: { bill: bill_no } }
            record:
              fields:
                identifierType: { value: externalId }
                identifierValue: customer
                type: { value: REGULAR }
                source: { value: INSTORE }
                billNumber: bill
                billingDate: { value: "2026-02-03T10:15:00+00:00" }
                billAmount: { from: amount, as: number }
                lineItemsV2:
                  each: row
                  fields: { itemCode: sku, qty: { value: 1 }, amount: { value: 1 } }
            doubt: { wait: 300ms }

            """)
        defer {
            server.stop()
            program.remove()
        }
        try program.write("bill,customer,amount\nB-1,c1,3\n", to: "bills.csv")
        try program.write("bill_no,sku\nB-1,s1\nB-7x,s2\nB-8x,s3\n", to: "lines.csv")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1 && output.prints("invalid 2"), "\(output)")
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.csv", of: run, program)
        #expect(lines[0] == "_sluice,_record,bill,customer,amount,sku,_from,_trouble", "\(lines)")
        let marks = lines.dropFirst().map { $0.prefix { $0 != "," } }
        #expect(marks.count == 2 && marks[0] != marks[1], "\(lines)")
        try program.write(
            [lines[0], "\(marks[0]),1,B-7,c7,2,s2,,", "\(marks[1]),1,B-7,c7,2,s3,,"]
                .joined(separator: "\n"), to: "fixed.csv")
        let sent = try program.run("retry", run, "--from", "fixed.csv")
        #expect(sent.status == 0 && sent.prints("accepted 1"), "\(sent)")
        #expect(
            sent.err.contains("2 not accepted at first, 2 repaired since, 0 open"), "\(sent)")
        #expect(try Self.booked(server) == ["B-1": [["s1"]], "B-7": [["s2", "s3"]]])
    }

    @Test("Killed and resumed in the middle, each bill is booked once, and no mark stays open")
    func killed() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        let bills = 150
        try program.write(
            Self.header + (0..<bills * 2).map { "\($0),c\($0 % bills),1\n" }.joined(),
            to: "bills.csv")
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let run = try Self.run(program)
        let lines = try Self.rows("rejects.csv", of: run, program)
        #expect(lines.count == 1 + bills * 2)
        try program.write(
            lines[0] + "\n"
                + lines.dropFirst().enumerated().map { "\($1),s1,K-\($0 % bills)\n" }.joined(),
            to: "fixed.csv")
        try server.set(["latency:always:5ms-15ms", "cut-after:2%"])
        var random = Seeded(KillTests.seed)
        print("kill test: SLUICE_SEED=\(KillTests.seed)")
        func isBegun() throws -> Bool { try Self.run(program) != run }
        var output = try program.run(
            "retry", run, "--from", "fixed.csv", "--quiet", killedAfter: 0.3)
        for round in 0..<60 where output.status != 0 {
            output = try program.run(
                isBegun() ? ["resume", "--quiet"] : ["retry", run, "--from", "fixed.csv", "--quiet"],
                killedAfter: round < 6 ? Double.random(in: 0.1...0.5, using: &random) : nil)
        }
        #expect(output.status == 0, "seed \(KillTests.seed): \(output)")
        #expect(try program.run("retry", run).err.contains("no open records"))
        let open = try Self.open(program)
        #expect(open["records"] == 0 && open["repaired"] == bills * 2, "\(open)")
        let booked = try Self.booked(server)
        #expect(booked.count == bills)
        for (number, lines) in booked {
            let first = number.dropFirst(2)
            #expect(
                lines == [[String(first), String((Int(first) ?? 0) + bills)]],
                "seed \(KillTests.seed): \(number)")
        }
    }
}
