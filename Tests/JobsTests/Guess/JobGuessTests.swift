import Foundation
import Jobs
import Testing

/// Jobs proposed for exports of several countries: the right values, and none where only a person can tell.
@Suite struct JobGuessTests {
    private func guess(
        _ text: String, _ change: (inout JobGuess.Request) -> Void = { _ in }
    ) -> JobDraft {
        guess(FileSample(text), change)
    }

    private func guess(
        _ sample: FileSample, _ change: (inout JobGuess.Request) -> Void = { _ in }
    ) -> JobDraft {
        var request = JobGuess.Request(name: "bills", files: ["bills.csv"])
        change(&request)
        return JobGuess(TableGuess(sample), request).draft()
    }

    /// As it parses, without the spaces.
    private func has(
        _ draft: JobDraft, _ lines: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for line in lines {
            #expect(
                draft.yaml.contains(line), "\(line)\nin\n\(draft.yaml)", sourceLocation: sourceLocation)
        }
    }

    private func finding(_ draft: JobDraft, _ subject: String) -> GuessFinding? {
        draft.findings.first { $0.subject == subject }
    }

    @Test("A German export: windows-1252, a title, totals, lines of a bill, refunds")
    func german() throws {
        let text = """
            Kassenbericht Februar;;;;;;

            Filiale;Bonnr;Datum;Handynummer;Artikelnr;Menge;Betrag
            München;0001;03.02.2026;+49 151 2345678;A1;1;1.012,50
            Köln;0002;03.02.2026;0171 2345679;A2;2;8,00
            München;0001;03.02.2026;+49 151 2345678;A3;1;7,50
            Köln;0002;05.02.2026;0171 2345679;A2;-1;-4,00
            Summe;;;;;;1.024,00

            """
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        let draft = guess(FileSample(head: bytes))
        #expect(draft.encoding == "windows-1252" && draft.delimiter == "semicolon")
        #expect(draft.skip == 2 && draft.footer == 1)
        #expect(draft.decimal == "," && draft.thousands == ".")
        // A refund has the number of its sale, and another day.
        #expect(draft.group == ["Filiale", "Bonnr", "Datum"])
        #expect(draft.gaps.isEmpty, "\(draft.gaps)")
        has(
            draft, "endpoint: transactions.add",
            "identifierValue: { expr: \"phone(Handynummer, 'DE')\" }",
            "billNumber: Bonnr",
            "billingDate: { from: Datum, as: datetime, format: dd.MM.yyyy, zone: Europe/Berlin }",
            "- if: \"dec_cmp(dec_sum(Betrag), 0) < 0\"", "type: { value: RETURN }",
            "billAmount: { expr: \"dec_neg(dec_sum(Betrag))\" }", "itemCode: Artikelnr",
            "qty: { expr: \"dec_neg(Menge)\" }", "amount: { from: Betrag, as: number }",
            "attribution: { type: STORE_CODE, from: Filiale }")
        _ = try JobFile.parse(yaml: draft.yaml, file: "bills.yaml")
    }

    @Test("A French export: one row a bill, a column of the time, spaces in numbers")
    func french() throws {
        let draft = guess(
            """
            Code magasin\tN° ticket\tDate de vente\tHeure\tTél. portable\tMontant TTC
            P01\tT-1\t03/02/2026\t10:15\t06 12 34 56 78\t1 234,50
            P02\tT-2\t13/02/2026\t11:20\t06 12 34 56 79\t9,90

            """)
        #expect(draft.delimiter == "tab" && draft.group.isEmpty && draft.gaps.isEmpty, "\(draft.gaps)")
        has(
            draft, "decimal: \",\"", "thousands: \" \"",
            "identifierValue: { expr: \"phone(\\\"Tél. portable\\\", 'FR')\" }",
            "billingDate: { template: \"{Date de vente} {Heure}\", as: datetime, format: \"dd/MM/yyyy HH:mm\", zone: Europe/Paris }",
            "billAmount: { from: Montant TTC, as: number }", "from: Code magasin")
        _ = try JobFile.parse(yaml: draft.yaml, file: "bills.yaml")
    }

    @Test("A Spanish export: the zone is left open, since Spanish is spoken in many")
    func spanish() throws {
        let text = """
            Tienda;Nº factura;Fecha;Cliente;Importe
            S1;F-1;03.02.2026;C100;12,50
            S1;F-2;04.02.2026;C101;1.200,00

            """
        let draft = guess(text)
        has(
            draft, "identifierType: { value: externalId }", "identifierValue: Cliente",
            "zone: TODO", "billAmount: { from: Importe, as: number }")
        let gap = try #require(draft.gaps.first)
        #expect(
            draft.gaps.count == 1 && gap.contains("Europe/Madrid")
                && gap.contains("America/Mexico_City"))
        #expect(guess(text) { $0.zone = "Europe/Madrid" }.gaps.isEmpty)
        #expect(throws: (any Error).self) { try JobFile.parse(yaml: draft.yaml, file: "bills.yaml") }
    }

    @Test("An Indian export: digits in groups of two, numbers with +91, the one zone of India")
    func indian() throws {
        let draft = guess(
            """
            Store Code,Invoice No,Invoice Date,Mobile No,Net Amount
            BLR1,INV/001,13-02-2026 18:05,+91 98765 43210,"1,23,456.00"
            BLR1,INV/002,14-02-2026 09:01,+91 98765 43211,250.00

            """)
        has(
            draft, "identifierValue: { from: Mobile No, digits_only: true }", "billNumber: Invoice No",
            "format: \"dd-MM-yyyy HH:mm\", zone: Asia/Kolkata", "thousands: \",\"",
            "billAmount: { from: Net Amount, as: number }")
        #expect(draft.decimal == nil && draft.gaps.isEmpty, "\(draft.gaps)")
        _ = try JobFile.parse(yaml: draft.yaml, file: "bills.yaml")
    }

    @Test("A US export: day and month, zone and country are left open where nothing tells")
    func american() throws {
        let text = """
            Store,Receipt Number,Sale Date,Phone,Total
            NY1,R-1,02/03/2026,2125550100,"1,234.50"
            NY1,R-2,11/12/2026,2125550101,9.99

            """
        let draft = guess(text)
        has(draft, "phone(Phone, 'TODO')", "format: TODO, zone: TODO")
        #expect(draft.gaps.count == 2, "\(draft.gaps)")
        #expect(finding(draft, "dates")?.confidence == .unsure)
        #expect(
            draft.questions.contains(.dateFormat(["dd/MM/yyyy", "MM/dd/yyyy"]))
                && draft.questions.contains(.country))
        #expect(throws: (any Error).self) { try JobFile.parse(yaml: draft.yaml, file: "bills.yaml") }
        let told = guess(text) {
            $0.country = "US"
            $0.zone = "America/New_York"
            $0.dateFormat = "MM/dd/yyyy"
        }
        #expect(told.gaps.isEmpty, "\(told.gaps)")
        has(told, "phone(Phone, 'US')", "format: MM/dd/yyyy, zone: America/New_York")
        _ = try JobFile.parse(yaml: told.yaml, file: "bills.yaml")
    }

    @Test("A column that may be either of two is no guess, and a given one is taken")
    func choice() {
        let text = """
            Invoice No,Receipt No,Date,Email,Amount
            1,R1,2026-02-03,a@example.com,5.00
            2,R2,2026-02-04,b@example.com,6.00

            """
        let draft = guess(text) { $0.zone = "UTC" }
        #expect(draft.gaps == ["billNumber: which column: Invoice No, Receipt No"])
        let given = guess(text) {
            $0.zone = "UTC"
            $0.columns = ["billNumber": "Receipt No"]
        }
        #expect(given.gaps.isEmpty)
        has(given, "billNumber: Receipt No", "identifierType: { value: email }")
    }

    @Test("A number such as 1,234 alone leaves the decimal sign open")
    func decimals() {
        let draft = guess(
            """
            Store;Bill No;Date;Email;Amount
            s;1;2026-02-03;a@example.com;1,234
            s;2;2026-02-04;b@example.com;2,345

            """
        ) { $0.zone = "UTC" }
        #expect(draft.gaps.count == 1 && draft.gaps[0].hasPrefix("decimal: Amount"), "\(draft.gaps)")
        has(draft, "decimal: \"TODO\"")
    }

    @Test("Words for returns, and the number of the original bill in a column of its own")
    func returnWords() throws {
        let draft = guess(
            """
            store,bill no,original bill no,date,mobile,type,total
            s1,1,,2026-02-03,+44 7700 900201,Sale,5.00
            s1,2,1,2026-02-04,+44 7700 900201,Return,5.00

            """)
        #expect(draft.gaps.isEmpty, "\(draft.gaps)")
        has(
            draft, "- if: \"type IN ('Return')\"", "billNumber: original bill no",
            "billAmount: { expr: \"dec_abs(total)\" }", "zone: Europe/London")
        _ = try JobFile.parse(yaml: draft.yaml, file: "bills.yaml")
    }

    @Test("A total for each bill is no line's amount, and totals among the rows are left out")
    func totals() throws {
        let draft = guess(
            """
            store;bill no;date;email;sku;qty;amount;bill total
            s;1;2026-02-03;a@example.com;x;1;2.00;5.00
            s;1;2026-02-03;a@example.com;y;1;3.00;5.00
            Total;;;;;;5.00;
            s;2;2026-02-03;b@example.com;x;1;2.00;2.00

            """
        ) { $0.zone = "UTC" }
        #expect(draft.group == ["store", "bill no"] && draft.gaps.isEmpty, "\(draft.gaps)")
        #expect(draft.filter == "trim(store) <> 'Total'")
        has(
            draft, "billAmount: { from: bill total, as: number }",
            "amount: { from: amount, as: number }")
        _ = try JobFile.parse(yaml: draft.yaml, file: "bills.yaml")
    }

    @Test("Names of customers are no identifiers, and amounts that are mostly negative no sales")
    func wrong() {
        let draft = guess(
            """
            Filiale;Bonnr;Datum;Kunde;Betrag
            F1;1;03.02.2026;Max Muster;-1,00
            F1;2;03.02.2026;Eva Muster;-2,00

            """)
        #expect(draft.gaps.count == 2, "\(draft.gaps)")
        #expect(draft.gaps.contains { $0.hasPrefix("identifierValue: ") })
        #expect(draft.gaps.contains { $0.hasPrefix("billAmount: most values of Betrag are negative") })
    }

    @Test("Serial numbers of a spreadsheet are no dates, and words for nothing are told")
    func spreadsheet() {
        let draft = guess(
            """
            store,bill no,date,mobile,total
            s,1,46054,+44 7700 900201,1.00
            s,2,46055,-,2.00

            """)
        #expect(draft.gaps.count == 1 && draft.gaps[0].contains("serial numbers"), "\(draft.gaps)")
        has(draft, "null: { mobile: [\"-\"] }")
    }

    @Test(
        "Other calls are proposed by their columns",
        arguments: [
            ("sku,description,price,brand\nA1,Tea,5.00,x\nA2,Mug,7.50,y\n", "skus.add", "sku: sku"),
            (
                "first name,last name,mobile,email\nAda,Vale,+44 7700 900201,a@example.com\n",
                "customers.add",
                "firstName: first name"
            ),
            (
                "store code,store name,city\nL1,Leeds,Leeds\nY1,York,York\n", "stores.add",
                "code: store code"
            ),
        ])
    func calls(text: String, endpoint: String, line: String) {
        let draft = guess(text)
        #expect(draft.endpoint == endpoint)
        has(draft, line)
    }

    @Test("Where no call stands out, and where a call needs what the file does not have, that is said")
    func open() {
        let draft = guess("a,b\nx,y\nz,w\n")
        #expect(draft.endpoint == nil && draft.gaps.contains { $0.hasPrefix("endpoint: ") })
        has(draft, "# TODO endpoint: ")
        let cards = guess("card number,b\nC1,y\nC2,w\n") { $0.endpoint = "cards.add" }
        has(cards, "cardNumber: card number", "# TODO statusLabel: required")
    }

    @Test("The table is found: separator lines, no header, code pages of DOS, quoted cells")
    func tables() {
        let said = TableGuess(FileSample("sep=|\nstore|bill no\ns|1\n"))
        #expect(said.columns == ["store", "bill no"] && said.delimiter == nil && said.skip == 0)
        let bare = TableGuess(FileSample("s1,12.50,2026-02-03\ns2,7.00,2026-02-04\n"))
        #expect(
            !bare.hasHeader && bare.columns == ["column_1", "column_2", "column_3"]
                && bare.rows.count == 2)
        let dos = TableGuess(
            FileSample(head: Array("store;name\ns;K".utf8) + [0x94] + Array("ln\n".utf8)))
        #expect(dos.encoding == nil && !dos.gaps.isEmpty)
        let quoted = TableGuess(FileSample("store,note\ns,\"a, \"\"b\"\"\nc\"\n"))
        #expect(quoted.rows == [["s", "a, \"b\"\nc"]])
        let notes = TableGuess(FileSample("a1,b1,c1\nx,y,z\nx,y,z\nEnd of report\n"))
        #expect(notes.footer == 1 && notes.rows.count == 2)
        #expect(TableGuess(FileSample("a1,b1,c1\nx,y,z\n")).footer == 0)
    }
}
