import Foundation
import TestSupport
import Testing

/// `sluice init`: from a file to a job that imports it.
@Suite(.ownThreads) struct InitTests {
    /// What a till exports, and what has to become of it.
    private struct Till {
        struct Bill: Hashable {
            var number: String
            var type: String
            /// In cents, positive.
            var cents: Int
            var billed: String
            var store: String
            var lines: [String]
            var phone: String
        }

        private(set) var truth: Set<Bill> = []
        /// Bills whose customer cannot be told.
        private(set) var bad = 0
        private(set) var rows = 0
        private(set) var bytes: [UInt8] = []

        init(seed: UInt64) {
            var random = Seeded(seed)
            var sales: [String] = []
            var refunds: [String] = []
            for index in 1...60 {
                let store = ["B01", "M02", "K03"].randomElement(using: &random) ?? ""
                let number = String(format: "%06d", index)
                let day = Int.random(in: 1...27, using: &random)
                let local = String(
                    format: "%07d", Int.random(in: 1_000_000...9_999_999, using: &random))
                let phone =
                    ["+49 151 \(local)", "0049 (0)151 \(local)", "0151/\(local)"]
                    .randomElement(using: &random) ?? ""
                let isBad = [7, 23].contains(index)
                let items = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    (
                        code: "A\(Int.random(in: 100...999, using: &random))",
                        cents: Int.random(in: 99...300_000, using: &random),
                        quantity: Int.random(in: 1...3, using: &random)
                    )
                }
                func row(_ day: Int, _ item: (code: String, cents: Int, quantity: Int), _ sign: String)
                    -> String
                {
                    [
                        store, number, String(format: "%02d.02.2026", day),
                        index == 7 ? "#NV" : index == 23 ? "unbekannt" : phone, item.code, "Größe",
                        "\(sign)\(item.quantity)", sign + Self.german(item.cents),
                        index % 9 == 0 ? "#NV" : "Käthe",
                    ].joined(separator: ";")
                }
                func bill(_ type: String, _ day: Int) -> Bill {
                    Bill(
                        number: number, type: type, cents: items.reduce(0) { $0 + $1.cents },
                        // Midnight in Berlin.
                        billed: day == 1
                            ? "2026-01-31T23:00:00Z"
                            : String(format: "2026-02-%02dT23:00:00Z", day - 1),
                        store: store, lines: items.map(\.code).sorted(), phone: "49151" + local)
                }
                sales += items.map { row(day, $0, "") }
                if isBad { bad += 1 } else { truth.insert(bill("REGULAR", day)) }
                guard index % 8 == 0 else { continue }
                refunds += items.map { row(28, $0, "-") }
                truth.insert(bill("RETURN", 28))
            }
            sales.shuffle(using: &random)
            refunds.shuffle(using: &random)
            rows = sales.count + refunds.count
            let lines =
                [
                    "Kassenbericht Februar 2026;;;;;;;;", "",
                    "Filiale;Bonnr;Datum;Handynummer;Artikelnr;Bezeichnung;Menge;Betrag;Kassierer",
                ] + sales + refunds + ["Summe;;;;;;;99.999,99;", ""]
            // All of these characters have the number in windows-1252 that they have in Unicode.
            bytes = lines.joined(separator: "\r\n").unicodeScalars.map { UInt8($0.value) }
        }

        /// `1.234,56`
        private static func german(_ cents: Int) -> String {
            let whole = cents / 100
            let text =
                whole >= 1000 ? "\(whole / 1000)." + String(format: "%03d", whole % 1000) : "\(whole)"
            return text + String(format: ",%02d", cents % 100)
        }
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("A German till export from Excel: init, preview, validate, run, and each bill is what it was")
    func whole() throws {
        let till = Till(seed: 11)
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox([])
        defer { server.stop() }
        try program.connect(to: server.url)
        try Data(till.bytes).write(to: URL(fileURLWithPath: program.folder + "/till.csv"))
        let made = try program.run("init", "till.csv", "--yes", "--connection", "there")
        #expect(made.status == 0 && made.out == "till.yaml\n", "\(made)")
        for words in [
            "windows-1252", "semicolon", "refunds", "dd.MM.yyyy, Europe/Berlin",
            "sluice preview till.yaml",
        ] { #expect(made.err.contains(words), "\(words)\n\(made.err)") }
        // What is in the cells stays there.
        for words in ["151", "unbekannt", "A1"] { #expect(!made.err.contains(words), "\(made.err)") }
        let yaml = try String(contentsOfFile: program.folder + "/till.yaml", encoding: .utf8)
        for line in ["skip: 2", "footer: 1", "group: [Filiale, Bonnr, Datum]", "connection: there"] {
            #expect(yaml.contains(line), "\(line)\n\(yaml)")
        }

        let shown = try object(try program.run("preview", "till.yaml", "--rows", "100000").out)
        #expect(shown["rows_read"] as? Int == till.rows && shown["is_whole_input"] as? Bool == true)
        let states = (shown["records"] as? [[String: Any]])?.map { $0["state"] as? String } ?? []
        #expect(states.count == till.truth.count + till.bad)
        #expect(states.count { $0 == "invalid" } == till.bad)
        let valid = try object(try program.run("validate", "till.yaml", "--json").out)
        #expect(valid["records"] as? Int == till.truth.count + till.bad)
        #expect(valid["invalid"] as? Int == till.bad && valid["rows"] as? Int == till.rows)

        let run = try program.run("run", "till.yaml")
        #expect(run.status == 1, "\(run)")
        #expect(
            run.prints("accepted \(till.truth.count)") && run.prints("invalid \(till.bad)"), "\(run)")
        let bookings = try #require(
            try server.ask("/_sandbox/bookings?limit=1000")["bookings"] as? [[String: Any]])
        let booked = try bookings.map { booking in
            Till.Bill(
                number: try #require(booking["number"] as? String),
                type: try #require(booking["type"] as? String),
                cents: Int((try #require(booking["amount"] as? Double) * 100).rounded()),
                billed: try #require(booking["billed"] as? String),
                store: try #require(booking["store"] as? String),
                lines: try #require(booking["lines"] as? [String]).sorted(),
                phone: try #require(booking["identifier"] as? String))
        }
        #expect(booked.count == till.truth.count)
        #expect(Set(booked) == till.truth, "\(Set(booked).symmetricDifference(till.truth))")
    }

    private static let american = """
        Store,Receipt Number,Sale Date,Phone,Total
        NY1,R-1,02/03/2026,2125550100,"1,234.50"
        NY1,R-2,11/12/2026,2125550101,9.99

        """

    @Test("What is left open is a line of the job that validate explains, and an option closes it")
    func gaps() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(Self.american, to: "us.csv")
        let made = try program.run("init", "us.csv")
        #expect(made.status == 1 && made.err.contains("sluice validate us.yaml"), "\(made)")
        let valid = try program.run("validate", "us.yaml")
        #expect(valid.status == 2, "\(valid)")
        let yaml = try String(contentsOfFile: program.folder + "/us.yaml", encoding: .utf8)
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        let todo = lines.indices.filter { lines[$0].contains("# TODO") }
        #expect(todo.count == 2, "\(yaml)")
        for line in todo { #expect(valid.err.contains("us.yaml:\(line + 1): TODO "), "\(valid.err)") }
        #expect(valid.err.contains("dd/MM/yyyy and MM/dd/yyyy"))
        // Nothing is overwritten without being told so.
        let again = try program.run("init", "us.csv", "--zone", "America/New_York")
        #expect(again.status == 2 && again.err.contains("--force"), "\(again)")
        let told = try program.run(
            "init", "us.csv", "--zone", "America/New_York", "--country", "US", "--date-format",
            "MM/dd/yyyy",
            "--force")
        #expect(told.status == 0, "\(told)")
        let checked = try program.run("validate", "us.yaml")
        #expect(checked.status == 0 && checked.out.contains("2 fit to send"), "\(checked)")
        let first = try program.run("preview", "us.yaml").out
        #expect(
            first.contains("2026-02-03T00:00:00-05:00") && first.contains("12125550100"), "\(first)")
        #expect(first.contains("\"billAmount\":1234.50"), "\(first)")
    }

    @Test("Columns are given by --set, the job is printed, the guesses are JSON, mistakes are named")
    func options() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(
            "a,b,c,d\n1,2026-02-03,x@example.com,5.00\n2,2026-02-04,y@example.com,6.00\n", to: "in.csv")
        let made = try program.run(
            "init", "in.csv", "--endpoint", "transactions.add", "--zone", "UTC", "--set",
            "billNumber=a",
            "--set", "billingDate=b", "--set", "identifierValue=c", "--set", "billAmount=d", "-o", "-")
        #expect(made.status == 0 && made.out.contains("billNumber: a\n"), "\(made)")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/in.yaml"))
        let json = try object(try program.run("init", "in.csv", "--json", "-o", "-").out)
        #expect(json["schema"] as? Int == 1 && (json["todo"] as? [String])?.isEmpty == false)
        #expect((json["yaml"] as? String)?.contains("# TODO endpoint") == true)
        for (arguments, words) in [
            (["--set", "billNumber=zz"], "no column “zz”"), (["--set", "billNumber"], "FIELD=COLUMN"),
            (["--endpoint", "transaction.add"], "transactions.add"),
            (["--endpoint", "transactions.add", "--set", "serial=a"], "--set serial"),
        ] {
            let wrong = try program.run(["init", "in.csv"] + arguments)
            #expect(wrong.status == 2 && wrong.err.contains(words), "\(wrong)")
        }
        #expect(try program.run("init").status == 2)
        try program.write("", to: "empty.csv")
        #expect(try program.run("init", "empty.csv").status == 2)
    }

    @Test("Compressed files, JSON Lines and standard input are read, too")
    func inputs() throws {
        let program = try Program()
        defer { program.remove() }
        let text =
            "Kassenbericht;;;;\n\nFiliale;Bonnr;Datum;E-Mail;Betrag\n"
            + (1...50).map { "F1;\($0);03.02.2026;a\($0)@example.com;12,50\n" }.joined()
            + "Summe;;;;625,00\n"
        try program.write(text, to: "till.csv")
        let zipped = try program.shell("gzip -k till.csv; \"$SLUICE\" init till.csv.gz -o zipped.yaml")
        #expect(zipped.status == 0, "\(zipped)")
        let piped = try program.shell("cat till.csv | \"$SLUICE\" init - -o piped.yaml")
        #expect(piped.status == 0, "\(piped)")
        for job in ["zipped.yaml", "piped.yaml"] {
            let yaml = try String(contentsOfFile: program.folder + "/" + job, encoding: .utf8)
            #expect(yaml.contains("skip: 2") && yaml.contains("footer: 1"), "\(yaml)")
        }
        #expect(try program.run("validate", "zipped.yaml").prints("50 fit to send"))
        let lines = (1...5).map {
            #"{"store":{"code":"s1"},"bill no":"\#($0)","date":"2026-02-03T10:15:00Z","mobile":"+44 7700 90020\#($0)","total":12.5}"#
        }
        try program.write(lines.joined(separator: "\n") + "\n", to: "bills.jsonl")
        let made = try program.run("init", "bills.jsonl")
        #expect(made.status == 0, "\(made)")
        let shown = try program.run("preview", "bills.yaml")
        #expect(
            shown.out.contains("\"billAmount\":12.5") && shown.out.contains("447700900201"), "\(shown)")
        #expect(try program.run("validate", "bills.yaml").status == 0)
    }

    @Test("A connection is added to the file, its secrets stay in theirs, and it is checked")
    func connection() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox([])
        defer { server.stop() }
        let made = try program.run(
            "init", "--connection", "test", "--url", server.url, "--rate", "none")
        #expect(made.status == 0 && made.prints("test ok"), "\(made)")
        let path = program.folder + "/connections.yaml"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try program.run("init", "--connection", "test", "--url", server.url)
        #expect(again.status == 2 && again.err.contains("already"), "\(again)")
        let before = try String(contentsOfFile: path, encoding: .utf8)
        try program.write("k", to: "key", mode: 0o600)
        try program.write("s", to: "secret", mode: 0o600)
        let other = try program.run(
            "init", "--connection", "prod", "--url", "https://eu.example.com", "--key-file", "key",
            "--secret-file", "secret", "--org", "12", "--no-check")
        #expect(other.status == 0, "\(other)")
        let after = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            after.hasPrefix(before) && after.contains("oauth: { key_file: key, secret_file: secret }"),
            "\(after)")
        for (arguments, words) in [
            (["--key-file", "key", "--url", "https://eu.example.com"], "--secret-file"), ([], "--url"),
            (["--url", "http://eu.example.com", "--username", "u", "--password-file", "key"], "https"),
        ] {
            let wrong = try program.run(["init", "--connection", "bad", "--no-check"] + arguments)
            #expect(wrong.status == 2 && wrong.err.contains(words), "\(wrong)")
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == after)
    }
}
