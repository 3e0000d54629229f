package import Engine
import Ledger
import Model

extension EngineWords {
    /// The sentences of this module.
    package static let reports = EngineWords(text: { $0.text }, error: { Sentences.of($0) })
}

extension Environment {
    /// The machine's own clock, and the sentences of this module.
    package static var real: Environment { .real(.reports) }
}

/// What people read of errors.
package enum Sentences {
    /// What is wrong, where, and what to do; of an error of another layer, what it says itself.
    package static func of(_ error: any Error) -> String {
        switch error {
        case let error as LedgerError: error.text
        case let error as OwnFile.Refused: error.text
        default: "\(error)"
        }
    }
}

extension EngineNote {
    package var text: String {
        switch self {
        case .objection(let objection): objection.text
        case .run(let note): note.text
        }
    }
}
