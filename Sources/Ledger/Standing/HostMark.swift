import Foundation
import Synchronization

/// The copy of a ledger's counter that stands outside its folder, with what belongs to the host.
///
/// A ledger that is put back from a backup has the counter of then; this file has that of now. It is
/// raised after the ledger's own counter is durable and before anything that the counter stands for is
/// sent. So it is never ahead of a ledger that is whole, whatever is cut off in between, and never
/// after what was sent.
///
/// The counter has a fixed width and is overwritten in place under a lock: the block is there, so a full
/// disk cannot keep it from being raised. A file without a readable counter counts as none.
final class HostMark: Sendable {
    /// What such a file says.
    struct Content: Equatable {
        var counter: Int64
        /// A digest that tells this host from others.
        var host: String
    }

    private static let head = "sluice-ledger 1\n"
    private static let digits = 20

    private let descriptor: Int32
    private let path: String
    /// The highest counter written by this process.
    private let highest = Mutex<Int64>(0)

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    static func path(of id: String, in folder: String) -> String { "\(folder)/ledgers/\(id)" }

    /// What the file says of the ledger of that id; nil where there is none, or it says nothing.
    ///
    /// - Throws: ``LedgerError`` where it is there and cannot be read.
    static func read(_ id: String, in folder: String) throws -> Content? {
        let path = path(of: id, in: folder)
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(path, .reading)
        }
        defer { close(file) }
        return content(of: file)
    }

    /// Opens or makes the file, readable by its owner alone.
    ///
    /// - Parameter ledger: The path of the ledger, for people.
    static func open(_ id: String, in folder: String, ledger: String) throws -> HostMark {
        do {
            try FileManager.default.createDirectory(
                atPath: folder + "/ledgers", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw failure(folder + "/ledgers", .creating)
        }
        let path = path(of: id, in: folder)
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure(path, .writing) }
        let mark = HostMark(descriptor: file, path: path)
        if content(of: file)?.host != host {
            // Whole before it counts: the counter comes with the first raise.
            let blank = String(repeating: " ", count: digits)
            try mark.write(Array("\(head)\(blank)\n\(host)\n\(ledger)\n".utf8), at: 0)
        }
        return mark
    }

    /// Raises the counter in the file to at least this.
    ///
    /// - Parameter durable: Whether to wait for the disk. Without, a power cut may take the newest
    ///   raises back, which hides nothing but what a backup of the minutes before it has not got.
    /// - Throws: ``LedgerError``: then nothing may be sent.
    func raise(to counter: Int64, durable: Bool) throws {
        try highest.withLock { highest in
            guard counter > highest else { return }
            let isLocked = lock()
            defer { if isLocked { flock(descriptor, LOCK_UN) } }
            // Another process may have come further.
            if let stored = Self.content(of: descriptor)?.counter, stored >= counter {
                highest = stored
                return
            }
            let text = String(counter)
            let padded = String(repeating: "0", count: max(0, Self.digits - text.utf8.count)) + text
            try write(Array(padded.utf8), at: Self.head.utf8.count)
            if durable, fsync(descriptor) != 0 { throw Self.failure(path, .writing) }
            highest = counter
        }
    }

    /// Who holds the lock has it for microseconds; one that was stopped in the meantime holds nobody up.
    private func lock() -> Bool {
        for _ in 0..<200 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(1000)
        }
        return false
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(
                    descriptor, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done,
                    off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, .writing) }
            done += count
        }
    }

    private static func content(of file: Int32) -> Content? {
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe pread(file, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { return nil }
        let lines = String(decoding: buffer[..<count], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines[0] + "\n" == head, lines[1].utf8.count == digits else {
            return nil
        }
        guard let counter = Int64(lines[1]) else { return nil }
        return Content(counter: counter, host: String(lines[2]))
    }

    private static func failure(_ path: String, _ step: LedgerError.HostMarkStep) -> LedgerError {
        LedgerError(.hostMark(step, path, errno: errno))
    }

    /// A digest of the machine's id: the same folder on another machine, copied or mounted, is told apart.
    static let host: String = {
        let text = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in ("sluice ledger " + text).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }()
}
