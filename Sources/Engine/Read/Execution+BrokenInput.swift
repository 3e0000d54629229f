import Ledger
import Records

// When an input cannot be read on: nothing more is sent, and what came from it is named.
extension Execution {
    func breakOff(reading file: BrokenFile) throws {
        let way: EngineNote.Broken.Way =
            switch file.code {
            case .unaccounted: .unaccounted
            case .archive: .damaged
            default: .changed
            }
        let index = plan.inputs.firstIndex { $0.name == file.name }
        let broken = EngineNote.Broken(
            error: environment.words(of: file.error), taken: try index.map(taken), way: way,
            run: run.id)
        let text = words(.input(.broken(broken)))
        guard way == .unaccounted else { return stop(StopReason(.stopped, text)) }
        stopping.note(.source(text))
        stop(StopReason(.unbalanced, text))
    }

    /// Which records the run has from a file.
    private func taken(from file: Int) throws -> EngineNote.Broken.Taken {
        guard let last = try ledger.lastChunk(run: run.number), last.file == file else {
            return try ledger.firstRecord(run: run.number, file: file).map { .from(record: $0) }
                ?? .nothing
        }
        return .records(
            from: try ledger.firstRecord(run: run.number, file: file) ?? last.first,
            to: last.first + Int64(last.count) - 1, line: max(1, last.nextLine - 1),
            byte: last.stop)
    }
}

/// An input that cannot be read on, for what is in it.
struct BrokenFile: Sendable {
    let error: any Error
    let code: ReadError.Code
    let name: String?

    /// Nil where it is another error, or about what the job says of the file.
    init?(_ error: any Error) {
        switch error {
        case let error as ReadError: (code, name) = (error.code, error.name)
        case let error as InputError: (code, name) = (error.code, error.name)
        default: return nil
        }
        guard Self.isOfContent(code) else { return nil }
        self.error = error
    }

    private static func isOfContent(_ code: ReadError.Code) -> Bool {
        switch code {
        case .archive, .changed, .resume, .system, .notFound, .unaccounted: true
        case .header, .encoding, .format, .noRoom, .command: false
        }
    }
}
