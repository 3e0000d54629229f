package import GRDB

/// Why the ledger cannot be used.
package struct LedgerError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        case networkFileSystem, notWritable, newer, damaged, busy, full, disk, notFound, inconsistent
        /// Others may read or change it, or it is another user's.
        case notOurs
        /// Older than what was sent on it.
        case behind
        case other
    }
    package let code: Code
    package let message: String
    package let next: String
    /// Of the ledger, where that is at fault.
    package private(set) var path: String?

    package init(_ code: Code, _ message: String, next: String) {
        self.code = code
        self.message = message
        self.next = next
    }

    package init(_ error: DatabaseError, path: String) {
        let words = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, "the ledger \(path) is damaged: \(words)", next: Damage.next)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            self.init(
                .busy, "the ledger \(path) is locked by another process", next: "Try again later.")
        case .SQLITE_FULL:
            self.init(
                .full, "no space left for the ledger \(path)",
                next: "Free some space, then `sluice resume`.")
        case .SQLITE_IOERR:
            self.init(
                .disk, "the ledger \(path) cannot be read or written: \(words)",
                next: "Check the disk and its limits, then `sluice resume`.")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .notWritable, "the ledger \(path) cannot be written: \(words)",
                next: "Make it writable, or choose another place with --state DIR.")
        default:
            self.init(.other, "the ledger \(path): \(words)", next: "This is a defect: report it.")
        }
        self.path = path
    }

    package var description: String { "\(message). \(next)" }
}
