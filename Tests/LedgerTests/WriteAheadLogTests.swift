import Foundation
import GRDB
import Ledger
import Testing

/// Which logs beside a ledger are damaged, and which only look odd.
@Suite struct WriteAheadLogTests {
    /// A ledger in a folder of its own, as a killed process leaves it: what was committed is in the log alone.
    private struct Left {
        var database: Data
        var log: Data

        static let empty: Left = {
            let place = LedgerTests.Place()
            defer { place.remove() }
            _ = try? place.open()
            let path = place.folder + "/ledger.sqlite"
            let queue = try? DatabaseQueue(path: path)
            _ = try? queue?.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try? queue?.close()
            return Left(
                database: FileManager.default.contents(atPath: path) ?? Data(), log: Data())
        }()

        /// Each of `commits` changes that many pages.
        func adding(_ commits: [Int]) throws -> Left {
            let path = LedgerTests.Place().folder + "/ledger.sqlite"
            try lay(at: path)
            defer {
                try? FileManager.default.removeItem(
                    atPath: (path as NSString).deletingLastPathComponent)
            }
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
                for pages in commits {
                    try database.inTransaction {
                        try database.execute(
                            sql: "CREATE TABLE IF NOT EXISTS noise (content BLOB)")
                        for _ in 0..<pages {
                            try database.execute(sql: "INSERT INTO noise VALUES (randomblob(4000))")
                        }
                        return .commit
                    }
                }
            }
            var result = self
            result.database = try Data(contentsOf: URL(fileURLWithPath: path))
            result.log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
            return result
        }

        func lay(at path: String) throws {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            for (end, content) in [("", database), ("-wal", log)] where !content.isEmpty {
                _ = FileManager.default.createFile(
                    atPath: path + end, contents: content, attributes: [.posixPermissions: 0o600])
            }
        }

        /// Whether such a ledger opens.
        func opens() throws -> Bool {
            let place = LedgerTests.Place()
            defer { place.remove() }
            try lay(at: place.folder + "/ledger.sqlite")
            do {
                _ = try place.open()
                return true
            } catch let error as LedgerError where error.code == .damaged {
                return false
            }
        }
    }

    private static let frame = 4120
    private static let header = 32

    @Test("A log is sound in front of frames of an earlier use, whatever their salts are")
    func earlierUse() throws {
        let now = try Left.empty.adding([3, 4])
        let earlier = try Left.empty.adding([5, 2, 7, 9])
        let earliest = try earlier.adding([1, 20])
        try #require(now.log.count < earlier.log.count && earlier.log.count < earliest.log.count)
        let other = try Left.empty.adding([60])
        var left = now
        left.log += earlier.log[now.log.count...]
        left.log += other.log[left.log.count...]
        #expect(try left.opens())
    }

    @Test("A log is sound in front of what killed processes wrote of commits that never counted")
    func killed() throws {
        let base = try Left.empty.adding([2, 3])
        let long = try base.adding([14])
        let middle = try base.adding([8])
        let short = try base.adding([3])
        try #require(short.log.count < middle.log.count && middle.log.count < long.log.count)
        var left = short
        left.log += middle.log[short.log.count...]
        left.log += long.log[middle.log.count...]
        #expect(try left.opens())
    }

    @Test(
        "A log is damaged where commits stand behind what cannot be read",
        arguments: ["page", "checksum", "frame", "two frames", "zeros"])
    func damaged(what: String) throws {
        var left = try Left.empty.adding([2, 3, 1, 4, 2, 1])
        let frames = (left.log.count - Self.header) / Self.frame
        try #require(frames > 12)
        let at = Self.header + Self.frame * (frames / 2)
        let range: Range<Int> =
            switch what {
            case "page": at + 2000..<at + 2002
            case "checksum": at + 17..<at + 19
            case "two frames": at..<at + 2 * Self.frame
            default: at..<at + Self.frame
            }
        left.log.replaceSubrange(
            range, with: Data(repeating: what == "zeros" ? 0 : 0xA5, count: range.count))
        #expect(try !left.opens())
    }

    @Test("The last commit may be torn at any frame")
    func torn() throws {
        let base = try Left.empty.adding([2, 3])
        let last = try base.adding([6])
        let frames = (last.log.count - base.log.count) / Self.frame
        try #require(frames > 5)
        for torn in 0..<frames {
            var left = last
            let at = base.log.count + torn * Self.frame
            left.log.replaceSubrange(at..<at + Self.frame, with: Data(count: Self.frame))
            #expect(try left.opens(), "frame \(torn) of \(frames)")
        }
    }
}
