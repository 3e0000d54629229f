import Glibc

/// Bytes, a stretch at a time. Feeds stack: a file, what decompresses it, the archive within.
protocol ByteFeed: AnyObject {
    /// Reads into `buffer[range]`.
    ///
    /// - Returns: The number of bytes; 0 only at the end.
    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int
}

/// The bytes of a file, as stored.
final class FileFeed: ByteFeed {
    private let descriptor: Int32
    private let name: String
    private var offset = 0
    /// Nothing is read after it.
    private let end: Int
    /// The length of a plain file, as far as it is read; `Int.max` where that cannot be known.
    private let length: Int

    private init(_ descriptor: Int32, name: String, end: Int, length: Int) {
        self.descriptor = descriptor
        self.name = name
        self.end = end
        self.length = length
    }

    deinit { close(descriptor) }

    /// - Parameter end: Where reading ends; nil: where the file ends then.
    static func open(_ path: String, name: String, end: Int?) throws(ReadError) -> FileFeed {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, name) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            let code = errno
            close(descriptor)
            throw .system(status.st_mode & S_IFMT == S_IFDIR ? EISDIR : code, name)
        }
        let isPlain = status.st_mode & S_IFMT == S_IFREG
        return FileFeed(
            descriptor, name: name, end: end ?? .max,
            length: isPlain ? end ?? Int(status.st_size) : .max)
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        let most = min(range.count, end - offset)
        guard most > 0 else { return 0 }
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress?.advanced(by: range.lowerBound), most)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno, name) }
            if count == 0, length != .max, offset < length { throw .cut(name, to: offset) }
            offset += count
            return count
        }
    }
}

/// A feed whose first bytes can be looked at before they are read.
final class PeekedFeed: ByteFeed {
    private let feed: any ByteFeed
    private var head: [UInt8] = []
    private var taken = 0

    init(_ feed: any ByteFeed) { self.feed = feed }

    /// The first bytes: as many as requested, unless it is shorter.
    func peek(_ count: Int) throws(ReadError) -> [UInt8] {
        precondition(taken == 0, "only before anything is read")
        var filled = head.count
        if filled < count { head += [UInt8](repeating: 0, count: count - filled) }
        while filled < count {
            let more = try feed.read(into: &head, in: filled..<count)
            if more == 0 { break }
            filled += more
        }
        head.removeSubrange(filled...)
        return head
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        guard taken < head.count else { return try feed.read(into: &buffer, in: range) }
        let count = min(range.count, head.count - taken)
        buffer.replaceSubrange(
            range.lowerBound..<range.lowerBound + count, with: head[taken..<taken + count])
        taken += count
        return count
    }
}

/// From a file to the bytes of its rows: through every layer of compression, into the archive within.
enum Layers {
    /// Files that are compressed again and again are no data.
    private static let most = 4

    /// The bytes of `file`, decompressed, or of its member.
    ///
    /// - Parameter options: How a sheet of a workbook is written as CSV.
    static func open(_ file: InputFile, _ options: InputOptions) throws(ReadError) -> any ByteFeed {
        if file.isWorksheet {
            return try WorksheetFeed.open(
                file.path, name: file.name, sheet: file.member ?? "", options: options)
        }
        let (feed, archive) = try unwrap(file)
        guard let archive else {
            guard file.member == nil else {
                throw ReadError(.notFound, name: file.name, message: "it is no longer an archive")
            }
            return feed
        }
        guard let member = file.member else {
            throw ReadError(
                .archive, name: file.name,
                message: "it is an archive: name the file in it, such as `\(file.name):orders.csv`")
        }
        try archive.start(member, occurrence: file.occurrence)
        return archive
    }

    /// The names of the regular files in the archive at `path`, each as often as it is there, and what
    /// holds them; a file that is merely compressed has none.
    ///
    /// A tar archive is read to its end, so that damage to it or to what it is compressed with is known.
    static func members(of file: InputFile) throws(ReadError) -> (
        kind: InputOptions.Compression, names: [String]
    ) {
        let (_, archive) = try unwrap(file)
        guard let archive else { return (.none, []) }
        var names: [String] = []
        while let member = try archive.nextMember() { names.append(member) }
        try archive.checkEnd()
        return (archive.kind, names)
    }

    private static func unwrap(_ file: InputFile) throws(ReadError) -> (
        feed: any ByteFeed, archive: ArchiveStream?
    ) {
        var feed = PeekedFeed(try FileFeed.open(file.path, name: file.name, end: file.end))
        for depth in 0..<most {
            let kind = InputOptions.Compression.of(try feed.peek(512))
            switch kind {
            case .none: return (feed, nil)
            case .gzip: feed = PeekedFeed(try GzipFeed.open(feed, name: file.name))
            case .lz4: feed = PeekedFeed(LZ4Feed.open(feed, name: file.name))
            case .zstd, .xz, .bzip2:
                feed = PeekedFeed(try ArchiveStream.decompress(feed, kind, name: file.name))
            case .zip where depth == 0: return (feed, try .zip(at: file.path, name: file.name))
            case .zip, .tar: return (feed, try .archive(feed, kind, name: file.name))
            }
        }
        throw ReadError(
            .archive, name: file.name,
            message: "it is compressed more than \(most) times: decompress it first")
    }
}
