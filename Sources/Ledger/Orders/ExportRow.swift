package import Model

/// One export: what was requested, and how far it has come.
package struct ExportRow: Sendable, Equatable {
    package enum State: String, Sendable {
        case running, stopped, finished, abandoned
    }

    /// The ledger's own.
    package let number: Int64
    package let id: RunID
    /// Exports of one series are compared with each other.
    package let series: String
    package let listing: String
    package let connection: String
    package let org: String
    /// What was requested, as JSON.
    package let wanted: String
    /// Where the file will stand.
    package let path: String
    package let state: State
    package let started: Timestamp
    package let ended: Timestamp?
    package let exitCode: Int?
    package let ending: String?
    /// Where it continues, as JSON; nil before the first page.
    package let place: String?
    /// Of the file: what is after them was never committed.
    package let bytes: Int
    package let counts: ExportCounts
    /// Of its CSV, once it is finished.
    package let columns: [String]?

    package var isOpen: Bool { state == .running || state == .stopped }
}

package struct ExportCounts: Sendable, Equatable {
    /// Items in the file.
    package var written = 0
    /// Items that came more than once.
    package var repeats = 0
    /// Items left out, since the last export had them as they are.
    package var unchanged = 0
    /// Keys of which the server knows nothing.
    package var nothing = 0
    package var requests = 0

    package init() {}

    package static func += (a: inout ExportCounts, b: ExportCounts) {
        a.written += b.written
        a.repeats += b.repeats
        a.unchanged += b.unchanged
        a.nothing += b.nothing
        a.requests += b.requests
    }
}

package struct NewExport: Sendable {
    package var id: RunID
    package var series: String
    package var listing: String
    package var connection: String
    package var org: String
    package var wanted: String
    package var path: String
    package var started: Timestamp

    package init(
        id: RunID, series: String, listing: String, connection: String, org: String, wanted: String,
        path: String, started: Timestamp
    ) {
        self.id = id
        self.series = series
        self.listing = listing
        self.connection = connection
        self.org = org
        self.wanted = wanted
        self.path = path
        self.started = started
    }
}

/// One page that was read, and what became of its items.
package struct ExportPage: Sendable {
    package var at: Timestamp
    package var place: String
    package var items: [(id: String, digest: Int64)]
    package var total: Int?
    /// What is worth knowing of it: a shift, a key without anything.
    package var remark: String?

    package init(
        at: Timestamp, place: String, items: [(id: String, digest: Int64)], total: Int?,
        remark: String?
    ) {
        self.at = at
        self.place = place
        self.items = items
        self.total = total
        self.remark = remark
    }
}
