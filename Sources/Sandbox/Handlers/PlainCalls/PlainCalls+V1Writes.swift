import NIOHTTP1

extension PlainCall {
    /// What a second one of a reference is told. The code is the sandbox's own: no page prints one.
    static let usedReference = 8999

    static let olderActs: [PlainCall] = [
        PlainCall(
            name: "points.redeemOlder", method: .POST, path: "/v1.1/points/redeem",
            // The list of the request is answered by one object.
            form: .lone { body, _, outcome in
                let said = outcome.complaint
                let item = redeemed(body).first
                let customer = body.member("customer", of: item)
                let echoed = ["mobile", "email", "external_id"].map { name in
                    "\"\(name)\":\"\(body.text(name, of: customer) ?? "")\""
                }.joined(separator: ",")
                let code = said == nil ? "200" : "500"
                return (
                    200,
                    #"{"response":{"status":{"success":"\#(said == nil)","code":\#(code),"message":"see the item"},"#
                        + #""responses":{"points":{\#(echoed),"redemption_id":"\#(outcome.id.map { "r0\($0)" } ?? "")","#
                        + #""points_redeemed":"\#(body.text("points_redeemed", of: item) ?? "")","#
                        + #""item_status":{"success":"\#(said == nil)","code":\#(said?.code ?? 800),"message":"\#(said?.message ?? "Points Redeemed")"}}}}}"#
                )
            }, repeats: .refused(usedReference), list: { redeemed($0) },
            key: { body, item, _ in body.text("external_reference_number", of: item) ?? "" },
            refusal: { body, item, _, _ in
                let customer = body.member("customer", of: item)
                let all = ["mobile", "email", "external_id", "card_number"].compactMap {
                    body.text($0, of: customer)
                }
                return all.contains(where: isUnknown)
                    ? Complaint(816, "Unable to find customer in this organization") : nil
            }),
        older(
            "customers.subscribeOlder", "/v1.1/customer/subscriptions",
            list: ["subscriptions", "subscription"], code: 1000, id: "user_id",
            key: { body, item in
                (["mobile", "email", "external_id", "id"].compactMap { body.text($0, of: item) }.first
                    ?? "") + "/" + (body.text("channel", of: item) ?? "")
            },
            refusal: { body, item in
                let all = ["mobile", "email", "external_id", "id"].compactMap {
                    body.text($0, of: item)
                }
                return all.contains(where: isUnknown) ? Complaint(1012, "customer not found") : nil
            }),
        older(
            "customers.requestIdentifier", "/v1.1/customer/update_identity",
            list: ["customers", "customer"], code: 1040, id: "id",
            key: { body, item in body.text("old_value", of: item) ?? "" }, repeats: .adds,
            refusal: { body, item in
                isUnknown(body.text("old_value", of: item) ?? "")
                    ? Complaint(1012, "customer not found") : nil
            }),
        older(
            "requests.add", "/v1.1/request/add", list: ["requests", "request"], code: 9000, id: "id",
            key: { body, item in body.text("reference_id", of: item) ?? "" }, repeats: .adds,
            refusal: { body, item in
                let customer = body.member("customer", of: item)
                let all = ["id", "mobile", "email", "external_id"].compactMap {
                    body.text($0, of: customer)
                }
                return all.contains(where: isUnknown) ? Complaint(1012, "customer not found") : nil
            }),
        older(
            "tasks.add", "/v1.1/task/add", list: ["tasks", "task"], code: 5200, id: "id",
            key: { body, item in body.text("local_id", of: item) ?? "" }, repeats: .adds,
            refusal: { body, item in
                isUnknown(body.text("title", of: item) ?? "") ? Complaint(5203, "title bad") : nil
            }),
        older(
            "tasks.update", "/v1.1/task/update", list: ["tasks", "task"], code: 5200, id: "id",
            key: { body, item in body.text("id", of: item) ?? "" }, echoesID: true,
            refusal: { body, item in
                isUnknown(body.text("id", of: item) ?? "") ? Complaint(5201, "no such task") : nil
            }),
    ]

    /// Bills of nobody have any id but those that are booked here, and become somebody's once.
    static let retro: [PlainCall] = [
        PlainCall(
            name: "transactions.retro", method: .POST, path: "/v1.1/transaction/update",
            form: .lone { body, call, outcome in
                if (call.header("X-CAP-CLIENT-SIGNATURE") ?? "").isEmpty {
                    return (
                        400,
                        #"{"response":{"status":{"success":"false","code":"400","message":"client signature is missing"}}}"#
                    )
                }
                let item = bills(body).first
                let said = outcome.complaint
                return (
                    200,
                    #"{"response":{"status":{"success":"\#(said == nil)","code":"\#(said == nil ? 200 : 500)","message":"see the item"},"#
                        + #""transactions":{"transaction":[{"id":"\#(body.text("id", of: item) ?? "")","#
                        + #""item_status":{"success":"\#(said == nil)","code":"\#(said?.code ?? 600)","message":"\#(said?.message ?? "ok")"}}]}}}"#
                )
            }, repeats: .refused(605), list: { bills($0) },
            key: { body, item, _ in body.text("id", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("id", of: item) ?? "")
                    ? Complaint(667, "transaction id not found") : nil
            })
    ]

    /// Whose a bill of that id became, and when.
    static func retro(_ service: Service, _ id: Int64) -> (customer: Int64, at: Int64)? {
        guard let thing = service.store.find(.calls, "transactions.retro/\(id)".utf8).first,
            let body = Document(thing.content)
        else { return nil }
        let customer = body.member("customer", of: body.root)
        let names = [
            ("mobile", "mobile"), ("email", "email"), ("external_id", "externalId"), ("id", "id"),
        ]
        for (older, newer) in names {
            let bytes = Array((body.text(older, of: customer) ?? "").utf8)
            let types = Listed.identifierTypes.map { "\($0)" }
            guard !bytes.isEmpty, let type = types.firstIndex(of: newer),
                let number = Customers.id(type: type, bytes, bytes.indices)
            else { continue }
            return (number, thing.at)
        }
        return nil
    }

    private static func bills(_ body: Document) -> [Int] {
        body.list(body.member("transaction", of: body.member("root", of: body.root))) ?? []
    }

    private static func redeemed(_ body: Document) -> [Int] {
        body.list(body.member("redeem", of: body.member("root", of: body.root))) ?? []
    }
}
