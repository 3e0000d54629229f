private import CArchive
import Glibc

/// The decompressed bytes of a file, or of one member of an archive.
@safe final class ArchiveStream {
    private let handle: OpaquePointer
    private let name: String
    /// Hands over the compressed bytes of standard input; outlives `handle`.
    private var feed: Feed?
    /// Whether a second member would be a loss: nobody said which one is meant.
    private var isOnlyMember = false
    private var isAtEnd = false

    private init(owning handle: OpaquePointer, name: String) {
        unsafe self.handle = handle
        self.name = name
    }

    deinit { _ = unsafe archive_read_free(handle) }

    /// A handle that knows the filters and formats that are read, and starts no other program.
    private static func make(_ name: String) throws(ReadError) -> ArchiveStream {
        guard let handle = unsafe archive_read_new() else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        // Owned from here on: every throw below frees the handle.
        let stream = unsafe ArchiveStream(owning: handle, name: name)
        try stream.check(unsafe archive_read_support_filter_gzip(handle))
        try stream.check(unsafe archive_read_support_filter_zstd(handle))
        try stream.check(unsafe archive_read_support_filter_xz(handle))
        try stream.check(unsafe archive_read_support_filter_bzip2(handle))
        try stream.check(unsafe archive_read_support_filter_lz4(handle))
        try stream.check(unsafe archive_read_support_format_tar(handle))
        try stream.check(unsafe archive_read_support_format_zip(handle))
        try stream.check(unsafe archive_read_support_format_raw(handle))
        try stream.check(unsafe archive_read_support_format_empty(handle))
        return stream
    }

    /// Opens `file` at the start of its member's bytes, or of its only one's.
    static func open(_ file: InputFile) throws(ReadError) -> ArchiveStream {
        let stream = try make(file.name)
        try stream.check(unsafe archive_read_open_filename(stream.handle, file.path, 1 << 18))
        try stream.start(file.member)
        return stream
    }

    /// Opens the bytes that `descriptor` gives after `head`. The descriptor stays the caller's.
    static func open(descriptor: Int32, head: [UInt8], name: String) throws(ReadError) -> ArchiveStream
    {
        let stream = try make(name)
        let feed = Feed(descriptor: descriptor, head: head)
        stream.feed = feed
        try stream.check(
            unsafe archive_read_open(
                stream.handle, Unmanaged.passUnretained(feed).toOpaque(), nil,
                { _, context, buffer in
                    guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
                    return unsafe Unmanaged<Feed>.fromOpaque(context).takeUnretainedValue().next(buffer)
                }, nil))
        try stream.start(nil)
        return stream
    }

    private func start(_ member: String?) throws(ReadError) {
        isOnlyMember = member == nil
        while let found = try nextMember() {
            if member == nil || found == member { return }
        }
        guard let member else {
            // Compressed nothing.
            isAtEnd = true
            return
        }
        throw ReadError(.notFound, name: name, message: "there is no \(member) in it")
    }

    /// The name of the next regular file; nil at the end. A file that is not an archive is one member.
    private func nextMember() throws(ReadError) -> String? {
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
            guard let path = unsafe archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)
            else { return "data" }
            return unsafe String(cString: path)
        }
    }

    /// The names of the regular files in the archive at `path`, and what holds them; a file that is merely
    /// compressed has none.
    static func members(
        of path: String, name: String
    ) throws(ReadError) -> (kind: InputOptions.Compression, names: [String]) {
        let stream = try make(name)
        try stream.check(unsafe archive_read_open_filename(stream.handle, path, 1 << 18))
        var names: [String] = []
        while let member = try stream.nextMember() {
            switch unsafe archive_format(stream.handle) & ARCHIVE_FORMAT_BASE_MASK {
            case ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_TAR: names.append(member)
            default: return (.none, [])
            }
        }
        switch unsafe archive_format(stream.handle) & ARCHIVE_FORMAT_BASE_MASK {
        case ARCHIVE_FORMAT_ZIP: return (.zip, names)
        case ARCHIVE_FORMAT_TAR: return (.tar, names)
        default: return (.none, [])
        }
    }

    /// Reads into `buffer[range]`.
    ///
    /// - Returns: How many bytes; 0 only at the end.
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
                if isOnlyMember, let another = try nextMember() {
                    throw ReadError(
                        .archive, name: name,
                        message:
                            "it holds more than one file: name the one to read, as in `\(name):\(another)`"
                    )
                }
                return 0
            }
            if count != Int(ARCHIVE_RETRY) { try check(Int32(truncatingIfNeeded: count)) }
        }
    }

    private func check(_ status: Int32) throws(ReadError) {
        guard status != ARCHIVE_OK else { return }
        let number = unsafe archive_errno(handle)
        if number == ENOENT || number == EACCES { throw .system(number, name) }
        let text = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
        throw ReadError(
            .archive, name: name, message: "it cannot be decompressed: \(text ?? "error \(number)")")
    }

    /// Compressed bytes, handed to libarchive a buffer at a time. Only `ArchiveStream` holds it.
    @safe private final class Feed {
        private let descriptor: Int32
        private var head: [UInt8]
        private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)

        init(descriptor: Int32, head: [UInt8]) {
            self.descriptor = descriptor
            self.head = head
        }

        deinit { unsafe buffer.deallocate() }

        func next(_ result: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
            unsafe result.pointee = UnsafeRawPointer(buffer.baseAddress)
            if !head.isEmpty {
                let count = min(head.count, unsafe buffer.count)
                unsafe buffer.copyBytes(from: head.prefix(count))
                head.removeFirst(count)
                return count
            }
            while true {
                let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 || errno != EINTR { return count }
            }
        }
    }
}
