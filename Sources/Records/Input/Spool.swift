import Foundation
import Glibc
import Synchronization

/// Where the bytes are kept of what cannot be read twice: standard input, a pipe, a FIFO, a device.
///
/// Input is opened more than once: to see what it is, to read its header, to read it, to resume. So such an
/// input is copied to a file first, for its owner alone.
package struct Spool: Sendable {
    private let directory: String
    private let isNamed: Bool

    /// A file without a name in the temporary folder: it goes with the process, however that ends.
    package static var transient: Spool {
        Spool(directory: NSTemporaryDirectory(), isNamed: false)
    }

    /// A file that stays for whoever resumes. A lock says that its process is alive.
    package static func kept(in directory: String) -> Spool {
        Spool(directory: directory, isNamed: true)
    }

    /// What this process has copied, by where to and what: nobody can read it a second time.
    private static let held = Mutex<[String: Copy]>([:])
    private struct Copy { var descriptor: Int32, path: String }

    /// So much is left free for others: the ledger above all.
    static let reserve = 16 << 20

    /// Whether the file of that name has to be copied to be read more than once.
    static func isNeeded(for path: String) -> Bool {
        if path == "-" || names(descriptor: path) { return true }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// The same for a name that another process, or this one later, would take for another file.
    package static func isOnceOnly(_ path: String) -> Bool { isNeeded(for: path) }

    /// Names for what this process has open.
    private static func names(descriptor path: String) -> Bool {
        if path == "/dev/stdin" { return true }
        if path.hasPrefix("/dev/fd/") { return true }
        return path.hasPrefix("/proc/") && path.contains("/fd/")
    }

    private static func isStandardInput(_ path: String) -> Bool {
        ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(path)
    }

    /// Copies what `path` names.
    ///
    /// - Returns: The path of the copy.
    /// - Throws: ``ReadError``: it cannot be read, or there is no room for it.
    func keep(_ path: String, name: String) throws(ReadError) -> String {
        let path = Spool.isStandardInput(path) ? "/dev/stdin" : path
        let key = "\(isNamed) \(directory) \(path)"
        if let known = Spool.held.withLock({ $0[key]?.path }) { return known }
        let isOwn = !Spool.isStandardInput(path)
        let source = isOwn ? unsafe open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard source >= 0 else { throw .system(errno, name) }
        defer { if isOwn { close(source) } }
        var status = stat()
        guard unsafe fstat(source, &status) == 0 else { throw .system(errno, name) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .system(EISDIR, name) }
        let known = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
        let (copy, place) = try make(name)
        do throws(ReadError) {
            try fill(copy, from: source, atLeast: known, name: name)
        } catch {
            if isNamed { _ = unsafe unlink(place) }
            close(copy)
            throw error
        }
        // The lock, or the file itself, goes with the descriptor.
        Spool.held.withLock { $0[key] = Copy(descriptor: copy, path: place) }
        return place
    }

    /// Runs a program and keeps what it writes.
    ///
    /// - Returns: The path of the copy.
    /// - Throws: ``ReadError``: it did not start, or did not end with 0.
    func keep(outputOf command: InputCommand) throws(ReadError) -> String {
        let key = "\(isNamed) \(directory) \(command.arguments)"
        if let known = Spool.held.withLock({ $0[key]?.path }) { return known }
        let (copy, place) = try make(command.name)
        do throws(ReadError) {
            try command.run(writingTo: copy)
            if isNamed, fsync(copy) != 0 { throw failure(errno, command.name, kept: 0) }
        } catch {
            if isNamed { _ = unsafe unlink(place) }
            close(copy)
            throw error
        }
        Spool.held.withLock { $0[key] = Copy(descriptor: copy, path: place) }
        return place
    }

    private func make(_ name: String) throws(ReadError) -> (descriptor: Int32, path: String) {
        if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST { throw failure(errno, name, kept: 0) }
        let path =
            (directory.hasSuffix("/") ? directory : directory + "/")
            + (isNamed ? "" : "sluice-spool-") + UUID().uuidString
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(errno, name, kept: 0) }
        if isNamed {
            _ = flock(descriptor, LOCK_EX | LOCK_NB)
            return (descriptor, path)
        }
        _ = unsafe unlink(path)
        return (descriptor, "/proc/self/fd/\(descriptor)")
    }

    private func fill(
        _ copy: Int32, from source: Int32, atLeast known: Int, name: String
    ) throws(ReadError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 8)
        defer { unsafe buffer.deallocate() }
        var kept = 0
        var checked = 0
        try checkRoom(copy, for: known, name: name, kept: 0)
        while true {
            let count = unsafe read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno, name) }
            if count == 0 { break }
            if kept + count > checked {
                checked = kept + count + 1 << 26
                try checkRoom(copy, for: count, name: name, kept: kept)
            }
            var written = 0
            while written < count {
                let part = unsafe write(
                    copy, buffer.baseAddress?.advanced(by: written), count - written)
                if part < 0, errno == EINTR { continue }
                guard part > 0 else {
                    throw failure(part < 0 ? errno : ENOSPC, name, kept: kept + written)
                }
                written += part
            }
            kept += count
        }
        if isNamed, fsync(copy) != 0 { throw failure(errno, name, kept: kept) }
    }

    private func checkRoom(_ copy: Int32, for count: Int, name: String, kept: Int) throws(ReadError) {
        var room = statvfs()
        guard unsafe fstatvfs(copy, &room) == 0 else { return }
        let free = Int(
            clamping: UInt64(room.f_bavail).multipliedReportingOverflow(by: UInt64(room.f_frsize))
                .partialValue)
        guard free >= count + Spool.reserve else { throw failure(ENOSPC, name, kept: kept) }
    }

    private func failure(_ code: Int32, _ name: String, kept: Int) -> ReadError {
        let reason = unsafe String(cString: strerror(code))
        return ReadError(
            .noRoom, name: name,
            message:
                "it cannot be stored in \(directory): \(reason)\(kept > 0 ? ", after \(kept) bytes" : ""). "
                + "It can be read only once, so it is copied first. Free some space there, choose another place with "
                + (isNamed ? "--state DIR" : "TMPDIR") + ", or use a file")
    }

    /// Removes the copies in `directory` that nothing needs: nobody holds the lock, and `isNeeded` says so.
    package static func sweep(_ directory: String, isNeeded: (_ name: String) -> Bool) {
        held.withLock { held in
            for (key, copy) in held where copy.path.hasPrefix(directory + "/") {
                guard !isNeeded(String(copy.path.dropFirst(directory.count + 1))) else { continue }
                close(copy.descriptor)
                held[key] = nil
            }
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            guard !isNeeded(name) else { continue }
            let path = directory + "/" + name
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = unsafe unlink(path) }
        }
    }
}
