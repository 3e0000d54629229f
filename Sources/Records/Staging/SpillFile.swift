import Glibc

/// A file of our own: written once from front to back, 0600 from its first byte, read at any place.
final class SpillFile {
    let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var written = 0

    /// How many bytes it has, those not yet written included.
    var size: Int { written + buffer.count }

    /// Makes the file; one of that name must not exist.
    init(creating path: String) throws(ReadError) {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .system(errno, path) }
        descriptor = opened
        self.path = path
    }

    deinit { close(descriptor) }

    /// Takes its name away; it is gone with the last that has it open.
    func remove() { unsafe _ = unlink(path) }

    func append(_ bytes: [UInt8]) throws(ReadError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 18 { try flush() }
    }

    func flush() throws(ReadError) {
        var done = 0
        while done < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failed(errno, path)
            }
            done += count
        }
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes what was written durable.
    func synchronize() throws(ReadError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.failed(errno, path) }
    }

    private static func failed(_ code: Int32, _ path: String) -> ReadError {
        guard [ENOSPC, EDQUOT, EFBIG].contains(code) else { return .system(code, path) }
        return ReadError(
            .noRoom, name: path,
            message: "no space left. Free some space, or use another folder with --state.")
    }

    /// Replaces what is in `into` by up to `count` bytes from `offset` on; fewer only at the end.
    func read(_ count: Int, at offset: Int, into: inout [UInt8]) throws(ReadError) {
        into.removeAll(keepingCapacity: true)
        into.append(contentsOf: repeatElement(0, count: count))
        var done = 0
        while done < count {
            let got = unsafe into.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    descriptor, bytes.baseAddress?.advanced(by: done), count - done, offset + done)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .system(errno, path)
            }
            if got == 0 { break }
            done += got
        }
        into.removeLast(count - done)
    }
}
