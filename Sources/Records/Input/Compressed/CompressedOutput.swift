private import CArchive
import Glibc

/// Bytes written to an open file, compressed as its name says.
///
/// The same bytes give the same file: no time of day goes into it.
@safe package final class CompressedOutput {
    /// How a file of that name is compressed: `.none` for plain bytes.
    package static func kind(of name: String) -> InputOptions.Compression {
        for (suffix, kind) in suffixes where name.lowercased().hasSuffix(suffix) { return kind }
        return .none
    }

    /// Endings of names that are written compressed.
    package static let suffixes: [(String, InputOptions.Compression)] = [
        (".gz", .gzip), (".zst", .zstd), (".xz", .xz), (".bz2", .bzip2), (".lz4", .lz4),
    ]

    private let handle: OpaquePointer
    private let name: String
    private let kind: InputOptions.Compression
    private let descriptor: Int32
    private var isEmpty = true

    private init(
        owning handle: OpaquePointer, _ kind: InputOptions.Compression, _ descriptor: Int32,
        name: String
    ) {
        unsafe self.handle = handle
        self.kind = kind
        self.descriptor = descriptor
        self.name = name
    }

    deinit { _ = unsafe archive_write_free(handle) }

    /// - Parameter descriptor: Stays the caller's.
    /// - Throws: ``ReadError``.
    package static func open(
        descriptor: Int32, as kind: InputOptions.Compression, name: String
    ) throws(ReadError) -> CompressedOutput {
        guard let handle = unsafe archive_write_new() else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        // Owned from here on: every throw below frees the handle.
        let output = unsafe CompressedOutput(owning: handle, kind, descriptor, name: name)
        switch kind {
        case .gzip:
            try output.check(unsafe archive_write_add_filter_gzip(handle))
            try output.check(
                unsafe archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
        case .zstd: try output.check(unsafe archive_write_add_filter_zstd(handle))
        case .xz: try output.check(unsafe archive_write_add_filter_xz(handle))
        case .bzip2: try output.check(unsafe archive_write_add_filter_bzip2(handle))
        case .lz4: try output.check(unsafe archive_write_add_filter_lz4(handle))
        case .none, .zip, .tar: try output.check(unsafe archive_write_add_filter_none(handle))
        }
        try output.check(unsafe archive_write_set_format_raw(handle))
        // No padding to blocks of a tape.
        try output.check(unsafe archive_write_set_bytes_in_last_block(handle, 1))
        try output.check(unsafe archive_write_open_fd(handle, descriptor))
        guard let entry = unsafe archive_entry_new() else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        defer { unsafe archive_entry_free(entry) }
        unsafe archive_entry_set_filetype(entry, Glibc.S_IFREG)
        try output.check(unsafe archive_write_header(handle, entry))
        return output
    }

    package func write(_ bytes: [UInt8]) throws(ReadError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe archive_write_data(
                    handle, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            guard count > 0 else { throw failure() }
            isEmpty = false
            done += count
        }
    }

    /// Writes what is still held back. Nothing may be written after it.
    package func finish() throws(ReadError) {
        guard kind == .lz4, isEmpty else { return try check(unsafe archive_write_close(handle)) }
        // libarchive 3.6 follows a null pointer when it closes LZ4 that nothing was written to.
        unsafe archive_write_fail(handle)
        let frame = CompressedOutput.emptyLZ4
        let count = unsafe frame.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        guard count == frame.count else { throw .system(errno, name) }
    }

    /// A frame of nothing, with its checksum.
    private static let emptyLZ4: [UInt8] = [
        0x04, 0x22, 0x4D, 0x18, 0x64, 0x40, 0xA7, 0, 0, 0, 0, 0x05, 0x5D, 0xCC, 0x02,
    ]

    private func check(_ status: Int32) throws(ReadError) {
        if status != ARCHIVE_OK { throw failure() }
    }

    private func failure() -> ReadError {
        let text = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
        return ReadError(
            .archive, name: name, message: "it cannot be written: \(text ?? "unknown reason")")
    }
}
