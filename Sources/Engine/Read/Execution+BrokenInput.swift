import Ledger
import Records

// When an input cannot be read on: nothing more is sent, and what came from it is named.
extension Execution {
    func breakOff(reading error: ReadError) throws {
        var words = "\(error). "
        if let file = plan.inputs.firstIndex(where: { $0.name == error.name }) {
            words += try taken(from: file) + ". "
        }
        if error.code == .unaccounted {
            stopping.note(difference: words)
            return stop(StopReason(.unbalanced, words))
        }
        words +=
            error.code == .archive
            ? "Nothing more is sent. Get an undamaged copy, close this run with `sluice abandon \(run.id)`, and run the "
                + "job again: what was accepted is not sent again."
            : "Nothing more is sent. Restore its old content and `sluice resume \(run.id)`, or close the run "
                + "with `sluice abandon \(run.id)` and run the job again: what was accepted is not sent again."
        stop(StopReason(.stopped, words))
    }

    /// Which records the run has from a file.
    private func taken(from file: Int) throws -> String {
        guard let last = try ledger.lastChunk(run: run.number), last.file == file else {
            return try ledger.firstRecord(run: run.number, file: file).map {
                "The run has taken records from it, from record \($0) on"
            } ?? "No record was taken from it"
        }
        let first = try ledger.firstRecord(run: run.number, file: file) ?? last.first
        let end = last.first + Int64(last.count) - 1
        let records = first == end ? "Record \(first) was" : "Records \(first) to \(end) were"
        return "\(records) taken from it, up to line \(max(1, last.nextLine - 1)), byte \(last.stop)"
    }
}

extension ReadError {
    /// It is about what is in the file, not about what the job says of it.
    var isOfContent: Bool {
        switch code {
        case .archive, .changed, .resume, .system, .notFound, .unaccounted: true
        case .header, .encoding, .format, .noRoom, .command: false
        }
    }
}
