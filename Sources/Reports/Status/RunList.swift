package import Ledger
import Model

/// The runs there were, for `sluice runs`.
package struct RunList: Sendable {
    /// One run of the list.
    package struct Entry: Sendable, Equatable {
        /// As the ledger has it.
        package var run: RunRow
        /// The outcomes of its records.
        package var totals: Totals
        /// A process is at it.
        package var isHeld: Bool?
    }
    /// The newest first.
    package var entries: [Entry]
    /// What came out in the meantime.
    package var exports: ExportList?

    /// - Parameters:
    ///   - job: Only the runs of this job.
    ///   - limit: At most this many.
    ///   - isHeld: Whether a process is at that job; without it nobody looks.
    /// - Complexity: Reads one byte a record of every run listed.
    package init(
        ledger: Ledger, job: String? = nil, limit: Int = 30, isHeld: ((_ job: String) -> Bool)? = nil
    ) throws {
        let pending = try ledger.pending(job: job).reversed().map {
            Entry(run: $0.run, totals: Totals(), isHeld: false)
        }
        let begun = try ledger.runs(job: job, limit: limit).map { run in
            Entry(
                run: run, totals: try ledger.totals(run: run.number),
                isHeld: run.state == .running ? isHeld?(run.job) : false)
        }
        entries = Array((pending + begun).prefix(limit))
    }

    /// A table, the newest first.
    package func text(width: Int = 100) -> String {
        let exports = exports?.text(width: width) ?? ""
        guard !entries.isEmpty else { return exports.isEmpty ? "No runs yet.\n" : exports }
        var table = TextTable([.left, .left, .left, .left, .right, .right, .right, .right])
        table.add(["run", "job", "started", "state", "exit", "records", "accepted", "left"])
        for entry in entries {
            table.add([
                entry.run.id.text, Wording.harmless(entry.run.job), entry.run.started.iso8601,
                entry.run.stateWord(isHeld: entry.isHeld), entry.run.exitCode.map(String.init) ?? "-",
                Wording.count(entry.totals.records), Wording.count(entry.totals[.accepted]),
                Wording.count(entry.totals.left),
            ])
        }
        return table.lines(width: width, flexible: 1).joined(separator: "\n") + "\n"
            + (exports.isEmpty ? "" : "\n" + exports)
    }

    /// `{schema, runs: [run, job, endpoint, org, connection, state, under_way?, started, ended?, exit_code?,
    /// records {…}, left], exports: […]}`, the newest first; `records` as in a run's own report, exports as in
    /// ``ExportJSON``.
    package func json() throws -> String {
        try ReportJSON.text(
            Document(
                runs: entries.map(RunJSON.init),
                exports: (exports?.entries ?? []).map(ExportJSON.init)))
    }

    private struct Document: Encodable {
        var schema = 1
        var runs: [RunJSON]
        var exports: [ExportJSON]
    }
}

/// A run in a list of runs.
struct RunJSON: Encodable {
    var run, job, endpoint, org, connection, state: String
    var underWay: Bool?
    var started: String
    var ended: String?
    var exitCode: Int?
    var records: TotalsJSON
    var left: Int

    init(_ entry: RunList.Entry) {
        run = entry.run.id.text
        job = entry.run.job
        endpoint = entry.run.endpoint
        org = entry.run.org
        connection = entry.run.connection
        state = entry.run.state.rawValue
        underWay = entry.isHeld
        started = entry.run.started.iso8601
        ended = entry.run.ended?.iso8601
        exitCode = entry.run.exitCode
        records = TotalsJSON(entry.totals)
        left = entry.totals.left
    }
}

extension RunRow {
    /// A run whose process died still is in the ledger as running.
    func stateWord(isHeld: Bool?) -> String {
        switch state {
        case .running: isHeld.map { $0 ? "under way" : "interrupted" } ?? "running"
        case .stopped, .finished, .abandoned, .pending: state.rawValue
        }
    }
}
