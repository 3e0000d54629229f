import Foundation
import Model
import TestSupport
import Testing

@testable import Records

/// Sheets of Excel workbooks are read as the CSV that a person would make of them.
@Suite("Workbooks") struct WorkbookTests {
    typealias Cell = WorkbookFile.Cell

    /// Calls `body` with a file of these bytes.
    static func with<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "sluice-workbook-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }

    static func read(
        _ bytes: [UInt8], _ options: InputOptions = InputOptions(), from resume: Resume? = nil,
        rows: Int = 512
    ) throws -> (read: ReadAll, notes: [String]) {
        try with(bytes) { path in
            do {
                let file = try InputList.inputs(at: path, name: "in.xlsx", options: options)[0]
                let reader = try RowReader.open(file, index: 0, options: options, from: resume)
                return (readAll(reader, rows: rows), reader.lateNotes)
            } catch {
                return (ReadAll(error: error as? ReadError), [])
            }
        }
    }

    static func read(
        _ workbook: WorkbookFile, _ options: InputOptions = InputOptions(), rows: Int = 512
    ) throws -> ReadAll {
        try read(workbook.bytes, options, rows: rows).read
    }

    /// The texts of one row under a header of as many columns.
    private static func texts(
        _ cells: [Cell], formats: [String] = [], strings: [String]? = nil, properties: String = ""
    ) throws -> [String] {
        let header = cells.indices.map { Cell.text("column \($0)") }
        let read = try read(
            WorkbookFile([header, cells], formats: formats, strings: strings, properties: properties))
        #expect(read.error == nil)
        return read.texts.first ?? []
    }

    // MARK: Cells

    @Test("Cells of every kind")
    func kinds() throws {
        let texts = try Self.texts(
            [
                .shared(0), .shared(1), .shared(2), .text("a,b\n\"c\""), .number("919876543210"),
                .raw("<c r=\"@\" t=\"b\"><v>1</v></c>"), .raw("<c r=\"@\" t=\"b\"><v>0</v></c>"),
                .raw("<c r=\"@\" t=\"e\"><v>#N/A</v></c>"), .formula("12.5"),
                .raw("<c r=\"@\" t=\"str\"><f>A1&amp;B1</f><v>a_x000D_b</v></c>"),
                .raw("<c r=\"@\" t=\"str\"><f>A1</f><v></v></c>"),
                .raw("<c r=\"@\" s=\"1\" t=\"d\"><v>2026-05-01T00:00:00</v></c>"),
                .raw("<c r=\"@\" s=\"1\" t=\"d\"><v>2026-05-01T10:00:00</v></c>"),
                .raw("<c r=\"@\"><extLst><ext><v>9</v></ext></extLst><v>7</v></c>"),
            ],
            formats: ["14"],
            strings: [
                "<si><t>plain</t></si>",
                "<si><r><rPr><b/></rPr><t xml:space=\"preserve\">ri </t></r><r><t>ch</t></r>"
                    + "<rPh sb=\"0\" eb=\"1\"><t>no</t></rPh><phoneticPr fontId=\"1\"/></si>",
                "<si><t> trimmed\n</t></si>",
            ])
        #expect(
            texts == [
                "plain", "ri ch", "trimmed", "a,b\n\"c\"", "919876543210", "TRUE", "FALSE", "#N/A",
                "12.5", "a\rb", "", "2026-05-01", "2026-05-01T10:00:00", "7",
            ])
    }

    @Test(
        "Characters that XML has not",
        arguments: [
            ("a_x000D_b", "a\rb"), ("_x005F_x000D_", "_x000D_"), ("_xD83D__xDE00_!", "😀!"),
            ("_xD83D_", "\u{FFFD}"), ("_xDE00_", "\u{FFFD}"), ("_x00e9_", "é"), ("_x00G1_", "_x00G1_"),
            ("_x000", "_x000"), ("_x0041__x0042_", "AB"), ("_x20AC_", "€"), ("x_x0009_", "x\t"),
        ])
    func escapes(written: String, meant: String) throws {
        #expect(try Self.texts([.shared(0)], strings: ["<si><t>\(written)</t></si>"]) == [meant])
    }

    @Test(
        "Numbers as people know them",
        arguments: [
            ("0.30000000000000004", "0.3"), ("1234.5599999999999", "1234.56"), ("0.1", "0.1"),
            ("12", "12"), ("-3.50", "-3.5"), ("1E-3", "0.001"), ("1.0000000000000001E-5", "0.00001"),
            ("0", "0"), ("-0", "0"), ("100", "100"), ("1200.0", "1200"),
            ("9.9999999999999995E-2", "0.1"),
            ("99999.999999999985", "100000"), ("999999999999999", "999999999999999"),
            // Java writes all digits so, and C's %g does not.
            ("9.1987654321E11", "919876543210"), ("9.19876E+11", "9.19876E+11"),
            ("9.19876543210E+11", "919876543210"), ("1.5E+1", "15"),
            // Excel has kept 15 digits of these.
            ("4111111111111110", "4.11111111111111E+15"), ("1E+15", "1E+15"),
            ("1.2345678901234499E+19", "1.23456789012345E+19"), ("-1e300", "-1E+300"),
            ("9999999999999999", "1E+16"), ("abc", "abc"), ("1e99999", "1e99999"), ("", ""), ("-", "-"),
        ])
    func numbers(stored: String, meant: String) {
        var text: [UInt8] = []
        CellNumber.append(Array(stored.utf8)[...], to: &text)
        #expect(String(decoding: text, as: UTF8.self) == meant)
    }

    @Test("A long number is refused as a key, and a phone is not")
    func damage() {
        for (stored, isDamaged) in [
            ("4111111111111110", true), ("9.19876E+11", true), ("919876543210", false),
            ("9.1987654321E11", false),
        ] {
            var text: [UInt8] = []
            CellNumber.append(Array(stored.utf8)[...], to: &text)
            #expect(
                SpreadsheetDamage.isDamaged(text, 0..<text.count, asCode: true) == isDamaged,
                "\(stored)")
        }
        for word in [SpreadsheetDamage.notCalculated, SpreadsheetDamage.tooLong] {
            #expect(SpreadsheetDamage.isDamaged(Array(word.utf8), 0..<word.utf8.count), "\(word)")
        }
    }

    @Test(
        "Which formats are dates",
        arguments: [
            ("yyyy\\-mm\\-dd;@", "date"), ("dd/mm/yy hh:mm", "date time"),
            ("[$-409]mmm\\ d\\,\\ yyyy;@", "date"),
            ("h:mm AM/PM", "time"), ("[h]:mm:ss", "time elapsed"), ("mm:ss.0", "time fraction"),
            ("yyyy-mm-dd hh:mm:ss.000", "date time fraction"), ("mmmm", "date"), ("m/d", "date"),
            ("hh\"h\"mm", "time"), ("[Red]0.00", ""), ("General", ""), ("0.00E+00", ""),
            ("#,##0 \"days\"", ""),
            ("\"mmdd\"0", ""), ("\\d0", ""), ("_d0", ""), ("@", ""), ("0%", ""), ("# ?/?", ""),
            ("[$USD]\\ #,##0.00", ""), ("ggge\"年\"m\"月\"d\"日\"", "date"), ("d", "date"), ("ss", "time"),
            ("[<1]\"under\";yyyy", ""), ("[mm]:ss", "time elapsed"), ("Standard", ""),
            ("[DBNum1][$-804]yyyy\"年\"m\"月\";@", "date"), ("00000", "5"), ("000", "3"), ("0", ""),
        ])
    func formats(code: String, meant: String) {
        let format = NumberFormat(code: code)
        var words: [String] = []
        if format.showsDate { words.append("date") }
        if format.showsTime { words.append("time") }
        if format.isElapsed { words.append("elapsed") }
        if format.showsFraction { words.append("fraction") }
        if format.width > 0 { words.append(String(format.width)) }
        #expect(words.joined(separator: " ") == meant)
        #expect(format.isDate == (format.showsDate || format.showsTime))
    }

    @Test(
        "Dates in ISO 8601",
        arguments: [
            ("46143", "14", "2026-05-01"), ("46143.427430555554", "22", "2026-05-01T10:15:30"),
            ("46143.427430555554", "14", "2026-05-01T10:15:30"), ("46143", "22", "2026-05-01T00:00:00"),
            ("0.427430555555556", "21", "10:15:30"), ("0.5", "14", "12:00:00"),
            ("1.5", "46", "36:00:00"),
            ("0.0007", "46", "00:01:00"), ("46143.5", "20", "2026-05-01T12:00:00"),
            ("0", "20", "00:00:00"),
            ("46143.00001", "47", "2026-05-01T00:00:00.864"), ("46143.99999999", "14", "2026-05-02"),
            // Excel's leap day of 1900, which never was.
            ("1", "14", "1900-01-01"), ("59", "14", "1900-02-28"), ("60", "14", "1900-02-29"),
            ("61", "14", "1900-03-01"), ("36585", "14", "2000-02-29"), ("73050", "14", "2099-12-31"),
            ("2958465", "14", "9999-12-31"), ("2958466", "14", "#NUM!"), ("-1", "14", "#NUM!"),
            ("46143", "31", "2026-05-01"), ("46143", "58", "2026-05-01"), ("0.25", "32", "06:00:00"),
            ("46143", "dd.mm.yyyy", "2026-05-01"), ("x", "14", "x"), ("46143", "0.00", "46143"),
            ("42", "00000", "00042"), ("123456", "00000", "123456"), ("0", "000", "000"),
            ("4.5", "000", "4.5"),
        ])
    func dates(stored: String, format: String, meant: String) throws {
        #expect(try Self.texts([.number(stored, style: 1)], formats: [format]) == [meant])
    }

    @Test(
        "Dates that count from 1904",
        arguments: [
            ("0", "00:00:00"), ("1", "1904-01-02"), ("44681", "2026-05-01"), ("60", "1904-03-01"),
        ])
    func epoch(stored: String, meant: String) throws {
        #expect(
            try Self.texts(
                [.number(stored, style: 1)], formats: ["14"], properties: "<workbookPr date1904=\"1\"/>"
            )
                == [meant])
    }

    // MARK: Rows

    @Test("Positions are rows of the sheet, whatever is in the cells and between them")
    func positions() throws {
        let workbook = WorkbookFile([
            [], [.text("a"), .text("b")], [.text("1\n2\r\n3"), .text("x")], [],
            [.raw("<c r=\"@\" s=\"1\"/>"), .text("")], [.text("4")],
            [.text("5"), .nothing, .text("6")],
        ])
        let read = try Self.read(workbook)
        #expect(read.columns == ["a", "b"])
        #expect(read.texts == [["1\n2\r\n3", "x"], ["4", ""], ["5", "", "6"]])
        #expect(read.rows.map(\.position.line) == [3, 6, 7])
        #expect(read.rows.map(\.position.row) == [1, 2, 3])
        #expect(read.problems == ["", "", "field-count"])
        #expect(read.account.isBalanced && read.account.blank == 3)
        // From any row on, and in blocks of any size, the same is read.
        for row in read.rows {
            let again = try Self.read(workbook.bytes, from: Resume(at: row.position)).read
            #expect(again.rows == Array(read.rows.drop { $0.position.row < row.position.row }))
        }
        #expect(try Self.read(workbook, rows: 1).rows == read.rows)
    }

    @Test("A table has the columns of its header, wherever rows end")
    func width() throws {
        let rows: [[Cell]] = [
            [.text("a"), .text("b"), .text("c")], [.text("1")], [.nothing, .text("2")],
            [.nothing, .nothing, .text("3")],
        ]
        #expect(
            try Self.read(WorkbookFile(rows)).texts
                == [["1", "", ""], ["", "2", ""], ["", "", "3"]])
        let unnamed = try Self.read(WorkbookFile(rows), InputOptions(header: .none))
        #expect(unnamed.texts == [["a", "b", "c"], ["1", "", ""], ["", "2", ""], ["", "", "3"]])
        let named = try Self.read(
            WorkbookFile(rows), InputOptions(header: .names(["x", "y", "z", "w"])))
        #expect(named.texts[0] == ["a", "b", "c", ""])
        // A title above it is no header, and can be passed over.
        let titled = WorkbookFile([[.text("Report")], []] + rows)
        let refused = try Self.read(titled)
        #expect(refused.error?.code == .header && refused.error?.message.contains("skip") == true)
        var options = InputOptions()
        options.skip = 2
        let read = try Self.read(titled, options)
        #expect(read.texts == [["1", "", ""], ["", "2", ""], ["", "", "3"]])
        #expect(read.rows.first?.position.line == 4)
    }

    @Test(
        "The same table reads the same from CSV and from a workbook", arguments: 0..<20 as Range<UInt64>
    )
    func twin(seed: UInt64) throws {
        var random = Seeded(seed)
        let texts = [
            "", "a", "12", "x,y", "\"q\"", "l\nm", "é€😀", " s ", "#N/A", "NULL", "a\rb", "0012",
            "\u{FEFF}z",
        ]
        let width = Int.random(in: 2...5, using: &random)
        var csv = ""
        var rows: [[Cell]] = []
        for row in 0..<Int.random(in: 2...200, using: &random) {
            var cells = (0..<width).map { column in
                row == 0 ? "name \(column)" : texts[Int.random(in: 0..<texts.count, using: &random)]
            }
            if row > 0, Int.random(in: 0..<4, using: &random) == 0 { cells = cells.map { _ in "" } }
            csv +=
                cells.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }
                .joined(separator: ",") + "\n"
            rows.append(cells.map { $0.isEmpty ? .nothing : .text($0) })
        }
        let plain = readAll(csv, InputOptions(format: .csv, quote: .double))
        let sheet = try Self.read(WorkbookFile(rows), rows: Int.random(in: 1...50, using: &random))
        #expect(sheet.columns == plain.columns)
        // A quoted row of nothing is a row of a CSV file, and none of a sheet.
        #expect(
            sheet.texts == plain.texts.filter { $0 != Array(repeating: "", count: width) },
            "seed \(seed)")
        #expect(sheet.account.isBalanced)
    }

    @Test("A formula that was never calculated refuses its row, and names the cell")
    func formulas() throws {
        let workbook = WorkbookFile([
            [.text("a"), .text("b")], [.text("1"), .formula(nil)], [.text("2"), .formula("3")],
            [.formula("0"), .text("4")], [.text("5"), .raw("<c r=\"@\"><f>A1</f></c>")],
        ])
        let (read, notes) = try Self.read(workbook.bytes)
        #expect(read.problems == ["spreadsheet-damage", "", "", "spreadsheet-damage"])
        #expect(read.rows[0].problem?.message.contains("formula in B2") == true)
        #expect(read.rows[3].problem?.message.contains("formula in B5") == true)
        #expect(read.texts[0] == ["1", "#NOT_CALCULATED!"])
        #expect(notes.contains { $0.hasPrefix("2 formulas without a stored value, the first in B2.") })
        // Where a program leaves all to Excel, its zeros are no values.
        var lazy = workbook
        lazy.change("xl/workbook.xml", "<sheets>", to: "<calcPr fullCalcOnLoad=\"1\"/><sheets>")
        #expect(
            try Self.read(lazy).problems
                == ["spreadsheet-damage", "", "spreadsheet-damage", "spreadsheet-damage"])
        // A resume in the middle knows the same.
        let later = try Self.read(workbook.bytes, from: Resume(at: read.rows[2].position)).read
        #expect(later.rows == Array(read.rows[2...]))
    }

    @Test("Hidden rows and merged cells are read, and that is said once")
    func notes() throws {
        let rows = """
            <row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>
            <row r="3" hidden="true"><c r="A3"><v>3</v></c></row><row r="4" hidden="1"/>
            """
        let workbook = WorkbookFile(
            [("Sheet1", rows, "")],
            tail: "<mergeCells count=\"1\"><mergeCell ref=\"A2:B3\"/></mergeCells>")
        let (read, notes) = try Self.read(workbook.bytes, InputOptions(header: .none))
        #expect(read.texts == [["1"], ["2"], ["3"]])
        #expect(notes.count == 2)
        #expect(notes[0].hasPrefix("2 rows in it are hidden") && notes[0].hasSuffix("row 2"))
        #expect(notes[1].hasPrefix("it has 1 merged area"))
    }

    @Test("A cell or a row longer than the limit costs its row alone")
    func limits() throws {
        let long = String(repeating: "x", count: 300)
        var options = InputOptions()
        options.fieldLimit = 200
        let workbook = WorkbookFile(
            [
                [.text("a"), .text("b")], [.text(long), .text("1")], [.shared(0), .text("2")],
                [.text("3"), .text("ok")],
                (0..<9).map { _ in .text(String(repeating: "y", count: 190)) },
                [.text("4"), .text("ok")],
            ], strings: ["<si><t>\(long)</t></si>"])
        let read = try Self.read(workbook, options)
        #expect(read.error == nil)
        #expect(read.problems == ["too-large", "too-large", "", "too-large", ""])
        #expect(read.texts[0] == ["#TOO_LONG!", "1"])
        #expect(read.rows[0].problem?.message.contains("A2") == true)
        #expect(read.rows.map(\.position.line) == [2, 3, 4, 5, 6])
    }

    @Test("A long text that many cells share is read in little memory")
    func sharedOften() throws {
        let text = String(repeating: "x", count: 30_000)
        let rows = [[Cell.text("a")]] + Array(repeating: [Cell.shared(0)], count: 300)
        let read = try Self.read(WorkbookFile(rows, strings: ["<si><t>\(text)</t></si>"]), rows: 7)
        #expect(read.error == nil && read.rows.count == 300)
        #expect(read.texts.allSatisfy { $0[0].utf8.count == 30_000 })
    }

    // MARK: Forms of workbooks

    @Test("Other prefixes, namespaces and names of parts make no difference")
    func forms() throws {
        var workbook = WorkbookFile(
            [[.text("a")], [.text("1")], [.number("46143", style: 1)]], formats: ["14"])
        let strict = "http://purl.oclc.org/ooxml"
        for index in workbook.parts.indices {
            var text = workbook.parts[index].text
            text = text.replacingOccurrences(
                of: "http://schemas.openxmlformats.org/officeDocument/2006",
                with: strict + "/officeDocument")
            text = text.replacingOccurrences(
                of: "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                with: strict + "/spreadsheetml/main")
            workbook.parts[index].text = text
        }
        #expect(try Self.read(workbook).texts == [["1"], ["2026-05-01"]])
        let sheet = "xl/worksheets/s0.xml"
        for name in ["worksheet", "sheetData", "row", "c", "v", "is", "t"] {
            for (old, new) in [
                ("<\(name)>", "<x:\(name)>"), ("<\(name) ", "<x:\(name) "),
                ("</\(name)>", "</x:\(name)>"),
            ] {
                if workbook.parts.last?.text.contains(old) == true {
                    workbook.change(sheet, old, to: new)
                }
            }
        }
        workbook.change(sheet, "xmlns=", to: "xmlns:x=")
        #expect(try Self.read(workbook).texts == [["1"], ["2026-05-01"]])
        for index in workbook.parts.indices {
            workbook.parts[index].name = workbook.parts[index].name.replacingOccurrences(
                of: "/s0", with: "\\S0")
        }
        #expect(try Self.read(workbook).texts == [["1"], ["2026-05-01"]])
    }

    @Test("Rows and cells without references count on")
    func unnamed() throws {
        let rows =
            "<row><c><v>1</v></c><c><v>2</v></c></row><row r=\"3\"><c r=\"b3\"><v>3</v></c><c r=\"A3\"><v>4</v></c></row><row><c><v>5</v></c></row>"
        let read = try Self.read(WorkbookFile([("Sheet1", rows, "")]), InputOptions(header: .none))
        #expect(read.texts == [["1", "2"], ["4", "3"], ["5", ""]])
        #expect(read.rows.map(\.position.line) == [1, 3, 4])
    }

    @Test("Workbooks of openpyxl and XlsxWriter", arguments: ["openpyxl.xlsx", "xlsxwriter.xlsx"])
    func programs(name: String) throws {
        let folder = try #require(Bundle.module.resourcePath) + "/Fixtures/workbooks/"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder + name)))
        let read = try Self.read(bytes).read
        #expect(read.error == nil)
        #expect(
            read.columns == ["phone", "bill", "sold", "day", "time", "total", "note", "store", "paid"])
        #expect(
            read.texts == [
                [
                    "919876543210", "B1", "2026-05-01T10:15:30", "2026-05-01", "09:30:00", "0.3",
                    "He said \"hi\", ok\nüñ €", "00042", "TRUE",
                ],
                [
                    "4.11111111111111E+15", "B2", "2026-05-02T00:00:00", "1999-12-31", "23:59:59",
                    "1E+21", "", "00007", "FALSE",
                ],
            ])
    }

    // MARK: Sheets

    private static let three = WorkbookFile([
        ("One", WorkbookFile.rows([[.text("a")], [.text("1")]]), ""),
        ("Secret", WorkbookFile.rows([[.text("s")], [.text("2")]]), "state=\"hidden\""),
        ("2026", WorkbookFile.rows([[.text("b")], [.text("3")]]), ""),
    ])

    @Test(
        "A sheet by its name or its number",
        arguments: [
            ("One", "1"), ("one", "1"), ("2026", "3"), ("2", "3"), ("1", "1"), ("Secret", "2"),
            ("O*", "1"),
        ])
    func sheets(words: String, value: String) throws {
        var options = InputOptions()
        options.sheet = words
        #expect(try Self.read(Self.three, options).texts == [[value]])
        try Self.with(Self.three.bytes) { path in
            let file = try InputList.inputs(
                at: path, name: "in.xlsx", options: InputOptions(), members: words)
            #expect(file.count == 1 && file[0].isWorksheet)
        }
    }

    @Test("Which sheet is not guessed")
    func choice() throws {
        let none = try Self.read(Self.three)
        #expect(none.error?.message.contains("it has 2 sheets: “One”, “2026”.") == true)
        for words in ["3", "0", "Two"] {
            var options = InputOptions()
            options.sheet = words
            let message = try Self.read(Self.three, options).error?.message ?? ""
            #expect(message == "there is no sheet “\(words)” in it, only: “One”, “Secret”, “2026”")
        }
        // One that can be seen is the one that is meant.
        var other = Self.three
        other.change("xl/workbook.xml", "name=\"2026\"", to: "state=\"veryHidden\" name=\"2026\"")
        #expect(try Self.read(other).texts == [["1"]])
        // Several at once.
        try Self.with(Self.three.bytes) { path in
            let files = try InputList.inputs(
                at: path, name: "in.xlsx", options: InputOptions(), members: "*")
            #expect(files.map(\.name) == ["in.xlsx:One!", "in.xlsx:2026!"])
        }
        // Named for a file without sheets.
        var options = InputOptions()
        options.sheet = "One"
        #expect(try Self.read(Array("a,b\n1,2\n".utf8), options).read.error?.code == .format)
    }

    @Test("What is for text files is refused")
    func options() throws {
        let workbook = WorkbookFile([[.text("a"), .text("b;c")], [.text("1"), .text("2")]])
        for change: (inout InputOptions) -> Void in [
            { $0.encoding = .latin1 }, { $0.quote = .none }, { $0.separator = Array("||".utf8) },
            { $0.escape = 0x5C },
            { $0.format = .jsonl },
        ] {
            var options = InputOptions()
            change(&options)
            #expect(try Self.read(workbook, options).error?.code == .format)
        }
        // Files made of its rows are written with the job's delimiter.
        var options = InputOptions()
        options.delimiter = UInt8(ascii: ";")
        let read = try Self.read(workbook, options)
        #expect(read.columns == ["a", "b;c"])
        #expect(read.rows.map { String(decoding: $0.stored, as: UTF8.self) } == ["1;2\n"])
    }

    // MARK: Damage

    private static func broken(_ part: String, _ old: String, _ new: String) throws -> String {
        var workbook = WorkbookFile(
            [[.text("a"), .shared(0)], [.number("1"), .shared(0)], [.number("2"), .number("3")]],
            strings: ["<si><t>b</t></si>"])
        workbook.change(part, old, to: new)
        let read = try Self.read(workbook)
        return read.error.map { "\(read.rows.count) \($0)" } ?? "\(read.texts)"
    }

    @Test(
        "Damage is named with its part, and the rows before it are read",
        arguments: [
            ("<c r=\"A3\"", "<c r=\"A4\"", "1 ", "“A4” is no cell of row 3"),
            ("<c r=\"A3\"", "<c r=\"XFE3\"", "1 ", "XFE3"),
            ("<c r=\"A3\"", "<c r=\"3\"", "1 ", "“3” is no cell of row 3"),
            ("<c r=\"A3\"", "<c r=\"B3\"", "1 ", "B3 is there twice"),
            ("<row r=\"3\"", "<row r=\"2\"", "1 ", "row 2 comes after row 2"),
            ("<row r=\"3\"", "<row r=\"1048577\"", "1 ", "row 1048577 is beyond"),
            ("r=\"B2\" t=\"s\"><v>0", "r=\"B2\" t=\"s\"><v>1", "0 ", "cell B2 refers to a text"),
            ("r=\"B2\" t=\"s\"><v>0", "r=\"B2\" t=\"s\"><v>x", "0 ", "cell B2 refers to a text"),
            ("</sheetData></worksheet>", "", "2 ", "damaged at byte"),
            ("<v>2</v>", "<v>2</w>", "1 ", "mismatched tag"),
            ("<sheetData>", "<sheetData>" + String(repeating: "<d>", count: 200), "", "nests too deep"),
            (
                "<v>2</v>", "<v a=\"" + String(repeating: "x", count: 6 << 20) + "\">2</v>", "1 ",
                "a tag that never ends"
            ),
        ])
    func damage(old: String, new: String, rows: String, words: String) throws {
        let text = try Self.broken("xl/worksheets/s0.xml", old, new)
        #expect(text.hasPrefix(rows) && text.contains(words), "\(text)")
        #expect(text.contains("xl/worksheets/s0.xml: "), "\(text)")
    }

    @Test("A document type declaration is refused, whatever it declares")
    func doctype() throws {
        for part in [
            "xl/worksheets/s0.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml",
        ] {
            let bomb =
                "standalone=\"yes\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">"
                + "<!ENTITY c SYSTEM \"file:///etc/passwd\">]>"
            let text = try Self.broken(part, "standalone=\"yes\"?>", bomb)
            #expect(
                text.hasPrefix("0 ") && text.contains("\(part): it has a document type declaration"),
                "\(text)")
        }
    }

    @Test("Parts that are missing are named")
    func missing() throws {
        for (part, words) in [
            ("xl/worksheets/s0.xml", "xl/worksheets/s0.xml is missing"),
            ("xl/workbook.xml", "Excel workbook"),
            ("xl/_rels/workbook.xml.rels", "lists no worksheet"),
        ] {
            var workbook = WorkbookFile([[.text("a")], [.text("1")]])
            workbook.parts.removeAll { $0.name == part }
            let read = try Self.read(workbook)
            #expect(read.error?.message.contains(words) == true, "\(read)")
        }
        // What is not needed may be missing.
        for part in ["xl/styles.xml", "[Content_Types].xml", "_rels/.rels"] {
            var workbook = WorkbookFile([[.text("a")], [.text("1")]])
            workbook.parts.removeAll { $0.name == part }
            #expect(try Self.read(workbook).texts == [["1"]], "\(part)")
        }
        var twice = WorkbookFile([[.text("a")], [.text("1")]])
        twice.parts.append(("XL/styles.xml", "<x/>"))
        #expect(try Self.read(twice).error?.message.contains("two parts") == true)
    }

    @Test("A cut or damaged file is an error, never a shorter table")
    func cut() throws {
        let rows = [[Cell.text("a")]] + (0..<500).map { [Cell.number("\($0)")] }
        let bytes = WorkbookFile(rows).bytes
        #expect(try Self.read(bytes).read.rows.count == 500)
        for end in stride(from: 4, to: bytes.count, by: 997) {
            let read = try Self.read(Array(bytes[..<end])).read
            #expect(read.error != nil, "cut at \(end)")
        }
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "<v>400</v>".utf8) })
        var damaged = bytes
        damaged[place + 3] ^= 1
        let read = try Self.read(damaged).read
        #expect(
            read.error?.message.hasPrefix("xl/worksheets/s0.xml: damaged zip archive") == true,
            "\(read.error as Any)")
    }

    @Test("Whatever the parts hold, it is read or refused", arguments: 0..<4 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = Seeded(seed)
        let rows: [[Cell]] = [
            [.text("a"), .shared(0)], [.number("1.5", style: 1), .shared(1)],
            [.formula(nil), .text("x_x000D_y")],
            [], [.raw("<c r=\"@\" t=\"b\"><v>1</v></c>"), .formula("2")],
        ]
        let whole = WorkbookFile(
            rows, formats: ["yyyy-mm-dd"], strings: ["<si><t>b</t></si>", "<si><r><t> c</t></r></si>"])
        let pieces = [
            "<", ">", "</c>", "<c>", "<v>", "</row>", "<row r=\"9\">", "\"", "9", "E+9", "&#10;",
            "<is>", "_xD800_", "<rPh>", "s=\"99\"", "t=\"s\"", "-",
        ]
        for round in 0..<60 {
            var workbook = whole
            let part = Int.random(in: 2..<workbook.parts.count, using: &random)
            var bytes = Array(workbook.parts[part].text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, at + Int.random(in: 0...8, using: &random))
                bytes.replaceSubrange(
                    at..<end, with: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8)
            }
            workbook.parts[part].text = String(decoding: bytes, as: UTF8.self)
            let read = try Self.read(workbook)
            #expect(read.error != nil || read.account.isBalanced, "seed \(seed), round \(round)")
        }
    }

    // MARK: Other files of office programs

    /// A container of old Office files with these names in its directory.
    private static func container(_ names: [String]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1536)
        bytes.replaceSubrange(0..<8, with: OfficeFile.signature)
        bytes[30] = 9
        bytes[48] = 1
        for (index, name) in (["Root Entry"] + names).enumerated() {
            let at = 1024 + 128 * index
            for (place, unit) in name.utf16.enumerated() { bytes[at + 2 * place] = UInt8(unit & 0xFF) }
            bytes[at + 64] = UInt8(2 * name.utf16.count + 2)
        }
        return bytes
    }

    @Test("Others are named for what they are, with the way out")
    func others() throws {
        let cases: [([UInt8], String, String)] = [
            (Self.container(["Workbook"]), "an old Excel workbook (.xls)", "save it as .xlsx"),
            (
                Self.container(["EncryptionInfo", "EncryptedPackage"]), "an encrypted workbook",
                "remove the password"
            ),
            (Self.container(["WordDocument"]), "an old Word document", "Export"),
            (
                WorkbookFile.zip([("[Content_Types].xml", [0x3C]), ("xl/workbook.bin", [1])]),
                "(.xlsb)", "Save the sheet as .xlsx"
            ),
            (
                WorkbookFile.zip([("mimetype", [0x61]), ("content.xml", [0x3C])]), "(.ods)",
                "save it as .xlsx"
            ),
            (
                WorkbookFile.zip([("[Content_Types].xml", [0x3C]), ("word/document.xml", [0x3C])]),
                "an Office document", "Export"
            ),
            (WorkbookFile.zip([("Index/Document.iwa", [0])]), "an Apple Numbers document", "Export"),
            (Array("PAR1".utf8) + [0, 1, 2], "a Parquet file", "duckdb"),
        ]
        for (bytes, what, next) in cases {
            let message = try Self.read(bytes).read.error?.message ?? ""
            #expect(message.contains(what) && message.contains(next), "\(message)")
        }
    }
}
