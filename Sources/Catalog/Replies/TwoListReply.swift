import Model
import Records

/// Reads replies that tell in one list what was done and in another what was not: shapes E9, E10, E16.
///
/// Source: Replies, More envelopes. Items are bound by what they name. A failure that names nothing is the rest's
/// only where the rest is as large as such failures are many, and they all agree.
struct TwoListReply: Sendable {
    let codes: CodeTable
    let fields: [String]
    /// Names of the lists of what was done, at the root.
    let done: [String]
    /// Name of the list of what was not.
    var failed = "errors"
    /// What an element of those is known by.
    let doneLabel: @Sendable (JSON, _ element: Int) -> UInt64?
    /// What an element of `errors`, or of `warnings`, is known by.
    let failedLabel: @Sendable (JSON, _ element: Int) -> UInt64?
    let member: @Sendable (Evidence) -> UInt64
    /// The server's id of an element.
    let id: @Sendable (JSON, _ element: Int) -> String?

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        let whole = WholeReply(reply: reply, json: json, codes: codes, fields: fields)
        guard let json, json.isObject(json.root), ![401, 429].contains(reply.status) else {
            return whole.verdict
        }
        let lists = done.compactMap { json.member(named: $0, of: json.root) }.filter {
            json.kind($0) == .array
        }
        let failures = json.list(json.member(named: failed, of: json.root))
        // Without a list of what was done, only failures that name their record are items.
        guard !lists.isEmpty || failures.contains(where: { failedLabel(json, $0) != nil }) else {
            let said = failures.flatMap { json.complaints($0) }
            if !said.isEmpty, said.allSatisfy({ codes.row(of: $0).meaning == .again }) {
                return .again(after: reply.retryAfter)
            }
            return whole.verdict
        }
        let elements = lists.flatMap { json.list($0) }
        if elements.isEmpty, failures.isEmpty { return whole.verdict }
        if elements.isEmpty, members.count > 1, let batch = batchTooLarge(json, failures) {
            return batch
        }
        return .each(bind(json, elements, failures, members))
    }

    private func batchTooLarge(_ json: JSON, _ failures: [Int]) -> Verdict? {
        let complaints = failures.flatMap { json.complaints($0) }
        guard let first = complaints.first,
            complaints.allSatisfy({ codes.row(of: $0).meaning == .batch })
        else { return nil }
        return .split(
            Refusal(.batchTooLarge, serverCode: first.code, message: first.message))
    }

    private func bind(_ json: JSON, _ elements: [Int], _ failures: [Int], _ members: [Evidence])
        -> [Disposition]
    {
        var place: [UInt64: Int] = [:]
        for (index, evidence) in members.enumerated() {
            let key = member(evidence)
            place[key] = place[key] == nil ? index : -1
        }
        func owner(_ label: UInt64?) -> Int? {
            label.flatMap { place[$0] }.flatMap { $0 < 0 ? nil : $0 }
        }
        var ids = [[String?]](repeating: [], count: members.count)
        var errors = [[Complaint]](repeating: [], count: members.count)
        var notes = [[Complaint]](repeating: [], count: members.count)
        var strangers = 0
        for element in elements {
            if let index = owner(doneLabel(json, element)) {
                ids[index].append(id(json, element))
            } else {
                strangers += 1
            }
        }
        var loose: [Complaint] = []
        for failure in failures {
            let complaints = json.complaints(failure)
            let label = failedLabel(json, failure)
            if let index = owner(label) {
                errors[index] += complaints
            } else if label == nil || members.count == 1 {
                loose += complaints
            } else {
                strangers += 1
            }
        }
        for warning in json.list(json.member("warnings", of: json.root)) {
            if let index = owner(failedLabel(json, warning)) {
                notes[index] += json.complaints(warning)
            }
        }
        var result: [Disposition?] = members.indices.map { index in
            if ids[index].isEmpty, errors[index].isEmpty { return nil }
            return disposition(ids[index], errors[index], notes[index])
        }
        let rest = result.indices.filter { result[$0] == nil }
        if strangers == 0, !loose.isEmpty, loose.count == rest.count || members.count == 1 {
            let said = loose.map { disposition([], [$0], []) }
            if let first = said.first, said.allSatisfy({ $0 == first }) {
                for index in rest { result[index] = first }
            } else if members.count == 1 {
                result[0] = disposition([], loose, [])
            }
        }
        let words = "The reply lists it neither as done nor as failed."
        return result.map { $0 ?? .unbound(Refusal(.unboundAnswer, message: words)) }
    }

    private func disposition(_ ids: [String?], _ errors: [Complaint], _ notes: [Complaint])
        -> Disposition
    {
        let real = errors.filter { codes.row(of: $0).meaning != .done }
        let warnings = (notes + errors.filter { !real.contains($0) }).map {
            Warning(code: $0.code ?? 0, message: $0.message)
        }
        guard let worst = codes.worst(of: real) else {
            // Said to be done already.
            if ids.isEmpty, !errors.isEmpty { return .accepted(nil, warnings) }
            guard ids.count == 1 else {
                return .inDoubt(
                    Refusal(.contradiction, message: "The reply lists it \(ids.count) times."))
            }
            return .accepted(ids[0].map { ServerID($0) }, warnings)
        }
        let row = codes.row(of: worst)
        let refusal = Refusal(
            row.reason, field: worst.field, serverCode: worst.code, message: worst.message)
        guard ids.isEmpty else {
            return .inDoubt(
                Refusal(.contradiction, serverCode: worst.code, message: worst.message))
        }
        switch row.meaning {
        case .rejected, .batch: return .rejected(refusal)
        case .exists: return .exists(refusal)
        case .parked: return .parked(refusal)
        case .again: return .again(after: nil, refusal)
        case .inDoubt, .done: return .inDoubt(refusal)
        }
    }

}
