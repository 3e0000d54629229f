import Glibc

/// The bytes of one input as they come: of a plain file, decompressed, of memory.
final class ByteSource {
    private enum Origin {
        case descriptor(Int32)
        case layers(any ByteFeed, of: InputFile, InputOptions)
        case memory([UInt8], readSizes: [Int])
    }

    private var origin: Origin
    private let name: String
    /// The offset of the next byte that is read.
    private(set) var offset = 0
    private var reads = 0
    /// What it failed with: a second try could look like the end.
    private var failure: ReadError?
    /// How long it was when it was opened, if it is a file; it may have grown since.
    private var expected = Int.max
    /// Nothing is read from here on.
    private var end = Int.max

    private init(_ origin: Origin, name: String) {
        self.origin = origin
        self.name = name
    }

    deinit {
        if case .descriptor(let descriptor) = origin { close(descriptor) }
    }

    static func open(
        _ file: InputFile, options: InputOptions = InputOptions()
    ) throws(ReadError) -> ByteSource {
        if file.isCompressed {
            return ByteSource(
                .layers(try Layers.open(file, options), of: file, options), name: file.name)
        }
        let descriptor = unsafe Glibc.open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, file.name) }
        let source = ByteSource(.descriptor(descriptor), name: file.name)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno, file.name) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .system(EISDIR, file.name) }
        if status.st_mode & S_IFMT == S_IFREG {
            source.end = file.end ?? .max
            source.expected = file.end ?? Int(status.st_size)
        }
        return source
    }

    /// The first bytes of a file, as stored: enough to tell what it is compressed with.
    static func head(of file: InputFile) throws(ReadError) -> [UInt8] {
        var plain = file
        plain.compression = .none
        plain.isWorksheet = false
        return try open(plain).readHead()
    }

    private func readHead() throws(ReadError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 512)
        var filled = 0
        while filled < buffer.count {
            let count = try read(into: &buffer, in: filled..<buffer.count)
            if count == 0 { break }
            filled += count
        }
        return Array(buffer[..<filled])
    }

    /// The sheet that it is; nil where it is none.
    var worksheet: WorksheetFeed? {
        guard case .layers(let feed, _, _) = origin else { return nil }
        return feed as? WorksheetFeed
    }

    static func memory(_ bytes: [UInt8], name: String, readSizes: [Int]) -> ByteSource {
        precondition(readSizes.allSatisfy { $0 > 0 })
        return ByteSource(.memory(bytes, readSizes: readSizes), name: name)
    }

    /// How many bytes are worth making room for at a time.
    var readSize: Int {
        switch origin {
        case .memory(let bytes, let readSizes):
            return max(16, min(bytes.count - offset, readSizes.max() ?? .max))
        case .descriptor: return max(4096, min(expected - offset, 1 << 18))
        case .layers: return 1 << 18
        }
    }

    /// Reads into `buffer[range]`, as much as there is at the moment.
    ///
    /// - Returns: How many bytes; 0 only at the end.
    /// - Throws: ``ReadError``, the same one from then on.
    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        if let failure { throw failure }
        do {
            return try readOnce(into: &buffer, in: range)
        } catch {
            failure = error
            throw error
        }
    }

    private func readOnce(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        precondition(!range.isEmpty && range.upperBound <= buffer.count)
        let count: Int
        switch origin {
        case .descriptor(let descriptor):
            let wanted = min(range.count, end - offset)
            count =
                wanted > 0
                ? try read(
                    descriptor, into: &buffer, in: range.lowerBound..<range.lowerBound + wanted) : 0
            if count == 0, expected != .max, offset < expected { throw .cut(name, to: offset) }
        case .layers(let feed, _, _):
            count = try feed.read(into: &buffer, in: range)
        case .memory(let bytes, let readSizes):
            var size = min(range.count, bytes.count - offset)
            if !readSizes.isEmpty { size = min(size, readSizes[reads % readSizes.count]) }
            reads += 1
            let from = offset
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { all in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: target[range])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: all[from..<from + size]))
                }
            }
            count = size
        }
        offset += count
        return count
    }

    private func read(
        _ descriptor: Int32, into buffer: inout [UInt8], in range: Range<Int>
    ) throws(ReadError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(
                    descriptor, $0.baseAddress?.advanced(by: range.lowerBound), range.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system(errno, name) }
        }
    }

    /// Makes `offset` the next byte: by seeking where that is possible, else by reading up to there.
    ///
    /// - Throws: ``ReadError`` if the input ends before, or if it lies after what was read.
    func skip(to offset: Int) throws(ReadError) {
        switch origin {
        case .memory(let bytes, _):
            guard offset <= bytes.count else { throw .beyondEnd(name) }
            self.offset = offset
            return
        case .descriptor(let descriptor):
            var status = stat()
            if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                guard offset <= Int(status.st_size) else { throw .beyondEnd(name) }
                guard lseek(descriptor, offset, SEEK_SET) == offset else { throw .system(errno, name) }
                self.offset = offset
                return
            }
        case .layers(_, let file, let options):
            // From the start once more, where it went too far.
            if offset < self.offset {
                origin = .layers(try Layers.open(file, options), of: file, options)
                failure = nil
                self.offset = 0
            }
        }
        guard offset >= self.offset else {
            throw ReadError(
                .resume, name: name, message: "it cannot be read twice: copy it to a file first")
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while self.offset < offset {
            let wanted = min(buffer.count, offset - self.offset)
            guard try read(into: &buffer, in: 0..<wanted) > 0 else { throw .beyondEnd(name) }
        }
    }
}

extension ReadError {
    static func system(_ code: Int32, _ name: String) -> ReadError {
        let reason = unsafe String(cString: strerror(code))
        return ReadError(code == ENOENT ? .notFound : .system(code), name: name, message: reason)
    }

    static func beyondEnd(_ name: String) -> ReadError {
        ReadError(
            .resume, name: name,
            message: "it ends before the position to continue at: it is not the same file")
    }

    /// A file became shorter while it was read.
    static func cut(_ name: String, to offset: Int) -> ReadError {
        ReadError(
            .changed, name: name,
            message: "it was cut to \(offset) bytes while it was read: its rest is missing")
    }
}
