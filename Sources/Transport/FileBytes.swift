import Glibc
import Synchronization

/// Small files, read whole.
enum FileBytes {
    /// What came through pipes, as in `password_file: /dev/fd/3`: there once, and requested again with each token.
    private static let onceOnly = Mutex<[String: (bytes: [UInt8], mode: mode_t)]>([:])

    /// The content of `path`, or nil where it cannot be read or is longer than `limit`.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        guard let (bytes, _) = readWithMode(path, limit: limit) else { return nil }
        return bytes
    }

    /// The same, with the permission bits of the file.
    static func readWithMode(_ path: String, limit: Int) -> (bytes: [UInt8], mode: mode_t)? {
        if let known = onceOnly.withLock({ $0[path] }) { return known }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard unsafe fstat(file, &about) == 0 else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= limit else { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        let found = (bytes: bytes, mode: about.st_mode & 0o777)
        if about.st_mode & S_IFMT == S_IFIFO { onceOnly.withLock { $0[path] = found } }
        return found
    }
}
