import NIOHTTP1

extension PlainCall {
    /// What is said of one reward, and again of the whole. A reward whose number begins with one of these codes
    /// is refused with it, one that begins with 404 is over.
    ///
    /// Source: "Issue bulk reward". The item of a refused reward has no request id, and its reason is inside;
    /// a sample of full success says 8010 and false of the whole.
    static let rewards: [PlainCall] = [
        PlainCall(
            name: "rewards.issue", method: .POST,
            path: "/api_gateway/rewards/core/v1/user/rewards/issue",
            form: .labelled { body, call, outcome, label in
                if (call.query("username") ?? "").isEmpty {
                    return (
                        400,
                        #"{"status":{"success":false,"code":400,"message":"username is missing"},"rewards":null}"#
                    )
                }
                let one = body.list(body.member("rewards", of: body.root))?.first
                return (200, issued(body, one, outcome, label))
            }, repeats: .answered(10_003),
            key: { body, item, _ in
                body.text("requestId", of: body.list(body.member("rewards", of: item))?.first) ?? ""
            },
            refusal: { body, item, _, _ in
                let one = body.list(body.member("rewards", of: item))?.first
                let id = body.text("rewardId", of: one) ?? ""
                if isUnknown(id) { return Complaint(8003, "reward over") }
                return refusals.first { id.hasPrefix(String($0.code)) }
            })
    ]

    private static let refusals = [
        Complaint(8004, "fail to issue reward as points are not redeemable"),
        Complaint(12_005, "limit of the period reached"), Complaint(12_016, "payment mode invalid"),
        Complaint(12_034, "customer not in the segment"), Complaint(12_050, "no valid card"),
    ]

    private static func issued(
        _ body: Document, _ one: Int?, _ outcome: Outcome, _ label: Shape.Label
    ) -> String {
        let quantity = body.text("quantity", of: one) ?? "1"
        let reward = label == .wrong ? "900001" : body.text("rewardId", of: one) ?? "0"
        var request: String?
        switch label {
        case .wrong: request = "NOT-YOURS-1"
        case .right: request = outcome.id == nil ? nil : body.text("requestId", of: one)
        case .none: break
        }
        let said = outcome.complaint ?? Complaint(200, "ok")
        let whole =
            outcome.id == nil
            ? #""code":8003,"message":"fail to issue""# : #""code":8010,"message":"see the rewards""#
        var out: [UInt8] = []
        out.add(text: #"{"status":{"success":false,\#(whole)},"rewards":[{"status":"#)
        out.add(text: #"{"success":\#(outcome.id != nil),"code":\#(said.code),"message":"#)
        out.add(quoted: said.message)
        out.add(text: #"},"transactionId":\#(outcome.id ?? 900_000_001),"rewardId":\#(reward),"#)
        out.add(text: #""requestedQuantity":\#(quantity),"#)
        out.add(text: #""quantity":\#(outcome.id == nil ? "0" : quantity),"requestId":"#)
        if let request { out.add(quoted: request) } else { out.add("null") }
        out.add(#","intouch":null,"promotions":[],"vendor":[]}]}"#)
        return String(decoding: out, as: UTF8.self)
    }

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
        RouteHandler(method: .POST, path: "/api_gateway/v1/promotions/*/issueBulk", kind: .work) {
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
