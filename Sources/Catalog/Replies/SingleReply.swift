import Model
import Records

/// Reads reply shape E2: one record a request, `{"entity"|"createdId":…, "warnings":[…], "errors":[…]}`.
///
/// Source: Replies, Envelopes; Replies, Call families. An id and no errors is done, errors and no id is not,
/// both contradict each other.
struct SingleReply: Sendable {
    let codes: CodeTable
    let fields: [String]
    /// Where the server's id may stand, the likeliest first.
    var id: @Sendable (JSON) -> Int? = { json in
        json.member("entity", of: json.root) ?? json.member("createdId", of: json.root)
    }

    /// An id is any text that is not empty, instead of a positive number.
    var idIsText = false
    /// What shows that it was done, of calls that answer without an id.
    var saysDone: @Sendable (JSON) -> Bool = { _ in false }
    /// Codes of warnings that mean that it was not done, or not all of it.
    var refusing: Set<Int> = []

    /// Errors that mean "done already" want an id beside them to be believed.
    var doneNeedsID = true

    /// Codes that speak of the request, not of its record, or of who asks.
    private static let ofRequest: Set<Int> = [401, 429, 517, 521, 1061, 1064, 4000, 4001]

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        let whole = WholeReply(reply: reply, json: json, codes: codes, fields: fields)
        guard members.count == 1, ![401, 429].contains(reply.status), let json,
            json.isObject(json.root)
        else { return whole.verdict }
        let said = json.complaints(json.member("warnings", of: json.root))
        let refusals = said.filter { $0.code.map(refusing.contains) ?? false }
        let errors = json.complaints(json.member("errors", of: json.root)) + refusals
        let real = errors.filter { codes.row(of: $0).meaning != .done }
        let notes =
            said.filter { !refusals.contains($0) } + errors.filter { !real.contains($0) }
        let warnings = notes.map { Warning(code: $0.code ?? 0, message: $0.message) }
        let text = id(json).flatMap { json.scalar($0) } ?? ""
        let isID = idIsText ? !text.isEmpty : (Int(text) ?? 0) > 0
        guard let first = real.first else {
            if isID || saysDone(json), (200..<300).contains(reply.status) {
                return .each([.accepted(isID ? ServerID(text) : nil, warnings)])
            }
            if !errors.isEmpty, !doneNeedsID, reply.status < 500 {
                return .each([.accepted(nil, warnings)])
            }
            return whole.verdict
        }
        if isID || saysDone(json), refusals.isEmpty {
            let refusal = Refusal(
                .contradiction, serverCode: first.code, message: first.message)
            return .each([.inDoubt(refusal)])
        }
        if real.contains(where: { $0.code.map(Self.ofRequest.contains) ?? false }) {
            return whole.verdict
        }
        return judge(reply.status, real, first) ?? whole.verdict
    }

    private func judge(_ status: Int, _ errors: [Complaint], _ first: Complaint) -> Verdict? {
        // Of several the one that leaves most open decides.
        let open = errors.first { codes.row(of: $0).meaning == .inDoubt }
        let complaint = open ?? errors.first { codes.row(of: $0).meaning == .exists } ?? first
        let isListed = complaint.code.map { codes.lists($0) } ?? false
        var row = codes.row(of: complaint)
        if !isListed {
            switch status {
            case 404: row = (.rejected, .targetUnknown)
            case 409: row = (.exists, .duplicate)
            case 400, 200..<300: break
            default: return nil
            }
        }
        let refusal = Refusal(
            row.reason, field: complaint.field, serverCode: complaint.code, message: complaint.message)
        switch row.meaning {
        case .rejected, .batch: return .each([.rejected(refusal)])
        case .exists: return .each([.exists(refusal)])
        case .parked: return .each([.parked(refusal)])
        case .again: return .each([.again(after: nil, refusal)])
        case .inDoubt, .done: return .each([.inDoubt(refusal)])
        }
    }
}
