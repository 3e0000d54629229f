import Foundation
package import Ledger
import Model

extension LedgerError {
    /// What is wrong, and where.
    package var message: String {
        switch problem {
        case .database(let code, let path, let detail):
            switch code {
            case .damaged: "the ledger \(path) is damaged: \(detail)"
            case .busy: "the ledger \(path) is locked by another process"
            case .full: "no space left for the ledger \(path)"
            case .disk: "the ledger \(path) cannot be read or written: \(detail)"
            case .notWritable: "the ledger \(path) cannot be written: \(detail)"
            default: "the ledger \(path): \(detail)"
            }
        case .pages(let path, let findings):
            "the ledger \(path) is damaged: \(findings.joined(separator: "; "))"
        case .log(let path, let frame, let byte):
            "the ledger's log \(path) is damaged "
                + (frame.map { "in frame \($0), byte \(byte): commits after it cannot be read" }
                    ?? "in its header")
        case .keys: "the ledger's keys are damaged"
        case .lost(let path, let isEmpty, let runs):
            "the ledger \(path) is \(isEmpty ? "empty" : "gone"), but \(runs) of its runs have folders beside it"
        case .newer(let found, let known):
            "the ledger has version \(found), but this sluice supports \(known)"
        case .behind(let path, let standing):
            "the ledger \(path) is older than what was sent: "
                + standing.findings.joined(separator: "; ")
                + ". It was restored from a backup, or copied. Nothing is sent, because records of those runs would be sent twice"
        case .folderNotCreated(let folder): "cannot create \(folder)"
        case .networkFileSystem(let folder, let type):
            "\(folder) is on a network file system (\(type))"
        case .notOurs(let refused): refused.message
        case .notOpened(let path, let errno): "cannot open \(path): \(Self.system(errno))"
        case .lockNotCreated(let folder, let why): "cannot create a lock in \(folder): \(why)"
        case .hostMark(let step, let path, let errno):
            switch step {
            case .creating: "\(path): cannot be created: \(Self.system(errno))"
            case .reading: "\(path): cannot be read: \(Self.system(errno))"
            case .writing: "\(path): cannot be written: \(Self.system(errno))"
            }
        case .runMark(let path, let errno): "\(path) cannot be written: \(Self.system(errno))"
        case .stageNotCreated(let path): "\(path) cannot be created"
        case .missing(let entry):
            switch entry {
            case .chunk: "a stored chunk is missing"
            case .newExport: "the export just created is missing"
            case .newRun: "the run just created is missing"
            case .pendingRun: "the run just stored is missing"
            }
        case .noID: "the ledger has no id"
        case .noChunk(let record): "record \(record) is in no chunk"
        case .cannotFollow(let record, let state, let event):
            "record \(record) is \(state.word): \(event) cannot follow"
        case .chunkChanged(let now, let before):
            "a chunk has \(now) records now, but had \(before) before"
        }
    }

    /// What to do about it.
    package var next: String {
        switch problem {
        case .database(let code, _, _):
            switch code {
            case .damaged: Self.damaged
            case .busy: "Try again later."
            case .full: "Free some space, then `sluice resume`."
            case .disk: "Check the disk and its limits, then `sluice resume`."
            case .notWritable: Self.writable
            default: "This is a defect: report it."
            }
        case .pages, .log, .lost: Self.damaged
        case .keys:
            "Keep the file. Do not start with a new ledger, or records may be sent twice."
        case .newer: "Use the newer version of sluice."
        case .behind:
            "Restore the newest copy of the ledger, or use this one after `sluice ledger adopt`: every record is then looked up before it is sent."
        case .folderNotCreated:
            "Make the folder above it writable, or choose another place with --state DIR."
        case .networkFileSystem: "Choose a local directory with --state DIR."
        case .notOurs(let refused): refused.next
        case .notOpened, .lockNotCreated: Self.writable
        case .hostMark:
            switch code {
            case .full: "Free some space, then run it again."
            case .disk: "Check the disk, then run it again."
            default: "Make it writable for this user, or set XDG_STATE_HOME to a folder that is."
            }
        case .runMark:
            code == .full
                ? "Free some space, then `sluice resume`."
                : "Make its folder writable, then `sluice resume`."
        case .stageNotCreated: "Check the disk, then try again."
        case .missing(.newExport), .missing(.newRun), .missing(.pendingRun): "Report it."
        case .missing(.chunk), .noID, .noChunk, .cannotFollow: "Keep the ledger and report it."
        case .chunkChanged: "The input has changed since the run started: restore its old content."
        }
    }

    /// Both sentences.
    package var text: String { "\(message). \(next)" }

    private static let writable = "Make it writable, or choose another place with --state DIR."
    private static let damaged =
        "It is left unchanged, and nothing is sent with it. Replace it with an undamaged copy, with the -wal "
        + "file of that copy or without one; or move the whole directory away, but then everything that "
        + "was accepted would be sent again."

    private static func system(_ errno: Int32) -> String { unsafe String(cString: strerror(errno)) }
}
