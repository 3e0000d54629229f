import Engine
import Model

extension EngineNote.Sending {
    var text: String {
        switch self {
        case .behind(let record, let run):
            "it depends on record \(record), which waits for \(run.map { "run \($0)" } ?? "another run")"
        case .waitingFor(let runs, let more):
            runs.isEmpty
                ? "another run has the records they wait for"
                : "run \(runs.joined(separator: ", run "))\(more > 0 ? " and \(more) more" : "") has the records they wait for: "
                    + "`sluice resume` continues all unfinished runs, oldest first"
        case .tooManyWait(let waiting): "too many records wait: \(waiting)"
        case .otherRecord(let record, let run): "record \(record) of run \(run)"
        case .firstAt(let file, let line): "first at \(InputName.place(file, line: line))"
        case .firstRecord(let record): "first as record \(record) of this run"
        case .replyUnmatched: "the reply could not be matched to records"
        }
    }
}
