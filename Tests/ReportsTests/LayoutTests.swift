import Model
import Testing

@testable import Ledger
@testable import Reports

@Suite("How the rows of an input are written again") struct LayoutTests {
    func input(_ header: [UInt8], columns: [String]? = ["x", "y"]) -> InputRow {
        InputRow(
            file: 0, path: "a", member: nil, name: "a", fingerprint: "", columns: columns,
            header: header,
            headerBytes: header.count, totalBytes: nil)
    }

    func little(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private func big(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }

    @Test("A missing line end is added as the others are written")
    func lineEnds() {
        for end in ["\n", "\r\n", "\r"] {
            let layout = Layout(input(Array("x,y\(end)".utf8)), sample: Array("1,2".utf8))
            #expect(layout.lines(Array("1,2".utf8)) == Array("1,2\(end)".utf8))
            #expect(layout.lines(Array("1,2\n".utf8)) == Array("1,2\n".utf8))
        }
    }

    @Test("Two bytes a character, in either order")
    func wide() {
        let inLittle = Layout(input([0xFF, 0xFE] + little("x,y\r\n")), sample: [])
        #expect(inLittle.header == [0xFF, 0xFE] + little("x,y\r\n"))
        #expect(inLittle.lines(little("1,2")) == little("1,2\r\n"))
        // U+0A00 and U+0D41 hold the bytes of a line end, and are none.
        #expect(inLittle.lines(little("1,\u{0A00}")) == little("1,\u{0A00}\r\n"))
        #expect(inLittle.lines(little("1,2\n")) == little("1,2\n"))
        let inBig = Layout(input([0xFE, 0xFF] + big("x,y\n")), sample: [])
        #expect(inBig.lines(big("1,\u{0D41}")) == big("1,\u{0D41}\n"))
        #expect(!inBig.agrees(with: inLittle))
    }

    @Test("A header that has no line end of its own gets one; a byte order mark alone does not")
    func headers() {
        #expect(
            Layout(input(Array("x,y".utf8)), sample: Array("1,2\r\n".utf8)).header
                == Array("x,y\r\n".utf8))
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(Layout(input(mark), sample: []).header == mark)
        #expect(Layout(input([]), sample: []).header == [])
        #expect(Layout(input(Array("[\n ".utf8), columns: nil), sample: []).header == [])
        // Without a word of its input, a record tells by itself what it is.
        #expect(Layout(nil, sample: Array(" {\"a\":1}".utf8)).isJSON)
        #expect(!Layout(nil, sample: Array("1,2\n".utf8)).isJSON)
    }

    @Test("The names of files are read as they are written")
    func names() {
        for kind in RejectFiles.Written.Kind.allCases {
            for header in [0, 1, 25, 26, 27, 701, 702] {
                for number in [1, 2, 17] {
                    let name = RejectName(kind: kind, header: header, number: number, suffix: "csv")
                    #expect(RejectName(name.text) == name)
                }
            }
        }
        #expect(
            RejectName(kind: .rejects, header: 26, number: 2, suffix: "jsonl").text
                == "rejects-aa-2.jsonl")
        for other in [
            "rejects-02.csv", "rejects-1.csv", "rejects-a.csv", "rejects-b-c.csv", "rejects.txt",
            "run.log", "",
        ] {
            #expect(RejectName(other) == nil, "\(other)")
        }
    }
}

extension LayoutTests {
    private static let id = RecordID("run-1#7")

    @Test("Each row of a record is after its mark; a line end within quotes ends none")
    func marks() throws {
        let layout = Layout(input(Array("x;y\r\n".utf8)), sample: [])
        #expect(layout.markedHeader == Array("_sluice;x;y\r\n".utf8))
        #expect(
            layout.marked(Array("1;\"a\r\nb;\"\"c\"\"\"\r\n2;d\r\n".utf8), as: Self.id)
                == Array("run-1#7;1;\"a\r\nb;\"\"c\"\"\"\r\nrun-1#7;2;d\r\n".utf8))
        // One that repairs several bears all their marks.
        let other = try #require(RecordID("run-1#8"))
        #expect(
            layout.marked(Array("1\r\n2\r\n3\r\n".utf8), as: [try #require(Self.id), other])
                == Array("run-1#7;1\r\nrun-1#8;2\r\nrun-1#8;3\r\n".utf8))
        // A quote within an unquoted cell is a letter like any other.
        #expect(
            layout.marked(Array("5\" x \"\";1\r\n2;d".utf8), as: nil)
                == Array(";5\" x \"\";1\r\n;2;d\r\n".utf8))
        // What came with marks is known without them.
        let marked = input(Array("\"_sluice\";x;y\r\n".utf8), columns: ["_sluice", "x", "y"])
        #expect(Layout(marked, sample: []) == layout)
        let wide = Layout(input([0xFF, 0xFE] + little("x,y\n")), sample: [])
        #expect(wide.markedHeader == [0xFF, 0xFE] + little("_sluice,x,y\n"))
        #expect(wide.marked(little("1,2\n3,4\n"), as: Self.id) == little("run-1#7,1,2\nrun-1#7,3,4\n"))
        // Where the input had no header, what is written here has one.
        let bare = Layout(input([]), sample: Array("1\t2\n".utf8))
        #expect(bare.markedHeader == Array("_sluice\tx\ty\n".utf8))
    }

    @Test("A member before the others of an object")
    func jsonMarks() {
        let layout = Layout(input([], columns: nil), sample: [])
        func marked(_ text: String) -> String {
            String(decoding: layout.marked(Array(text.utf8), as: Self.id), as: UTF8.self)
        }
        #expect(marked(#"{"a":1}"#) == #"{"_sluice":"run-1#7","a":1}"# + "\n")
        #expect(marked(" {}\n") == #" {"_sluice":"run-1#7"}"# + "\n")
        #expect(marked("[1]\n") == "[1]\n")
    }
}
