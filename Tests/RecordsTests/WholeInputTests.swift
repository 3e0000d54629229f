import Foundation
import Model
import Testing

@testable import Records

/// The whole of an input is read, however it comes, and nothing else is taken for it.
@Suite("Whole inputs") struct WholeInputTests {
    @Test(
        "Millions of line ends are blank, not the end",
        arguments: [
            (InputOptions.Format.csv, "a\n", "1\n"), (.csv, "a,b\n", "1,2\n"), (.csv, "", "a,b\n1,2\n"),
            (.jsonl, "", "{\"a\":1}\n"), (.jsonArray, "[", "{\"a\":1},"),
        ])
    func blankLines(format: InputOptions.Format, head: String, row: String) {
        let isSingle = head == "a\n"
        // A file of one column has no blank lines, but rows of nothing: white space between elements of JSON.
        let blanks = isSingle ? "" : String(repeating: "\n", count: 4_300_000)
        let tail = format == .jsonArray ? "{\"a\":2}]" : "\n\r\n"
        let rows = head.isEmpty && format == .csv ? "" : row
        let text = head + rows + blanks + String(repeating: row, count: 999) + tail
        let read = readAll(text, InputOptions(format: format))
        #expect(read.error == nil)
        let expected = 999 + (rows.isEmpty ? 0 : 1) + (format == .jsonArray ? 1 : 0)
        let headers = head.isEmpty && format == .csv ? 999 + 998 : expected
        #expect(read.rows.count == headers + (isSingle ? 2 : 0), "\(read.rows.count)")
        #expect(read.account.isBalanced && read.account.end == text.utf8.count)
        #expect(format != .csv || isSingle || read.account.blank >= 4_300_000)
    }

    @Test("The same in UTF-16, and where nothing else is in the file")
    func blankLinesElsewhere() {
        let text = "a,b\n1,2\n" + String(repeating: "\n", count: 4_300_000) + "3,4\n"
        let bytes: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let read = readAll(bytes)
        #expect(read.texts == [["1", "2"], ["3", "4"]])
        #expect(read.account.isBalanced && read.account.end == bytes.count)
        let blank = readAll(String(repeating: "\r\n", count: 2_200_000))
        #expect(blank.rows.isEmpty && blank.error == nil)
        #expect(blank.account.isBalanced && blank.account.end == 4_400_000)
    }

    @Test("The header is kept as stored, without the blank lines and the `sep=` before it")
    func header() throws {
        func open(_ text: String, _ options: InputOptions = InputOptions()) throws -> RowReader {
            try RowReader.open(bytes: Array(text.utf8), name: "test", options: options)
        }
        #expect(try open("\n\n\na,b\r\n1,2\n").header == Array("a,b\r\n".utf8))
        #expect(try open("\u{FEFF}sep=;\r\na;b\r\n1;2\n").header == Array("\u{FEFF}a;b\r\n".utf8))
        let excel = try open("\"sep=|\"\na|b,c\n1|2\n")
        #expect(excel.columns == ["a", "b,c"])
        let read = readAll(excel)
        #expect(read.texts == [["1", "2"]] && read.rows[0].position.line == 3)
        #expect(read.account.isBalanced && read.account.header == 14)
        // The job knows better.
        let said = try open("sep=;\na,b\n1,2\n", InputOptions(delimiter: UInt8(ascii: ",")))
        #expect(said.columns == ["a", "b"] && said.notes.count == 1)
    }

    @Test("UTF-16 without a mark is read where its text has ASCII in it, Latin or not")
    func utf16() throws {
        let text = "telefon;fiş;şube\r\n4477;F1;İzmir\r\n日本;上海;ж\r\n"
        let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [little, big] {
            let read = readAll(bytes)
            #expect(read.columns == ["telefon", "fiş", "şube"])
            #expect(read.texts == [["4477", "F1", "İzmir"], ["日本", "上海", "ж"]])
            #expect(read.account.isBalanced && read.account.end == bytes.count)
        }
        let reader = try RowReader.open(bytes: little, name: "test", options: InputOptions())
        #expect(reader.header.starts(with: [0xFF, 0xFE]), "files written like it need the mark")
    }

    @Test(
        "What holds no rows is named for what it is",
        arguments: [
            (
                "{\n \"data\": [\n  {\"a\":1},\n  {\"a\":2}\n ]\n}\n", "records in “data”",
                "path: data"
            ),
            (
                "{\"total\":2,\"items\":[{\"a\":1},{\"a\":2}]}\n", "records in “items”",
                "path: items"
            ),
            ("PAR1\u{15}\u{4}", "Parquet", "Convert"), ("%PDF-1.7\n", "PDF", "Export"),
            ("<!DOCTYPE html>\n<html>", "web page", "Export"),
            ("<?xml version=\"1.0\"?>\n<a/>", "XML", "Convert"),
            ("Report: Sales\nphone,bill,sold\n1,2,3\n", "not the header", "skip: 1"),
            ("# exported\n\nby POS\nphone;bill;sold\n1;2;3\n", "its first 2 lines", "skip: 2"),
        ])
    func odd(text: String, what: String, next: String) {
        let read = readAll(text)
        #expect(read.error?.message.contains(what) == true, "\(read)")
        #expect(read.error?.message.contains(next) == true, "\(read)")
        #expect(read.rows.isEmpty)
    }

    @Test("JSON over several lines under `format: jsonl` is refused, with the format to set")
    func oddLines() {
        for text in ["{\n  \"a\": 1\n}\n", "\u{1E}{\"a\":1}\n"] {
            let read = readAll(text, InputOptions(format: .jsonl))
            #expect(read.error?.message.contains("format: json") == true, "\(read)")
        }
    }

    @Test(
        "What only looks like it is read",
        arguments: [
            ("{\"items\":[{\"a\":1}],\"billNumber\":\"B\"}\n", 1), ("{\"data\":[1,2]}\n", 1),
            ("{\"a\":1,\n{\"a\":2}\n", 2), ("{\"data\":[{\"a\":1}]}\n{\"data\":[{\"a\":2}]}\n", 2),
            ("name\nDoe, John\nRoe, Jane\n", 2),
        ])
    func notOdd(text: String, rows: Int) {
        let read = readAll(text)
        #expect(read.error == nil && read.rows.count == rows, "\(read)")
    }

    @Test("An old Excel workbook")
    func oldExcel() {
        let read = readAll(
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600))
        #expect(read.error?.message.contains("(.xls)") == true)
    }

    @Test("What can be read only once is copied, for its owner alone, and read as often as need be")
    func fifo() throws {
        let folder = NSTemporaryDirectory() + "sluice-fifo-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = (0..<20_000).map { "{\"n\":\($0)}\n" }.joined()
        for (name, spool) in [
            ("bills.jsonl", Spool.transient), ("kept.jsonl", .kept(in: folder + "/spool")),
        ] {
            let path = folder + "/" + name
            #expect(unsafe mkfifo(path, 0o600) == 0)
            let writer = Thread {
                let file = FileHandle(forWritingAtPath: path)
                try? file?.write(contentsOf: Data(text.utf8))
                try? file?.close()
            }
            writer.start()
            let files = try InputList.resolve(
                [path, path], options: InputOptions(), relativeTo: folder, spool: spool)
            #expect(files.map(\.name) == [path] && files[0].format == .jsonl)
            for _ in 0..<2 {
                let read = readAll(try RowReader.open(files[0], index: 0, options: InputOptions()))
                #expect(read.rows.count == 20_000 && read.error == nil)
            }
            let mode = try FileManager.default.attributesOfItem(
                atPath: URL(fileURLWithPath: files[0].path).resolvingSymlinksInPath().path)[
                    .posixPermissions]
            if name == "kept.jsonl" { #expect(mode as? Int == 0o600) }
        }
        let spool = folder + "/spool"
        let names = try FileManager.default.contentsOfDirectory(atPath: spool)
        #expect(names.count == 1, "the other has no name")
        Spool.sweep(spool) { _ in true }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool) == names)
        Spool.sweep(spool) { _ in false }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool).isEmpty)
    }

    @Test("A file that is cut while it is read is not at its end")
    func cut() throws {
        let path = NSTemporaryDirectory() + "sluice-cut-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = "a,b\n" + String(repeating: "1,2\n", count: 1_000_000)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let reader = try RowReader.open(InputFile(path: path), index: 0, options: InputOptions())
        #expect(unsafe truncate(path, 2_000_000) == 0)
        let read = readAll(reader)
        #expect(read.error?.code == .changed, "\(read.rows.count)")
        #expect(read.error?.message.contains("2000000 bytes") == true)
    }

    @Test("An edit whose time was set back is one anyway")
    func editedInSecret() throws {
        let path = NSTemporaryDirectory() + "sluice-edit-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        func write(_ text: String) throws {
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.write(contentsOf: Data(text.utf8))
            try file.close()
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_000)], ofItemAtPath: path)
        }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        try write("a,b\n1,2\n")
        let before = try FileFingerprint.take(path, digests: true)
        #expect(try before.change(at: path) == .unchanged)
        // The clock that files are dated by ticks some hundred times a second.
        while try FileFingerprint.take(path, digests: false).changed == before.changed {
            try write("a,b\n1,3\n")
        }
        let now = try FileFingerprint.take(path, digests: false)
        #expect((now.inode, now.size, now.modified) == (before.inode, before.size, before.modified))
        #expect(try before.change(at: path) == .edited(block: 0, offset: 0))
        #expect(throws: ReadError.self) { try before.checkUntouched(path, name: "a.csv") }
        // Of an earlier version: its ledger does not know the time of the change.
        var old = before
        old.changed = nil
        #expect(try old.change(at: path) == .unchanged)
    }
}
