import Foundation
import TestSupport
import Testing

/// Files as programs and people write them, through the command line.
@Suite(.ownThreads) struct OddFilesTests {
    private static func open(_ name: String) throws -> Program {
        let program = try Program()
        let cases = Program.root + "/Tests/SluiceTests/Fixtures/cases/" + name
        for file in try FileManager.default.contentsOfDirectory(atPath: cases) {
            try FileManager.default.copyItem(
                atPath: cases + "/" + file, toPath: program.folder + "/" + file)
        }
        return program
    }

    /// Changes one text of the job in the folder.
    private static func change(
        _ program: Program, _ old: String, to new: String, in job: String = "job.yaml"
    ) throws {
        let text = try String(contentsOfFile: program.folder + "/" + job, encoding: .utf8)
        try #require(text.contains(old))
        try program.write(text.replacingOccurrences(of: old, with: new), to: job)
    }

    /// What `validate` and `run` make of the job.
    private static func isAccepted(
        _ program: Program, _ count: Int, job: String = "job.yaml",
        location: SourceLocation = #_sourceLocation
    ) throws {
        let valid = try program.run("validate", job)
        #expect(valid.status == 0 && valid.prints("0 invalid"), "\(valid)", sourceLocation: location)
        let run = try program.run("run", job)
        #expect(run.status == 0 && run.prints("accepted \(count)"), "\(run)", sourceLocation: location)
    }

    @Test("Sept, and a narrow space before PM")
    func dates() throws {
        let program = try Self.open("11-date-sept-nnbsp")
        defer { program.remove() }
        try Self.isAccepted(program, 2)
        try Self.isAccepted(program, 2, job: "ampm.yaml")
    }

    @Test("Amounts as accountants write them, once the job says so")
    func amounts() throws {
        let program = try Self.open("18-amounts")
        defer { program.remove() }
        let before = try program.run("validate", "job.yaml")
        #expect(before.status == 1 && before.err.contains("`accounting: true`"), "\(before)")
        try Self.change(
            program, "decimal: \",\",", to: "decimal: \",\", accounting: true, currency: [€, EUR],")
        // The API takes no negative amount of a sale: that is what the two are now.
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 5") && run.prints("invalid 2"), "\(run)")
        #expect(run.out.contains("It must not be negative."), "\(run)")
    }

    @Test("Lines above the header, comments, a total below")
    func lines() throws {
        let program = try Self.open("12b-title-line")
        defer { program.remove() }
        try Self.change(program, "\"in.csv\"", to: "in.csv, skip: 1, footer: 1")
        let text = try String(contentsOfFile: program.folder + "/in.csv", encoding: .utf8)
        try program.write(text + "Total,,,1,\n", to: "in.csv")
        try Self.isAccepted(program, 1)
        try Self.change(program, "in.csv, skip: 1, footer: 1", to: "hash.csv, comment: \"#\"")
        try Self.isAccepted(program, 1)
    }

    @Test("JSON over several lines, sequences, and records within an object")
    func json() throws {
        let program = try Self.open("19-pretty-json")
        defer { program.remove() }
        for file in ["pretty.jsonl", "seq.json"] {
            let output = try program.run("convert", file)
            #expect(output.status == 0, "\(output)")
            #expect(
                output.out.split(separator: "\n").map { $0.filter { $0 != " " } } == [
                    "{\"a\":1}", "{\"a\":2}",
                ])
        }
        try program.write(
            """
            { "count": 2, "data": [
              { "phone": "447700900101", "bill": "P1", "sold": "2026-01-05T10:00:00Z", "total": 1.50 },
              { "phone": "447700900102", "bill": "P2", "sold": "2026-01-05T10:00:00Z", "total": "x" } ] }
            """, to: "page.json")
        try program.write(
            """
            job: page
            endpoint: transactions.add
            connection: sandbox
            input: { files: page.json, path: data }
            record:
              fields:
                identifierType: { value: mobile }
                identifierValue: phone
                type: { value: REGULAR }
                source: { value: INSTORE }
                billNumber: bill
                billingDate: sold
                billAmount: { from: total, as: number }
            verify_existing: none
            """, to: "page.yaml")
        let run = try program.run("run", "page.yaml")
        #expect(run.status == 1 && run.prints("accepted 1") && run.prints("invalid 1"), "\(run)")
        // What was refused is an input again, whatever it lay in.
        let rejects = try Self.rejects(program, ".jsonl")
        try program.write(
            try String(contentsOfFile: rejects, encoding: .utf8).replacingOccurrences(
                of: "\"x\"", with: "2"), to: "fixed.jsonl")
        let retry = try program.run("retry", "--from", "fixed.jsonl")
        #expect(retry.status == 0 && retry.prints("accepted 1"), "\(retry)")
    }

    private static func rejects(_ program: Program, _ ending: String) throws -> String {
        let runs = program.folder + "/state/runs"
        for run in try FileManager.default.contentsOfDirectory(atPath: runs) {
            let path = runs + "/" + run + "/rejects" + ending
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        Issue.record("there are no rejects")
        return ""
    }

    @Test("Spaces before quotes, escapes and long delimiters are read, and their rejects sent again")
    func cells() throws {
        let spaced = try Self.open("24-space-before-quote")
        defer { spaced.remove() }
        #expect(
            try spaced.run("convert", "in.csv").out
                == "{\"Year\":\"2015\",\"Quantity\":\" 345\"}\n{\"Year\":\"2016\",\"Quantity\":\"3,000\"}\n"
        )
        for (delimiter, key) in [("||", "\"||\""), ("¦", "¦"), ("\t", "tab")] {
            let program = try Program()
            defer { program.remove() }
            let rows = [
                ["phone", "bill", "sold", "total", "note"],
                ["447700900101", "M1", "2026-01-05T10:00:00Z", "1", "say \\\"hi\\\""],
                ["447700900102", "M2", "2026-01-05T10:00:00Z", "y", "a"],
            ].map { $0.joined(separator: delimiter) + "\n" }
            try program.write(rows.joined(), to: "in.txt")
            try program.write(
                """
                job: cells
                endpoint: transactions.add
                connection: sandbox
                input: { files: in.txt, format: csv, delimiter: \(key), escape: "\\\\" }
                record:
                  fields:
                    identifierType: { value: mobile }
                    identifierValue: phone
                    type: { value: REGULAR }
                    source: { value: INSTORE }
                    billNumber: bill
                    billingDate: { from: sold, as: datetime }
                    billAmount: { from: total, as: number }
                    note: note
                verify_existing: none
                """, to: "job.yaml")
            let run = try program.run("run", "job.yaml")
            #expect(run.status == 1 && run.prints("accepted 1") && run.prints("invalid 1"), "\(run)")
            let text = try String(contentsOfFile: try Self.rejects(program, ".csv"), encoding: .utf8)
            #expect(text.hasPrefix("_sluice" + delimiter + "phone" + delimiter), "\(text)")
            try program.write(
                text.replacingOccurrences(
                    of: delimiter + "y" + delimiter, with: delimiter + "z" + delimiter),
                to: "again.csv")
            let second = try program.run("retry", "--from", "again.csv")
            #expect(second.status == 1 && second.prints("invalid 1"), "\(second)")
            try program.write(
                text.replacingOccurrences(
                    of: delimiter + "y" + delimiter, with: delimiter + "2" + delimiter),
                to: "fixed.csv")
            let retry = try program.run("retry", "--from", "fixed.csv")
            #expect(retry.status == 0 && retry.prints("accepted 1"), "\(delimiter): \(retry)")
        }
    }

    @Test("A column is found whatever the case and the spaces of its name, where that is plain")
    func headers() throws {
        let program = try Self.open("12b-title-line")
        defer { program.remove() }
        try Self.change(program, "\"in.csv\"", to: "b.csv")
        try program.write(
            " Phone ,BILL,Sold,total,Note\n447700900101,T1,2026-01-05T10:00:00,1,x\n", to: "b.csv")
        try Self.isAccepted(program, 1)
        try program.write(
            "Phone,BILL,Bill,sold,total,note\n447700900101,T1,T2,2026-01-05T10:00:00,1,x\n", to: "b.csv"
        )
        let unclear = try program.run("validate", "job.yaml")
        #expect(unclear.status == 2 && unclear.err.contains("no column “bill”"), "\(unclear)")
    }
}
