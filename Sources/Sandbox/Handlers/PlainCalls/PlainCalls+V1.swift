import NIOHTTP1

extension PlainCall {
    static func older(
        _ name: String, _ path: String, list: [String], code: Int, id: String,
        key: @escaping @Sendable (Document, Int) -> String,
        repeats: Repeat = .sets, echoesID: Bool = false,
        refusal: @escaping @Sendable (Document, Int) -> Complaint?
    ) -> PlainCall {
        let inner = list.last ?? ""
        let outer = list.count > 1 ? "\"\(list[0])\":{\"\(inner)\":[" : "\"\(inner)\":["
        return PlainCall(
            name: name, method: .POST, path: path, most: 100,
            form: .items(
                head: #"{"response":{"status":{"success":"true","code":"200","message":"ok"},"# + outer,
                item: { body, item, outcome, label in
                    var text = "{"
                    if echoesID {
                        text += label.member(id, body.text(id, of: item))
                    } else if let made = outcome.id {
                        text += #""\#(id)":\#(made),"#
                    }
                    let names = [
                        "mobile", "email", "external_id", "sku", "channel", "priority", "identifier",
                        "old_value", "new_value", "reference_id",
                    ]
                    for name in names { text += label.member(name, body.text(name, of: item)) }
                    let said = outcome.complaint
                    return text
                        + #""item_status":{"success":"\#(said == nil)","code":"\#(said?.code ?? code)","message":"\#(said?.message ?? "ok")","warnings":{"warning":[]}}}"#
                }, tail: { _, _ in list.count > 1 ? "]}}}" : "]}}" }),
            repeats: repeats,
            list: { body in body.list(body.member(inner, of: body.member("root", of: body.root))) },
            key: { body, item, _ in key(body, item) },
            refusal: { body, item, _, _ in refusal(body, item) })
    }

    static let older: [PlainCall] =
        ["add", "update"].map { (act: String) -> PlainCall in
            older(
                act == "add" ? "customers.addOlder" : "customers.updateOlder", "/v1.1/customer/" + act,
                list: ["customers", "customer"], code: 1000, id: "user_id",
                key: { body, item in
                    ["mobile", "email", "external_id"].compactMap { body.text($0, of: item) }.first
                        ?? ""
                },
                refusal: { body, item in
                    let all = ["mobile", "email", "external_id"].compactMap { body.text($0, of: item) }
                    return all.contains(where: isUnknown) ? Complaint(1001, "identifier bad") : nil
                })
        } + [
            older(
                "products.addOlder", "/v1.1/product/add", list: ["product"], code: 9100, id: "item_id",
                key: { body, item in body.text("sku", of: item) ?? "" },
                refusal: { body, item in
                    let brand = body.text("name", of: body.member("brand", of: item)) ?? ""
                    return isUnknown(brand) ? Complaint(9102, "brand unknown") : nil
                })
        ]
}
