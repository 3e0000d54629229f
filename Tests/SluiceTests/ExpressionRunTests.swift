import Foundation
import TestSupport
import Testing

/// Expressions from the job to the report.
@Suite(.ownThreads) struct ExpressionRunTests {
    private static let job = """
        job: till
        endpoint: transactions.add
        connection: sandbox
        input: { files: in.csv }
        record:
          decimal: ","
          where: "Bon <> 'Summe'"
          let:
            amount: "num(Betrag)"
          fields:
            identifierType: { value: mobile }
            identifierValue: { expr: "phone(Telefon, 'DE')" }
            source: { value: INSTORE }
            billNumber: Bon
            billingDate: { expr: "date(Datum, 'dd.MM.yyyy', 'Europe/Berlin')" }
          when:
            - if: "amount < 0"
              fields:
                type: { value: RETURN }
                returnType: { value: AMOUNT }
                purchaseTime: { expr: "date(Datum, 'dd.MM.yyyy', 'Europe/Berlin')" }
                billAmount: { expr: "dec_neg(Betrag)" }
            - if: "amount > 0"
              fields:
                type: { value: REGULAR }
                billAmount: { from: Betrag, as: number }
        verify_existing: none

        """
    private static let rows = """
        Telefon;Bon;Datum;Betrag
        0151/2345678;B1;05.01.2026;12,50
        +49 (0)151 2345679;B2;05.01.2026;7,00
        ;Summe;;19,50
        01512345678;B1;05.01.2026;-2,50
        01512345678;B3;06.01.2026;zwei
        ;Summe;;-2,50

        """

    private func open(_ job: String = job, _ rows: String = rows) throws -> Program {
        let program = try Program()
        try program.write(job, to: "job.yaml")
        try program.write(rows, to: "in.csv")
        return program
    }

    private func report(_ program: Program) throws -> [String: Any] {
        let text = try program.run("report", "--json").out
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("Sales and returns from one file, totals left out: validate, run and report agree")
    func run() throws {
        let program = try open()
        defer { program.remove() }
        let valid = try program.run("validate", "job.yaml")
        #expect(valid.status == 1, "\(valid)")
        #expect(
            valid.out.contains("4 records of 6 rows: 3 fit to send, 1 invalid; 2 rows filtered out"),
            "\(valid)")
        #expect(
            valid.err.contains("record.let.amount"),
            "\(valid)")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 3") && run.prints("invalid 1"), "\(run)")
        #expect(run.prints("filtered out 2"), "\(run)")
        let report = try report(program)
        let input = try #require((report["inputs"] as? [[String: Any]])?.first)
        let bytes = try #require(input["bytes"] as? [String: Any])
        #expect(input["filtered"] as? Int == 2 && input["rows"] as? Int == 6, "\(input)")
        #expect(bytes["filtered"] as? Int == ";Summe;;19,50\n;Summe;;-2,50\n".utf8.count, "\(bytes)")
        let sum = ["header", "rows", "blank", "unreadable", "filtered", "unread"].reduce(0) {
            $0 + (bytes[$1] as? Int ?? 0)
        }
        #expect(sum == Self.rows.utf8.count && bytes["total"] as? Int == sum, "\(bytes)")
    }

    @Test("A file of which everything is left out balances, alone and among others")
    func nothingLeft() throws {
        let program = try open(
            Self.job.replacingOccurrences(of: "files: in.csv", with: "files: \"*.csv\""))
        defer { program.remove() }
        try program.write("Telefon;Bon;Datum;Betrag\n;Summe;;1\n\n;Summe;;2\n", to: "a.csv")
        try program.write("Telefon;Bon;Datum;Betrag\n;Summe;;3", to: "z.csv")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 3") && run.prints("filtered out 5"), "\(run)")
        let inputs = try #require(try report(program)["inputs"] as? [[String: Any]])
        #expect(inputs.map { $0["filtered"] as? Int } == [2, 2, 1], "\(inputs)")
        for input in inputs {
            let bytes = try #require(input["bytes"] as? [String: Any])
            let sum = ["header", "rows", "blank", "unreadable", "filtered", "unread"].reduce(0) {
                $0 + (bytes[$1] as? Int ?? 0)
            }
            #expect(bytes["total"] as? Int == sum, "\(input)")
        }
    }

    @Test("Rows of groups that are brought together are filtered, and balance")
    func groups() throws {
        let program = try open(
            Self.job.replacingOccurrences(of: "record:\n", with: "record:\n  group: Bon\n")
                .replacingOccurrences(
                    of: "{ from: Betrag, as: number }", with: "{ expr: \"dec_sum(Betrag)\" }"),
            """
            Telefon;Bon;Datum;Betrag
            01512345678;B1;05.01.2026;12,50
            ;Summe;;19,50
            01512345679;B2;05.01.2026;7,00
            01512345678;B1;05.01.2026;0,25
            ;Summe;;-2,50

            """)
        defer { program.remove() }
        let valid = try program.run("validate", "job.yaml")
        #expect(valid.status == 0 && valid.out.contains("2 records of 5 rows"), "\(valid)")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 0 && run.prints("accepted 2") && run.prints("filtered out 2"), "\(run)")
    }

    @Test("A stopped run continues with the same rows, and counts each filtered row once")
    func resume() throws {
        var rows = "Telefon;Bon;Datum;Betrag\n"
        for index in 1...600 {
            rows += "0151\(2_000_000 + index);B\(index);05.01.2026;\(index),00\n"
            if index % 3 == 0 { rows += ";Summe;;1\n" }
        }
        let program = try open(Self.job, rows)
        let server = try program.sandbox("--seed-data", "1")
        defer {
            server.stop()
            program.remove()
        }
        try program.connect("one", to: server.url, "auth: none, rate: none")
        try program.write(
            Self.job.replacingOccurrences(of: "connection: sandbox", with: "connection: one")
                + "send: { chunk: 5, in_flight: 1, rate: 3000/min }\ndoubt: { wait: 300ms }\n",
            to: "job.yaml")
        let process = try program.start(["run", "job.yaml"])
        let runs = program.folder + "/state/runs"
        for _ in 0..<600 {
            let begun = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
            if process.wait(seconds: 0.05) || !begun.isEmpty { break }
        }
        // Wherever it is by now: the rows are the same.
        if !process.wait(seconds: 0.5) {
            process.send(SIGKILL)
            process.wait()
            let resumed = try program.run("resume")
            #expect(resumed.status == 0, "\(resumed)")
        }
        let report = try report(program)
        let input = try #require((report["inputs"] as? [[String: Any]])?.first)
        #expect(input["filtered"] as? Int == 200 && input["rows"] as? Int == 800, "\(report)")
        let bytes = try #require(input["bytes"] as? [String: Any])
        #expect(bytes["filtered"] as? Int == 200 * ";Summe;;1\n".utf8.count)
    }

    @Test("What is wrong with an expression is told with its line, before anything is read")
    func mistakes() throws {
        for (old, new, words) in [
            ("num(Betrag)", "Betrag * 2", "record.let.amount"),
            ("amount < 0", "Betrag < 0", "num(Betrag)"),
            ("Bon <> 'Summe'", "Bonn <> 'Summe'", "Did you mean “Bon”?"),
            ("dec_neg(Betrag)", "dec_ngo(Betrag)", "Did you mean “dec_neg”?"),
            ("dec_neg(Betrag)", "(SELECT 1)", "no table"), ("'DE'", "'XX'", "no country"),
        ] {
            let program = try open(Self.job.replacingOccurrences(of: old, with: new))
            defer { program.remove() }
            let output = try program.run("run", "job.yaml")
            #expect(output.status == 2 && output.err.contains(words), "\(new): \(output)")
            #expect(output.err.contains("job.yaml:") || output.err.contains("(line "), "\(output.err)")
        }
        let floats = try open(Self.job.replacingOccurrences(of: "dec_neg(Betrag)", with: "amount * -1"))
        defer { floats.remove() }
        let warned = try floats.run("validate", "job.yaml")
        #expect(warned.err.contains("computes in binary"), "\(warned)")
    }
}
