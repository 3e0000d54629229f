import Foundation
import TestSupport
import Testing

/// Excel workbooks as inputs, through the command line.
@Suite(.ownThreads) struct WorkbookTests {
    typealias Cell = WorkbookFile.Cell

    private static func save(_ workbook: WorkbookFile, as name: String, _ program: Program) throws {
        try Data(workbook.bytes).write(to: URL(fileURLWithPath: program.folder + "/" + name))
    }

    private static func job(_ name: String, _ input: String, connection: String = "there") -> String {
        """
        job: \(name)
        endpoint: transactions.add
        connection: \(connection)
        input: { \(input) }
        record:
          fields:
            identifierType:  { value: mobile }
            identifierValue: phone
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill
            billingDate:     { from: sold, as: datetime, format: iso, zone: UTC }
            billAmount:      { from: total, as: number }
            note:            note
        send: { chunk: 10, in_flight: 4 }
        doubt: { wait: 300ms }
        verify_existing: none

        """
    }

    private static let header: [Cell] = ["phone", "bill", "sold", "total", "note"].map { .text($0) }

    private static func book(_ rows: [[Cell]]) -> WorkbookFile {
        WorkbookFile(
            [("Bills", WorkbookFile.rows([header] + rows), ""), ("Notes", "", "state=\"hidden\"")],
            formats: ["22"])
    }

    private static func bill(_ number: Int, total: String = "12.5") -> [Cell] {
        [
            .number(String(919_876_543_210 + number)), .text("B-\(number)"),
            .number("46143.427430555554", style: 1), .number(total), .text("a \"b\", c\nd"),
        ]
    }

    private static func prepare(_ arguments: String...) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox(["--unique", "none"] + arguments)
        try program.connect(to: server.url)
        return (program, server)
    }

    private static func newest(_ program: Program) throws -> String {
        let output = try program.run("runs", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        let runs = document?["runs"] as? [[String: Any]] ?? []
        return try #require(runs.first?["run"] as? String)
    }

    @Test("The same rows from CSV and from a workbook are the same records")
    func twin() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        var csv = "phone,bill,sold,total,note\n"
        for number in 0..<30 {
            csv +=
                "\(919_876_543_210 + number),B-\(number),2026-05-01T10:15:30,0.3,\"a \"\"b\"\", c\nd\"\n"
        }
        try program.write(csv, to: "bills.csv")
        try program.write(Self.job("text", "files: bills.csv"), to: "text.yaml")
        let text = try program.run("run", "text.yaml")
        #expect(text.status == 0 && text.prints("accepted 30"), "\(text)")
        let rows = (0..<30).map { Self.bill($0, total: "0.30000000000000004") }
        try Self.save(Self.book(rows), as: "bills.xlsx", program)
        try program.write(Self.job("sheet", "files: bills.xlsx"), to: "sheet.yaml")
        let valid = try program.run("validate", "sheet.yaml")
        #expect(valid.status == 0 && valid.prints("0 invalid"), "\(valid)")
        // Imported before, with the same content.
        let sheet = try program.run("run", "sheet.yaml")
        #expect(sheet.status == 0 && sheet.prints("skipped 30"), "\(sheet)")
        #expect(try server.ask("/_sandbox/counts")["distinct"] as? Int == 30)
        // As `convert` shows it.
        let shown = try program.run("convert", "bills.xlsx", "--to", "csv")
        #expect(shown.status == 0 && shown.out == csv, "\(shown)")
    }

    @Test("Cells are named in messages, reports and lists; what is fixed is sent again")
    func places() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        var rows = (0..<12).map { Self.bill($0) }
        rows[3][0] = .raw("<c r=\"@\" t=\"e\"><v>#N/A</v></c>")
        rows[4] = []
        rows[5][0] = .number("9.19876E+11")
        rows[7][3] = .formula(nil)
        rows[9][3] = .text("twelve")
        try Self.save(Self.book(rows), as: "bills.xlsx", program)
        try program.write(Self.job("bills", "files: bills.xlsx"), to: "job.yaml")
        let valid = try program.run("validate", "job.yaml")
        #expect(valid.status == 1 && valid.prints("4 invalid"), "\(valid)")
        #expect(
            valid.err.contains("bills.xlsx:Bills!A5: ") || valid.out.contains("bills.xlsx:Bills!A5: "),
            "\(valid)")
        #expect((valid.err + valid.out).contains("The formula in D9 has no stored value."), "\(valid)")
        #expect((valid.err + valid.out).contains("bills.xlsx:Bills!D11: billAmount: "), "\(valid)")
        rows[9] = Self.bill(9)
        try Self.save(Self.book(rows), as: "bills.xlsx", program)
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 8") && run.prints("invalid 3"), "\(run)")
        #expect(run.out.contains("bills.xlsx:Bills!A5"), "\(run.out)")
        let id = try Self.newest(program)
        let folder = program.folder + "/state/runs/\(id)/"
        let reasons = try String(contentsOfFile: folder + "reasons.csv", encoding: .utf8)
        #expect(reasons.contains("bills.xlsx:Bills,3,4,5,"), "\(reasons)")
        let report = try program.run("report", id, "--json")
        #expect(report.out.contains("\"bills.xlsx:Bills\""), "\(report.out)")
        // Fixed as text, two of them.
        let rejects = try String(contentsOfFile: folder + "rejects.csv", encoding: .utf8)
        #expect(rejects.hasPrefix("_sluice,phone,bill,sold,total,note\n"), "\(rejects)")
        var fixed = rejects.replacingOccurrences(of: "#N/A", with: "919876543213")
        fixed = fixed.replacingOccurrences(of: "9.19876E+11", with: "919876543215")
        try program.write(fixed, to: "fixed.csv")
        let retry = try program.run("retry", id, "--from", "fixed.csv")
        #expect(
            retry.status == 1 && retry.prints("accepted 2") && retry.prints("invalid 1"), "\(retry)")
        // And the last one, saved as a workbook.
        var last = Self.bill(7)
        last.insert(.text("\(id)#6"), at: 0)
        try Self.save(
            WorkbookFile([[.text("_sluice")] + Self.header, last], formats: ["22"]), as: "fixed.xlsx",
            program)
        let again = try program.run("retry", id, "--from", "fixed.xlsx")
        #expect(again.status == 0 && again.prints("accepted 1"), "\(again)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == 11 && counts["surplus"] as? Int == 0, "\(counts)")
    }

    @Test("Which sheet is said in the job, with the file, or by a flag")
    func sheets() throws {
        let program = try Program()
        defer { program.remove() }
        let workbook = WorkbookFile([
            ("May", WorkbookFile.rows([[.text("a")], [.text("1")]]), ""),
            ("June", WorkbookFile.rows([[.text("a")], [.text("2")]]), ""),
        ])
        try Self.save(workbook, as: "book", program)
        let none = try program.run("convert", "book")
        #expect(
            none.status == 2 && none.err.contains("“May”, “June”") && none.err.contains("--sheet"),
            "\(none)")
        for words in [["book", "--sheet", "June"], ["book", "--sheet", "2"], ["book:June"]] {
            let output = try program.run(["convert"] + words)
            #expect(output.status == 0 && output.out == "{\"a\":\"2\"}\n", "\(output)")
        }
        let both = try program.run("convert", "book:*")
        #expect(both.out == "{\"a\":\"1\"}\n{\"a\":\"2\"}\n", "\(both)")
        let piped = try program.shell("$SLUICE convert - --sheet May < book")
        #expect(piped.out == "{\"a\":\"1\"}\n", "\(piped)")
        try program.write(
            Self.job("june", "files: book, sheet: 3", connection: "sandbox"), to: "job.yaml")
        let wrong = try program.run("validate", "job.yaml")
        #expect(wrong.status == 2 && wrong.err.contains("there is no sheet “3” in it"), "\(wrong)")
    }

    @Test("Rows of one record, and the sheets of a join, come together")
    func groups() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        var bills: [[Cell]] = [["bill", "phone", "total"].map { .text($0) }]
        var lines: [[Cell]] = [["bill", "sku", "phone", "total"].map { .text($0) }]
        for number in 0..<40 {
            let bill = Cell.text("J-\(number % 20)")
            let phone = Cell.number(String(919_876_543_210 + number % 20))
            if number < 20 { bills.append([bill, phone, .number("2")]) }
            lines.append([bill, .number(String(number)), phone, .number("2")])
        }
        let workbook = WorkbookFile([
            ("Bills", WorkbookFile.rows(bills), ""), ("Lines", WorkbookFile.rows(lines), ""),
        ])
        try Self.save(workbook, as: "book.xlsx", program)
        let record = """
              fields:
                identifierType:  { value: mobile }
                identifierValue: phone
                type:            { value: REGULAR }
                source:          { value: INSTORE }
                billNumber:      bill
                billingDate:     { value: "2026-02-03T10:15:00+00:00" }
                billAmount:      { from: total, as: number }
                lineItemsV2:
                  each: row
                  fields: { itemCode: sku, qty: { value: 1 }, amount: { value: 1 } }
            doubt: { wait: 300ms }

            """
        let start = "endpoint: transactions.add\nconnection: there\n"
        try program.write(
            "job: grouped\n" + start
                + "input: { files: book.xlsx, sheet: Lines }\nrecord:\n  group: [bill]\n"
                + record, to: "grouped.yaml")
        let grouped = try program.run("run", "grouped.yaml")
        #expect(grouped.status == 0 && grouped.prints("accepted 20"), "\(grouped)")
        // The same bills with the same lines.
        try program.write(
            "job: joined\n" + start
                + "input: { files: \"book.xlsx:Bills\", join: { lines: \"book.xlsx:Lines\", on: bill } }\nrecord:\n"
                + record, to: "joined.yaml")
        let joined = try program.run("run", "joined.yaml")
        #expect(joined.status == 0 && joined.prints("skipped 20"), "\(joined)")
        let kept = try server.ask("/_sandbox/bookings?limit=100000")
        let bookings = try #require(kept["bookings"] as? [[String: Any]])
        #expect(bookings.count == 20 && bookings.allSatisfy { ($0["lines"] as? [String])?.count == 2 })
    }

    @Test("Killed in the middle of a workbook and resumed, every bill is booked once")
    func kills() throws {
        let (program, server) = try Self.prepare("--fault", "latency:always:4ms-12ms")
        defer {
            server.stop()
            program.remove()
        }
        let count = 1500
        try Self.save(Self.book((0..<count).map { Self.bill($0) }), as: "bills.xlsx", program)
        try program.write(Self.job("bills", "files: bills.xlsx"), to: "job.yaml")
        var random = Seeded(7)
        var killed = 0
        var output = try program.run(["run", "job.yaml", "--quiet"], killedAfter: 1.5)
        for _ in 0..<60 where output.status != 0 {
            if output.status == -SIGKILL { killed += 1 }
            let hasBegun = try program.run("runs", "--json").out.contains("bills")
            output = try program.run(
                hasBegun ? ["resume", "--quiet"] : ["run", "job.yaml", "--quiet"],
                killedAfter: killed < 8 ? Double.random(in: 0.3...1.5, using: &random) : nil)
        }
        #expect(output.status == 0 && killed > 0, "\(killed) kills: \(output)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == count && counts["surplus"] as? Int == 0, "\(counts)")
    }

    @Test("A workbook that was edited or cut stops the run")
    func changed() throws {
        let program = try Program()
        defer { program.remove() }
        var bytes = Self.book((0..<300).map { Self.bill($0) }).bytes
        try program.write(Self.job("bills", "files: bills.xlsx", connection: "sandbox"), to: "job.yaml")
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "B-250".utf8) })
        bytes[place] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: program.folder + "/bills.xlsx"))
        let valid = try program.run("validate", "job.yaml")
        #expect(
            valid.status == 2
                && valid.err.contains("bills.xlsx:Bills: xl/worksheets/s0.xml: damaged zip archive"),
            "\(valid)")
        try Data(bytes[..<5000]).write(to: URL(fileURLWithPath: program.folder + "/bills.xlsx"))
        let cut = try program.run("validate", "job.yaml")
        #expect(cut.status == 2 && cut.err.contains("truncated zip archive"), "\(cut)")
    }
}
