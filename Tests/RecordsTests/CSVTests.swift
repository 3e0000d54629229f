import Model
import Records
import Testing

@Suite("CSV")
struct CSVTests {
    @Test(
        "What a file reads as",
        arguments: [
            ("a,b\n1,2\n", [["1", "2"]]),
            ("a,b\r\n1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
            ("a,b\r1,2\r3,4", [["1", "2"], ["3", "4"]]),
            ("a,b\n1,2\r3,4\r\n5,6", [["1", "2"], ["3", "4"], ["5", "6"]]),
            ("\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
            ("a,b\n\"1,1\",\"2\n2\"\n", [["1,1", "2\n2"]]),
            ("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", [["say \"hi\"", "\""]]),
            ("a,b\n5\" pipe,it's \"so\"\n", [["5\" pipe", "it's \"so\""]]),
            ("a,b\n\n1,2\n\r\n\r3,4\n\n", [["1", "2"], ["3", "4"]]),
            ("a\n1\n\n2\n", [["1"], [""], ["2"]]),
            ("a,b\n1,\"2\"", [["1", "2"]]),
            ("a,b\n1,", [["1", ""]]),
            ("a,b\n\"x\r\ny\rz\",\"\"\"\"\"\"\r\n", [["x\r\ny\rz", "\"\""]]),
            ("a,b\n1\0,\0\n", [["1\0", "\0"]]),
            ("a,b\n", []), ("a,b", []), ("", []), ("\n\n", []), ("\u{FEFF}", []),
            ("a;b\n1,5;2\n2,5;3\n", [["1,5", "2"], ["2,5", "3"]]),
            ("a\tb\n1\t2\n", [["1", "2"]]), ("a|b\n1|2\n", [["1", "2"]]),
            ("a,b\né,😀\n", [["é", "😀"]]),
        ])
    func reads(text: String, rows: [[String]]) {
        let read = readAll(text)
        #expect(read.texts == rows)
        #expect(read.rows.allSatisfy { $0.problem == nil }, "\(read.rows)")
        #expect(read.error == nil)
        #expect(read.account.isBalanced && read.account.start == 0)
        #expect(read.account.end == text.utf8.count)
    }

    @Test(
        "A row of nothing but separators is blank",
        arguments: [
            ",,", " , ,\t", "\"\",,\"\"", "\" \",\u{A0},", ",", ",,,,,",
        ])
    func padding(row: String) {
        let text = "a,b,c\n1,2,3\n\(row)\n4,,\n\(row)"
        let read = readAll(text)
        #expect(read.texts == [["1", "2", "3"], ["4", "", ""]])
        #expect(read.account.blank == 2 * row.utf8.count + 1)
        #expect(read.account.isBalanced && read.account.end == text.utf8.count)
        #expect(read.rows[1].position.line == 4)
        // A run from before continues as it began.
        #expect(readAll(text, InputOptions(rules: .first)).rows.count == 4)
        #expect(readAll("a,b\n\"\"\"\",\n").texts == [["\"", ""]])
    }

    @Test("A byte order mark in the middle belongs to no row", arguments: 0..<12)
    func markInTheMiddle(readSize: Int) {
        let sizes = readSize == 0 ? [] : [readSize]
        let text = "\u{FEFF}a,b\n1,2\n\u{FEFF}3,4\n\u{FEFF}\"5,5\",6\n\u{FEFF}\n7,\u{FEFF}8\n"
        let read = readAll(text, readSizes: sizes)
        #expect(
            read.texts == [["1", "2"], ["3", "4"], ["5,5", "6"], ["7", "\u{FEFF}8"]])
        #expect(read.account.isBalanced && read.account.end == text.utf8.count)
        #expect(read.rows[1].position.offset == 14)
        let json = readAll(
            "{\"a\":1}\n\u{FEFF}{\"a\":2}\n", InputOptions(format: .jsonl), readSizes: sizes)
        #expect(json.rows.map(\.value) == [Array("{\"a\":1}".utf8), Array("{\"a\":2}".utf8)])
        #expect(json.account.isBalanced)
    }

    @Test(
        "Stray quotes that join rows are refused as a span, wherever the input is cut",
        arguments: 0..<20)
    func joinedRows(readSize: Int) {
        let sizes = readSize == 0 ? [] : [readSize]
        let text = "a,b,c\n1,x,\"\n2,y,z\n\n3,y,z\n4,x,\"\n5,6,7\n"
        let read = readAll(text, readSizes: sizes)
        #expect(read.problems == ["unreadable", ""])
        #expect(read.rows[0].problem?.message.contains("lines 2 to 6") == true)
        #expect(read.rows[0].problemPosition?.offset == 10)
        #expect(read.rows[0].lineEnds == 5)
        #expect(read.rows[1].texts == ["5", "6", "7"])
        #expect(read.rows[1].position.line == 7)
        #expect(read.account.unreadable == 25 && read.account.isBalanced)
        #expect(readAll(text, rows: 1, readSizes: sizes).rows == read.rows)
        // A row of another number of fields among them makes the others no text.
        let odd = readAll("a,b,c\n1,x,\"\n2,y,z\n3,y,z,more\n4,y,z\n5,x,\"\n6,6,7\n", readSizes: sizes)
        #expect(odd.problems == ["unreadable", ""])
        #expect(odd.rows[1].texts == ["6", "6", "7"])
        let unquoted = readAll(text, InputOptions(quote: .none), readSizes: sizes)
        #expect(unquoted.rows.count == 5)
        #expect(unquoted.texts[0] == ["1", "x", "\""])
        let double = readAll(text, InputOptions(quote: .double), readSizes: sizes)
        #expect(double.texts[0] == ["1", "x", "\n2,y,z\n\n3,y,z\n4,x,"] || double.rows.count == 2)
    }

    @Test(
        "Texts of several lines stay what they are",
        arguments: [
            "1,\"Dear John\nThanks, Bob\"", "1,\"one\ntwo\nthree\"", "1,\"a,b\nc,d\"",
            "\"x\ny\",2", "1,\"say \"\"hi\"\"\n, you\"", "1,\"\n\n\"", "1,\"\r\nx\r\n\"",
        ])
    func severalLines(row: String) {
        let read = readAll("a,b\n\(row)\n3,4\n")
        #expect(read.rows.count == 2)
        #expect(read.problems == ["", ""], "\(read.rows)")
    }

    @Test("Names of columns: repeated ones and empty ones differ, and it is said once")
    func columns() {
        let read = readAll("x,,x,x_2,,x\n1,2,3,4,5,6\n")
        #expect(read.columns == ["x", "column_2", "x_3", "x_2", "column_5", "x_4"])
        #expect(read.notes.count == 4)
        #expect(readAll("1,2\n3,4\n", InputOptions(header: .none)).columns == ["column_1", "column_2"])
        #expect(readAll("1,2\n3,4\n", InputOptions(header: .none)).texts == [["1", "2"], ["3", "4"]])
        #expect(readAll("1,2\n", InputOptions(header: .names(["p", "q"]))).columns == ["p", "q"])
    }

    @Test("Too few and too many fields spoil one row each")
    func ragged() {
        let read = readAll("a,b\n1\n1,2\n1,2,3\n3,4\n")
        #expect(read.problems == ["field-count", "", "field-count", ""])
        #expect(read.rows[0].problem?.message == "the row has 1 field, expected 2")
        #expect(read.rows.map(\.position.row) == [1, 2, 3, 4])
    }

    @Test("A quote never closed costs its line, and says where it opens")
    func openQuote() {
        let read = readAll("a,b\n1,2\nx,\"open\n3,4\n5,6\n")
        #expect(read.problems == ["", "unreadable", "", ""])
        let row = read.rows[1]
        #expect(row.position == Position(file: 0, row: 2, line: 3, offset: 8, length: 8))
        #expect(row.problemPosition == Position(file: 0, row: 2, line: 3, offset: 10, length: 0))
        #expect(
            row.problem?.message == "the quoted field that opens at line 3, column 3, is never closed")
        #expect(row.stored == Array("x,\"open\n".utf8))
        #expect(read.rows[2].texts == ["3", "4"])
        #expect(read.rows[2].position.line == 4)
        #expect(read.account.unreadable == 8 && read.account.isBalanced)
    }

    @Test("A stray quote after a quoted field, and one on a later line of its row")
    func strayQuote() {
        let read = readAll("a,b\n\"x\"y,2\n1,2\n\"p\nq\",\"r\ns,t\n")
        #expect(read.problems == ["unreadable", "", "unreadable", ""])
        #expect(read.rows[0].problem?.message.contains("text after its closing quote") == true)
        // The row began on line 4; the quote that stays open is on line 5.
        #expect(read.rows[2].stored == Array("\"p\nq\",\"r\n".utf8))
        #expect(read.rows[2].lineEnds == 2)
        #expect(read.rows[3].texts == ["s", "t"])
        #expect(read.rows[3].position.line == 6)
    }

    @Test("The field limit bounds how far a closing quote is looked for", arguments: 0..<40)
    func fieldLimit(readSize: Int) {
        let options = InputOptions(delimiter: UInt8(ascii: ","), fieldLimit: 10)
        let sizes = readSize == 0 ? [] : [readSize]
        let fits = readAll("a,b\n\"0123456789\",2\n", options, readSizes: sizes)
        #expect(fits.texts == [["0123456789", "2"]])
        let text = "a,b\n\"0\n23456789a\",2\nxx,yy\n01234567890,2\n"
        let read = readAll(text, options, readSizes: sizes)
        #expect(read.problems == ["unreadable", "", "", "too-large"])
        #expect(read.rows[1].texts == ["23456789a\"", "2"])
        let long = "a,b\n" + String(repeating: "0,", count: 100) + "\n1,2\n"
        let cut = readAll(long, options, readSizes: sizes)
        #expect(cut.problems == ["unreadable", ""])
        #expect(cut.rows[0].position.length == 201)
        #expect(cut.rows[0].stored.count == 160)
        #expect(cut.account.isBalanced && cut.account.end == long.utf8.count)
    }

    @Test("Bytes that are not UTF-8 spoil one row, and are named by their offset")
    func encoding() {
        let bytes = Array("a,b\n1,2\n".utf8) + [0x78, 0xE9, 0x2C, 0x31, 0x0A] + Array("3,4\n".utf8)
        let read = readAll(bytes)
        #expect(read.problems == ["", "encoding", ""])
        #expect(read.rows[1].problem?.message == "byte 9 of the file is not UTF-8")
        #expect(read.rows[1].problemPosition?.offset == 9)
        let told = readAll(bytes, InputOptions(encoding: .windows1252))
        #expect(told.texts == [["1", "2"], ["xé", "1"], ["3", "4"]])
    }

    @Test("The last row tells when no line end follows it")
    func lastLine() {
        #expect(readAll("a,b\n1,2").endsInsideLine)
        #expect(!readAll("a,b\n1,2\n").endsInsideLine)
        #expect(readAll("a,b\n1,2\n\"x").endsInsideLine)
    }
}
