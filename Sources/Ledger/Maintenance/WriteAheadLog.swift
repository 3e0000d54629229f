import Foundation

/// Whether the write-ahead log beside a database holds commits that SQLite leaves out in silence.
///
/// SQLite reads the log up to the first frame whose checksum fails, and takes that for its end: it has to,
/// for a power cut leaves the frames of the last commit half written. Damage in the middle looks the same to
/// it, and all commits behind it are gone: runs, intents, answers.
///
/// The two can be told apart, because each checksum continues the one of the frame before. A commit is seen by
/// others, and synced, before the next is written. So a frame whose checksum continues that of a commit shows
/// that the commit counted: where such a pair follows a frame that cannot be read, commits were lost.
///
/// Other content after it is harmless: zeros, frames of the log's earlier use, and what killed processes
/// wrote of commits that never counted, one over the other. All these continue no commit that counted. Salts
/// tell little of age: a log that is started again by a connection that never read it gets random ones.
enum WriteAheadLog {
    /// Where a log is damaged: the path of the log, the first frame that cannot be read, or nil where that is its
    /// header, and the byte it begins at.
    struct Place: Equatable {
        var path: String
        var frame: Int?
        var byte: Int
    }

    /// - Returns: Where the log of the database at `path` is damaged; nil where it is sound, torn at its end, or
    ///   not there.
    static func damage(of path: String) throws -> Place? {
        let name = path + "-wal"
        guard FileManager.default.fileExists(atPath: name) else { return nil }
        var last: Finding?
        // Another process may be writing: what is damaged stays as it is.
        for _ in 0..<8 {
            guard let found = try scan(name) else { return nil }
            if found == last { return Place(path: name, frame: found.frame, byte: found.offset) }
            last = found
        }
        return nil
    }

    private struct Finding: Equatable {
        var salts: UInt64
        var frame: Int?
        var offset: Int
    }

    private static let headerSize = 32
    private static let frameHeaderSize = 24
    /// How often a log was started again at most since a frame of it was written.
    private static let mostUses: UInt32 = 1 << 20

    private static func scan(_ name: String) throws -> Finding? {
        let descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let head = try file.read(upToCount: headerSize), head.count == headerSize else {
            return nil
        }
        var words = Words(head)
        let magic = words.bigEndian(0)
        let pageSize = Int(words.bigEndian(2))
        let salts = (words.bigEndian(4), words.bigEndian(5))
        words.isBigEndian = magic & 1 == 1
        var sum = Checksum()
        sum.add(words, 0..<6)
        let isSound =
            magic & ~1 == 0x377F_0682 && (512...65536).contains(pageSize)
            && pageSize & (pageSize - 1) == 0
            && sum == Checksum(words.bigEndian(6), words.bigEndian(7))
        guard isSound else {
            // After a header that was never written nothing is either.
            while let rest = try file.read(upToCount: 1 << 20), !rest.isEmpty {
                if rest.contains(where: { $0 != 0 }) {
                    return Finding(salts: 0, frame: nil, offset: 0)
                }
            }
            return nil
        }
        let size = frameHeaderSize + pageSize
        let atOnce = max(1, (1 << 20) / size)
        var number = 0
        var tail: Tail?
        while let block = try file.read(upToCount: size * atOnce), block.count >= size {
            for start in stride(from: 0, through: block.count - size, by: size) {
                number += 1
                var frame = Words(block[(block.startIndex + start)..<(block.startIndex + start + size)])
                frame.isBigEndian = words.isBigEndian
                let isOurs = (frame.bigEndian(2), frame.bigEndian(3)) == salts
                if tail == nil {
                    let next = sum.after(frame)
                    if isOurs, next == frame.checksum {
                        sum = next
                        continue
                    }
                    tail = Tail(
                        frame: number, offset: headerSize + (number - 1) * size, behind: sum,
                        salt: salts.0)
                }
                tail?.add(frame, isOurs: isOurs)
            }
        }
        tail?.end()
        guard let tail, tail.isDamaged else { return nil }
        return Finding(
            salts: UInt64(salts.0) << 32 | UInt64(salts.1), frame: tail.frame, offset: tail.offset)
    }

    /// The frames from the first that cannot be read.
    private struct Tail {
        var frame: Int
        var offset: Int
        /// The checksum that the frame before has, and the one it should have by the one before that.
        private var stored: Checksum
        private var computed: Checksum?
        /// The page of a commit of ours, where the frame before was one.
        private var commit: UInt32?
        /// The frame before continues nothing and is nothing harmless, unless the next continues it.
        private var isLoose = false
        private var looseFrames = 0
        private var isFollowed = false

        private let salt: UInt32

        init(frame: Int, offset: Int, behind stored: Checksum, salt: UInt32) {
            self.frame = frame
            self.offset = offset
            self.salt = salt
            self.stored = stored
        }

        mutating func add(_ frame: Words, isOurs: Bool) {
            let page = frame.bigEndian(0)
            let continues = stored.after(frame) == frame.checksum
            if continues { isLoose = false }
            settleLoose()
            if continues {
                // A commit may be padded with copies of its last page.
                if let commit, isOurs, commit != page { isFollowed = true }
            } else if let computed, isOurs, computed.after(frame) == frame.checksum {
                // Only the checksum of the frame before is wrong.
                isFollowed = true
            }
            let isCommit = frame.bigEndian(1) != 0
            // What is damaged, and a whole commit of ours behind it.
            if looseFrames > 0, isOurs, isCommit { isFollowed = true }
            commit = isOurs && isCommit ? page : nil
            let isEmpty = (0..<6).allSatisfy { frame.bigEndian($0) == 0 }
            isLoose = !continues && !isOurs && !isEmpty && !isEarlier(frame, page)
            computed = continues ? nil : stored.after(frame)
            stored = frame.checksum
        }

        mutating func end() { settleLoose() }

        /// The first salt grows by one where the log is started again by a connection that has read it.
        private func isEarlier(_ frame: Words, _ page: UInt32) -> Bool {
            page != 0 && (1...WriteAheadLog.mostUses).contains(salt &- frame.bigEndian(2))
        }

        private mutating func settleLoose() {
            if isLoose { looseFrames += 1 }
            isLoose = false
        }

        /// One loose frame may be a header that a power cut tore, or the last of an earlier use.
        var isDamaged: Bool { isFollowed || looseFrames > 2 }
    }

    /// Bytes as words of 32 bits.
    private struct Words {
        private let bytes: [UInt8]
        var isBigEndian = true

        init(_ data: Data) { bytes = Array(data) }

        func bigEndian(_ index: Int) -> UInt32 {
            unsafe bytes.withUnsafeBytes {
                UInt32(bigEndian: unsafe $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
        }

        /// What a frame says is the checksum up to its end.
        var checksum: Checksum { Checksum(bigEndian(4), bigEndian(5)) }

        /// The number of words.
        var count: Int { bytes.count / 4 }

        func sum(_ range: Range<Int>, onto start: Checksum) -> Checksum {
            var sum = start
            unsafe bytes.withUnsafeBytes { raw in
                for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
                    var first = unsafe raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    var second = unsafe raw.loadUnaligned(
                        fromByteOffset: index * 4 + 4, as: UInt32.self)
                    if isBigEndian {
                        first = UInt32(bigEndian: first)
                        second = UInt32(bigEndian: second)
                    } else {
                        first = UInt32(littleEndian: first)
                        second = UInt32(littleEndian: second)
                    }
                    sum.first = sum.first &+ first &+ sum.second
                    sum.second = sum.second &+ second &+ sum.first
                }
            }
            return sum
        }
    }

    /// As SQLite's documentation of the format has it.
    private struct Checksum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        init() {}

        init(_ first: UInt32, _ second: UInt32) {
            self.first = first
            self.second = second
        }

        mutating func add(_ words: Words, _ range: Range<Int>) {
            self = words.sum(range, onto: self)
        }

        /// The checksum up to the end of a frame that follows: page number and size, then the page.
        func after(_ frame: Words) -> Checksum {
            frame.sum(6..<frame.count, onto: frame.sum(0..<2, onto: self))
        }
    }
}
