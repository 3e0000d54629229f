import NIOHTTP1

extension PlainCall {
    private static func named(_ name: String, _ method: HTTPMethod, _ path: String, _ repeats: Repeat)
        -> PlainCall
    {
        PlainCall(
            name: name, method: method, path: path, form: .single("entity"), repeats: repeats,
            key: { body, item, _ in body.text("externalId", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("externalId", of: item) ?? "") ? Complaint(1605, "refused") : nil
            })
    }

    static let groups: [PlainCall] = [
        named("groups.add", .POST, "/v2/userGroup2", .refused(1633)),
        PlainCall(
            name: "associates.add", method: .POST, path: "/v2/orgEntity/associate",
            form: .single("entity"), repeats: .refused(1220),
            key: { body, item, _ in body.text("code", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("storeId", of: item) ?? "") ? Complaint(1235, "no such store") : nil
            }),
        named("companies.add", .POST, "/v2/companies", .sets),
        named("companies.update", .PUT, "/v2/companies", .sets),
        PlainCall(
            name: "groups.join", method: .POST, path: "/v2/userGroup2/join",
            form: .items(
                head: #"{"response":["#,
                item: { body, item, outcome, label in
                    let user = label == .right ? body.text("userId", of: item) ?? "0" : "999"
                    let whose = label == .none ? "" : #""userId":\#(user),"#
                    return #"{"entityId":{\#(whose)"groupId":\#(outcome.id ?? 0)},\#(outcome.errors)}"#
                }, tail: { #"],"totalCount":\#($0),"failureCount":\#($1)}"# }),
            list: { $0.list($0.root) },
            key: { body, item, call in
                (call.query("externalId") ?? "") + "/" + (body.text("userId", of: item) ?? "")
            },
            refusal: { body, item, _, _ in stranger(body.text("userId", of: item) ?? "") }),
        PlainCall(
            name: "groups.leave", method: .DELETE, path: "/v2/userGroup2/*/leave",
            form: .lone { _, _, outcome in
                (
                    outcome.id == nil ? 400 : 200,
                    #"{\#(outcome.errors),"success":\#(outcome.id != nil)}"#
                )
            },
            key: { _, _, call in part(call, 2) + "/" + (call.query("identifierValue") ?? "") },
            refusal: { _, _, call, _ in stranger(call.query("identifierValue") ?? "") },
            content: { _, _ in Array("{}".utf8) }),
    ]
}
