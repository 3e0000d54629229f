import Foundation
import Model
import Testing

@testable import Records

private let fixtures = Bundle.module.resourceURL?.appendingPathComponent("Fixtures").path ?? "Fixtures"

private func resolve(_ patterns: String..., options: InputOptions = InputOptions()) throws
    -> [InputFile]
{
    try InputList.resolve(patterns, options: options, relativeTo: fixtures)
}

private func readFile(
    _ pattern: String, _ options: InputOptions = InputOptions(), from resume: Resume? = nil
) throws -> ReadAll {
    let file = try #require(try resolve(pattern, options: options).first)
    return readAll(try RowReader.open(file, index: 0, options: options, from: resume), rows: 7)
}

@Suite("Inputs")
struct InputTests {
    @Test("Natural order")
    func naturalOrder() {
        let names = [
            "file10", "file2", "file1", "File3", "file02", "file2b", "file", "a10b2", "a10b10", "a9",
        ]
        #expect(
            names.sorted(by: InputList.isInNaturalOrder)
                == [
                    "File3", "a9", "a10b2", "a10b10", "file", "file1", "file02", "file2", "file2b",
                    "file10",
                ])
    }

    @Test(
        "Compression makes no difference to the rows",
        arguments: [
            ("bills.csv.gz", InputOptions.Compression.gzip), ("bills.csv.zst", .zstd),
            ("bills.csv.xz", .xz),
            ("bills.csv.bz2", .bzip2), ("bills.csv.lz4", .lz4), ("two-parts.csv.gz", .gzip),
            ("disguised", .gzip),
        ])
    func compressed(name: String, compression: InputOptions.Compression) throws {
        let plain = try readFile("bills.csv")
        #expect(plain.rows.count == 40)
        #expect(try resolve(name).map(\.compression) == [compression])
        let read = try readFile(name)
        #expect(read == plain)
        // Also from any row on.
        for index in [0, 17, 39] {
            let rest = try readFile(name, from: Resume(at: read.rows[index].position))
            #expect(rest.rows == Array(plain.rows[index...]))
        }
    }

    @Test("A file that is cut off gives what can be read, then says so")
    func cutOff() throws {
        let read = try readFile("cut-off.csv.gz")
        #expect(read.error?.code == .archive)
        #expect(read.error?.name == "cut-off.csv.gz")
        #expect(read.rows.count > 10_000 && read.rows.allSatisfy { $0.texts == ["B1", "1.00"] })
        #expect(read.account.isBalanced)
    }

    @Test("Members of archives, each an input, in natural order")
    func archives() throws {
        #expect(
            try resolve("many.zip").map(\.name)
                == ["many.zip:in/größe.jsonl", "many.zip:part2.csv", "many.zip:part10.csv"])
        #expect(try resolve("many.zip:part*.csv").map(\.member) == ["part2.csv", "part10.csv"])
        #expect(try readFile("many.zip:part2.csv").texts == [["B2", "1"], ["B3", "1"]])
        #expect(try readFile("many.zip:in/*").rows.map(\.value) == [Array(#"{"bill":"B4"}"#.utf8)])
        for name in ["many.tar", "many.tar.gz"] {
            #expect(try resolve(name).map(\.member) == ["d/part2.csv", "d/part10.csv"])
            #expect(try resolve(name).allSatisfy { $0.isCompressed })
            #expect(try readFile(name + ":d/part10.csv").texts == [["B10", "1"]])
        }
        #expect(throws: ReadError.self) { try resolve("many.zip:nothing") }
        // Nobody has said which one is meant.
        let unnamed = InputFile(path: fixtures + "/many.tar.gz", compression: .gzip)
        #expect(throws: ReadError.self) {
            try RowReader.open(unnamed, index: 0, options: InputOptions())
        }
    }

    @Test("Globs, lists, names that are not there")
    func patterns() throws {
        #expect(try resolve("utf16*.csv").map(\.name) == ["utf16be.csv", "utf16le.csv"])
        #expect(
            try resolve("ugly.csv", "u*.csv", "-").map(\.name)
                == ["ugly.csv", "utf16be.csv", "utf16le.csv", "standard input"])
        #expect(throws: ReadError(.notFound, name: "no*.csv", message: "no such file in \(fixtures)")) {
            try resolve("no*.csv")
        }
        #expect(throws: ReadError.self) { try resolve(".") }
        #expect(throws: ReadError.self) {
            try resolve("bills.csv", options: InputOptions(compression: .gzip))
        }
    }

    @Test("UTF-16 and Windows-1252, with offsets of the file as stored")
    func encodings() throws {
        for (name, order) in [("utf16le.csv", 0), ("utf16be.csv", 1)] {
            let read = try readFile(name)
            #expect(read.columns == ["Nr", "Kunde", "Größe"])
            #expect(read.texts == [["1", "Müller", "a;b"], ["2", "😀", "c"]])
            #expect(read.rows[0].position.offset == 2 + 2 * "Nr;Kunde;Größe\r\n".utf16.count)
            #expect(read.rows[1].position.length == 2 * "2;😀;c\r\n".utf16.count)
            #expect(read.rows[1].stored.prefix(2) == (order == 0 ? [0x32, 0] : [0, 0x32]))
            #expect(try readFile(name, from: Resume(at: read.rows[1].position)).rows == [read.rows[1]])
        }
        let read = try readFile("windows1252.csv", InputOptions(encoding: .windows1252))
        #expect(read.texts.prefix(2) == [["1", "Müller", "5 €"], ["2", "„Q“", "6 €"]])
        #expect(read.problems == ["", "", "encoding"])
        #expect(read.rows[1].position.length == 10)
        #expect(read.rows[2].problemPosition?.offset == read.rows[2].position.offset + 2)
    }

    @Test("The ugly file, row by row")
    func ugly() throws {
        let read = try readFile("ugly.csv")
        #expect(read.columns == ["bill", "customer", "column_3", "total", "total_2"])
        #expect(read.notes.count == 2)
        #expect(
            read.problems
                == [
                    "", "", "", "field-count", "field-count", "unreadable", "", "encoding", "",
                    "unreadable", "",
                ])
        #expect(read.rows.map(\.position.row) == Array(1...11))
        #expect(read.rows.map(\.position.line) == [2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 16])
        #expect(read.rows[0].texts[1] == "Ann \"the\" Buyer")
        #expect(read.rows[1].texts[1] == "two\nlines, and a comma")
        #expect(read.rows[2].texts[1] == "5\" pipe")
        #expect(read.rows[8].texts[1] == "nul\0byte")
        #expect(read.endsInsideLine)
        #expect(read.account.isBalanced)
        #expect(read.account.blank == 4)
    }

    @Test("JSON Lines, row by row")
    func jsonLines() throws {
        let read = try readFile("lines.jsonl")
        #expect(read.columns == nil)
        #expect(read.problems == ["", "unreadable", "", "unreadable", "encoding", "unreadable", ""])
        #expect(read.rows[0].value == Array(#"{"id":1,"n":6000.10}"#.utf8))
        #expect(read.rows.map(\.position.line) == [1, 3, 4, 5, 6, 7, 8])
        #expect(
            read.rows[1].problem?.message
                == "this byte is not allowed here in JSON, at byte 31 of the file")
        #expect(read.rows[3].problem?.message.hasPrefix("this name occurs twice in one object") == true)
        #expect(read.account.isBalanced && read.account.blank == 1)
    }

    @Test("One large array: elements have their own offsets and lines")
    func array() throws {
        let read = try readFile("array.json")
        #expect(read.problems == ["", "unreadable", "", ""])
        #expect(read.rows.map(\.position.line) == [3, 5, 6, 7])
        #expect(read.rows[0].position.offset == 6)
        #expect(read.rows[0].lineEnds == 1)
        #expect(read.rows[2].value == Array(#"{"id": "a,]b"}"#.utf8))
        #expect(read.rows[3].value == Array("[1, 2]".utf8))
        #expect(read.account.isBalanced && read.account.header == 3)
        for row in read.rows {
            let rest = try readFile("array.json", from: Resume(at: row.position))
            #expect(rest.rows == Array(read.rows[(row.position.row - 1)...]))
        }
    }

    @Test("A pathologically long line or element costs little memory and only itself")
    func longOnes() {
        let long = String(repeating: "x", count: 100_000)
        let options = InputOptions(format: .jsonl, fieldLimit: 1000)
        let lines = readAll("1\n\"" + long + "\"\n2\n", options)
        #expect(lines.problems == ["", "unreadable", ""])
        #expect(lines.rows[1].stored.count == 16_000 && lines.rows[1].position.length == 100_003)
        let elements = readAll(
            "[1,[\"" + long + "\",[3,4]],2]", InputOptions(fieldLimit: 1000), readSizes: [777])
        #expect(elements.problems == ["", "unreadable", ""])
        #expect(elements.rows.last?.value == [0x32])
    }
}

@Suite("Converting")
struct ConverterTests {
    private func convert(
        _ name: String, to target: Converter.Target, _ options: InputOptions = InputOptions()
    ) throws -> (lines: [String], bad: [String]) {
        let file = try #require(try resolve(name, options: options).first)
        var result: [UInt8] = []
        var bad: [String] = []
        let summary = try Converter.convert(
            file, options: options, to: target, bad: { bad.append("\($0)") }, output: { result += $0 })
        let text = String(decoding: result, as: UTF8.self)
        #expect(summary.bad == bad.count && summary.account.isBalanced)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return (text.split(separator: "\n").map(String.init), bad)
    }

    @Test("CSV to objects and arrays of strings, bad rows told with their places")
    func csv() throws {
        let (lines, bad) = try convert("ugly.csv", to: .jsonl)
        #expect(lines.count == 6)
        #expect(
            lines[0]
                == #"{"bill":"B1","customer":"Ann \"the\" Buyer","column_3":"x","total":"1.00","total_2":"1"}"#
        )
        #expect(bad.count == 5)
        #expect(bad[0] == "ugly.csv:7: the row has 2 fields, expected 5")
        let arrays = try convert("many.zip:part2.csv", to: .jsonl, InputOptions(header: .none))
        #expect(arrays.lines == [#"["bill","total"]"#, #"["B2","1"]"#, #"["B3","1"]"#])
    }

    @Test("CSV to CSV reads as the same rows")
    func csvAgain() throws {
        let (lines, _) = try convert("ugly.csv", to: .csv)
        let again = readAll(lines.joined(separator: "\n") + "\n")
        let first = try readFile("ugly.csv")
        #expect(again.columns == first.columns)
        #expect(again.texts == first.rows.filter { $0.problem == nil }.map(\.texts))
    }

    @Test("JSON to lines, and to the cells of CSV")
    func json() throws {
        let lines = try convert("lines.jsonl", to: .jsonl)
        #expect(lines.lines == [#"{"id":1,"n":6000.10}"#, #"{"id":"\ud83d\ude00"}"#, #"{"id":5}"#])
        #expect(lines.bad.count == 4)
        #expect(
            try convert("array.json", to: .jsonl).lines
                == [#"{"id":1,"n":6000.10}"#, #"{"id": "a,]b"}"#, "[1, 2]"])
        let cells = try convert("array.json", to: .csv)
        #expect(cells.lines == ["id,n", "1,6000.10", #""a,]b","#])
        #expect(cells.bad.count == 2)
    }
}

@Suite("Fingerprints")
struct FileFingerprintTests {
    @Test("Unchanged, touched, appended to, edited in a block, cut shorter")
    func changes() throws {
        let path = NSTemporaryDirectory() + "sluice-fingerprint-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func write(_ bytes: [UInt8], second: Double) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: second)], ofItemAtPath: path)
        }
        var bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try write(bytes, second: 1)
        let first = try FileFingerprint.take(path, digests: true, blockSize: 64)
        #expect(first.size == 1000 && first.digests.count == 16 && first.modified == 1_000_000_000)
        #expect(try first.change(at: path, blockSize: 64) == .unchanged)
        try write(bytes, second: 2)
        #expect(try first.change(at: path, blockSize: 64) == .unchanged)
        #expect(try FileFingerprint.take(path, digests: false).change(at: path) == .unchanged)
        try write(bytes + [1], second: 2)
        #expect(try first.change(at: path, blockSize: 64) == .appended(from: 1000))
        var blind = first
        blind.digests = []
        #expect(try blind.change(at: path) == .unknown)
        bytes[130] ^= 1
        try write(bytes + [1, 2], second: 2)
        #expect(try first.change(at: path, blockSize: 64) == .edited(block: 2, offset: 128))
        try write(Array(bytes[..<500]), second: 2)
        #expect(try first.change(at: path, blockSize: 64) == .truncated(to: 500))
        #expect(throws: ReadError.self) { try first.change(at: path + "-gone") }
    }

    /// Source of the values: the `xxhsum` tool, `xxhsum -H64`.
    @Test(
        "The digest is XXH64, however its input is cut",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("The quick brown fox jumps over the lazy dog", 0x0B24_2D36_1FDA_71BC),
        ] as [(String, UInt64)])
    func digest(text: String, value: UInt64) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var digest = Digest()
            digest.update(bytes, in: 0..<cut)
            digest.update(bytes, in: cut..<bytes.count)
            #expect(digest.value == value)
        }
    }
}
