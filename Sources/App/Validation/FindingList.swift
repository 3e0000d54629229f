import Engine
import Model
import Records
import Reports

/// What a validation finds: each kind of fault once, with the places of its first records.
struct FindingList {
    private struct Kind: Hashable {
        var reason: String
        var field: String?
    }

    private struct Fault {
        var count = 0
        /// Of the first record.
        var words: String
        var places: [String] = []
    }

    private static let placesShown = 5
    /// This many kinds are kept apart; the field of any further one is left out.
    private static let kindsKept = 1000

    private var order: [Kind] = []
    private var faults: [Kind: Fault] = [:]

    init() {}

    mutating func add(_ finding: DryRun.Finding, in plan: Plan) {
        var seen = Set<Kind>()
        for refusal in finding.refusals {
            var kind = Kind(
                reason: refusal.reason.code, field: refusal.field.map(RunReport.withoutIndices))
            if faults[kind] == nil, faults.count >= Self.kindsKept { kind.field = nil }
            guard seen.insert(kind).inserted else { continue }
            if faults[kind] == nil {
                order.append(kind)
                let field = refusal.field.map { " \($0):" } ?? ""
                faults[kind] = Fault(
                    words:
                        "\(field) \(refusal.message) [\(refusal.reason.code)] \(refusal.nextStep(of: finding.key))"
                )
            }
            faults[kind]?.count += 1
            guard faults[kind]?.places.count ?? 0 < Self.placesShown else { continue }
            faults[kind]?.places.append(
                plan.place(of: finding.position, field: refusal.field, columns: finding.columns))
        }
    }

    /// A line for each kind, in the order in which they came up, at most `limit` of them.
    func lines(_ limit: Int) -> [String] {
        var lines: [String] = []
        for kind in order.prefix(max(0, limit)) {
            guard let fault = faults[kind], let first = fault.places.first else { continue }
            var line = "\(first):\(fault.words)"
            if fault.count > 1 {
                let others = fault.places.dropFirst().joined(separator: ", ")
                line += " And \(Wording.count(fault.count - 1)) more of this kind: \(others)"
                line += fault.count > fault.places.count ? " …" : "."
            }
            lines.append(line)
        }
        let rest = order.dropFirst(max(0, limit))
        if !rest.isEmpty {
            let records = rest.reduce(0) { $0 + (faults[$1]?.count ?? 0) }
            lines.append(
                "… \(Wording.count(rest.count, "more kind", "more kinds")) of errors, \(Wording.count(records, "record"))"
            )
        }
        return lines
    }
}
