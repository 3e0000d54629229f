package import Engine
import Model

extension EngineNote.Input {
    var text: String {
        switch self {
        case .broken(let broken): broken.text
        case .openEnd(let end): end.text
        case .grown(let files, let more):
            files.map { "\(InputName.bare($0.name)) has grown after byte \($0.after)" }.joined(
                separator: ", ")
                + (more > 0 ? ", and \(more) more files have grown" : "")
                + ": what was added is not in this run. Run the job again to import it"
        case .customersNotLookedUp(let words): "customers cannot be looked up: \(words)"
        }
    }
}

extension EngineNote.Broken {
    fileprivate var text: String {
        var words = "\(error). "
        if let taken { words += taken.text + ". " }
        switch way {
        case .unaccounted: break
        case .damaged:
            words +=
                "Nothing more is sent. Get an undamaged copy, close this run with `sluice abandon \(run)`, and run the "
                + "job again: what was accepted is not sent again."
        case .changed:
            words +=
                "Nothing more is sent. Restore its old content and `sluice resume \(run)`, or close the run "
                + "with `sluice abandon \(run)` and run the job again: what was accepted is not sent again."
        }
        return words
    }
}

extension EngineNote.Broken.Taken {
    fileprivate var text: String {
        switch self {
        case .nothing: "No record was taken from it"
        case .from(let record): "The run has taken records from it, from record \(record) on"
        case .records(let from, let to, let line, let byte):
            (from == to ? "Record \(from) was" : "Records \(from) to \(to) were")
                + " taken from it, up to line \(line), byte \(byte)"
        }
    }
}

extension InputChange {
    /// What a file did, to follow its name.
    package var text: String {
        switch self {
        case .unreadable: "cannot be read any more"
        case .grown(let byte): "has grown after byte \(byte)"
        case .cut(let byte): "was cut to \(byte) bytes"
        case .edited(let byte): "was changed at or after byte \(byte)"
        case .unknown: "may have changed, at an unknown position,"
        }
    }
}

extension EngineNote.OpenEnd {
    fileprivate var text: String {
        switch end {
        case .lastRow:
            "\(InputName.bare(file)): its last row has no line end, and the file \(change.text) since the run "
                + "started: what was added may belong to that row. "
                + (wasSent
                    ? "The row was sent as it was read: compare it with the server's entry."
                    : "Nothing more is sent. Close this run with `sluice abandon \(run)`, and run the job "
                        + "again when the file is complete: what was accepted is not sent again.")
        case .row(let line, let record):
            "\(InputName.place(file, line: line)): record \(record) has no line end, " + what
        case .group(let line, let record):
            "\(InputName.place(file, line: line)): record \(record) is the last group of the file, "
                + what
        }
    }

    private var what: String {
        let isGrowth = if case .grown = change { true } else { false }
        let words =
            "and the file \(change.text) since the run started"
            + (isGrowth ? ": what was added may belong to it. " : ". ")
        if wasSent {
            return words + "It was sent as it was read: compare it with the server's entry"
        }
        return words
            + (isGrowth
                ? "It is not sent. `sluice resume \(run)` lists it as invalid and sends the rest; run the job again "
                    + "when the file is complete"
                : "It is not sent. Restore the file's old content and `sluice resume \(run)`, or close the run with "
                    + "`sluice abandon \(run)` and run the job again: what was accepted is not sent again")
    }
}

extension EngineNote.Join {
    var text: String {
        switch self {
        case .fieldCount(let found, let expected): "found \(found) fields, expected \(expected)"
        case .emptyKey(let columns): "\(columns.joined(separator: ", ")) is empty"
        case .rivals(let rows, let files, let key):
            "\(rows) rows of \(files) have the same \(key): which one the lines belong to is not known"
        case .noHead(let files, let key): "no row of \(files) has this \(key)"
        case .noLine(let key): "no row of the lines has this \(key)"
        }
    }
}
