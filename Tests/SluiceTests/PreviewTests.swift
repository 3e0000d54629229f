import Foundation
import TestSupport
import Testing

/// `sluice preview`: what was read beside what would be sent.
@Suite(.ownThreads) struct PreviewTests {
    private static let job = """
        job: till
        endpoint: transactions.add
        connection: sandbox
        input: { files: in.csv }
        record:
          group: [bill]
          where: "bill <> 'VOID'"
          fields:
            identifierType: { value: mobile }
            identifierValue: { from: phone, digits_only: true }
            type: { value: REGULAR }
            source: { value: INSTORE }
            billNumber: bill
            billingDate: { from: sold, as: datetime, format: "dd.MM.yyyy", zone: Europe/Berlin }
            billAmount: { from: total, as: number }
            lineItemsV2:
              each: row
              fields: { itemCode: sku, amount: { from: amount, as: number } }
        send:
          attribution: { type: STORE_CODE, from: store }

        """
    private static let rows = """
        store,bill,sold,phone,total,sku,amount,clerk
        s1,B1,01.02.2026,+44 7700 900201,30.00,a,10.00,Kim
        s1,B2,01.02.2026,+44 7700 900202,5.50,b,5.50,Kim
        s1,VOID,,,,,,Kim
        s2,B1,01.02.2026,,,c,20.00,
        s1,,01.02.2026,,99,x,99,
        s1,B3,31.02.2026,+44 7700 900203,1,a,1,

        """

    private func open(_ job: String = job, _ rows: String = rows) throws -> Program {
        let program = try Program()
        try program.write(job, to: "job.yaml")
        try program.write(rows, to: "in.csv")
        return program
    }

    private func document(_ program: Program, _ arguments: String...) throws -> [String: Any] {
        let output = try program.run(["preview", "job.yaml"] + arguments)
        #expect(output.status == 0 && output.err.isEmpty, "\(output)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
    }

    private func records(_ document: [String: Any]) -> [[String: Any]] {
        document["records"] as? [[String: Any]] ?? []
    }

    @Test("Records, rows that are left out and invalid ones, in the order of the file")
    func json() throws {
        let program = try open(
            Self.job, Self.rows.replacingOccurrences(of: "s2,B1", with: "s1,B1"))
        defer { program.remove() }
        let document = try document(program)
        #expect(document["schema"] as? Int == 1 && document["rows_read"] as? Int == 6)
        #expect(document["is_whole_input"] as? Bool == true)
        let records = records(document)
        #expect(records.map { $0["lines"] as? [Int] } == [[2, 5], [3], [4], [6], [7]])
        #expect(
            records.map { $0["state"] as? String }
                == ["ready", "ready", "filtered", "invalid", "invalid"])
        let first = try #require(records.first)
        #expect(first["input"] as? String == "in.csv")
        let read = try #require(first["read"] as? [[String: String]])
        #expect(read.map { $0["sku"] } == ["a", "c"] && read[0]["phone"] == "+44 7700 900201")
        let item = try #require(first["item"] as? [String: Any])
        #expect(item["identifierValue"] as? String == "447700900201")
        #expect(item["billingDate"] as? String == "2026-02-01T00:00:00+01:00")
        #expect((item["lineItemsV2"] as? [Any])?.count == 2)
        #expect((first["attribution"] as? [String: String]) == ["type": "STORE_CODE", "code": "s1"])
        // Numbers are as they are sent.
        #expect(try program.run("preview", "job.yaml").out.contains("\"billAmount\":5.50,"))
        let problems = records[4]["problems"] as? [[String: String]]
        #expect(problems?.first?["field"] == "billingDate" && problems?.first?["reason"] == "format")
        // Nothing is made for it.
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/state"))
    }

    @Test(
        "The number of rows is a limit for the rows that are read, and said where groups may continue")
    func limit() throws {
        let program = try open(
            Self.job, Self.rows.replacingOccurrences(of: "s2,B1", with: "s1,B1"))
        defer { program.remove() }
        let document = try document(program, "--rows", "2")
        #expect(document["rows_read"] as? Int == 2 && document["is_whole_input"] as? Bool == false)
        #expect(records(document).map { $0["lines"] as? [Int] } == [[2], [3]])
        let text = try program.run("preview", "job.yaml", "-r", "2", "--text")
        #expect(text.prints("Later rows may belong to these records"), "\(text)")
        #expect(try program.run("preview", "job.yaml", "--rows", "0").status == 2)
    }

    @Test("An expression chooses rows, and their records are whole as far as was read")
    func choice() throws {
        let program = try open(
            Self.job, Self.rows.replacingOccurrences(of: "s2,B1", with: "s1,B1"))
        defer { program.remove() }
        let document = try document(program, "--where", "sku = 'c'", "--rows", "1")
        #expect(document["rows_read"] as? Int == 4 && document["rows_shown"] as? Int == 1)
        #expect(records(document).map { $0["lines"] as? [Int] } == [[2, 5]])
        let wrong = try program.run("preview", "job.yaml", "--where", "skuu = 'c'")
        #expect(
            wrong.status == 2 && wrong.err.contains("--where: ") && wrong.err.contains("sku"),
            "\(wrong)")
    }

    @Test("The table has the cells beside their fields, what is not sent, and the reasons")
    func table() throws {
        let program = try open()
        defer { program.remove() }
        let output = try program.shell("COLUMNS=80 \"$SLUICE\" preview job.yaml --text")
        #expect(output.status == 0 && output.err.isEmpty)
        for words in [
            "in every record: identifierType mobile · type REGULAR · source INSTORE",
            "in.csv:3 ready STORE_CODE s1", "phone +44 7700 900202 → identifierValue 447700900202",
            "total 5.50 → billAmount 5.50", "not sent: clerk Kim", "in.csv:4 left out by `where`",
            "sold 31.02.2026 → billingDate ✗", "✗ billingDate: ",
            "6 rows shown: 1 record ready, 3 invalid, 1 row left out.",
        ] {
            #expect(output.prints(words), "\(words)\n\(output.out)")
        }
        #expect(output.out.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(output.out)")
        let narrow = try program.shell("COLUMNS=50 \"$SLUICE\" preview job.yaml --text")
        #expect(narrow.out.split(separator: "\n").allSatisfy { $0.count <= 50 }, "\(narrow.out)")
        #expect(narrow.out.contains("…"))
    }

    @Test("What is after the rows shown is not read")
    func onlyAsFar() throws {
        let program = try open()
        defer { program.remove() }
        let many = (0..<200_000).map { "s1,C\($0),01.02.2026,447700900201,1,a,1,\n" }.joined()
        try program.write(Self.rows + many, to: "in.csv")
        let cut = try program.shell(
            "gzip -c in.csv | head -c 400000 > cut.csv.gz; sed 's/in.csv/cut.csv.gz/' job.yaml > cut.yaml; "
                + "\"$SLUICE\" validate cut.yaml")
        #expect(cut.status == 2, "\(cut)")
        let output = try program.run("preview", "cut.yaml", "--json")
        #expect(output.status == 0 && output.out.contains("\"rows_read\":10,"), "\(output)")
    }

    @Test("What was copied is deleted, and no number stands for a customer who is looked up at the run")
    func copies() throws {
        let program = try open()
        defer { program.remove() }
        let job = Self.job.replacingOccurrences(of: "files: in.csv", with: "files: \"-\"")
        try program.write(job, to: "job.yaml")
        let output = try program.shell(
            "mkdir tmp; cat in.csv | TMPDIR=\"$PWD/tmp\" \"$SLUICE\" preview job.yaml")
        #expect(output.status == 0 && output.out.contains("standard input"), "\(output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder + "/tmp").isEmpty)
        try program.write("phone,badge\n+44 7700 900101,65f0aa000000000000000001\n", to: "in.csv")
        try program.write(
            """
            job: badges
            endpoint: badges.import
            connection: sandbox
            input: { files: in.csv }
            record:
              fields:
                badgeMetaId: badge
                customerId: { lookup: customer, by: mobile, from: phone, digits_only: true }
                earnEventDateISO: { value: "2025-03-14T10:05:00Z" }

            """, to: "job.yaml")
        let item = try #require(records(try document(program)).first?["item"] as? [String: Any])
        #expect(item["customerId"] as? String == "(looked up by mobile when the job runs)")
    }

    @Test("Control characters of a file do not reach the terminal")
    func harmless() throws {
        let program = try open(
            Self.job, Self.rows.replacingOccurrences(of: "Kim", with: "\u{1B}[2JKim"))
        defer { program.remove() }
        let output = try program.run("preview", "job.yaml", "--text")
        #expect(output.status == 0 && !output.out.contains("\u{1B}") && output.out.contains("[2JKim"))
    }

    @Test("Preview and validate agree on the jobs that come with the program")
    func agrees() throws {
        let program = try Program()
        defer { program.remove() }
        for name in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + name, withDestinationPath: Program.root + "/" + name)
        }
        let jobs = try FileManager.default.contentsOfDirectory(atPath: Program.root + "/jobs")
        var compared = 0
        for job in jobs.sorted() where job.hasSuffix(".yaml") {
            let valid = try program.run("validate", "jobs/" + job, "--json")
            guard valid.status < 2 else { continue }
            let shown = try program.run("preview", "jobs/" + job, "--rows", "1000000")
            #expect(shown.status == 0, "\(job): \(shown.err)")
            func counts(_ text: String) throws -> [String: Any] {
                try #require(
                    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
            let total = try counts(valid.out)
            let records = records(try counts(shown.out))
            let states = records.map { $0["state"] as? String }
            #expect(states.count { $0 != "filtered" } == total["records"] as? Int, "\(job)")
            #expect(states.count { $0 == "invalid" } == total["invalid"] as? Int, "\(job)")
            let rows = records.reduce(0) { $0 + (($1["read"] as? [Any])?.count ?? 0) }
            #expect(rows == total["rows"] as? Int, "\(job)")
            compared += 1
        }
        #expect(compared > 60)
    }
}
