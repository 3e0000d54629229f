import NIOHTTP1

extension PlainCall {
    private static func assignments(_ name: String, _ method: HTTPMethod, list: String) -> PlainCall {
        PlainCall(
            name: name, method: method, path: "/v2/labels/assignments", most: 100, tooMany: 23032,
            form: .lists(
                done: #"{"data":["#, failed: #"],"warnings":[],"errors":["#, tail: "]}",
                item: { body, item, outcome, label in
                    let entity = body.text("entityId", of: item)
                    guard let complaint = outcome.complaint else {
                        return "{" + label.member("entityId", entity)
                            + #""assignmentId":\#(outcome.id ?? 0)}"#
                    }
                    // As in the sample: the entity's id, under another name.
                    return "{" + label.member("labelExternalId", entity)
                        + #""code":\#(complaint.code),"message":"\#(complaint.message)"}"#
                }, success: 200),
            list: { $0.list($0.member(list, of: $0.root)) },
            key: { body, item, _ in
                let labels = body.list(body.member("labelExternalIds", of: item)) ?? []
                let label = body.text("labelExternalId", of: item) ?? body.text(labels.first) ?? ""
                return (body.text("entityId", of: item) ?? "") + "/" + label
            },
            refusal: { body, item, _, _ in
                isUnknown(body.text("entityId", of: item) ?? "")
                    ? Complaint(23045, "entity missing") : nil
            })
    }

    static let labels: [PlainCall] = [
        lists(
            "labels.add", .POST, "/v2/labels", by: "externalId", most: 10, tooMany: 23021,
            exists: 23019,
            unknown: 23005, done: "data", label: "labelExternalId", success: 201),
        lists(
            "labels.update", .PUT, "/v2/labels", by: "externalId", most: 10, tooMany: 23021,
            exists: nil,
            unknown: 23005, done: "data", label: "labelExternalId"),
        assignments("labels.reassign", .PUT, list: "assignments"),
        assignments("labels.remove", .DELETE, list: "removals"),
    ]
}
