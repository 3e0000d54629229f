package import Ledger

/// What is kept in the ledger as text, by whoever tells it to the ledger. Rows of earlier versions hold the same.
package enum LedgerText {
    /// The trouble of an attempt that was open when the process ended.
    package static let processEnded = "the process ended before the answer"
    /// The ending of a run that was replaced while it was pending.
    package static let replaced = "its input was replaced before it started"
    /// The ending of a run that an adopted ledger did not know.
    package static let knownByFolder = "known only by its folder: its records are looked up"

    /// In the history of a record that a person closed.
    package static func closed(because reason: String) -> String { "a person closed it: \(reason)" }
}

extension StateByte.Detail {
    /// The word a person reads.
    package var word: String {
        switch self {
        case .none: ""
        case .repeated: "repeated in the input"
        case .acceptedBefore: "accepted by an earlier run"
        case .onServer: "on the server already"
        case .superseded: "superseded"
        case .proved: "found by read-back"
        case .warned: "with warnings"
        case .decided: "decided by a person"
        }
    }
}
