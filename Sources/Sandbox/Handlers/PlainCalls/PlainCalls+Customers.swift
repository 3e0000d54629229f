import NIOHTTP1

extension PlainCall {
    private static func lookedUp(_ name: String, _ path: String) -> PlainCall {
        PlainCall(
            name: name, method: .PUT, path: path, form: .single("entity"),
            key: { _, _, call in call.query("identifierValue") ?? "" },
            refusal: { _, _, call, _ in stranger(call.query("identifierValue") ?? "") })
    }

    static let customers: [PlainCall] = [
        lookedUp("customers.updateBy", "/v2/customers/lookup"),
        lookedUp("customers.status", "/v2/customers/lookup/status"),
        PlainCall(
            name: "customers.update", method: .PUT, path: "/v2/customers/*", form: .single("entity"),
            key: { _, _, call in part(call, 2) }, refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "customers.changeIdentifier", method: .POST, path: "/v2/customers/*/changeIdentifier",
            form: .single("entity"), repeats: .refused(11000),
            key: { body, item, call in
                let first = body.list(body.member("add", of: item))?.first
                let value = body.text("value", of: first) ?? ""
                return value.isEmpty
                    ? "" : part(call, 2) + "/" + (body.text("type", of: first) ?? "") + "/" + value
            },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "customers.subscribe", method: .POST, path: "/v2/customers/*/subscriptions",
            form: .single("entity"), key: { _, _, call in part(call, 2) },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "labels.change", method: .POST, path: "/v2/customers/*/changeLabels",
            form: .lone { body, call, outcome in
                let names = ["add", "remove"].flatMap {
                    body.list(body.member($0, of: body.root)) ?? []
                }
                .compactMap { body.text("labelName", of: $0) }
                if let complaint = outcome.complaint {
                    return (
                        400,
                        #"{"warnings":[],"errors":[{"status":false,"code":\#(complaint.code),"message":"no"}]}"#
                    )
                }
                if names.contains(where: isUnknown) {
                    return (
                        200,
                        #"{"warnings":[{"status":false,"code":33001,"message":"no such label"}]}"#
                    )
                }
                return (200, #"{"entity":\#(part(call, 2)),"warnings":[]}"#)
            }, key: { _, _, call in part(call, 2) },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
    ]
}
