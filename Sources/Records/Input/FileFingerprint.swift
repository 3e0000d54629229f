import Glibc
package import Model

/// What tells whether a file is still the one it was.
package struct FileFingerprint: Sendable, Equatable {
    /// A digest covers this many bytes; the last one, what remains.
    package static let blockSize = 64 << 20

    package var device: UInt64
    package var inode: UInt64
    /// In bytes.
    package var size: Int
    /// Of the last change to the content, in nanoseconds since 1970.
    package var modified: Int64
    /// Of the last change to the file in any way, in nanoseconds since 1970: it tells an edit whose time was
    /// set back. Nil in what an earlier version has kept.
    package var changed: Int64?
    /// A 64-bit digest for each block of 64 MiB; empty until requested.
    package var digests: [UInt64]

    package enum Change: Sendable, Equatable {
        /// Same content, though perhaps in another file of that name.
        case unchanged
        /// The old content is still there, and more after it, from this byte on.
        case appended(from: Int)
        /// Other content, first noticed in the block that begins at this offset.
        case edited(block: Int, offset: Int)
        /// It is shorter than it was; up to there it may be equal.
        case truncated(to: Int)
        /// Something about it is new, and without digests nobody can tell what.
        case unknown
    }

    package init(
        device: UInt64, inode: UInt64, size: Int, modified: Int64, changed: Int64? = nil,
        digests: [UInt64] = []
    ) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
        self.digests = digests
    }

    /// The fingerprint of the file at `path`; with `digests`, its whole content is read.
    ///
    /// - Throws: ``ReadError`` if it cannot be read, or is changed in the meantime.
    package static func take(_ path: String, digests: Bool) throws(ReadError) -> FileFingerprint {
        try take(path, digests: digests, blockSize: blockSize)
    }

    static func take(
        _ path: String, digests: Bool, blockSize: Int
    ) throws(ReadError) -> FileFingerprint {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(errno, path) }
        var result = FileFingerprint(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
        if digests {
            result.digests = try digest(path, sizes: result.blocks(of: blockSize).map(\.count))
        }
        return result
    }

    /// What became of the file since this was taken.
    ///
    /// Reads no content where device, inode, size and times are what they were; else the content up to the
    /// old size, or to the first block that differs.
    package func change(at path: String) throws(ReadError) -> Change {
        try change(at: path, blockSize: FileFingerprint.blockSize)
    }

    func change(at path: String, blockSize: Int) throws(ReadError) -> Change {
        let now = try FileFingerprint.take(path, digests: false)
        if isSame(as: now) { return .unchanged }
        if now.size < size { return .truncated(to: now.size) }
        let blocks = blocks(of: blockSize)
        guard digests.count == blocks.count else { return .unknown }
        let content = try ByteSource.open(InputFile(path: path))
        for (index, block) in blocks.enumerated()
        where try FileFingerprint.digest(content, count: block.count) != digests[index] {
            return .edited(block: index, offset: block.lowerBound)
        }
        return now.size > size ? .appended(from: size) : .unchanged
    }

    private func isSame(as now: FileFingerprint) -> Bool {
        (now.device, now.inode, now.size, now.modified) == (device, inode, size, modified)
            && (changed == nil || now.changed == changed)
    }

    /// What is wrong with the last record of a file that grew, after this byte, while it was read.
    package static func stillWritten(after byte: Int) -> Refusal {
        Refusal(
            .unreadable,
            message: "The file was being written: data after byte \(byte) may belong to this record")
    }

    /// Sees, without digests, that the file was left alone while it was read.
    ///
    /// - Returns: What is worth saying: it has grown.
    /// - Throws: ``ReadError``: it is another one, was cut, or was edited.
    package func checkUntouched(_ path: String, name: String) throws(ReadError) -> String? {
        let now = try FileFingerprint.take(path, digests: false)
        if isSame(as: now) { return nil }
        if (now.device, now.inode) == (device, inode), now.size > size {
            return "\(name) has grown while it was read: what was added may be missing here"
        }
        throw ReadError(
            .changed, name: name,
            message: "it was changed while it was read. Try again when nothing writes to it")
    }

    private func blocks(of blockSize: Int) -> [Range<Int>] {
        stride(from: 0, to: size, by: blockSize).map { $0..<min(size, $0 + blockSize) }
    }

    private static func digest(_ path: String, sizes: [Int]) throws(ReadError) -> [UInt64] {
        let content = try ByteSource.open(InputFile(path: path))
        var result: [UInt64] = []
        for size in sizes {
            guard let digest = try digest(content, count: size) else {
                throw ReadError(.resume, name: path, message: "it became shorter while it was read")
            }
            result.append(digest)
        }
        return result
    }

    /// The digest of the next `count` bytes; nil if there are not this many.
    private static func digest(_ content: ByteSource, count: Int) throws(ReadError) -> UInt64? {
        var digest = Digest()
        var buffer = [UInt8](repeating: 0, count: min(count, 1 << 20))
        var rest = count
        while rest > 0 {
            let got = try content.read(into: &buffer, in: 0..<min(rest, buffer.count))
            guard got > 0 else { return nil }
            digest.update(buffer, in: 0..<got)
            rest -= got
        }
        return digest.value
    }
}
