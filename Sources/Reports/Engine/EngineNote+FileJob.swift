import Engine

extension EngineNote.FileJob {
    var text: String {
        switch self {
        case .left(let stem, let left): "the job of \(stem).csv \(left.text)"
        case .notFollowed(let words): "the jobs of files cannot be followed: \(words)"
        case .stillIn(let stem, let state):
            "the job of \(stem).csv is still \(state); `sluice resume` follows it further"
        case .missing(let stem, let isNeverResent):
            "no job has the name \(stem).csv, and "
                + (isNeverResent
                    ? "doubt.resend is never"
                    : "the server may import its rows twice (see `refuses_repeat`)")
                + ": check the series, then decide"
        case .provedMissing(let stem):
            "no job of the server has the name \(stem).csv; it can be sent again"
        case .errorsUnlisted(let counts):
            "the job ended with \(counts.text), but no call lists them: check the issues of the file in the coupon screens, then decide"
        case .rowsNotFound(let open, let counts):
            "\(open) rows were not found, and the job ended with \(counts.text): check the issues of the file in the coupon screens, then decide"
        case .rowRefused(let counts):
            "The job ended with \(counts.text), and this row is not on the server. The coupon screens "
                + "show the reason under the issues of the file."
        case .maybeOthers:
            "the server's entry may belong to another record with the same key: check it, then decide"
        }
    }
}

extension EngineNote.FileJob.Counts {
    var text: String { "\(errors) errors in \(rows) rows (job \(job))" }
}

extension EngineNote.FileJob.Left {
    fileprivate var text: String {
        switch self {
        case .whenStopped: "was still running when the run stopped"
        case .notRequested(let words): "could not be requested: \(words)"
        case .unread(let words): "cannot be read: \(words)"
        case .notInTime: "did not end in time; `sluice resume` follows it further"
        case .ended(let counts): "ended with \(counts.text)"
        }
    }
}
