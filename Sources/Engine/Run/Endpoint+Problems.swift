import Catalog
import Model
import Records

extension Endpoint {
    /// What keeps an item from being sent: the same for a run, for `validate` and for `plan`.
    ///
    /// - Parameters:
    ///   - tape: Reused from item to item; holds the item's afterwards.
    ///   - prepared: Holds the item's keys afterwards.
    ///   - checks: What is checked beside fields and rules.
    func problems(
        of bytes: [UInt8], _ range: Range<Int>, _ attribution: Attribution?, _ tape: inout JSONTape,
        _ prepared: inout PreparedItem, checks: ItemChecks
    ) -> [Refusal] {
        do {
            try tape.parse(bytes, in: range)
        } catch {
            return [Refusal(.unreadable, message: "\(error)")]
        }
        prepare(
            Item(bytes: bytes, range: range, tape: tape, attribution: attribution, checks: checks),
            &prepared)
        if prepared.problems.isEmpty, let refusal = tooLarge(range.count) { return [refusal] }
        return prepared.problems
    }
}
