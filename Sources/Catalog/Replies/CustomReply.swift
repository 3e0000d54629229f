import Model

/// Reads replies to one record whose form is their call's own: what the call makes of the reply, and where it
/// makes nothing of it, what the envelope and the status say.
struct CustomReply: ReplyReader {
    let codes: CodeTable
    let fields: [String]
    /// Nil where the reply does not say.
    let judge: @Sendable (_ json: JSON, _ member: Evidence) -> Disposition?

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        let whole = WholeReply(reply: reply, json: json, codes: codes, fields: fields).verdict
        guard let member = members.first, members.count == 1, let json, json.isObject(json.root),
            ![401, 403, 429].contains(reply.status), reply.status < 500,
            let disposition = judge(json, member)
        else { return whole }
        // Some codes speak of the request, and the envelope knows them.
        if case .again = whole, case .again = disposition { return whole }
        return .each([disposition])
    }
}

extension CodeTable {
    /// What a refusal of one record means.
    func disposition(_ complaint: Complaint) -> Disposition {
        let row = row(of: complaint)
        let refusal = Refusal(
            row.reason, field: complaint.field, serverCode: complaint.code, message: complaint.message)
        switch row.meaning {
        case .rejected, .batch: return .rejected(refusal)
        case .exists: return .exists(refusal)
        case .parked: return .parked(refusal)
        case .again: return .again(after: nil, refusal)
        case .inDoubt, .done: return .inDoubt(refusal)
        }
    }

    /// What the counts of a call say that does a thing several times in one go.
    ///
    /// Done in part, it was accepted and is not to be sent again: the warning says what is missing.
    func disposition(
        done: Int, of wanted: Int, _ complaints: [Complaint], id: ServerID?
    ) -> Disposition {
        guard done > 0 else {
            return worst(of: complaints).map { disposition($0) }
                ?? .inDoubt(
                    Refusal(.noAnswer, message: "None was done, and the reply has no reason."))
        }
        guard done < wanted else { return .accepted(id, []) }
        let why = complaints.map(\.message).joined(separator: "; ")
        let words = "Only \(done) of \(wanted): \(why). Make a record of the other \(wanted - done)."
        return .accepted(id, [Warning(code: worst(of: complaints)?.code ?? 0, message: words)])
    }
}
