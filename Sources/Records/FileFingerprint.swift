/// What tells whether a file is still the one it was.
package struct FileFingerprint: Sendable, Equatable {
    /// A digest covers so many bytes; the last one, what remains.
    package static let blockSize = 64 << 20

    package var device: UInt64
    package var inode: UInt64
    /// In bytes.
    package var size: Int
    /// Of the last change to the content, in nanoseconds since 1970.
    package var modified: Int64
    /// A 64-bit digest per block of 64 MiB; empty until asked for.
    package var digests: [UInt64]

    package enum Change: Sendable, Equatable {
        /// Same content.
        case unchanged
        /// The old content is still there, and more behind it, from this byte on.
        case appended(from: Int)
        /// Other content, first noticed in the block that begins here.
        case edited(block: Int, offset: Int)
        /// It is shorter than it was, and equal up to there.
        case truncated(to: Int)
    }

    package init(device: UInt64, inode: UInt64, size: Int, modified: Int64, digests: [UInt64] = []) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.digests = digests
    }

    /// The fingerprint of the file at `path`; with `digests`, its whole content is read.
    package static func take(_ path: String, digests: Bool) throws(ReadError) -> FileFingerprint {
        throw ReadError(.notFound, message: "not built yet")
    }

    /// What became of the file since this was taken. Reads no content where device, inode, size and
    /// time are what they were.
    package func change(at path: String) throws(ReadError) -> Change { .unchanged }
}
