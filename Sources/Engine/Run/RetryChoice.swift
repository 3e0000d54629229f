package import Ledger
package import Model

/// Which of the open records are sent again.
package enum RetryChoice: Sendable, Equatable {
    /// Those that may pass now although nobody has changed them; with `mapped`, those that this side refused
    /// as well, since the job says something else now.
    case mayPass(mapped: Bool)
    /// Those of these reasons and classes.
    case reasons(Set<Reason>)
    /// Those under these keys; `record:17` names one by its number in the run that it is in.
    case keys(Set<String>)
    case all

    package func takes(_ failure: OpenFailure) -> Bool {
        let trouble = failure.row.trouble
        return switch self {
        case .mayPass(let mapped):
            trouble.refusal.reason.mayPassNow || mapped && failure.row.state.state == .invalid
        case .reasons(let reasons): reasons.contains(trouble.refusal.reason)
        case .keys(let keys):
            keys.contains(trouble.key) || keys.contains("record:\(failure.row.record)")
                || keys.contains(failure.id.description)
        case .all: true
        }
    }

    /// The reasons that a person names: codes, or classes by their names in commands.
    ///
    /// - Returns: Nil where one of them is neither; it is given back with what is near it.
    package static func reasons(named names: [String]) -> Result<RetryChoice, UnknownReason> {
        var chosen = Set<Reason>()
        for name in names {
            let found = Reason.all.filter {
                $0.code == name || $0.turn.code == name || $0.turn.rawValue == name
            }
            guard !found.isEmpty else {
                let known = Reason.all.map(\.code) + Reason.Turn.allCases.map(\.code)
                return .failure(
                    UnknownReason(name: name, near: Suggestion.nearest(to: name, among: known)))
            }
            chosen.formUnion(found)
        }
        return .success(.reasons(chosen))
    }

    /// A name that is neither a reason's nor a class's.
    package struct UnknownReason: Error, Equatable {
        package var name: String
        package var near: String?
    }
}
