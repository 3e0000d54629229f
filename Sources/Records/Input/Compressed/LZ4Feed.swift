/// The decompressed bytes of an LZ4 file, one frame after the other.
///
/// libarchive takes an empty frame for the end of the file, and does not know a file that begins with a
/// skippable one. So it gets each frame by itself, and skippable ones not at all.
final class LZ4Feed: ByteFeed {
    private let frames: FrameFeed
    private let name: String
    private var frame: ArchiveStream?

    private init(_ frames: FrameFeed, name: String) {
        self.frames = frames
        self.name = name
    }

    static func open(_ feed: any ByteFeed, name: String) -> LZ4Feed {
        LZ4Feed(FrameFeed(feed, name: name), name: name)
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        do throws(ReadError) {
            return try next(into: &buffer, in: range)
        } catch {
            throw frames.isCut ? frames.cut : error
        }
    }

    private func next(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        while true {
            if let frame {
                let count = try frame.read(into: &buffer, in: range)
                if count > 0 { return count }
                self.frame = nil
                try frames.finish()
            }
            guard try frames.begin() else { return 0 }
            frame = try ArchiveStream.decompress(
                frames, .lz4, name: name, base: frames.offset)
        }
    }
}

/// The stored bytes of one LZ4 frame at a time.
private final class FrameFeed: ByteFeed {
    private let feed: any ByteFeed
    private let name: String
    private var frames = LZ4Frames()
    private var bytes = [UInt8](repeating: 0, count: 1 << 16)
    /// What of `bytes` is not handed over yet, and where in the file it begins.
    private var left = 0..<0
    private(set) var offset = 0
    private var isInFrame = false
    /// The file has ended within a frame.
    private(set) var isCut = false
    var cut: ReadError {
        ReadError(.archive, name: name, message: "truncated lz4 input: it ends at byte \(offset)")
    }

    init(_ feed: any ByteFeed, name: String) {
        self.feed = feed
        self.name = name
    }

    /// Goes to the next frame with data; false where there is none.
    func begin() throws(ReadError) -> Bool {
        while true {
            while left.count < 4, try more() {}
            guard !left.isEmpty else { return false }
            let magic = bytes[left.lowerBound..<min(left.lowerBound + 4, left.upperBound)].reversed()
                .reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
            switch LZ4Frames.kind(of: magic) {
            case .data:
                isInFrame = true
                return true
            case .skippable:
                isInFrame = true
                try finish()
            case nil:
                // Padding of zeros is no frame, and no data either.
                let start = offset
                repeat {
                    guard bytes[left].allSatisfy({ $0 == 0 }) else { throw .tail(name, at: start) }
                    offset += left.count
                    left = 0..<0
                } while try more()
                return false
            }
        }
    }

    /// Passes over what is left of the frame.
    func finish() throws(ReadError) {
        var rest = [UInt8](repeating: 0, count: 1 << 14)
        while try read(into: &rest, in: 0..<rest.count) > 0 {}
        guard !isInFrame else { throw cut }
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        guard isInFrame else { return 0 }
        if left.isEmpty, try !more() {
            // Only the blocks of a legacy frame end with the file.
            if frames.mayEnd { isInFrame = false } else { isCut = true }
            return 0
        }
        let start = left.lowerBound
        let count = frames.pass(
            bytes[start..<min(start + range.count, left.upperBound)], stoppingAtEnd: true)
        buffer.replaceSubrange(
            range.lowerBound..<range.lowerBound + count, with: bytes[start..<start + count])
        left = start + count..<left.upperBound
        offset += count
        if frames.isBetween { isInFrame = false }
        return count
    }

    private func more() throws(ReadError) -> Bool {
        if left.lowerBound > 0 {
            bytes.replaceSubrange(0..<left.count, with: Array(bytes[left]))
            left = 0..<left.count
        }
        guard left.count < bytes.count else { return false }
        let count = try feed.read(into: &bytes, in: left.count..<bytes.count)
        left = 0..<left.count + count
        return count > 0
    }
}
