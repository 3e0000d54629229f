import Foundation

/// Held while a job runs, so that it never runs twice at once on one ledger.
///
/// It is the kernel's lock on an open file: it ends with the process, however that ends, so
/// nothing has to heal after a crash.
package final class JobLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The lock of `job` below the state directory `directory`; nil when another process holds it.
    ///
    /// - Throws: ``LedgerError`` where the file cannot be made.
    package static func take(job: String, in directory: String) throws -> JobLock? {
        let path = path(of: job, in: directory)
        let folder = directory + "/locks"
        func cannot(_ why: String) -> LedgerError {
            LedgerError(.lockNotCreated(folder: folder, why: why))
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw cannot(error.localizedDescription)
        }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannot(unsafe String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            if reason == EWOULDBLOCK { return nil }
            throw cannot(unsafe String(cString: strerror(reason)))
        }
        // For people who meet the lock; it holds without it.
        let holder = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 {
            _ = unsafe holder.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
        return JobLock(descriptor: descriptor)
    }

    /// The process that took the lock of `job` last; nil where that is not known.
    package static func holder(job: String, in directory: String) -> Int32? {
        (try? String(contentsOfFile: path(of: job, in: directory), encoding: .utf8))
            .flatMap { Int32($0.prefix { $0 != "\n" }) }
    }

    private static func path(of job: String, in directory: String) -> String {
        // A name of its own for every job: anything but letters and digits is written in hex.
        let name = job.utf8.map { byte in
            let plain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
            return plain ? String(UnicodeScalar(byte)) : "-" + String(byte, radix: 16)
        }.joined()
        return "\(directory)/locks/\(name).lock"
    }
}
