package import GRDB
import Glibc
package import Model

/// Why the ledger cannot be used. What people read of it is in Reports, `LedgerError+Text.swift`.
package struct LedgerError: Error, Equatable {
    package enum Code: Equatable, Sendable {
        case networkFileSystem, notWritable, newer, damaged, busy, full, disk, notFound, inconsistent
        /// Others may read or change it, or it is another user's.
        case notOurs
        /// Older than what was sent on it.
        case behind
        case other
    }

    /// What is wrong. Paths are of the file or folder at fault; `errno` is the system's.
    package enum Problem: Equatable, Sendable {
        /// The database: by what SQLite says, and in its words.
        case database(Code, path: String, detail: String)
        /// Pages of it, as its own check found.
        case pages(path: String, findings: [String])
        /// Its log: in this frame, from this byte on; in its header without a frame.
        case log(path: String, frame: Int?, byte: Int)
        /// The keys that it owns.
        case keys
        /// It is empty or gone, and this many of its runs have folders.
        case lost(path: String, isEmpty: Bool, runs: Int)
        /// Written by a version that knows more.
        case newer(found: Int, known: Int)
        /// Its counter, or a run's folder, tells about more than it knows.
        case behind(path: String, LedgerStanding)
        case folderNotCreated(String)
        case networkFileSystem(folder: String, type: String)
        case notOurs(OwnFile.Refused)
        case notOpened(String, errno: Int32)
        case lockNotCreated(folder: String, why: String)
        /// The copy of its counter, outside of its folder.
        case hostMark(HostMarkStep, String, errno: Int32)
        /// What a run's folder says of the run.
        case runMark(String, errno: Int32)
        /// A temporary file of rows.
        case stageNotCreated(String)
        // Defects, or a ledger that something else has changed.
        case missing(Entry)
        case noID
        case noChunk(record: Int64)
        case cannotFollow(record: Int64, state: RecordState, event: RecordState.Event)
        /// A stored chunk has another number of records when it is read again.
        case chunkChanged(now: Int, before: Int)
    }

    /// What was being done with the copy of the counter.
    package enum HostMarkStep: Equatable, Sendable { case creating, reading, writing }

    /// A row that has to be there.
    package enum Entry: Equatable, Sendable { case chunk, newExport, newRun, pendingRun }

    package let problem: Problem

    package init(_ problem: Problem) { self.problem = problem }

    package init(_ error: DatabaseError, path: String) {
        let code: Code =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .busy
            case .SQLITE_FULL: .full
            case .SQLITE_IOERR: .disk
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .notWritable
            default: .other
            }
        self.init(
            .database(code, path: path, detail: error.message ?? error.resultCode.description))
    }

    package var code: Code {
        switch problem {
        case .database(let code, _, _): code
        case .pages, .log, .keys, .lost: .damaged
        case .newer: .newer
        case .behind: .behind
        case .networkFileSystem: .networkFileSystem
        case .notOurs: .notOurs
        case .folderNotCreated, .notOpened, .lockNotCreated, .stageNotCreated: .notWritable
        case .hostMark(_, _, let errno): Self.code(of: errno, disk: .disk)
        case .runMark(_, let errno): Self.code(of: errno, disk: .notWritable)
        case .missing, .noID, .noChunk, .cannotFollow, .chunkChanged: .inconsistent
        }
    }

    private static func code(of errno: Int32, disk: Code) -> Code {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .full
        case EIO: disk
        default: .notWritable
        }
    }

    /// Of the ledger, where a statement met that it is at fault.
    var path: String? {
        if case .database(_, let path, _) = problem { path } else { nil }
    }
}
