package import Engine
import Foundation
import Model

extension RunStartError {
    /// What is wrong, and where.
    package var message: String {
        switch problem {
        case .pathMissing(let status, let target, _): "the server answers \(status) to \(target)"
        case .noSlot(let error): error.message
        case .orgUnread(let words, _, _): "the org's configuration cannot be read: \(words)"
        case .orgUntold: "the server does not say which org this is"
        case .orgDiffers(let id, let pinned, let connection):
            "the server says org \(id), but the connection \(connection) says \(pinned)"
        case .orgOfRun(let org, let now, _):
            "the run was started in org \(org), but the server says \(now ?? "none")"
        case .stagedRows(let path, let isGone, _):
            "\(path), the temporary file of the run's grouped rows, is "
                + (isGone ? "gone" : "missing or changed")
        case .inputUnread(let name, let why, _): "\(InputName.bare(name)) cannot be read: \(why)"
        case .inputChanged(let name, .unknown, _):
            "\(InputName.bare(name)) may have changed, at an unknown position"
        case .inputChanged(let name, let change, _):
            "\(InputName.bare(name)) \(change.text)"
        case .cardFile(let path, let errno):
            "\(path) cannot be written: \(unsafe String(cString: strerror(errno)))"
        case .exportFile(let path, let size, let written):
            "\(path) has \(size) bytes, but \(written) were written to it"
        case .exportLine(let path, let line, let words): "\(path):\(line): \(words)"
        case .exportUnfinished(let id, let listing, let path):
            "export \(id) of \(listing) to \(path) is unfinished"
        case .notVerifiable(let endpoint, _): "no listing shows what \(endpoint) imported"
        }
    }

    /// What to do about it.
    package var next: String {
        switch problem {
        case .pathMissing(_, _, let connection): "Check `base_url` of the connection \(connection)."
        case .noSlot(let error):
            switch error.code {
            case .authentication: "Check the connection's credentials."
            case .certificate: Self.certificateAdvice
            case .paused, .unreachable: "Try again later."
            }
        case .orgUnread(_, let isAccess, let connection):
            (isAccess ? "Have the API client granted access" : "Try again later")
                + ", or set `org:` in the connection \(connection)."
        case .orgUntold(let connection): "Set `org:` in the connection \(connection)."
        case .orgDiffers: "Correct `org:` or `base_url:` of the connection."
        case .orgOfRun(_, _, let connection): "Correct the connection \(connection)."
        case .stagedRows(_, _, let run):
            "Restore it, or `sluice abandon \(run)` and run the job again."
        case .inputUnread(_, _, let run): "Restore it, " + Self.newStart(run)
        case .inputChanged(_, _, let run): "Restore its old content, " + Self.newStart(run)
        case .cardFile:
            "The ledger has the numbers: check the disk, and run the same command again."
        case .exportFile: "Restore it, or start the export again with --anew."
        case .exportLine:
            "It was written with other settings: start the export again with --anew."
        case .exportUnfinished:
            "Run the same command to finish it, choose another file, or use --anew."
        case .notVerifiable(_, let endpoints):
            "These can be verified: \(endpoints.joined(separator: ", "))."
        }
    }

    /// Both sentences.
    package var text: String { "\(message). \(next)" }

    /// What to do about a certificate that is not accepted.
    package static let certificateAdvice =
        "Check `base_url`, or name the certificate authority with `certificate:` in the connection."

    private static func newStart(_ run: RunID) -> String {
        "or let `sluice run --resume` settle the records in doubt, close the rest and "
            + "start with the new file; or `sluice abandon \(run)`."
    }
}

extension RunStarter.Grown {
    /// An input of a run that continues, and has grown.
    package var text: String {
        isForNewRun
            ? "\(InputName.bare(name)) has grown; what follows byte \(after) is for a new run"
            : "\(InputName.bare(name)) has grown after byte \(after)"
    }
}
