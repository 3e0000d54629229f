package import Ledger
package import Model

/// One run, as the ledger knows it at one moment.
package struct RunReport: Sendable {
    /// Records that were not accepted for the same reason.
    package struct Group: Sendable, Equatable {
        /// Their outcome.
        package var state: RecordState
        /// Nil where the ledger holds no reason.
        package var reason: Reason?
        /// The server's code, where it gave one.
        package var serverCode: Int?
        /// With the indices of lists left out: `lineItemsV2[].qty`.
        package var field: String?
        /// How many records.
        package var count: Int
        /// Of the first of them. Message and key may be personal data.
        package var message: String
        /// What people know the first of them by.
        package var key: String
        /// Where the first of them is.
        package var place: Place?
        /// Where the next ones stand: up to four.
        package var furtherPlaces: [Place] = []

        /// The message was written here and quotes nothing of the record.
        var isOurs: Bool { state == .invalid || reason?.isOurs == true }
    }

    /// Where a record is in its input.
    package struct Place: Sendable, Equatable {
        /// The input's name.
        package var file: String
        /// The row, counted from 1 with the header.
        package var row: Int
        /// The line, counted from 1.
        package var line: Int
        /// The first byte, in what was decompressed.
        package var offset: Int
    }

    /// What only a whole report tells: it costs a second reading of the run's requests.
    package struct Detail: Sendable, Equatable {
        package var timeline: Timeline
        /// How lost answers were settled.
        package var settled: SettledDoubts
        /// The first run, and all that sent again what it left; one alone where nothing was.
        package var family: [RunList.Entry]

        package init(run: RunRow, ledger: Ledger) throws {
            timeline = try Timeline(run: run.number, ledger: ledger)
            settled = try SettledDoubts(run: run.number, ledger: ledger)
            family = try ledger.family(of: run.number).map {
                RunList.Entry(run: $0, totals: try ledger.totals(run: $0.number))
            }
        }
    }

    /// One file, and where its bytes went.
    package struct Input: Sendable, Equatable {
        /// The input's name.
        package var name: String
        /// How many rows were read of it.
        package var rows = 0
        /// Bytes before the first row.
        package var headerBytes = 0
        /// Bytes in rows.
        package var rowBytes = 0
        /// Bytes of blank lines.
        package var blankBytes = 0
        /// Bytes that are in no row, because they cannot be read.
        package var unreadableBytes = 0
        /// Rows that the job leaves out. Where rows were brought together, their bytes count as rows'.
        package var filteredRows = 0
        /// The bytes of those rows.
        package var filteredBytes = 0
        /// What the chunks do not cover yet; nil until the end of the file was reached.
        package var unreadBytes: Int?
        /// All bytes; nil until the end was reached.
        package var totalBytes: Int?
    }

    /// What nobody knows yet.
    package struct Doubts: Sendable, Equatable {
        /// How many records.
        package var count = 0
        /// Since when the oldest and the newest have been in doubt.
        package var oldest: Timestamp?
        /// Since when the newest is in doubt.
        package var newest: Timestamp?
        /// How many were looked for at least once.
        package var looked = 0
        /// How many no further look-up settles: a person decides.
        package var forPerson = 0
    }

    /// The run as the ledger has it.
    package var run: RunRow
    /// The outcomes of all records.
    package var totals: Totals
    /// How many rows were read, over all inputs.
    package var rows: Int
    /// Of those, left out by the job.
    package var filtered = 0
    /// In the order of the job.
    package var inputs: [Input]
    /// Requests that carried records, by how they ended.
    package var attempts: [AttemptEnd.State: Int]
    /// The largest first.
    package var groups: [Group]
    /// What nobody knows yet.
    package var doubts: Doubts
    /// The newest set of files; nil where there is none.
    package var rejects: RejectFiles.Written?
    /// The run that it retries, or that the one it retries retries, and so on: the first.
    package var first: RunRow?
    /// Outcomes not accepted at first: of this run, or of the first one. Nil where
    /// nothing was sent again.
    package var repairs: Repairs?
    /// A process is at it; nil where nobody has looked.
    package var isHeld: Bool?
    /// Keys, and the server's words as they are, are shown: they may hold personal data. Otherwise keys
    /// are left out and ``Masking`` covers the words, so that the report can be mailed.
    package var showData: Bool
    /// What is accepted may be in a queue of the server after all.
    package var hasQueue: Bool
    /// When this was gathered.
    package var now: Timestamp
    /// What a person does now.
    package var next: NextStep
    /// Nil where only the text is needed.
    package var detail: Detail?
    /// What was never sent of it, where its input is gone.
    package var gone: InputGone?
    /// The server cannot be reached, or could not when the run stopped.
    package var outage: OutageRow?

    /// Under way, where its end is not written yet: since its start, which includes pauses between resumes.
    package var active: Duration {
        isHeld == true && run.active == .zero ? now.since(run.started) : run.active
    }

    /// Records with an outcome, by the time the run was under way; nil where that is not known.
    package var recordsPerSecond: Double? {
        let settled = totals.records - totals[.unsent] - totals[.sent] - totals[.inDoubt]
        let seconds = active.reportSeconds
        return seconds > 0 && settled > 0 ? Double(settled) / seconds : nil
    }

    /// Of requests that carried records: the ledger counts the rest only when an execution ends.
    package var requests: Int { max(run.requests, attempts.values.reduce(0, +)) }
}
