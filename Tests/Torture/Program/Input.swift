/// A file of records with its job, and what has to become of each record.
struct Input {
    var job: String
    var endpoint: String
    var isCSV = false
    /// Records a request.
    var chunk: Int
    /// What else is under `send:`.
    var send = ""
    /// What else is in the job.
    var rest = ""
    var records: [Planned]
    var text: String

    var name: String { job + (isCSV ? ".csv" : ".jsonl") }
}

/// What has to become of one record of an input.
enum Fate: UInt8 {
    /// It is done, unless one equal to it was already: the thing's count decides.
    case good
    /// It is earlier in the same input, and is skipped where that one was accepted.
    case repeated
    /// The server refuses it for what it is.
    case refused
    /// It never leaves: it is malformed, or nobody said that both of two equal ones are meant.
    case invalid
}

/// One record of an input.
struct Planned {
    /// Of its ``Supply``; -1 for none.
    var thing: Int32
    var fate: Fate
    /// Of what sets values: which of them, a number of its own.
    var mark: Int32 = 0
}
