import Foundation
import GRDB

/// A ledger that must not be used, and how it is kept from being.
///
/// Damage may show in one command and not in the next, which reads other pages. So it is noted in a
/// file beside the ledger; while that is, a ledger is examined as a whole before it is used.
package enum Damage {

    /// Notes it where a ledger was seen to be damaged. If not even that can be written, the next command
    /// meets the damage by itself, or does not.
    package static func note(_ error: LedgerError) {
        guard error.code == .damaged, let path = error.path else { return }
        let descriptor = unsafe Glibc.open(mark(of: path), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    private static func mark(of path: String) -> String { path + ".damaged" }

    /// - Throws: ``LedgerError`` where the ledger is known to be damaged, or gone.
    static func refuse(_ path: String, in directory: String) throws {
        // First of all: SQLite forgets what is after the damage as soon as it opens the ledger.
        if let found = try WriteAheadLog.damage(of: path) {
            throw LedgerError(.log(path: found.path, frame: found.frame, byte: found.byte))
        }
        if unsafe access(mark(of: path), F_OK) == 0 {
            try examine(path)
            _ = unsafe unlink(mark(of: path))
        }
        // SQLite takes an empty file for a new database, and drops the log that belongs to it.
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0 && status.st_size > 0
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/runs")) ?? []
        if !isThere, !runs.isEmpty {
            throw LedgerError(
                .lost(path: path, isEmpty: unsafe access(path, F_OK) == 0, runs: runs.count))
        }
    }

    /// Reads all of it: minutes for a large one.
    private static func examine(_ path: String) throws {
        do {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            let findings = try queue.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check(3)")
            }
            if findings != ["ok"] {
                throw LedgerError(.pages(path: path, findings: findings))
            }
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        }
    }
}
