import NIOHTTP1

extension PlainCall {
    static let groups: [PlainCall] = [
        single(
            "groups.add", .POST, "/v2/userGroup2", by: "externalId", .refused(1633),
            unknown: ("externalId", 1605)),
        single(
            "associates.add", .POST, "/v2/orgEntity/associate", by: "code", .refused(1220),
            unknown: ("storeId", 1235)),
        single(
            "companies.add", .POST, "/v2/companies", by: "externalId", .sets,
            unknown: ("externalId", 1605)),
        single(
            "companies.update", .PUT, "/v2/companies", by: "externalId", .sets,
            unknown: ("externalId", 1605)),
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
