package import Ledger

extension Admission.Objection {
    /// What is against a record, for its row in the list of reasons.
    package var text: String {
        switch self {
        case .conflictHere: "an earlier record has this key with other content"
        case .repeatHere: "an earlier record has the same key and content"
        case .conflictBefore: "an earlier run imported this key with other content"
        case .partlyImported: "some of its rows were imported before, and others were not"
        case .repeatedMark: "another record has the same mark, so both would repair one record"
        case .parkedBefore: "a record of an earlier run with this key is parked"
        case .ownerInFlight: "a record of another run with this key is in flight"
        case .ownerInDoubt: "a record of another run with this key is in doubt"
        case .ownerParked:
            "a record of another run with this key is in the server's queue, with other content"
        case .repairedInFlight: "the record that it repairs is in flight"
        }
    }
}
