package import Catalog
package import Mapping
package import Model
import Records

/// Reads the items of mapped records, checks them and makes their keys: the same for a run, for `validate` and
/// `plan`, for `retry` and for the benchmarks. Its buffers are used again from record to record.
package struct RecordPreparer {
    /// The keys of the last record, as far as it tells them.
    package private(set) var prepared = PreparedItem()

    private let plan: Plan
    private let checks: ItemChecks
    /// What a record is attributed to that says nothing of its own.
    private let common: Attribution?
    private var tape: JSONTape

    package init(_ plan: Plan) {
        self.plan = plan
        checks = plan.checks
        common = plan.attribution(mapped: nil)
        tape = JSONTape(depthLimit: plan.inputOptions.depthLimit)
        prepared.keepsBuffers = true
    }

    /// What a record travels under.
    func attribution(of record: MappedRecord) -> Attribution? {
        record.attribution.map { plan.attribution(mapped: $0) } ?? common
    }

    /// Forgets the last record: nothing is known of the next one.
    mutating func reset() { prepared.reset() }

    /// Checks the item of a record, whatever was found wrong with the record before.
    ///
    /// - Parameter batch: The one that the record is of.
    /// - Returns: What keeps the item from being sent.
    package mutating func prepare(_ record: MappedRecord, of batch: RecordBatch) -> [Refusal] {
        prepared.reset()
        guard !record.item.isEmpty else { return [] }
        return plan.endpoint.problems(
            of: batch.bytes, record.item, attribution(of: record), &tape, &prepared, checks: checks)
    }
}
