import Foundation
import Glibc
import Synchronization

/// A small text file, read whole: a job, a file of connections.
///
/// What comes through a pipe is there once; whoever asks again in this process is given the same text.
package enum WholeText {
    /// The longest one that is read.
    package static let limit = 64 << 20

    private static let onceOnly = Mutex<[String: String]>([:])

    /// - Throws: ``ReadError``: there is no such file, it cannot be read, or is not UTF-8.
    package static func read(_ path: String) throws(ReadError) -> String {
        guard Spool.isOnceOnly(path) else { return try load(path) }
        if let known = onceOnly.withLock({ $0[path] }) { return known }
        let text = try load(path)
        onceOnly.withLock { $0[path] = text }
        return text
    }

    private static func load(_ path: String) throws(ReadError) -> String {
        let isStandardInput = path == "-" || path == "/dev/stdin"
        let descriptor = isStandardInput ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, path) }
        defer { if !isStandardInput { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno, path) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw ReadError(.format, name: path, message: "it is longer than \(limit) bytes")
            }
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ReadError(.encoding, name: path, message: "it is not UTF-8: save it as UTF-8")
        }
        return text
    }
}
