import Foundation
import TestSupport
import Testing

/// Bills and their lines in different files, through the command line.
@Suite(.ownThreads) struct JoinTests {
    private static let job = """
        job: joined
        endpoint: transactions.add
        connection: there
        input:
          files: bills.csv
          join: { lines: "lines-*.csv", on: { bill: bill_no } }
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
              fields:
                itemCode: sku
                qty: { from: qty, as: number }
                amount: { from: lines.amount, as: number }
        send: { chunk: 10, in_flight: 4 }
        doubt: { wait: 300ms }

        """

    private static func prepare(_ arguments: String...) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox(arguments)
        try program.connect(to: server.url)
        try program.write(job, to: "job.yaml")
        return (program, server)
    }

    private static func records(_ output: Program.Output) throws -> [String: Int] {
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        let records = try #require(document?["records"] as? [String: Any], "\(output)")
        return records.compactMapValues { $0 as? Int }
    }

    @Test(
        "Bills get their lines whatever their order; what has no other half is invalid, and told with its place"
    )
    func story() throws {
        let (program, server) = try Self.prepare("--unique", "none")
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            "bill,customer,amount\nB-1,c1,3\n B-2 ,c2,5\nB-3,\"c3, x\",1\nB-4,c4,1\nB-5,c5,1\nB-5,c6,2\n,c7,1\n",
            to: "bills.csv")
        try program.write(
            "bill_no,sku,qty,amount\nB-2,\"s,2\",1,2\nB-1,s1,1,1\nB-9,s9,1,1\nB-5,s5,1,1\n",
            to: "lines-1.csv")
        // Its columns in another order; one of its rows has one too few.
        try program.write(
            "sku,amount,qty,bill_no\ns2b,3,1,B-2\ns1b,2,1,B-1\ns9b,1,1,B-9\ns3,1,1,B-3\n",
            to: "lines-2.csv")
        // Which bill a row of too few fields belongs to cannot be told: that one would go without it.
        try program.write("bill_no,sku,qty,amount,x\nB-4,s4,1,1\n", to: "lines-3.csv")
        let refused = try program.run("run", "job.yaml", "--json")
        #expect(refused.status == 2 && refused.err.contains("lines-3.csv:2"), "\(refused)")
        try program.write("bill_no,sku,qty,amount\nB-4,s4,many,1\n", to: "lines-3.csv")
        let checked = try program.run("validate", "job.yaml")
        #expect(
            checked.status == 1 && checked.prints("8 records of 11 rows: 3 fit to send"), "\(checked)")
        let output = try program.run("run", "job.yaml", "--json")
        let records = try Self.records(output)
        #expect(output.status == 1 && records["accepted"] == 3 && records["invalid"] == 5, "\(output)")
        #expect(output.err.contains("joined: 7 rows, 9 lines"), "\(output.err)")
        let report = try program.run("report").out
        #expect(report.contains("unmatched"), "\(report)")
        let reasons = try #require(
            report.split(separator: "\n").first { $0.hasSuffix("reasons.csv") }.map {
                $0.trimmingCharacters(in: .whitespaces)
            }, "\(report)")
        let told = try String(contentsOfFile: reasons, encoding: .utf8)
        for words in [
            "2 rows of bills.csv have the same bill",
            "lines-1.csv:4: no row of bills.csv has this bill",
            "bills.csv:8: bill is empty",
        ] {
            #expect(told.contains(words), "\(words) in \(told)")
        }
        // Each has the lines that are its own, in the order of their files.
        let kept = try server.ask("/_sandbox/bookings")
        let bookings = try #require(kept["bookings"] as? [[String: Any]])
        #expect(bookings.compactMap { $0["number"] as? String }.sorted() == [" B-2 ", "B-1", "B-3"])
        let run = try #require(
            try program.run("runs").out.split(separator: "\n").first { $0.contains("joined") }?
                .split(separator: " ").first.map(String.init))
        let joined = try String(
            contentsOfFile: program.folder + "/state/runs/\(run)/joined.csv", encoding: .utf8
        ).split(separator: "\n")
        #expect(joined[0] == "_record,bill,customer,amount,sku,qty,lines.amount,_from,_trouble")
        #expect(joined[3].contains("\"s,2\"") && joined[4].contains("s2b"), "\(joined)")
        // The same again sends nothing; the missing line makes its bill whole.
        #expect(try Self.records(program.run("run", "job.yaml", "--json"))["skipped"] == 3)
        try program.write("bill_no,sku,qty,amount\nB-4,s4,1,1\n", to: "lines-3.csv")
        #expect(try Self.records(program.run("run", "job.yaml", "--json"))["accepted"] == 1)
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: program.folder + "/state/joins")
        #expect(folders.isEmpty)
    }

    @Test("Killed while it joins and while it sends, it loses nothing and sends nothing twice")
    func killed() throws {
        let (program, server) = try Self.prepare("--unique", "none")
        defer {
            server.stop()
            program.remove()
        }
        try server.set(["latency:always:2ms-5ms", "cut-after:2%"])
        let bills = 1500
        try program.write(
            "bill,customer,amount\n"
                + (0..<bills).map { "K-\($0),c\($0 % 700),2\n" }.joined(), to: "bills.csv")
        for file in 0..<2 {
            try program.write(
                "bill_no,sku,qty,amount\n"
                    + (0..<bills).map { "K-\(($0 * 7919 + file) % bills),s\(file),1,1\n" }.joined(),
                to: "lines-\(file).csv")
        }
        var random = Seeded(KillTests.seed)
        var output = try program.run(["run", "job.yaml", "--json"], killedAfter: 0.15)
        for round in 0..<40 where output.status != 0 {
            let hasRun = try program.run("report").status != 2
            output = try program.run(
                hasRun ? ["resume", "--json"] : ["run", "job.yaml", "--json"],
                killedAfter: round < 5 ? Double.random(in: 0.1...0.6, using: &random) : nil)
        }
        #expect(output.status == 0, "seed \(KillTests.seed): \(output)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == bills && counts["surplus"] as? Int == 0, "\(counts)")
    }

    @Test(
        "A rehearsal that is ended leaves nothing of the files behind; what a killed one left, the next removes"
    )
    func ended() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(Self.job, to: "job.yaml")
        try program.write(
            "bill,customer,amount\n" + (0..<60_000).map { "E-\($0),c,1\n" }.joined(), to: "bills.csv")
        try program.write(
            "bill_no,sku,qty,amount\n" + (0..<60_000).map { "E-\($0),s,1,1\n" }.joined(),
            to: "lines-1.csv")
        func ended(by signal: String) throws -> String {
            try program.shell(
                """
                mkdir -p tmp; TMPDIR="$PWD/tmp"; export TMPDIR
                "$SLUICE" validate job.yaml & pid=$!
                tries=0
                until [ -n "$(ls tmp)" ] || [ $tries -gt 1000 ]; do sleep 0.01; tries=$((tries + 1)); done
                kill -\(signal) $pid; wait $pid; echo "status $? folders $(ls tmp | wc -l)"
                """
            ).out
        }
        #expect(try ended(by: "TERM") == "status 143 folders 0\n")
        #expect(try ended(by: "KILL") == "status 137 folders 1\n")
        try program.write("bill,customer,amount\nE-1,c,1\n", to: "bills.csv")
        try program.write("bill_no,sku,qty,amount\nE-1,s,1,1\n", to: "lines-1.csv")
        let next = try program.shell(
            "TMPDIR=\"$PWD/tmp\" \"$SLUICE\" validate job.yaml; ls tmp | wc -l")
        #expect(next.out.hasSuffix("1 fit to send, 0 invalid\n0\n"), "\(next)")
    }

    @Test("What cannot be joined is told with file and line, and nothing begins")
    func wrong() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try program.write("bill,customer,amount\nB-1,c1,3\n", to: "bills.csv")
        for (lines, words) in [
            ("bill_n,sku,qty,amount\nB-1,s,1,3\n", "lines-1.csv: there is no column “bill_no”"),
            ("sku,qty,amount,bill_no\ns,1,3,B-1\ns,1\n", "lines-1.csv:3:"),
            ("bill_no,sku,qty,amount\nB-1,\"s,1,3\n", "lines-1.csv:2:"),
        ] {
            try program.write(lines, to: "lines-1.csv")
            let output = try program.run("run", "job.yaml")
            #expect(output.status == 2 && output.err.contains(words), "\(output)")
        }
        try program.write("bill_no,sku,qty,amount\nB-1,s,1,3\n", to: "lines-1.csv")
        for (right, wrong, words) in [
            ("record:\n", "record:\n  group: bill\n", "wrong.yaml:8"),
            ("on: { bill: bill_no }", "om: bill", "there is no key “om”"),
            ("files: bills.csv", "files: \"-\"", "standard input cannot be used"),
            ("files: bills.csv", "files: \"lines-*.csv\"", "name different files"),
        ] {
            try program.write(
                Self.job.replacingOccurrences(of: right, with: wrong), to: "wrong.yaml")
            let said = try program.run("validate", "wrong.yaml")
            #expect(said.status == 2 && said.err.contains(words), "\(said)")
        }
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 0)
    }
}
