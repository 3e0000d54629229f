import NIOHTTP1

extension PlainCall {
    /// What is said of one reward, and again of the whole.
    static let rewards: [PlainCall] = [
        PlainCall(
            name: "rewards.issue", method: .POST,
            path: "/api_gateway/rewards/core/v1/user/rewards/issue",
            form: .lone { body, call, outcome in
                if (call.query("username") ?? "").isEmpty {
                    return (
                        400,
                        #"{"status":{"success":false,"code":400,"message":"username is missing"},"rewards":null}"#
                    )
                }
                let one = body.list(body.member("rewards", of: body.root))?.first
                let id = body.text("rewardId", of: one) ?? "0"
                let quantity = body.text("quantity", of: one) ?? "1"
                let said = outcome.complaint
                let status =
                    #"{"success":\#(said == nil),"code":\#(said?.code ?? 200),"message":"\#(said?.message ?? "ok")"}"#
                // One sample of full success says 8010 and false of the whole. Source: "Issue bulk reward".
                return (
                    200,
                    #"{"status":{"success":false,"code":8010,"message":"see the rewards"},"rewards":[{"status":"#
                        + status
                        + #","transactionId":\#(outcome.id ?? 900_000_001),"rewardId":\#(id),"requestedQuantity":\#(quantity),"#
                        + #""quantity":\#(said == nil ? quantity : "0"),"requestId":"\#(body.text("requestId", of: one) ?? "")","#
                        + #""intouch":null,"promotions":[],"vendor":[]}]}"#
                )
            }, repeats: .answered(10_003),
            key: { body, item, _ in
                body.text("requestId", of: body.list(body.member("rewards", of: item))?.first) ?? ""
            },
            refusal: { body, item, _, _ in
                let one = body.list(body.member("rewards", of: item))?.first
                return isUnknown(body.text("rewardId", of: one) ?? "")
                    ? Complaint(8003, "reward over") : nil
            })
    ]

    /// A till that is new has a name that begins so; all others are there already.
    static let newTill = "new"

    static let tills: [PlainCall] = [
        PlainCall(
            name: "tills.add", method: .POST, path: "/v2/orgEntity/till", form: .single("entity"),
            repeats: .refused(3201),
            key: { body, item, _ in body.text("name", of: item) ?? "" },
            refusal: { body, item, _, _ in
                if !(body.text("name", of: item) ?? "").hasPrefix(newTill) {
                    return Complaint(3201, "a till of that name is in the cluster")
                }
                return isUnknown(body.text("storeId", of: item) ?? "")
                    ? Complaint(1234, "no such store") : nil
            })
    ]
}

/// `POST /api_gateway/v1/promotions/{promotionId}/issueBulk`: a bare list of customers, of which a bad one
/// refuses all; a repeat gives it again.
enum IssuedPromotions {
    static let desks = [
        Desk(method: .POST, path: "/api_gateway/v1/promotions/*/issueBulk", kind: .work) {
            service, call, troubles in
            guard let body = Document(call.body), let items = body.list(body.root) else {
                return refusal(400, "the body is no list")
            }
            let customers = items.compactMap { body.text($0) }
            let promotion = PlainCall.part(call, 3)
            if PlainCall.isUnknown(promotion) { return refusal(706, "promotion over") }
            guard !customers.isEmpty, customers.count == items.count,
                customers.allSatisfy({ (Int64($0) ?? 0) > 0 && !PlainCall.isUnknown($0) })
            else { return refusal(1006, "a customer is bad") }
            if customers.count > 50 { return refusal(1060, "more than 50") }
            let shape = Shape(troubles)
            var entries: [String] = []
            for (position, customer) in customers.enumerated() {
                let id = service.add(
                    .calls, "promotions.issue/\(promotion)/\(customer)", Array("{}".utf8))
                switch shape.label(at: position, of: customers.count) {
                case .right: entries.append(#""\#(customer)":{"id":"65bb\#(id)"}"#)
                case .wrong: entries.append(#""9\#(customer)":{"id":"65bb\#(id)"}"#)
                case .none: break
                }
            }
            service.tally.items += customers.count
            return Answer(text: #"{"data":{\#(entries.joined(separator: ","))},"errors":[]}"#)
        }
    ]

    private static func refusal(_ code: Int, _ message: String) -> Answer {
        Answer(
            status: 400,
            text: #"{"data":null,"errors":[{"code":\#(code),"message":"\#(message)"}]}"#)
    }
}
