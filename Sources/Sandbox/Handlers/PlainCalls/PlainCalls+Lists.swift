import NIOHTTP1

extension PlainCall {
    /// Brands and their like, labels, stores by the v2 call: known by one member.
    static func lists(
        _ name: String, _ method: HTTPMethod, _ path: String, by member: String, most: Int,
        tooMany: Int,
        exists: Int?, unknown: Int, done: String, label failed: String, success: Int = 200
    ) -> PlainCall {
        PlainCall(
            name: name, method: method, path: path, most: most, tooMany: tooMany,
            form: .lists(
                done: #"{"\#(done)":["#, failed: #"],"warnings":[],"errors":["#, tail: "]}",
                item: { body, item, outcome, label in
                    let code = body.text(member, of: item)
                    guard let complaint = outcome.complaint else {
                        return "{" + label.member(member, code) + #""id":\#(outcome.id ?? 0)}"#
                    }
                    return "{" + label.member(failed, code)
                        + #""code":\#(complaint.code),"message":"\#(complaint.message)"}"#
                }, success: success),
            repeats: exists.map { .refused($0) } ?? .sets, list: { $0.list($0.root) },
            key: { body, item, _ in body.text(member, of: item)?.lowercased() ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text(member, of: item) ?? "") ? Complaint(unknown, "refused") : nil
            })
    }

    static let parts: [PlainCall] =
        ([
            ("brands", 10052, 10054, 10055), ("categories", 10062, 10064, 10065),
            ("attributes", 1060, 10204, 10205),
        ] as [(String, Int, Int, Int)]).flatMap { (name, tooMany, exists, unknown) -> [PlainCall] in
            [
                lists(
                    name + ".add", .POST, "/v2/product/" + name, by: "code", most: 100,
                    tooMany: tooMany,
                    exists: exists, unknown: unknown, done: "created", label: "entityCode"),
                lists(
                    name + ".update", .PUT, "/v2/product/" + name, by: "code", most: 100,
                    tooMany: tooMany,
                    exists: nil, unknown: unknown, done: "updated", label: "entityIdentifier"),
            ]
        }
}
