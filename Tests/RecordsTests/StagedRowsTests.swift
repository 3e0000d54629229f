import Foundation
import Model
import Records
import Testing

/// Rows that are staged on disk read as they did in their files.
@Suite struct StagedRowsTests {
    private static let texts: [(name: String, options: InputOptions, bytes: [UInt8])] = [
        (
            "plain", InputOptions(format: .csv),
            Array("a,b\n1,2\n\n\"x \"\"y\"\"\",\"2\n3\"\n1\n4,5,6\n".utf8)
        ),
        ("open quote", InputOptions(format: .csv), Array("a,b\n1,\"2\n3,4\n".utf8)),
        (
            "wide", InputOptions(),
            [0xFF, 0xFE]
                + "a,b\r\nü,\"2\"\r\n3,4\r\n".utf16.flatMap {
                    [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
                }
        ),
        (
            "windows", InputOptions(format: .csv, encoding: .windows1252),
            Array("a;b\n".utf8) + [0xFC, 0x3B, 0x80, 0x0A, 0x81, 0x3B, 0x31, 0x0A]
        ),
        (
            "lines", InputOptions(format: .jsonl),
            Array("{\"a\":\"x\\n\"}\n{\"a\":\n{\"b\":[1,2]}\n".utf8)
        ),
        ("array", InputOptions(format: .jsonArray), Array("[ {\"a\":1},\n{\"a\":\n2} ]\n".utf8)),
    ]

    @Test("Each row keeps its cells, its bytes, its place and its trouble", arguments: 0..<6)
    func same(index: Int) throws {
        let (name, options, bytes) = Self.texts[index]
        let path = NSTemporaryDirectory() + "staged-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try RowReader.open(bytes: bytes, name: name, index: 3, options: options)
        let expected = readAll(bytes, options, name: name).rows
        #expect(expected.count >= 2)
        let writer = try StagedWriter(creating: path)
        var block = RowBlock()
        while try reader.read(into: &block, rows: 2) {
            for row in block.rows {
                try writer.append(StagedRow(row, of: block, order: nil).encoded)
            }
        }
        let staged = try writer.finish(columns: reader.columns)
        #expect(staged.rows == expected.count)
        var starts: [Resume] = []
        let again = try StagedReader(staged, index: 7)
        var rows: [ReadRow] = []
        while try again.read(into: &block, rows: 1) {
            starts.append(Resume(at: block.rows[0]))
            rows.append(Self.home(block.copy(of: block.rows[0]), block.rows[0]))
            #expect(block.rows[0].position.file == 7 && block.rows[0].origin?.file == 3)
        }
        #expect(rows == expected, "\(name)")
        #expect(again.account.isBalanced && again.account.end == staged.bytes)
        // From any row on.
        for (index, start) in starts.enumerated() {
            let rest = try StagedReader(staged, index: 7, from: start)
            var found: [ReadRow] = []
            while try rest.read(into: &block, rows: 100) {
                found += block.rows.map { Self.home(block.copy(of: $0), $0) }
            }
            #expect(found == Array(expected[index...]))
        }
    }

    /// As it was in its file, counted as file 0.
    private static func home(_ read: ReadRow, _ row: Row) -> ReadRow {
        var read = read
        if let origin = row.origin { read.position = origin }
        read.position.file = 0
        read.problemPosition?.file = 0
        return read
    }

    @Test("A file that was cut says so")
    func cut() throws {
        let path = NSTemporaryDirectory() + "staged-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try StagedWriter(creating: path)
        let reader = try RowReader.open(
            bytes: Array("a\n1\n2\n".utf8), name: "x", options: InputOptions(format: .csv))
        var block = RowBlock()
        _ = try reader.read(into: &block, rows: 10)
        for row in block.rows { try writer.append(StagedRow(row, of: block, order: nil).encoded) }
        let staged = try writer.finish(columns: ["a"])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.dropLast(3).write(to: URL(fileURLWithPath: path))
        #expect {
            let cut = try StagedReader(staged, index: 0)
            while try cut.read(into: &block, rows: 1) {}
        } throws: { "\($0)".contains("was cut or changed at byte") }
    }
}
