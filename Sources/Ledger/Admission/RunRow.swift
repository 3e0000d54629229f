package import Model

/// What a run is when it begins. It freezes the job's text and its list of files.
package struct NewRun: Sendable {
    package var id: RunID
    package var job: String
    package var jobText: String
    package var jobFile: String
    package var connection: String
    package var org: String
    package var endpoint: String
    package var inputs: [NewInput]
    package var started: Timestamp
    /// The run whose records it sends again.
    package var parent: Int64?
    package var rules: Ruleset
    /// Where the groups of its input were looked at.
    package var grouping: Grouping?

    package init(
        id: RunID, job: String, jobText: String, jobFile: String, connection: String, org: String,
        endpoint: String, inputs: [NewInput], started: Timestamp, parent: Int64? = nil,
        rules: Ruleset = .current, grouping: Grouping? = nil
    ) {
        self.rules = rules
        self.parent = parent
        self.grouping = grouping
        self.id = id
        self.job = job
        self.jobText = jobText
        self.jobFile = jobFile
        self.connection = connection
        self.org = org
        self.endpoint = endpoint
        self.inputs = inputs
        self.started = started
    }
}

package struct NewInput: Sendable, Equatable {
    package var path: String
    package var member: String?
    package var name: String
    /// What the file was, as the engine writes it.
    package var fingerprint: String

    package init(path: String, member: String?, name: String, fingerprint: String) {
        self.path = path
        self.member = member
        self.name = name
        self.fingerprint = fingerprint
    }
}

/// A run as it is in the ledger.
package struct RunRow: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Under way, or its process died.
        case running
        /// Ended with something left: to be resumed.
        case stopped
        case finished
        case abandoned
        /// It ended before it read anything: it has no scope and no inputs.
        case pending
    }
    /// The ledger's own number of it.
    package var number: Int64
    package var id: RunID
    package var job: String
    package var jobText: String
    package var jobFile: String
    package var connection: String
    package var scope: Int64
    package var org: String
    package var endpoint: String
    package var state: State
    package var started: Timestamp
    package var ended: Timestamp?
    /// How long it was under way, all resumes together.
    package var active: Duration
    /// Why it ended, in words.
    package var ending: String?
    package var exitCode: Int?
    /// The whole input was read and is in chunks.
    package var inputEnded: Bool
    /// Until when the server's queue was swept.
    package var swept: Timestamp?
    package var requests: Int
    /// Nil until an execution has come to its end.
    package var pace: RunPace?
    /// The run whose records it sends again: the ledger's number of it.
    package var parent: Int64?
    /// How its input is read and checked, whatever is newer now.
    package var rules = Ruleset.first
    /// When the rest of it was closed, since its input was gone or replaced: what was never sent stays
    /// unsent, and nothing is read any more.
    package var inputGone: Timestamp?
    /// Unfinished: `resume` continues with it.
    package var isOpen: Bool { state == .running || state == .stopped }

    /// What was added to an input is not in it: what else ends a run with 1 gives no reason in words.
    package var hasGrownInput: Bool {
        state == .finished && exitCode == 1 && inputGone == nil && ending != nil && ending != "ended"
    }
}

/// One file of a run as it is in the ledger.
package struct InputRow: Sendable, Equatable {
    package var file: Int
    package var path: String
    package var member: String?
    package var name: String
    package var fingerprint: String
    /// The header's names, once read.
    package var columns: [String]?
    /// The header's bytes as in the file.
    package var header: [UInt8]
    /// The bytes before the first row; nil until the file was opened.
    package var headerBytes: Int?
    /// All bytes of the file (of the decompressed member); nil until its end was reached.
    package var totalBytes: Int?

    package init(
        file: Int, path: String, member: String?, name: String, fingerprint: String,
        columns: [String]?, header: [UInt8], headerBytes: Int?, totalBytes: Int?
    ) {
        self.file = file
        self.path = path
        self.member = member
        self.name = name
        self.fingerprint = fingerprint
        self.columns = columns
        self.header = header
        self.headerBytes = headerBytes
        self.totalBytes = totalBytes
    }
}

/// A count of records by state.
package struct Totals: Sendable, Equatable {
    package private(set) var counts: [StateByte: Int] = [:]

    package init() {}

    package mutating func add(_ byte: StateByte, _ count: Int = 1) { counts[byte, default: 0] += count }

    package subscript(state: RecordState) -> Int {
        counts.reduce(0) { $1.key.state == state ? $0 + $1.value : $0 }
    }

    package subscript(state: RecordState, detail: StateByte.Detail) -> Int {
        counts[StateByte(state, detail)] ?? 0
    }

    package var records: Int { counts.values.reduce(0, +) }

    /// Neither accepted nor skipped.
    package var left: Int { records - self[.accepted] - self[.skipped] }
}
