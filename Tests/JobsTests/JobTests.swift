import Catalog
import Foundation
import Jobs
import Mapping
import Model
import Records
import Testing

@Suite("Job files")
struct JobTests {
    static let full = """
        job: nightly-transactions
        endpoint: transactions.add
        connection: sandbox

        input:
          files: samples/transactions/*.csv

        record:
          group: [store, bill_no]
          fields:
            identifierType:  { value: mobile }
            identifierValue: phone
            type:            { value: REGULAR }
            source:          { value: INSTORE }
            billNumber:      bill_no
            billingDate:     { from: sold_at, as: datetime, format: "dd/MM/yyyy HH:mm", zone: Asia/Kolkata }
            billAmount:      { from: total, as: number }
            lineItemsV2:
              each: row
              fields: { itemCode: sku, qty: { from: qty, as: number }, amount: { from: amount, as: number } }

        send:
          chunk: 20
          in_flight: auto
          rate: 90/min
          attribution: { type: STORE_CODE, from: store }

        stop:
          errors: { share: 5%, after: 1000 }
          until: "06:00"

        doubt:
          wait: 5min
          resend: evidence

        """

    static let short = """
        job: j
        endpoint: transactions.add
        connection: c
        input: { files: a.csv }

        """

    private func parse(_ yaml: String) throws(JobError) -> Job {
        try Job.parse(yaml: yaml, file: "j.yaml")
    }

    private func error(_ yaml: String) -> JobError? {
        do throws(JobError) {
            _ = try parse(yaml)
            return nil
        } catch {
            return error
        }
    }

    @Test("All that a job can say")
    func whole() throws {
        let job = try parse(Self.full)
        #expect(job.name == "nightly-transactions")
        #expect(job.endpoint.name == "transactions.add")
        #expect(job.connection == "sandbox")
        #expect(job.patterns == ["samples/transactions/*.csv"])
        #expect(job.input == InputOptions())
        #expect(job.mapping?.group == ["store", "bill_no"])
        #expect(job.mapping?.groupLine == 9)
        let fields = try #require(job.mapping?.fields)
        #expect(
            fields.map(\.name) == [
                "identifierType", "identifierValue", "type", "source", "billNumber", "billingDate",
                "billAmount",
                "lineItemsV2",
            ])
        #expect(fields[0].rule == .constant(json: "\"mobile\""))
        #expect(
            fields[1]
                == FieldRule("identifierValue", .column("phone", Conversion(target: .code)), line: 12))
        #expect(
            fields[5].rule
                == .column(
                    "sold_at",
                    Conversion(.datetime, formats: ["dd/MM/yyyy HH:mm"], zone: "Asia/Kolkata")))
        #expect(fields[6].rule == .column("total", Conversion(.number, target: .number)))
        guard case .eachRow(.object(let line)) = fields[7].rule else {
            Issue.record("no list of rows")
            return
        }
        #expect(line.map(\.name) == ["itemCode", "qty", "amount"])
        #expect(job.send.chunk == 20)
        #expect(job.send.inFlight == .auto(most: 32))
        #expect(job.send.rate == Rate(requests: 90, per: .seconds(60)))
        #expect(job.send.attribution == .column(.storeCode, name: "store"))
        #expect(job.stop.errors == .share(0.05, after: 1000))
        #expect(job.stop.until == StopSettings.TimeOfDay(hour: 6, minute: 0))
        #expect(job.doubt == DoubtSettings(wait: .seconds(300), resend: .evidence))
        #expect(job.repeats == nil)
        #expect(job.verifyExisting == .sample(100))
    }

    @Test("What is not said keeps its default")
    func defaults() throws {
        let job = try parse(Self.short)
        #expect(job.mapping == nil)
        #expect(job.send == SendSettings())
        #expect(job.stop == StopSettings())
        #expect(job.doubt == DoubtSettings())
    }

    @Test("The other ways to say things")
    func others() throws {
        let job = try parse(
            """
            job: j
            endpoint: transactions.add
            connection: c
            input:
              files: [a.csv, "-"]
              format: csv
              compression: gzip
              delimiter: tab
              encoding: windows-1252
              header: [a, b]
              field_limit: 64KiB
            send: { in_flight: 4, attribution: { type: TILL, code: t1 } }
            stop: { errors: 50 }
            doubt: { wait: 500ms, resend: never }
            repeats: count
            verify_existing: none
            """)
        #expect(job.patterns == ["a.csv", "-"])
        #expect(
            job.input
                == InputOptions(
                    format: .csv, compression: .gzip, delimiter: 9, encoding: .windows1252,
                    header: .names(["a", "b"]),
                    fieldLimit: 65_536))
        #expect(job.send.inFlight == .fixed(4))
        #expect(job.send.attribution == .code(Attribution(kind: .till, code: "t1")))
        #expect(job.stop.errors == .count(50))
        #expect(job.doubt == DoubtSettings(wait: .milliseconds(500), resend: .never))
        #expect(job.repeats == .count)
        #expect(job.verifyExisting == VerifyExisting.none)
        #expect(try parse(Self.short + "verify_existing: all\n").verifyExisting == .all)
        #expect(try parse(Self.short + "verify_existing: 7\n").verifyExisting == .sample(7))
        #expect(try parse(Self.short).unchanged == .send)
        let setting = Self.short.replacingOccurrences(of: "transactions.add", with: "cards.update")
        #expect(try parse(setting + "unchanged: skip\n").unchanged == .skip)
        #expect(
            try parse(Self.short + "stop: { errors: 2.5% }\n").stop.errors == .share(0.025, after: 1000)
        )
    }

    /// `record:` with all that the endpoint requires, and more fields.
    private func record(_ more: String, _ settings: String = "") -> String {
        """
        job: j
        endpoint: transactions.add
        connection: c
        input: { files: a.csv }
        record:
          fields:
            source: { value: INSTORE }
            type: { value: REGULAR }
            billNumber: b
            billAmount: t
        \(more.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
        \(settings)
        """
    }

    @Test(
        "Fields",
        arguments: [
            ("note: x", Rule.column("x", Conversion())),
            (
                "note: { from: x, trim: true, empty: null }",
                .column("x", Conversion(trim: true, empty: .null))
            ),
            ("note: { from: x, empty: \"\" }", .column("x", Conversion(empty: .text))),
            (
                "note: { from: x, empty: omit, default: 0 }",
                .column("x", Conversion(defaultValue: "0", empty: .omit))
            ),
            (
                "note: { from: x, map: { 1: yes, 02: \"no\", \"*\": \"\" } }",
                .column("x", Conversion(map: ["1": "yes", "02": "no", "*": ""]))
            ),
            (
                "note: { from: x, digits_only: true, spreadsheet: keep }",
                .column("x", Conversion(digitsOnly: true, keepsSpreadsheetDamage: true))
            ),
            ("note: { value: \"007\" }", .constant(json: "\"007\"")),
            ("note: { value: 0091 }", .constant(json: "\"0091\"")),
            ("note: { value: no }", .constant(json: "\"no\"")),
            ("note: { value: null }", .constant(json: "null")),
            ("grossAmount: { value: 5.10 }", .constant(json: "5.10")),
            ("addWithLocalCurrency: { value: true }", .constant(json: "true")),
            ("extendedFields: { value: { a: [1, x, ~] } }", .constant(json: #"{"a":[1,"x",null]}"#)),
            ("note: { template: \"{a}-{#}\" }", .template("{a}-{#}", Conversion())),
            (
                "grossAmount: { from: x, as: number, decimal: \",\", thousands: \".\" }",
                .column("x", Conversion(.number, target: .number, decimal: ",", thousands: "."))
            ),
            (
                "billingDate: { from: x, as: datetime, format: [iso, epoch], zone: UTC }",
                .column("x", Conversion(.datetime, formats: ["iso", "epoch"], zone: "UTC"))
            ),
            (
                "customFields: { fields: { anything: x } }",
                .object([FieldRule("anything", .column("x", Conversion()), line: 11)])
            ),
            (
                "paymentModes: [ { fields: { mode: { value: Cash } } } ]",
                .list([.object([FieldRule("mode", .constant(json: "\"Cash\""), line: 11)])])
            ),
            (
                "appliedPromotionIdentifiers: { each: row, from: x }",
                .eachRow(.column("x", Conversion(target: .code)))
            ),
            (
                "note: { from: x, as: number, decimal: \",\" }",
                .column(
                    "x",
                    {
                        var text = Conversion(.number, decimal: ",")
                        text.quotesNumber = true
                        return text
                    }())
            ),
            (
                "note: { from: x, map: { S: sale, \"*\": \"{value}\" } }",
                .column("x", Conversion(map: ["S": "sale", "*": "{value}"]))
            ),
            ("paymentModes: { from: x, as: json }", .column("x", Conversion(.json))),
        ])
    func fields(yaml: String, rule: Rule) throws {
        #expect(try parse(record(yaml)).mapping?.fields.last?.rule == rule)
    }

    @Test("A group is a list of columns, or says that its rows stand together")
    func groups() throws {
        for (group, columns, isSorted) in [
            ("[a, b]", ["a", "b"], false), ("a", ["a"], false), ("{ by: a }", ["a"], false),
            ("{ by: [a, b], sorted: true }", ["a", "b"], true),
        ] {
            let mapping = try #require(
                try parse(record("note: x", "  group: \(group)")).mapping)
            #expect(mapping.group == columns && mapping.isSorted == isSorted, "\(group)")
        }
        #expect {
            try parse(record("note: x", "  group: { by: a, sort: true }"))
        } throws: { "\($0)".contains("sorted") }
    }

    @Test("What is said for the whole record holds for each field, unless it says otherwise")
    func recordDefaults() throws {
        let yaml = record(
            """
            grossAmount: { from: x, as: number }
            discount: { from: x, as: number, decimal: ".", thousands: " " }
            billingDate: { from: d, as: datetime, format: yyyyMMdd }
            """,
            "  decimal: \",\"\n  thousands: \".\"\n  empty: error\n  trim: true\n  zone: Asia/Kolkata\n  group: b\n  group_limit: 1MiB"
        )
        let mapping = try #require(try parse(yaml).mapping)
        let shared = Conversion(trim: true, decimal: ",", thousands: ".", empty: .error)
        var code = shared
        code.target = .code
        #expect(mapping.fields[2].rule == .column("b", code))
        var number = shared
        number.target = .number
        number.kind = .number
        #expect(mapping.fields[4].rule == .column("x", number))
        number.decimal = "."
        number.thousands = " "
        #expect(mapping.fields[5].rule == .column("x", number))
        var date = shared
        date.kind = .datetime
        date.formats = ["yyyyMMdd"]
        date.zone = "Asia/Kolkata"
        #expect(mapping.fields[6].rule == .column("d", date))
        #expect(mapping.group == ["b"])
        #expect(mapping.groupLimit == 1 << 20)
    }

    @Test(
        "A wrong field is named with its line, and the one that was meant",
        arguments: [
            ("bilingDate: x", "bilingDate", "billingDate"), ("note: { form: x }", "form", "from"),
            ("note: { from: x, value: y }", "together", nil),
            ("note: { trim: true }", "expected one of", nil),
            ("note: { value: 5 }", "quotes", nil),
            ("outlierStatus: { value: NORMEL }", "outlierStatus", "NORMAL"),
            ("outlierStatus: { from: x, map: { a: NORML } }", "outlierStatus", "NORMAL"),
            ("outlierStatus: { from: x, default: FRAUDS }", "outlierStatus", "FRAUD"),
            ("note: { from: x, as: boolean }", "needs a string", nil),
            ("note: { from: x, as: numbr }", "number", "number"),
            ("grossAmount: { value: a lot }", "a number", nil),
            ("grossAmount: { from: x, as: boolean }", "a number", nil),
            ("addWithLocalCurrency: { value: \"true\" }", "without quotes", nil),
            ("note: { fields: { a: b } }", "not an object", nil), ("note: [ a ]", "not a list", nil),
            ("lineItemsV2: { each: row, fields: { itemcod: sku } }", "itemcod", "itemCode"),
            ("lineItemsV2: { each: line, fields: { itemCode: sku } }", "each: row", nil),
            ("lineItemsV2: { fields: { itemCode: sku } }", "not an object", nil),
            (
                "redemptions: { value: { pointRedemptions: [1] } }", "pointRedemptions",
                "pointsRedemptions"
            ),
            ("billingDate: { from: x, as: datetime, format: dd/mm/yyyy }", "month", nil),
            ("billingDate: { from: x, as: datetime, format: dd/MM/yyyy }", "zone", nil),
            (
                "billingDate: { from: x, as: datetime, zone: Europe/Lodnon }", "time zone",
                "Europe/London"
            ),
            ("note: { template: \"{a\" }", "brace", nil),
            ("note: { from: x, empty: skip }", "omit", nil),
            ("note: { from: x, empty: }", "omit", nil), ("note: ", "column", nil),
            ("note: { from: x, trim: yes }", "true or false", nil),
        ])
    func wrongFields(yaml: String, words: String, suggestion: String?) throws {
        let found = try #require(error(record(yaml)))
        #expect(found.line == 11, "\(found)")
        #expect(found.description.contains(words), "\(found)")
        #expect(found.suggestion == suggestion, "\(found)")
    }

    @Test(
        "What else is wrong is named with its place",
        arguments: [
            ("job: a b" + Self.short.dropFirst(6), 1, 6, "letters"), ("jobb: a\n", 1, 1, "jobb"),
            ("", 0, 0, "empty"),
            ("a: b: c\n", 1, 5, "YAML"),
            ("job: a\njob: b\n", 1, 1, "twice"),
            (Self.short + "send: { chunk: 0 }\n", 5, 16, "1 to 1000"),
            (Self.short + "send: { in_flight: fast }\n", 5, 20, "auto"),
            (Self.short + "send: { rate: 90 }\n", 5, 15, "90/min"),
            (Self.short + "send: { rate: none }\n", 5, 15, "connection"),
            (Self.short + "send: { attribution: { type: STORE } }\n", 5, 30, "STORE_CODE"),
            (Self.short + "send: { attribution: { type: TILL, code: a, from: b } }\n", 5, 22, "either"),
            (Self.short + "stop: { errors: { share: 5 } }\n", 5, 26, "5%"),
            (Self.short + "stop: { until: 25:00 }\n", 5, 16, "06:00"),
            (Self.short + "doubt: { wait: 5 }\n", 5, 16, "unit"),
            (Self.short + "repeats: always\n", 5, 10, "never, count"),
            (Self.short + "verify_existing: some\n", 5, 18, "all, none"),
            (Self.short + "unchanged: skip\n", 5, 12, "for endpoints that set values"),
            (Self.short + "record: {}\n", 5, 9, "fields"),
            (
                "job: j\nendpoint: transaction.add\nconnection: c\ninput: { files: a }\n", 2, 11,
                "transactions.add"
            ),
            (
                "job: j\nendpoint: transactions.add\nconnection: c\ninput: { files: [] }\n", 4, 17,
                "empty"
            ),
            (
                "job: j\nendpoint: transactions.add\nconnection: c\ninput: { files: a, delimiter: \"\\n\" }\n",
                4, 31, "up to 16 characters"
            ),
            (Self.short.replacing("a.csv", with: "a.csv, escape: xx"), 4, 32, "one character"),
            (Self.short.replacing("a.csv", with: "a.csv, footer: 5000"), 4, 32, "from 0 to 1000"),
            (Self.short.replacing("a.csv", with: "a.csv, path: a..b"), 4, 30, "a path such as"),
            (
                Self.short.replacing("a.csv", with: "a.csv, format: jsonl, path: data"), 4, 45,
                "json-array"
            ),
            (
                Self.short.replacing("a.csv", with: "a.csv, format: jsonl, sheet: x"), 4, 46,
                "Excel workbooks"
            ),
            (
                Self.short.replacing("a.csv", with: "a.csv, format: jsonl, comment: x"), 4, 48,
                "for CSV files"
            ),
            (
                Self.short.replacing("a.csv", with: "a.csv, quote: \"'\", delimiter: \"'\""), 4, 31,
                "cannot be the delimiter"
            ),
            ("job: j\nendpoint: transactions.add\nconnection: c\ninput: { file: a }\n", 4, 10, "files"),
            ("endpoint: transactions.add\nconnection: c\ninput: { files: a }\n", 1, 1, "job"),
            (
                "job: j\nendpoint: transactions.add\nconnection: c\ninput: { files: a, field_limit: 5 }\n",
                4, 33, "unit"
            ),
        ])
    func wrong(yaml: String, line: Int, column: Int, words: String) throws {
        let found = try #require(error(yaml))
        #expect(found.line ?? 0 == line, "\(found)")
        #expect(found.column ?? 0 == column, "\(found)")
        #expect(found.description.contains(words), "\(found)")
        #expect(found.description.hasPrefix("j.yaml:"))
    }

    @Test("What files have that are not plain CSV or JSON Lines")
    func dialects() throws {
        let job = try parse(
            Self.short.replacing(
                "{ files: a.csv }",
                with: """
                    { files: a.csv, delimiter: "||", quote: "'", escape: "\\\\", skip: 2, footer: 1,
                      comment: "#" }
                    """)
                    + """
                    record:
                      locale: de
                      accounting: true
                      currency: ["€", EUR]
                      fields:
                        source: { value: INSTORE }
                        identifierType: { value: mobile }
                        identifierValue: phone
                        type: { value: REGULAR }
                        billNumber: b
                        billingDate: { from: d, as: datetime, format: d. MMMM yyyy, zone: UTC }
                        billAmount: { from: t, as: number, currency: "$", accounting: false }

                    """)
        #expect(job.input.separator == Array("||".utf8) && job.input.delimiter == nil)
        #expect(job.input.quoteMark == UInt8(ascii: "'") && job.input.quote == .double)
        #expect(job.input.escape == UInt8(ascii: "\\"))
        #expect(job.input.skip == 2 && job.input.footer == 1 && job.input.comment == Array("#".utf8))
        for field in job.mapping?.fields ?? [] {
            guard case .column(_, let conversion) = field.rule else { continue }
            switch field.name {
            case "billingDate": #expect(conversion.locale == "de")
            case "billAmount":
                #expect(conversion.currencies == ["$"] && !conversion.accounting)
            default: #expect(conversion.currencies == ["€", "EUR"] && conversion.accounting)
            }
        }
        // A name may look like a number.
        for sheet in ["2", "\"2\"", "May 2026", "null"] {
            let job = try parse(Self.short.replacing("a.csv", with: "a.xlsx, sheet: \(sheet)"))
            #expect(job.input.sheet == sheet.filter { $0 != "\"" } && job.input.ofRetry.sheet == nil)
        }
        let json = try parse(Self.short.replacing("a.csv", with: "a.json, path: r.items"))
        #expect(json.input.path == ["r", "items"])
        // Files for sending again have none of that but their cells.
        let again = job.input.ofRetry
        #expect(again.skip == 0 && again.footer == 0 && again.comment == [] && again.path == [])
        #expect(again.separator == job.input.separator && again.escape == job.input.escape)
    }

    @Test("A required field that is not mapped is missed at once")
    func missingField() throws {
        let yaml = Self.short + "record:\n  fields:\n    billNumber: b\n"
        let found = try #require(error(yaml))
        #expect(found.line == 7)
        #expect(found.message.contains("“source” is missing"))
    }
}
