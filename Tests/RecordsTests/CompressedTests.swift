import Foundation
import Model
import TestSupport
import Testing

@testable import Records

/// Every member of a compressed file is read and proved, and nothing behind it is left out.
@Suite("Compressed inputs") struct CompressedTests {
    static let kinds: [InputOptions.Compression] = [.gzip, .bzip2, .lz4, .zstd, .xz]

    /// Rows that take several buffers, and do not shrink to nothing.
    private static func rows(_ name: String, _ count: Int) -> [UInt8] {
        var random = Seeded(UInt64(count))
        var text = ""
        for index in 0..<count { text += "\(name)\(index),\(random.next() % 1_000_000)\n" }
        return Array(text.utf8)
    }

    private static func compress(
        _ bytes: [UInt8], _ kind: InputOptions.Compression
    ) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "sluice-compress-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        let output = try CompressedOutput.open(
            descriptor: file.fileDescriptor, as: kind, name: path)
        try output.write(bytes)
        try output.finish()
        try file.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Reads `bytes` as a file.
    private static func read(_ bytes: [UInt8]) throws -> ReadAll {
        let path = NSTemporaryDirectory() + "sluice-compressed-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
            let file = try InputList.inputs(at: path, name: "in.csv", options: InputOptions())[0]
            let options = InputOptions(format: .csv, header: .none)
            return readAll(try RowReader.open(file, index: 0, options: options))
        } catch {
            return ReadAll(error: error)
        }
    }

    private static let first = rows("a", 30_000)
    private static let second = rows("b", 20_000)

    private static func flipped(_ bytes: [UInt8], at index: Int) -> [UInt8] {
        var bytes = bytes
        bytes[index] ^= 0x10
        return bytes
    }

    @Test("Members one after the other are read to the last row", arguments: kinds)
    func members(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        let b = try Self.compress(Self.second, kind)
        let read = try Self.read(a + b + a)
        #expect(read.error == nil)
        #expect(read.rows.count == 80_000)
        #expect(read.account.isBalanced && read.account.end == 2 * Self.first.count + Self.second.count)
        let nothing = try Self.read(try Self.compress([], kind))
        #expect(nothing.error == nil && nothing.rows.isEmpty)
    }

    @Test("An empty member among others ends nothing", arguments: kinds)
    func emptyMembers(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        let nothing = try Self.compress([], kind)
        for bytes in [
            nothing + a, a + nothing + a, a + nothing + nothing, nothing + nothing + a + nothing,
        ] {
            let read = try Self.read(bytes)
            #expect(read.error == nil)
            #expect(read.rows.count % 30_000 == 0 && read.rows.count > 0)
            #expect(read.account.isBalanced)
        }
        let cut = try Self.read(a + nothing + a.dropLast(5))
        #expect(cut.error?.code == .archive)
        let tail = try Self.read(a + nothing + Array("x".utf8))
        #expect(tail.error?.code == .archive)
    }

    @Test(
        "Frames that are to be skipped are, at the start and between others",
        arguments: [
            InputOptions.Compression.lz4, .zstd,
        ])
    func skippable(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        func skipped(_ content: String) -> [UInt8] {
            [0x53, 0x2A, 0x4D, 0x18, UInt8(content.utf8.count), 0, 0, 0] + Array(content.utf8)
        }
        for bytes in [
            skipped("pz:4") + a, a + skipped("") + a, skipped("") + skipped("ab") + a + skipped("c"),
        ] {
            let read = try Self.read(bytes)
            #expect(read.error == nil)
            #expect(read.rows.count % 30_000 == 0 && read.rows.count > 0)
        }
    }

    @Test("A cut file says so, wherever it was cut", arguments: kinds)
    func cut(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        let b = try Self.compress(Self.second, kind)
        let cuts = [
            Array(a.prefix(a.count / 2)), a.dropLast(3), a + b.prefix(b.count / 2), a + b.dropLast(3),
            a + b.prefix(7),
        ]
        for (index, bytes) in cuts.enumerated() {
            let read = try Self.read(bytes)
            #expect(read.error?.code == .archive, "cut \(index)")
            let message = read.error?.message ?? ""
            // Of bzip2 the first ten bytes of a member tell whether it is one.
            let words =
                kind == .bzip2 && index == 4
                ? "the compressed data ends at byte \(a.count)"
                : "truncated \(kind.rawValue) input: it ends at byte \(bytes.count)"
            #expect(message.contains(words), "cut \(index): \(message)")
        }
    }

    @Test(
        "A flipped bit is found, in whatever member",
        arguments: [InputOptions.Compression.gzip, .bzip2, .lz4, .xz])
    func flips(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        let b = try Self.compress(Self.second, kind)
        // In the data, in the sums at the end, and of gzip in the length.
        for (index, bytes) in [
            Self.flipped(a, at: a.count / 2) + b, a + Self.flipped(b, at: b.count / 2),
            Self.flipped(a, at: a.count - 6) + b, a + Self.flipped(b, at: b.count - 6),
            Self.flipped(a, at: a.count - 1) + b,
        ].enumerated() {
            let read = try Self.read(bytes)
            #expect(read.error?.code == .archive, "flip \(index)")
            #expect(read.error?.message.contains("byte") == true, "\(String(describing: read.error))")
        }
    }

    @Test("A file that is damaged and not cut is never called truncated", arguments: [3, 5, 7, 9])
    func notCut(part: Int) throws {
        for kind in [InputOptions.Compression.bzip2, .xz] {
            let a = try Self.compress(Self.first, kind)
            let b = try Self.compress(Self.second, kind)
            for bit in 0..<8 {
                var damaged = b
                damaged[b.count * part / 11 + bit] ^= 1 << UInt8(bit)
                let read = try Self.read(a + damaged)
                let message = read.error?.message ?? ""
                #expect(message.hasPrefix("damaged \(kind.rawValue) input"), "\(message)")
            }
        }
        // A member that says it has more blocks than it has.
        let b = try Self.compress(Self.second, .bzip2)
        #expect(StreamEnd.isWhole(b, .bzip2) && !StreamEnd.isWhole(b.dropLast(1), .bzip2))
        let x = try Self.compress(Self.second, .xz)
        #expect(StreamEnd.isWhole(x, .xz) && !StreamEnd.isWhole(x.dropLast(1), .xz))
        #expect(StreamEnd.xzTail(x + Array("ab".utf8)) == 2 && StreamEnd.xzTail(x) == nil)
        #expect(StreamEnd.xzTail(Array(x.suffix(60)) + x.prefix(5)) == nil)
    }

    @Test("What follows the last member is not left out in silence", arguments: kinds)
    func tails(kind: InputOptions.Compression) throws {
        let a = try Self.compress(Self.first, kind)
        for tail in ["\n", "x", "abcd", "plain,1\n", String(repeating: "more,2\n", count: 30_000)] {
            let read = try Self.read(a + Array(tail.utf8))
            #expect(read.error?.code == .archive, "\(tail.count)")
            // Of xz a few thousand bytes at the end are looked at.
            guard [.gzip, .bzip2, .lz4].contains(kind) || kind == .xz && tail.utf8.count < 4000 else {
                continue
            }
            #expect(
                read.error?.message.hasPrefix(
                    "the compressed data ends at byte \(a.count), but other data")
                    == true, "\(tail.count): \(String(describing: read.error))")
        }
        // Padding of tapes and block devices. Zstandard knows none.
        let padded = try Self.read(a + [UInt8](repeating: 0, count: 100_000))
        #expect((padded.error == nil) == (kind != .zstd))
        if kind != .zstd { #expect(padded.rows.count == 30_000) }
    }

    @Test("Compressed twice, by different kinds: each layer is proved")
    func layers() throws {
        for outer in Self.kinds {
            for inner in Self.kinds {
                let bytes = try Self.compress(try Self.compress(Self.second, inner), outer)
                #expect(try Self.read(bytes).rows.count == 20_000, "\(inner) in \(outer)")
            }
        }
        var damaged = try Self.compress(Self.second, .gzip)
        damaged[damaged.count - 6] ^= 1
        let read = try Self.read(try Self.compress(damaged, .xz))
        #expect(read.error?.message.contains("incorrect data check") == true)
    }

    // MARK: Archives

    /// A tar archive, as `tar` writes it.
    private static func tar(_ members: [(String, String)], endMarker: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, text) in members {
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at index: Int) {
                header.replaceSubrange(index..<index + text.utf8.count, with: text.utf8)
            }
            put(name, at: 0)
            put("0000644", at: 100)
            let size = String(text.utf8.count, radix: 8)
            put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
            put("        ", at: 148)
            put("0", at: 156)
            put("ustar\u{0}00", at: 257)
            let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
            put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0}", at: 148)
            bytes += header + Array(text.utf8)
            bytes += [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
        }
        return bytes + (endMarker ? [UInt8](repeating: 0, count: 1024) : [])
    }

    private static func inputs(_ bytes: [UInt8], _ body: ([InputFile]) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "sluice-archive-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try body(try InputList.inputs(at: path, name: "in.tar", options: InputOptions()))
    }

    @Test("A name that an archive has twice is two inputs")
    func twice() throws {
        let bytes = Self.tar([("b.csv", "n\n1\n"), ("a.csv", "n\n2\n"), ("a.csv", "n\n3\n")])
        for bytes in [bytes, try Self.compress(bytes, .gzip), try Self.compress(bytes, .zstd)] {
            try Self.inputs(bytes) { files in
                #expect(files.map(\.name) == ["in.tar:a.csv", "in.tar:a.csv (2)", "in.tar:b.csv"])
                let texts = try files.map {
                    readAll(try RowReader.open($0, index: 0, options: InputOptions())).texts
                }
                #expect(texts == [[["2"]], [["3"]], [["1"]]])
            }
        }
        let fixtures = try #require(Bundle.module.resourceURL?.appendingPathComponent("Fixtures").path)
        let zip = try InputList.resolve(["twice.zip"], options: InputOptions(), relativeTo: fixtures)
        #expect(zip.map(\.name) == ["twice.zip:a.csv", "twice.zip:a.csv (2)"])
        #expect(
            try zip.map { readAll(try RowReader.open($0, index: 0, options: InputOptions())).texts }
                == [[["1"]], [["2"]]])
    }

    @Test(
        "Archives one after the other are read; one that was cut, or is followed by something else, is not"
    )
    func tails() throws {
        let one = Self.tar([("a.csv", "n\n1\n")])
        let two = Self.tar([("b.csv", "n\n2\n")])
        try Self.inputs(one + two) { files in
            #expect(files.map(\.member) == ["a.csv", "b.csv"])
            let read = readAll(try RowReader.open(files[1], index: 0, options: InputOptions()))
            #expect(read.texts == [["2"]])
        }
        let cutBetweenMembers = Self.tar([("a.csv", "n\n1\n"), ("b.csv", "n\n2\n")]).prefix(1024)
        for bytes in [
            Array(cutBetweenMembers), Array(one.prefix(700)), one + Array("garbage".utf8),
            one + [UInt8](repeating: 7, count: 600), try Self.compress(one, .gzip) + [1, 2, 3],
        ] {
            #expect(throws: ReadError.self) { try Self.inputs(bytes) { _ in } }
        }
    }

    @Test("A zip without its directory, or with a damaged member, is named as such")
    func zip() throws {
        let fixtures = try #require(Bundle.module.resourceURL?.appendingPathComponent("Fixtures").path)
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixtures + "/many.zip")))
        #expect {
            try Self.inputs(Array(whole.prefix(whole.count - 60))) { _ in }
        } throws: { error in
            (error as? ReadError)?.message.hasPrefix("truncated zip archive: the directory") == true
        }
        let joined: [([UInt8], String)] = [
            (whole + whole, "begins only at byte \(whole.count)"),
            (whole + Array("x".utf8), "ends at byte \(whole.count)"),
        ]
        for (bytes, words) in joined {
            #expect {
                try Self.inputs(bytes) { _ in }
            } throws: { error in
                (error as? ReadError)?.message.contains(words) == true
            }
        }
        let twice = Array(try Data(contentsOf: URL(fileURLWithPath: fixtures + "/twice.zip")))
        // The data of the first member is stored as it is.
        let place = try #require(
            (0..<twice.count - 3).first { Array(twice[$0..<$0 + 3]) == Array("n\n1".utf8) })
        var damaged = twice
        damaged[place + 2] = UInt8(ascii: "7")
        try Self.inputs(damaged) { files in
            #expect {
                _ = try RowReader.open(files[0], index: 0, options: InputOptions())
            } throws: { error in
                (error as? ReadError)?.message.contains("CRC") == true
            }
        }
    }
}
