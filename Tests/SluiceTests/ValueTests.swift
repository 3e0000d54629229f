import Foundation
import TestSupport
import Testing

/// Files whose values are holed, damaged or not what they look like: what is sent, and what is refused.
@Suite(.ownThreads) struct ValueTests {
    /// A folder of a case, copied from the fixtures, with its job.
    static func copy(_ name: String, to program: Program) throws {
        let folder = Program.root + "/Tests/SluiceTests/Fixtures/cases/" + name
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.copyItem(
                atPath: folder + "/" + file, toPath: program.folder + "/" + file)
        }
    }

    /// What `validate` says: how many records are invalid, by reason.
    static func reasons(_ program: Program, _ job: String = "job.yaml") throws -> [String: Int] {
        let output = try program.run("validate", job, "--json", "--quiet")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any],
            "\(output)")
        let list = try #require(document["reasons"] as? [[String: Any]])
        var reasons: [String: Int] = [:]
        for one in list {
            guard let name = one["reason"] as? String, let count = one["count"] as? Int else {
                continue
            }
            reasons[name, default: 0] += count
        }
        return reasons
    }

    @Test("A bill without a store is not booked on the connection's")
    func attribution() throws {
        let program = try Program()
        defer { program.remove() }
        let bills = (0..<3).map { number in
            let store = number == 1 ? "" : #""shop":"S\#(number)","#
            return #"{"store":\#(number == 2 ? "null" : "\"leeds\""),"# + store
                + CommandTests.bill(number).dropFirst()
        }
        try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
        let fields = """
            record:
              fields:
                identifierType: identifierType
                identifierValue: identifierValue
                source: source
                type: type
                billNumber: billNumber
                billingDate: billingDate
                billAmount: billAmount

            """
        for (column, invalid) in [("store", 1), ("shop", 1)] {
            for usual in [false, true] {
                let code = usual ? ", default: head-office" : ""
                try program.writeJob(
                    connection: "sandbox", files: "bills.jsonl",
                    fields + "send: { attribution: { type: STORE_CODE, from: \(column)\(code) } }")
                let found = try Self.reasons(program)
                #expect(found == (usual ? [:] : ["missing": invalid]))
            }
        }
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 0 && run.prints("accepted 3"), "\(run)")
    }

    /// Keys of what the built-in sandbox has taken, as `explain` finds them.
    static func isKnown(_ program: Program, _ key: String) throws -> Bool {
        try program.run("explain", key).prints("accepted")
    }

    @Test("digits_only neither invents a digit nor loses one")
    func digits() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("02-digits-only-float", to: program)
        let found = try Self.reasons(program)
        #expect(found == ["spreadsheet-damage": 3])
    }

    @Test("A word that means null is no key, and the job can say which words do")
    func nullWords() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("07-null-words", to: program)
        #expect(try Self.reasons(program) == ["missing": 2])
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 2") && run.prints("invalid 2"), "\(run)")
        #expect(try Self.isKnown(program, "N1"))
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        func say(_ words: String) throws {
            try program.write(
                job.replacingOccurrences(
                    of: "{ files: \"in.csv\" }", with: "{ files: in.csv, null: \(words) }"),
                to: "said.yaml")
        }
        try say(#"["NULL", "\\N"]"#)
        #expect(try Self.reasons(program, "said.yaml") == ["missing": 2])
        try say("{ note: [NULL], \"*\": [\"-\"] }")
        #expect(try Self.reasons(program, "said.yaml") == [:])
        try say("{ notes: [NULL] }")
        let wrong = try program.run("validate", "said.yaml")
        #expect(wrong.status == 2 && wrong.prints("Did you mean “note”?"), "\(wrong)")
        // It is the number of the bill after all.
        try say("[]")
        #expect(try Self.reasons(program, "said.yaml") == [:])
    }

    @Test("A zone that may be several is refused with their names")
    func zones() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("10-zone-bst", to: program)
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 2 && output.prints("Europe/London, Asia/Dhaka"), "\(output)")
    }

    @Test("Days that are none of a sale are refused, unless the job says that they are")
    func days() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("10-zone-bst", to: program)
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
            .replacingOccurrences(of: "zone: BST", with: "zone: UTC")
        let days = ["0001-01-01", "1899-12-30", "1900-01-00", "9999-12-31", "1985-02-03", "2026-02-03"]
        let rows = days.enumerated().map { "4477,D\($0),\($1)T10:00:00,1,x\n" }.joined()
        try program.write("phone,bill,sold,total,note\n" + rows, to: "in.csv")
        try program.write(job, to: "job.yaml")
        #expect(try Self.reasons(program) == ["out-of-range": 4, "format": 1])
        try program.write(job + "dates: { from: 1980-01-01 }\n", to: "job.yaml")
        #expect(try Self.reasons(program) == ["out-of-range": 3, "format": 1])
        // Seconds taken for milliseconds.
        try program.write("phone,bill,sold,total,note\n4477,E1,1767607200,1,x\n", to: "in.csv")
        try program.write(
            job.replacingOccurrences(of: "format: iso", with: "format: epoch_ms"), to: "job.yaml")
        #expect(try Self.reasons(program) == ["out-of-range": 1])
    }

    @Test("What makes a spreadsheet keep a text does not go into a key")
    func formulas() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("16-excel-text-formula", to: program)
        var job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        job = job.replacingOccurrences(of: "billNumber: bill", with: "billNumber: phone")
        try program.write(job, to: "job.yaml")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 0, "\(run)")
        #expect(try Self.isKnown(program, "0091800555"))
        #expect(try Self.isKnown(program, "07700900111"))
    }

    @Test("Quotes that join rows are told by line, and the file can say that it does not quote")
    func quotes() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("03-stray-quotes-swallow-rows", to: program)
        let output = try program.run("validate", "job.yaml")
        #expect(output.status == 1 && output.prints("lines 2 to 6"), "\(output)")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 1") && run.prints("invalid 1"), "\(run)")
        #expect(try Self.isKnown(program, "LQ6"))
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        try program.write(
            job.replacingOccurrences(
                of: "{ files: \"in.csv\" }", with: "{ files: in.csv, quote: none }"),
            to: "plain.yaml")
        let plain = try program.run("run", "plain.yaml", "--anew")
        #expect(plain.status == 0 && plain.prints("accepted 5"), "\(plain)")
        #expect(try Self.isKnown(program, "LQ1") && Self.isKnown(program, "LQ5"))
    }

    @Test("A byte order mark in the middle is no part of a key, and is said once")
    func marks() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("08-bom-in-the-middle", to: program)
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 0 && run.prints("1 byte order mark in the middle"), "\(run)")
        #expect(try Self.isKnown(program, "B2"))
        let output = try program.run("validate", "job.yaml")
        #expect(output.prints("1 byte order mark in the middle"), "\(output)")
    }

    @Test("Names of columns show what does not show, and data in their place is not shown")
    func names() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("21b-invisible-in-header", to: program)
        let hidden = try program.run("validate", "job.yaml")
        #expect(hidden.status == 2 && hidden.prints("Did you mean “<U+200B>bill”?"), "\(hidden)")
        try program.write(
            "447700900101,Ann Baker,ann@example.com,2026-01-05,12.50\n"
                + "447700900102,Bob Baker,bob@example.com,2026-01-05,12.50\n", to: "in.csv")
        for command in ["validate", "run"] {
            let bare = try program.run(command, "job.yaml")
            #expect(bare.status == 2 && bare.prints("looks like data"), "\(bare)")
            for secret in ["4477", "Baker", "ann@", "12.50"] {
                #expect(!bare.err.contains(secret) && !bare.out.contains(secret), "\(bare)")
            }
        }
    }

    @Test("Padding and totals below a table are no bills, and spoil none")
    func trailers() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("08-bom-in-the-middle", to: program)
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
            .replacingOccurrences(of: "  fields:", with: "  group: bill\n  fields:")
        try program.write(job, to: "job.yaml")
        try program.write(
            "bill;phone;sold;total;note\nT1;447700900101;2026-01-05T10:00:00;1;a\n"
                + "T1;447700900101;2026-01-05T10:00:00;1;\n;;;;\n;;Summe;2;\n ; ;\"\";;\n", to: "in.csv"
        )
        #expect(try Self.reasons(program) == ["orphan-row": 1])
        let run = try program.run("run", "job.yaml")
        #expect(run.prints("accepted 1") && run.prints("invalid 1"), "\(run)")
    }

    @Test("A fixed file in another encoding says so, and is taken where that is named")
    func encodings() throws {
        let program = try Program()
        defer { program.remove() }
        try Self.copy("08-bom-in-the-middle", to: program)
        try program.write(
            "bill;phone;sold;total;note\nRT1;447700900101;2026-01-05T10:00:00;seven;gr\u{FC}n\n",
            to: "in.csv")
        #expect(try program.run("run", "job.yaml").status == 1)
        let run = try #require(
            try FileManager.default.contentsOfDirectory(atPath: program.folder + "/state/runs").first)
        let fixed =
            "_sluice;bill;phone;sold;total;note\r\n\(run)#0;RT1;447700900101;2026-01-05T10:00:00;7.50;gr\u{FC}n\r\n"
        let data = try #require(fixed.data(using: .windowsCP1252))
        try data.write(to: URL(fileURLWithPath: program.folder + "/mended.csv"))
        let refused = try program.run("retry", "--from", "mended.csv")
        #expect(refused.status == 2 && refused.prints("saved in another encoding"), "\(refused)")
        #expect(!refused.err.contains("--as-new"))
        let wrong = try program.run("retry", "--from", "mended.csv", "--encoding", "ansi")
        #expect(wrong.status == 2)
        let sent = try program.run("retry", "--from", "mended.csv", "--encoding", "windows-1252")
        #expect(sent.status == 0 && sent.prints("accepted 1"), "\(sent)")
        let left = try FileManager.default.contentsOfDirectory(atPath: program.folder + "/state")
        #expect(!left.contains { $0.hasPrefix("mended-") })
    }
}
