import Foundation

/// Whether the write-ahead log beside a database holds commits that SQLite leaves out in silence.
///
/// SQLite reads the log up to the first frame whose checksum fails, and takes that for its end: it has to,
/// for a power cut leaves the frames of the last commit half written. Damage in the middle looks the same to
/// it, and all commits behind are gone: runs, intents, answers. The two can be told apart. A commit is synced
/// before the next is written, so behind a torn one nothing of a later one can stand, and what else stands
/// there is zeros, or frames of the log's earlier use.
enum WriteAheadLog {
    /// - Returns: What is wrong with the log of the database at `path`, in words; nil where it is sound, torn at
    ///   its end, or not there.
    static func damage(of path: String) throws -> String? {
        let name = path + "-wal"
        guard FileManager.default.fileExists(atPath: name) else { return nil }
        var last: Finding?
        // Another process may be writing: what is damaged stays as it is.
        for _ in 0..<8 {
            guard let found = try scan(name) else { return nil }
            if found == last { return "\(name) is damaged \(found.words)" }
            last = found
        }
        return nil
    }

    private struct Finding: Equatable {
        var salts: UInt64
        var frame: Int?
        var offset: Int

        var words: String {
            guard let frame else { return "in its header" }
            return "in frame \(frame), byte \(offset): commits stand behind it that cannot be read"
        }
    }

    private static let headerSize = 32
    private static let frameHeaderSize = 24
    /// How often a log was begun anew at most since a frame of it was written.
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
            // Behind a header that was never written nothing stands either.
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
                    if isOurs {
                        sum.add(frame, 0..<2)
                        sum.add(frame, 6..<size / 4)
                        if sum == Checksum(frame.bigEndian(4), frame.bigEndian(5)) { continue }
                    }
                    tail = Tail(frame: number, offset: headerSize + (number - 1) * size)
                }
                tail?.add(frame, isOurs: isOurs, salt: salts.0)
            }
        }
        guard let tail, tail.isDamaged else { return nil }
        return Finding(
            salts: UInt64(salts.0) << 32 | UInt64(salts.1), frame: tail.frame, offset: tail.offset)
    }

    /// The frames from the first that cannot be read.
    private struct Tail {
        var frame: Int
        var offset: Int
        private var commit: UInt32?
        private var isFollowed = false
        private var strangers = 0

        init(frame: Int, offset: Int) {
            self.frame = frame
            self.offset = offset
        }

        mutating func add(_ frame: Words, isOurs: Bool, salt: UInt32) {
            let page = frame.bigEndian(0)
            if isOurs {
                // A commit may be padded with copies of its last page.
                if let commit, commit != page { isFollowed = true }
                if frame.bigEndian(1) != 0 { commit = page }
                return
            }
            let isEmpty = (0..<6).allSatisfy { frame.bigEndian($0) == 0 }
            let age = salt &- frame.bigEndian(2)
            let isOld = page != 0 && (1...WriteAheadLog.mostUses).contains(age)
            if !isEmpty, !isOld { strangers += 1 }
        }

        /// One stranger may be a header that a power cut tore.
        var isDamaged: Bool { isFollowed || strangers > 1 }
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
    }
}
