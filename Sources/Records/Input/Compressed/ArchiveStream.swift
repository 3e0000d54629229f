private import CArchive
import Glibc

/// What libarchive reads: the decompressed bytes of one layer, or a member of an archive.
///
/// It ends quietly where compressed data is followed by something else; ``checkEnd()`` does not.
@safe final class ArchiveStream: ByteFeed {
    /// What it takes off: a compression, or tar or zip.
    let kind: InputOptions.Compression
    private let handle: OpaquePointer
    private let name: String
    /// Hands over the stored bytes, unless libarchive reads a file itself; outlives `handle`.
    private var pump: Pump?
    private var isAtEnd = false
    /// Where the first stored byte is in the file, for errors.
    private var base = 0

    private init(
        owning handle: OpaquePointer, _ kind: InputOptions.Compression, name: String
    ) {
        unsafe self.handle = handle
        self.kind = kind
        self.name = name
    }

    deinit { _ = unsafe archive_read_free(handle) }

    private static func make(
        _ kind: InputOptions.Compression, name: String
    ) throws(ReadError) -> ArchiveStream {
        guard let handle = unsafe archive_read_new() else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        // Owned from here on: every throw below frees the handle.
        return unsafe ArchiveStream(owning: handle, kind, name: name)
    }

    /// Takes one compression off `feed`.
    ///
    /// - Parameter base: Where the first byte of `feed` is in the file, for errors.
    static func decompress(
        _ feed: any ByteFeed, _ kind: InputOptions.Compression, name: String, base: Int = 0
    ) throws(ReadError) -> ArchiveStream {
        let stream = try make(kind, name: name)
        stream.base = base
        switch kind {
        case .zstd: try stream.check(unsafe archive_read_support_filter_zstd(stream.handle))
        case .xz: try stream.check(unsafe archive_read_support_filter_xz(stream.handle))
        case .bzip2: try stream.check(unsafe archive_read_support_filter_bzip2(stream.handle))
        case .lz4: try stream.check(unsafe archive_read_support_filter_lz4(stream.handle))
        case .none, .gzip, .zip, .tar: preconditionFailure("libarchive cannot decompress \(kind)")
        }
        try stream.check(unsafe archive_read_support_format_raw(stream.handle))
        try stream.check(unsafe archive_read_support_format_empty(stream.handle))
        try stream.open(feed)
        // The one member that a raw file is; none where nothing was compressed.
        if try stream.nextMember() == nil {
            stream.isAtEnd = true
            try stream.checkEnd()
        }
        return stream
    }

    /// Opens the archive that `feed` is, in front of its first member.
    static func archive(
        _ feed: any ByteFeed, _ kind: InputOptions.Compression, name: String
    ) throws(ReadError) -> ArchiveStream {
        let stream = try make(kind, name: name)
        if kind == .zip {
            try stream.check(unsafe archive_read_support_format_zip_streamable(stream.handle))
        } else {
            try stream.check(unsafe archive_read_support_format_tar(stream.handle))
            // After an end marker another archive may follow; anything else is an error then.
            try stream.check(
                unsafe archive_read_set_format_option(
                    stream.handle, "tar", "read_concatenated_archives", "1"))
        }
        try stream.open(feed)
        return stream
    }

    /// Opens a zip file by its directory, in front of its first member.
    static func zip(at path: String, name: String) throws(ReadError) -> ArchiveStream {
        try ZipDirectory.check(path, name: name)
        let stream = try make(.zip, name: name)
        // Without the directory it could still be read from its start, as far as it goes.
        try stream.check(unsafe archive_read_support_format_zip_seekable(stream.handle))
        try stream.check(unsafe archive_read_open_filename(stream.handle, path, 1 << 18))
        return stream
    }

    private func open(_ feed: any ByteFeed) throws(ReadError) {
        let pump = Pump(feed, frames: kind == .lz4 ? LZ4Frames() : nil)
        self.pump = pump
        try check(
            unsafe archive_read_open(
                handle, Unmanaged.passUnretained(pump).toOpaque(), nil,
                { _, context, buffer in
                    guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
                    return unsafe Unmanaged<Pump>.fromOpaque(context).takeUnretainedValue().next(buffer)
                }, nil))
    }

    /// Goes to the member of that name; of several, to the one with this many before it.
    func start(_ member: String, occurrence: Int) throws(ReadError) {
        var before = occurrence
        while let found = try nextMember() {
            guard found == member else { continue }
            if before == 0 { return }
            before -= 1
        }
        throw ReadError(.notFound, name: name, message: "there is no \(member) in it")
    }

    /// The name of the next regular file; nil at the end.
    func nextMember() throws(ReadError) -> String? {
        // libarchive turns names to the locale's encoding, which for a service may be ASCII.
        let utf8 = unsafe newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        let former = unsafe uselocale(utf8)
        defer {
            _ = unsafe uselocale(former)
            if let utf8 = unsafe utf8 { unsafe freelocale(utf8) }
        }
        while true {
            var entry: OpaquePointer?
            let status = unsafe archive_read_next_header(handle, &entry)
            if status == ARCHIVE_EOF { return nil }
            if status != ARCHIVE_WARN { try check(status) }
            guard let entry = unsafe entry else { return nil }
            let type = unsafe archive_entry_filetype(entry)
            guard type == S_IFREG || type == 0 else { continue }
            // Another name of a member that is there already.
            if unsafe archive_entry_hardlink(entry) != nil { continue }
            guard let path = unsafe archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)
            else { return "data" }
            return unsafe String(cString: path)
        }
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        guard !isAtEnd else { return 0 }
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe archive_read_data(
                    handle, $0.baseAddress?.advanced(by: range.lowerBound), range.count)
            }
            if count > 0 { return count }
            if count == 0 {
                isAtEnd = true
                if kind != .tar, kind != .zip { try checkEnd() }
                return 0
            }
            if count != Int(ARCHIVE_RETRY) { try check(Int32(truncatingIfNeeded: count)) }
        }
    }

    /// Sees that nothing is left out after the place where libarchive ended.
    func checkEnd() throws(ReadError) {
        guard let pump else { return }
        if kind == .tar {
            guard try pump.drain().zeros >= 512 else {
                throw ReadError(
                    .archive, name: name,
                    message:
                        "truncated tar archive: it ends at byte \(pump.handed) without an end marker")
            }
            return
        }
        let used = pump.frames?.end ?? Int(unsafe archive_filter_bytes(handle, -1))
        let (total, zeros) = try pump.drain()
        guard kind == .zip || total - zeros <= used else { throw .tail(name, at: base + used) }
    }

    private func check(_ status: Int32) throws(ReadError) {
        guard status != ARCHIVE_OK else { return }
        if let failure = pump?.failure { throw failure }
        let number = unsafe archive_errno(handle)
        if pump == nil, number == ENOENT || number == EACCES { throw .system(number, name) }
        let text = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
        if kind == .xz, let pump, (try? pump.drain()) != nil, let tail = StreamEnd.xzTail(pump.tail) {
            throw .tail(name, at: base + pump.handed - tail)
        }
        throw ReadError(
            .archive, name: name, message: words(for: text ?? "error \(number)", status: status))
    }

    private func words(for text: String, status: Int32) -> String {
        let what = kind == .zip || kind == .tar ? "\(kind.rawValue) archive" : "\(kind.rawValue) input"
        if kind == .zip, text.contains("Unrecognized archive format") {
            return
                "truncated zip archive: the directory at its end is missing. Get the file again, whole"
        }
        let read = base + (pump?.handed ?? max(0, Int(unsafe archive_filter_bytes(handle, -1))))
        let saysCut =
            text.lowercased().contains("truncated") || text.contains("No progress is possible")
        if saysCut, let pump, StreamEnd.isWhole(pump.tail, kind) {
            return "damaged \(what) at or before byte \(read): it cannot be decompressed to its end"
        }
        if saysCut {
            return "truncated \(what): it ends at byte \(read)"
        }
        return "damaged \(what) at or before byte \(read): \(text)"
    }

    /// Stored bytes, handed to libarchive a buffer at a time. Only `ArchiveStream` holds it.
    @safe private final class Pump {
        private let feed: any ByteFeed
        private var bytes = [UInt8](repeating: 0, count: 1 << 16)
        private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        /// How many bytes were handed over, or passed over at the end.
        private(set) var handed = 0
        /// How many of them are zeros at the end.
        private var zeros = 0
        /// The last bytes of them, a few thousand.
        private(set) var tail: [UInt8] = []
        /// Of LZ4.
        private(set) var frames: LZ4Frames?
        private(set) var failure: ReadError?

        init(_ feed: any ByteFeed, frames: LZ4Frames?) {
            self.feed = feed
            self.frames = frames
        }

        deinit { unsafe buffer.deallocate() }

        func next(_ result: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
            do {
                let count = try more()
                unsafe buffer.copyBytes(from: bytes.prefix(count))
                unsafe result.pointee = UnsafeRawPointer(buffer.baseAddress)
                return count
            } catch {
                failure = error
                return -1
            }
        }

        /// Reads what is left, without handing it over.
        func drain() throws(ReadError) -> (total: Int, zeros: Int) {
            while try more() > 0 {}
            return (handed, zeros)
        }

        private func more() throws(ReadError) -> Int {
            let count = try feed.read(into: &bytes, in: 0..<bytes.count)
            handed += count
            frames?.pass(bytes[..<count])
            if count >= StreamEnd.reach { tail.removeAll(keepingCapacity: true) }
            tail.append(contentsOf: bytes[max(0, count - StreamEnd.reach)..<count])
            if tail.count > 2 * StreamEnd.reach { tail.removeFirst(tail.count - StreamEnd.reach) }
            var trailing = 0
            while trailing < count, bytes[count - 1 - trailing] == 0 { trailing += 1 }
            zeros = trailing == count ? zeros + count : trailing
            return count
        }
    }
}
