package import Engine

extension EngineNote.Run {
    package var text: String {
        switch self {
        case .processEnded: LedgerText.processEnded
        }
    }
}
