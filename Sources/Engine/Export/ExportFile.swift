import Foundation

/// The file of an export while it is made: `NAME.part`, one item a line, readable by its owner alone.
///
/// Bytes count once they are synced and the ledger has them; what is after is cut off when the
/// export continues.
final class ExportFile {
    let path: String
    private let descriptor: Int32
    private(set) var length: Int
    private var buffer: [UInt8] = []

    private init(path: String, descriptor: Int32, length: Int) {
        self.path = path
        self.descriptor = descriptor
        self.length = length
    }

    deinit { close(descriptor) }

    /// Opens it at a length that the ledger knows of.
    ///
    /// - Throws: ``RunStartError`` where it is shorter than that; a POSIX error.
    static func open(_ path: String, at length: Int) throws -> ExportFile {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        let file = ExportFile(path: path, descriptor: descriptor, length: length)
        guard fchmod(descriptor, 0o600) == 0 else { throw failure(path) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size >= length else {
            throw RunStartError(.exportFile(path: path, size: size, written: length))
        }
        guard ftruncate(descriptor, off_t(length)) == 0,
            lseek(descriptor, off_t(length), SEEK_SET) >= 0
        else { throw failure(path) }
        return file
    }

    func append(_ line: [UInt8]) throws {
        buffer.append(contentsOf: line)
        buffer.append(0x0A)
        if buffer.count >= 1 << 18 { try flush() }
    }

    /// Makes durable what was appended.
    ///
    /// - Returns: How long the file is.
    func sync() throws -> Int {
        try flush()
        guard fdatasync(descriptor) == 0 else { throw Self.failure(path) }
        return length
    }

    private func flush() throws {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path)
            }
            rest = rest.dropFirst(count)
            length += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    static func failure(_ path: String) -> NSError {
        NSError(
            domain: NSPOSIXErrorDomain, code: Int(errno), userInfo: [NSFilePathErrorKey: path])
    }

    /// Gives a file its final name, durably.
    static func rename(_ from: String, to path: String) throws {
        guard unsafe Glibc.rename(from, path) == 0 else { throw failure(path) }
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = unsafe Glibc.open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
