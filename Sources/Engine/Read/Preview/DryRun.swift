import Catalog
import Ledger
import Mapping
package import Model
import Records

/// Everything a run does before its first request, without a ledger: for `validate` and `plan`.
package struct DryRun: Sendable {
    /// A record that would be refused here.
    package struct Finding: Sendable {
        package var position: Position
        package var stage: String
        package var key: String
        package var refusals: [Refusal]
        /// Of its only row; none where it has several, or is no CSV.
        package var columns: [String]
    }

    package private(set) var records = 0
    package private(set) var rows = 0
    package private(set) var invalid = 0
    package private(set) var itemBytes = 0
    /// Rows that the job leaves out.
    package private(set) var filtered = 0
    /// Valid records of what happened more than 30 days ago, which go as if they were new.
    package private(set) var old = 0
    /// Records by attribution, as far as told apart (at most a thousand).
    package private(set) var attributions: [String: Int] = [:]
    package private(set) var reasons: [Refusal: (count: Int, first: Finding)] = [:]
    package private(set) var notes: [String] = []

    package init() {}

    /// Reads, maps and checks the whole input.
    ///
    /// - Parameters:
    ///   - now: For the age of records.
    ///   - each: Told about every finding, in the order of the input.
    package mutating func run(
        _ plan: Plan, now: Timestamp = Timestamp(milliseconds: SteadyClock.now()),
        each: (Finding) -> Void
    ) throws {
        let isLoud = !plan.endpoint.isQuiet(plan.connection.headers + plan.headers(nil))
        let limit = now + .seconds(-30 * 86_400)
        var preparer = RecordPreparer(plan)
        var state: [UInt8] = []
        for file in plan.sources {
            var source = try RecordSource(
                plan, file: file, from: RecordSource.Start(resume: nil, state: state, record: 0))
            let before = try plan.fingerprint(of: file)
            notes += source.reader.notes.map { "\(plan.title(of: file)): \($0)" }
            if file == plan.sources.lowerBound { notes += try plan.mapping?.warnings() ?? [] }
            while let count = try source.fill(512) {
                let stop = source.stop(after: count)
                filtered += source.filtered(from: source.start, to: stop).rows
                for record in source.peek(count) {
                    records += 1
                    rows += record.rows
                    var refusals = record.problems
                    var stage = "map"
                    preparer.reset()
                    if refusals.isEmpty {
                        refusals = preparer.prepare(record, of: source.batch)
                        stage = "check"
                        itemBytes += record.item.count + 1
                        let name = preparer.attribution(of: record)?.code ?? ""
                        if attributions.count < 1000 || attributions[name] != nil {
                            attributions[name, default: 0] += 1
                        }
                    }
                    if isLoud, refusals.isEmpty, !plan.endpoint.offeredHeaders.isEmpty,
                        let happened = plan.endpoint.happened(preparer.prepared.evidence),
                        happened < limit
                    {
                        old += 1
                    }
                    guard !refusals.isEmpty else { continue }
                    invalid += 1
                    let evidence = preparer.prepared.evidence
                    let key = evidence.bytes.isEmpty ? "" : plan.endpoint.key(evidence)
                    let finding = Finding(
                        position: record.home, stage: stage, key: key, refusals: refusals,
                        columns: record.rows == 1 ? source.reader.columns ?? [] : [])
                    note(finding)
                    each(finding)
                }
                source.drop(count)
            }
            filtered += source.filtered(from: source.start, to: .max).rows
            notes += source.reader.lateNotes.map { "\(plan.title(of: file)): \($0)" }
            if let before,
                let note = try before.checkUntouched(plan.inputs[file].path, name: plan.title(of: file))
            {
                notes.append(note)
            }
            state = source.state
        }
    }

    private mutating func note(_ finding: Finding) {
        guard let first = finding.refusals.first else { return }
        // Grouped by what and where in the item, not by the value.
        let group = Refusal(first.reason, field: first.field)
        if let known = reasons[group] {
            reasons[group] = (known.count + 1, known.first)
        } else {
            reasons[group] = (1, finding)
        }
    }

    /// Requests that the valid records make, at best.
    package func requests(chunk: Int) -> Int {
        attributions.values.reduce(0) { $0 + ($1 + chunk - 1) / chunk }
    }
}
