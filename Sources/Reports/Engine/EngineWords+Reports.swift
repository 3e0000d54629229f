package import Engine
import Ledger
import Model

extension EngineWords {
    /// The sentences of this module.
    package static let reports = EngineWords(text: { $0.text }, error: { ErrorText.of($0) })
}

extension Environment {
    /// The machine's own clock, and the sentences of this module.
    package static var real: Environment { .real(.reports) }
}

/// What people read of errors.
package enum ErrorText {
    /// What is wrong, where, and what to do; of an error of another layer, what it says itself.
    package static func of(_ error: any Error) -> String {
        switch error {
        case let error as LedgerError: error.text
        case let error as OwnFile.Refused: error.text
        case let error as RunStartError: error.text
        case let error as InputError: error.text
        case let error as Unbalanced: error.text
        default: "\(error)"
        }
    }
}

extension EngineNote {
    /// What a person reads of it.
    package var text: String {
        switch self {
        case .objection(let objection): objection.text
        case .run(let note): note.text
        case .sending(let note): note.text
        case .settling(let note): note.text
        case .doubt(let note): note.text
        case .fileJob(let note): note.text
        case .looking(let note): note.text
        case .meeting(let note): note.text
        case .input(let note): note.text
        case .join(let note): note.text
        case .export(let note): note.text
        case .cards(let note): note.text
        }
    }
}
