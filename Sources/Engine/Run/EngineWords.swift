package import Ledger

/// The sentences of what the engine tells: those of Reports, handed in with the ``Environment``. The engine decides
/// what is to be told and with which values; where that is kept as text, in the ledger or on a terminal, these make it.
package struct EngineWords: Sendable {
    private let text: @Sendable (EngineNote) -> String
    private let error: @Sendable (any Error) -> String

    package init(
        text: @escaping @Sendable (EngineNote) -> String,
        error: @escaping @Sendable (any Error) -> String
    ) {
        self.text = text
        self.error = error
    }

    package func callAsFunction(_ note: EngineNote) -> String { text(note) }

    /// What a person reads of an error that ends a run.
    package func callAsFunction(of error: any Error) -> String { self.error(error) }
}

/// What the engine has to tell a person: a code with its values, by the part of the engine where it arises. What
/// others said (the server, the catalog, the system) is passed on in its values as it is.
package enum EngineNote: Sendable, Equatable {
    /// Why a record is not let in.
    case objection(Admission.Objection)
    case run(Run)
    case sending(Sending)
    case settling(Settling)
    case doubt(Doubt)
    case fileJob(FileJob)
    case looking(Looking)
    case meeting(Meeting)
    case input(Input)
    case join(Join)
    case export(Export)
    case cards(Cards)
}
