import Model

/// Reads reply shape E5b, of the calls of v1.1:
/// `{"response":{"status":{…},"<plural>":{"<singular>":[{…,"item_status":{"success","code","message"}}]}}}`.
///
/// Source: Replies, More envelopes; Customers, Add and update customers (v1.1). Items are bound by the identifiers
/// they echo. Of a total failure they may be empty objects: nothing was done then, and single requests tell who is
/// refused for what.
struct V1Reply: ReplyReader {
    let codes: CodeTable
    private let items: BulkReply
    /// Of a record that travels alone.
    private let alone: BulkReply

    /// - Parameters:
    ///   - list: Where the items are, below `response`.
    ///   - id: The member of an item that has the server's id.
    ///   - agrees: Whether what an item echoes may be of a record that travels alone; where nothing is said,
    ///     its labels tell.
    init(
        codes: CodeTable, fields: [String], list: [StaticString], id: StaticString,
        idIsText: Bool = false, labels: [BulkReply.Label],
        agrees: (@Sendable (JSON, _ item: Int, Evidence) -> Bool)? = nil
    ) {
        self.codes = codes
        var form = BulkReply.Form.list({ json in json.member(["response"] + list, of: json.root) })
        form.id = { json, item in json.member(id, of: item) }
        form.idIsText = idIsText
        form.isDone = { json, item in Self.isDone(json, item) == true }
        form.errors = { json, item in
            guard Self.isDone(json, item) == false else { return [] }
            let status = json.member("item_status", of: item)
            return [
                Complaint(
                    code: json.integer(json.member("code", of: status)),
                    message: json.scalar(json.member("message", of: status)) ?? "")
            ]
        }
        form.warnings = { json, item in
            json.complaints(json.member(["item_status", "warnings", "warning"], of: item))
        }
        items = BulkReply(
            labels: labels, codes: codes, fields: fields, proof: .noErrors, form: form)
        let only = agrees.map { BulkReply.Label(member: { _ in 0 }, item: { _, _ in 0 }, agree: $0) }
        alone = BulkReply(
            labels: only.map { [$0] } ?? labels, codes: codes, fields: fields, proof: .noErrors,
            form: form)
    }

    private static func isDone(_ json: JSON, _ item: Int) -> Bool? {
        json.boolean(json.member(["item_status", "success"], of: item))
    }

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        if let refusal = totalFailure(reply, members.count) { return .split(refusal) }
        return (members.count == 1 ? alone : items).read(reply, members: members)
    }

    private func totalFailure(_ reply: Reply, _ count: Int) -> Refusal? {
        guard let json = JSON(reply.body), ![401, 403, 429].contains(reply.status),
            json.integer(json.member(["response", "status", "code"], of: json.root)) == 500,
            json.boolean(json.member(["response", "status", "success"], of: json.root)) == false,
            let list = items.form.list(json), json.list(list).allSatisfy({ json.isEmpty($0) })
        else { return nil }
        let words = json.scalar(json.member(["response", "status", "message"], of: json.root))
        return Refusal(.refused, serverCode: 500, message: words ?? "All of the request failed.")
    }
}
