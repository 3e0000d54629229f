import Foundation
import TestSupport
import Testing

/// Bills whose rows do not stand together, through the command line: each is booked once, with all of its lines.
@Suite(.ownThreads) struct GroupingTests {
    private static func job(_ files: String, group: String = "[store, bill_no]") -> String {
        Program.job(
            "grouped", files: "\"\(files)\"",
            """
            record:
              group: \(group)
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
            send: { chunk: 10, in_flight: 4 }
            doubt: { wait: 300ms }
            """)
    }

    private static let header = "store,bill_no,phone,total,sku\n"

    private static func prepare(_ job: String, _ arguments: String...) throws -> (
        Program, Program.Server
    ) {
        let program = try Program()
        let server = try program.sandbox(["--unique", "none"] + arguments)
        try program.connect(to: server.url)
        try program.write(job, to: "job.yaml")
        return (program, server)
    }

    /// The lines of each bill that is booked, and how often it is.
    private static func booked(_ server: Program.Server) throws -> [String: [[String]]] {
        var booked: [String: [[String]]] = [:]
        let kept = try server.ask("/_sandbox/bookings?limit=100000")
        for one in try #require(kept["bookings"] as? [[String: Any]]) {
            booked[one["number"] as? String ?? "", default: []].append(
                one["lines"] as? [String] ?? [])
        }
        return booked
    }

    private static func run(_ program: Program) throws -> String {
        let output = try program.run("runs", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        let runs = document?["runs"] as? [[String: Any]] ?? []
        return try #require(runs.first?["run"] as? String)
    }

    private static func list(_ name: String, of run: String, _ program: Program) throws -> String {
        try String(contentsOfFile: program.folder + "/state/runs/\(run)/\(name)", encoding: .utf8)
    }

    @Test(
        "Brought together over files, told in one line; what is invalid is told by its place in its own file"
    )
    func story() throws {
        let (program, server) = try Self.prepare(Self.job("day-*.csv"))
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            Self.header
                + "s1,A,c1,3,a1\ns1,B,c2,2,b1\ns1,A,c1,3,a2\nq\ns1,C,c3,x,c1\ns1,D,c4,1,d1\ns1,C,c3,x,c2\n",
            to: "day-1.csv")
        // The columns in another order, parted otherwise: what is refused is written like its first row.
        try program.write(
            "sku;bill_no;store;total;phone\na3;A;s1;3;c1\nc3;C;s1;x;c3\nd2;D;s1;1;c4\ne1;E;s1;1;c5\n",
            to: "day-2.csv")
        let line =
            "grouped: rows of 3 groups were not next to each other; 5 of 11 rows moved to their groups in a copy on disk"
        let checked = try program.run("validate", "job.yaml")
        #expect(checked.status == 1 && checked.err.contains(line), "\(checked)")
        #expect(checked.prints("6 records of 11 rows: 4 fit to send, 2 invalid"), "\(checked)")
        #expect(checked.err.contains("day-1.csv:5:"), "\(checked)")
        #expect(try program.run("plan", "job.yaml").err.contains(line))
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1 && output.err.contains(line), "\(output)")
        #expect(output.prints("accepted 4") && output.prints("invalid 2"), "\(output)")
        #expect(
            try Self.booked(server) == [
                "A": [["a1", "a2", "a3"]], "B": [["b1"]], "D": [["d1", "d2"]], "E": [["e1"]],
            ])
        let run = try Self.run(program)
        let rejects = try Self.list("rejects.csv", of: run, program)
        let mark = try #require(
            rejects.split(separator: "\n").first { $0.contains("s1,C") }?.split(separator: ",").first)
        #expect(
            rejects.hasSuffix(
                "\(mark),s1,C,c3,x,c1\n\(mark),s1,C,c3,x,c2\n\(mark),s1,C,c3,x,c3\n"), "\(rejects)")
        let reasons = try Self.list("reasons.csv", of: run, program)
        #expect(reasons.contains("day-1.csv,2,4,5,"), "\(reasons)")
        #expect(reasons.contains("day-1.csv,3,5,6,"), "\(reasons)")
        let report = try program.run("report", run, "--json")
        let document = try JSONSerialization.jsonObject(with: Data(report.out.utf8)) as? [String: Any]
        let inputs = try #require(document?["inputs"] as? [[String: Any]])
        #expect(inputs.map { $0["name"] as? String } == ["day-1.csv", "day-2.csv"])
        #expect(inputs.map { $0["rows"] as? Int } == [7, 4])
        for (name, input) in zip(["day-1.csv", "day-2.csv"], inputs) {
            let size =
                try FileManager.default.attributesOfItem(
                    atPath: program.folder + "/" + name)[.size] as? Int
            let bytes = try #require(input["bytes"] as? [String: Int])
            #expect(bytes["total"] == size && bytes["unread"] ?? 0 == 0, "\(bytes)")
            #expect(
                size == ["header", "rows", "blank", "unreadable"].reduce(0) { $0 + (bytes[$1] ?? 0) })
        }
        let told = try program.run("explain", "D")
        #expect(told.out.contains("day-1.csv") && told.prints("line 7"), "\(told)")
        // The same again sends nothing.
        let again = try program.run("run", "job.yaml")
        #expect(again.prints("skipped 4"), "\(again)")
        // Fixed in part, then wholly, sorted so that nothing is together, with a new bill among the rows:
        // what is said names the file that was given.
        let lines = rejects.split(separator: "\n").filter { !$0.contains("#2,q") }.map(String.init)
        func give(_ total: String) throws {
            let rows = lines.dropFirst().map { $0.replacingOccurrences(of: ",x,", with: ",\(total),") }
            try program.write(
                [lines[0], rows[0], ",s1,Z,c9,1,z1", rows[2], rows[1]].joined(separator: "\n"),
                to: "fixed.csv")
        }
        try give("y")
        let partly = try program.run("retry", run, "--from", "fixed.csv", "--as-new")
        #expect(partly.status == 1 && partly.err.contains("grouped: rows of 1 group"), "\(partly)")
        let first = try Self.list("reasons.csv", of: Self.run(program), program)
        #expect(first.contains("fixed.csv,0,1,2,"), "\(first)")
        // Without marks it is tied by its key, and named as well; its rejects bear the mark again.
        try program.write("total,sku,store,bill_no,phone\ny,c1,s1,C,c3\n", to: "unmarked.csv")
        let unmarked = try program.run("retry", run, "--from", "unmarked.csv")
        #expect(unmarked.status == 1, "\(unmarked)")
        let second = try Self.run(program)
        let reasons2 = try Self.list("reasons.csv", of: second, program)
        #expect(reasons2.contains("unmarked.csv,0,1,2,"), "\(reasons2)")
        #expect(
            try Self.list("rejects.csv", of: second, program)
                == "_sluice,total,sku,store,bill_no,phone\n\(second)#0,y,c1,s1,C,c3\n")
        try give("3")
        let sent = try program.run("retry", run, "--from", "fixed.csv", "--as-new")
        #expect(sent.status == 0, "\(sent)")
        let booked = try Self.booked(server)
        #expect(booked["C"] == [["c1", "c3", "c2"]] && booked["Z"] == [["z1"]], "\(booked)")
    }

    @Test(
        "Compressed and of JSON lines; a group that begins at the end of one file continues in the next"
    )
    func forms() throws {
        let (program, server) = try Self.prepare(Self.job("part-*"))
        defer {
            server.stop()
            program.remove()
        }
        for (part, bills) in [("part-1.jsonl", "AB"), ("part-2.jsonl", "BC"), ("part-3.jsonl", "DC")] {
            try program.write(
                bills.map {
                    #"{"store":"s","bill_no":"\#($0)","phone":"c\#($0)","total":1,"sku":"\#($0)-\#(part)"}"#
                }.joined(separator: "\n"), to: part)
        }
        #expect(try program.shell("gzip part-2.jsonl").status == 0)
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 0 && output.err.contains("grouped: rows of 2 groups"), "\(output)")
        #expect(
            try Self.booked(server) == [
                "A": [["A-part-1.jsonl"]], "B": [["B-part-1.jsonl", "B-part-2.jsonl"]],
                "C": [["C-part-2.jsonl", "C-part-3.jsonl"]], "D": [["D-part-3.jsonl"]],
            ])
    }

    @Test("JSON records of several rows are refused and sent again a row a line")
    func jsonRejects() throws {
        let (program, server) = try Self.prepare(Self.job("bills.json"))
        defer {
            server.stop()
            program.remove()
        }
        func row(_ bill: String, _ sku: String, _ total: String) -> String {
            "{\"store\":\"s\",\"bill_no\":\"\(bill)\",\"phone\":\"c\",\"total\":\(total),\n \"sku\":\"\(sku)\"}"
        }
        try program.write(
            "["
                + [row("A", "a1", "\"x\""), row("B", "b1", "1"), row("A", "a2", "\"x\"")]
                .joined(separator: ",\n") + "]", to: "bills.json")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1 && output.prints("invalid 1"), "\(output)")
        let run = try Self.run(program)
        let rejects = try Self.list("rejects.jsonl", of: run, program)
        #expect(rejects.split(separator: "\n").count == 2, "\(rejects)")
        try program.write(rejects.replacingOccurrences(of: "\"x\"", with: "1"), to: "fixed.jsonl")
        let sent = try program.run("retry", run, "--from", "fixed.jsonl")
        #expect(sent.status == 0, "\(sent)")
        #expect(try Self.booked(server) == ["A": [["a1", "a2"]], "B": [["b1"]]])
    }

    @Test(
        "`sorted: true` looks at nothing beforehand: what comes too late is invalid, and names the bill"
    )
    func sorted() throws {
        let (program, server) = try Self.prepare(
            Self.job("day-*.csv", group: "{ by: [store, bill_no], sorted: true }"))
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            Self.header + "s1,A,c1,3,a1\ns1,B,c2,2,b1\ns1,A,c1,3,a2\ns1,D,c4,1,d1\n", to: "day-1.csv")
        try program.write(Self.header + "s1,D,c4,1,d2\ns1,E,c5,1,e1\n", to: "day-2.csv")
        let checked = try program.run("validate", "job.yaml")
        #expect(checked.status == 1 && !checked.err.contains("grouped:"), "\(checked)")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1 && output.prints("invalid 3"), "\(output)")
        #expect(checked.prints("3 fit to send, 3 invalid"), "\(checked)")
        // A group that continues in the next file is known before it is sent, and is not sent short.
        #expect(try Self.booked(server) == ["A": [["a1"]], "B": [["b1"]], "E": [["e1"]]])
        let reasons = try Self.list("reasons.csv", of: Self.run(program), program)
        let late = try #require(reasons.split(separator: "\n").first { $0.contains("day-1.csv,2,") })
        #expect(
            late.contains("group-reopened") && late.contains("A may lack this row"), "\(late)")
        #expect(reasons.contains("continues in the next file"), "\(reasons)")
    }

    @Test(
        "Killed while it looks, while it stages and while it sends: each bill once, with all of its lines"
    )
    func killed() throws {
        let (program, server) = try Self.prepare(Self.job("bills-*.csv"))
        defer {
            server.stop()
            program.remove()
        }
        try server.set(["latency:always:2ms-5ms", "cut-after:2%"])
        let bills = 900
        for file in 0..<2 {
            try program.write(
                Self.header
                    + (0..<bills * 2).map { row in
                        let bill = row * 7919 % bills
                        return "s1,K-\(bill),c\(bill % 300),2,\(file)-\(row / bills)\n"
                    }.joined(), to: "bills-\(file).csv")
        }
        var random = Seeded(KillTests.seed)
        var output = try program.run(["run", "job.yaml", "--json"], killedAfter: 0.1)
        for round in 0..<60 where output.status != 0 {
            let hasRun = try program.run("report").status != 2
            output = try program.run(
                hasRun ? ["resume", "--json"] : ["run", "job.yaml", "--json"],
                killedAfter: round < 8 ? Double.random(in: 0.1...0.7, using: &random) : nil)
        }
        #expect(output.status == 0, "seed \(KillTests.seed): \(output)")
        let booked = try Self.booked(server)
        let lines = ["0-0", "0-1", "1-0", "1-1"]
        #expect(booked.count == bills)
        #expect(booked.values.allSatisfy { $0 == [lines] }, "seed \(KillTests.seed)")
        let staged = try FileManager.default.contentsOfDirectory(
            atPath: program.folder + "/state/groups")
        #expect(staged.isEmpty)
        // The file of rows goes with its run.
        let run = try Self.run(program)
        let path = program.folder + "/state/runs/\(run)/grouped.rows"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try program.run("prune", "--older-than", "0h").status == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try program.run("report", run).prints("accepted 900"))
    }

    @Test("No room for the rows: nothing is started, and nothing stays behind")
    func noRoom() throws {
        let (program, server) = try Self.prepare(Self.job("bills.csv"))
        defer {
            server.stop()
            program.remove()
        }
        let rows = (0..<20_000).map { "s1,N-\($0 * 7919 % 10_000),c1,2,s\($0)\n" }.joined()
        try program.write(Self.header + rows, to: "bills.csv")
        let output = try program.shell(
            "\"$SLUICE\" runs > /dev/null; trap '' XFSZ; ulimit -f 1200; exec \"$SLUICE\" run job.yaml")
        #expect(output.status == 5 && output.err.contains("state/groups/grouped"), "\(output)")
        #expect(try program.run("report").err.contains("there are no runs yet"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: program.folder + "/state/groups")
                .isEmpty)
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 0)
    }
}
