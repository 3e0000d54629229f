import Model
import Records
import Testing

@Suite("Files that are not plain CSV")
struct DialectTests {
    private func options(_ change: (inout InputOptions) -> Void) -> InputOptions {
        var options = InputOptions()
        change(&options)
        return options
    }

    /// Reads the text whole and cut everywhere, and checks that nothing differs and every byte is accounted for.
    private func read(_ text: String, _ change: (inout InputOptions) -> Void) -> ReadAll {
        let options = options(change)
        let whole = readAll(text, options)
        for size in 1...5 {
            let cut = readAll(text, options, rows: 2, readSizes: [size])
            #expect(cut == whole, "in stretches of \(size)")
        }
        #expect(whole.account.isBalanced && whole.account.end == text.utf8.count)
        return whole
    }

    @Test("Lines above the header are passed over")
    func skip() {
        let text = "Report: Sales\r\nmade by\rPOS\nphone,bill\n1,2\n"
        let read = read(text) { $0.skip = 3 }
        #expect(read.columns == ["phone", "bill"])
        #expect(read.texts == [["1", "2"]])
        #expect(read.rows.first?.position.line == 5)
        #expect(read.account.header == text.utf8.count - 4)
        // What `sep=` says counts for none of them.
        let hinted = self.read("sep=;\r\nTitle, of it\r\na;b\r\n1;2\r\n") { $0.skip = 1 }
        #expect(hinted.texts == [["1", "2"]] && hinted.columns == ["a", "b"])
        let short = readAll("a,b\n", options { $0.skip = 2 })
        #expect(short.error?.description.contains("it has 1 line") == true, "\(short.error as Any)")
        #expect(readAll("x\n{\"a\":1}\n", options { $0.skip = 1 }).rows.count == 1)
    }

    @Test("Comment lines are no rows, and are told of")
    func comments() throws {
        let text = "# by POS\na,b\n1,2\n#x,y\r\n#\"open\n3,#4\n\n# end"
        let read = read(text) { $0.comment = Array("#".utf8) }
        #expect(read.columns == ["a", "b"])
        #expect(read.texts == [["1", "2"], ["3", "#4"]])
        #expect(read.rows.map(\.position.line) == [3, 6])
        #expect(read.account.rows == 4 + 5)
        let reader = try RowReader.open(
            bytes: Array(text.utf8), name: "t", options: options { $0.comment = Array("#".utf8) })
        _ = readAll(reader)
        #expect(reader.lateNotes == ["4 comment lines skipped (`input.comment`)"])
        #expect(
            self.read("a,b\n--1,2\n-3,4\n") { $0.comment = Array("--".utf8) }.texts == [["-3", "4"]])
    }

    @Test("Rows at the end are left out", arguments: [1, 2, 3, 7, 512])
    func footer(blockRows: Int) throws {
        let text = "a,b\n" + (1...9).map { "\($0),x\n" }.joined() + "Total,9\n\nsigned,\"me\"\n\n"
        let footer = options { $0.footer = 2 }
        let read = readAll(text, footer, rows: blockRows)
        #expect(read.texts.map(\.first) == (1...9).map { "\($0)" })
        #expect(read.account.isBalanced && read.account.end == text.utf8.count)
        #expect(read.account.rows == 9 * 4)
        let reader = try RowReader.open(bytes: Array(text.utf8), name: "t", options: footer)
        _ = readAll(reader, rows: blockRows)
        #expect(reader.lateNotes == ["2 rows at its end left out (`input.footer`)"])
        // A resume finds the same end.
        let last = try #require(read.rows.last)
        let rest = readAll(Array(text.utf8), footer, rows: blockRows, from: Resume(at: last.position))
        #expect(rest.texts == [["9", "x"]])
        #expect(readAll("a,b\n1,2\n", footer, rows: blockRows).rows.isEmpty)
    }

    @Test("White space before a quote is no part of the cell")
    func spaces() {
        let read = read("\"Year\", \"Quantity\"\n2015, 345\n2016, \"3,000\"\n2017,\t\"a\"\"b\"\n") {
            _ in
        }
        #expect(read.columns == ["Year", "Quantity"])
        #expect(read.texts == [["2015", " 345"], ["2016", "3,000"], ["2017", "a\"b"]])
        // What does not close as a quoted cell is text.
        #expect(
            self.read("a,b\n1, \"so\" he said\n2, \"x\n") { _ in }.texts == [
                ["1", " \"so\" he said"], ["2", " \"x"],
            ])
        // A run from before continues as it began; so does a file that is said to be strict.
        let old = readAll("a,b\n1, \"x\"\n", InputOptions(rules: .strict))
        #expect(old.texts == [["1", " \"x\""]])
        #expect(readAll("a,b\n1, \"x\"\n", InputOptions(quote: .double)).texts == [["1", " \"x\""]])
    }

    @Test("Escapes of MySQL and Hive")
    func escapes() {
        let text = #"""
            id,note,total
            1,"say \"hi\", ok",5
            2,"line one\
            line two",6
            3,a\,b \\ \t|,\N
            4,"say ""hi""",7
            """#
        let read = read(text) { $0.escape = UInt8(ascii: "\\") }
        #expect(
            read.texts == [
                ["1", "say \"hi\", ok", "5"], ["2", "line one\nline two", "6"],
                ["3", "a,b \\ \t|", "\\N"], ["4", "say \"hi\"", "7"],
            ])
        #expect(read.rows.map(\.position.line) == [2, 3, 5, 6])
    }

    @Test("Another quote, and several bytes between cells")
    func separators() {
        let quoted = read("a;b\n'1;1';'it''s'\n2;\"x\"\n") {
            $0.quoteMark = UInt8(ascii: "'")
            $0.quote = .double
            $0.delimiter = UInt8(ascii: ";")
        }
        #expect(quoted.texts == [["1;1", "it's"], ["2", "\"x\""]])
        let long = read("bill||total\r\nA1||1\r\n\"A||2\"||\r\n||\r\nA|3||4|") {
            $0.separator = Array("||".utf8)
        }
        #expect(long.columns == ["bill", "total"])
        #expect(long.texts == [["A1", "1"], ["A||2", ""], ["A|3", "4|"]])
        let wide = read("a¦b\n1¦2\n") { $0.separator = Array("¦".utf8) }
        #expect(wide.texts == [["1", "2"]])
        let open = read("a||b\n\"1||2\n3||4\n") { $0.separator = Array("||".utf8) }
        #expect(open.problems == ["unreadable", ""])
        #expect(open.texts.last == ["3", "4"])
    }

    @Test("JSON values one after the other, on lines or not")
    func values() {
        let text = "{\n  \"a\": 1\n}\n{ \"a\": \"}{\" }{\"a\":3}\n\u{1E}{\"a\":[\n4]}\n"
        let read = read(text) { $0.format = .json }
        #expect(
            read.rows.map { String(decoding: $0.value, as: UTF8.self) } == [
                "{\n  \"a\": 1\n}", "{ \"a\": \"}{\" }", "{\"a\":3}", "{\"a\":[\n4]}",
            ])
        #expect(read.rows.map(\.position.line) == [1, 4, 4, 5])
        #expect(read.problems.allSatisfy { $0.isEmpty })
        // Also where nothing says so, and a name says otherwise.
        let detected = readAll("{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", name: "x.jsonl")
        #expect(detected.rows.count == 2)
        #expect(detected.notes == ["it is read as JSON over several lines (pretty-printed)"])
        #expect(readAll("\u{1E}{\"a\":1}\n\u{1E}{\"a\":2}\n").rows.count == 2)
        let cut = self.read("{\"a\":1}\n{\"a\":\n[2}") { $0.format = .json }
        #expect(cut.problems == ["", "unreadable"])
        #expect(cut.rows.last?.problem?.message.contains("cut off") == true)
        // A line break ends a string that is not closed: the next value is found.
        #expect(
            self.read("{\"a\":\"1\n}\n{\"a\":2}\n") { $0.format = .json }.problems == [
                "unreadable", "",
            ])
    }

    @Test("Records within one object")
    func path() {
        let text =
            "{\n \"count\": 2, \"x\": {\"data\": [0]}, \"data\": [\n {\"a\":1},\n {\"a\":\"\\\"]\"}\n ],"
            + " \"next\": \"} \\\\\", \"links\": [{}] }\n"
        let read = read(text) { $0.path = ["data"] }
        #expect(
            read.rows.map { String(decoding: $0.value, as: UTF8.self) } == [
                "{\"a\":1}", "{\"a\":\"\\\"]\"}",
            ])
        #expect(read.rows.map(\.position.line) == [3, 4])
        #expect(read.problems == ["", ""])
        let deep = self.read("{\"r\":{\"n\":1,\"items\":[{\"a\":1}]},\"z\":[]}") {
            $0.path = ["r", "items"]
        }
        #expect(deep.rows.count == 1 && deep.problems == [""])
        // A second page after the first one is not lost in silence, nor is an end that is cut off.
        let pages = self.read("{\"data\":[{\"a\":1}]}\n{\"data\":[{\"a\":2}]}\n") { $0.path = ["data"] }
        #expect(pages.problems == ["", "unreadable"])
        let cut = self.read("{\"data\":[{\"a\":1}], \"next\": \"x") { $0.path = ["data"] }
        #expect(cut.problems == ["", "unreadable"])
        for (text, words) in [
            ("{\"rows\":[]}", "has no “data”"), ("{\"data\":{}}", "is not an array"),
            ("[{\"data\":[]}]", "has no “data”"),
        ] {
            let read = readAll(text, options { $0.path = ["data"] })
            #expect(read.error?.description.contains(words) == true, "\(read.error as Any)")
        }
    }
}
