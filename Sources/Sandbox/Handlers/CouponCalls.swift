import NIOHTTP1
import Records

/// `POST /v2/coupon/bulk/issue`: one customer, some series.
///
/// Source: API reference, "Issue bulk coupons". Each call issues again. Series exist but for those whose
/// number begins with 404; of those that end in 9 a customer has one coupon at most.
enum CouponCalls {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/coupon/bulk/issue", kind: .work, answer: issue)
    ]

    /// The code that the series makes.
    static func code(_ id: Int64) -> String { "DEMO" + String(id, radix: 36).uppercased() }

    private static func issue(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let body = Document(call.body), let customer = body.member("customer", of: body.root),
            let series = body.list(body.member("seriesIds", of: body.root)), !series.isEmpty,
            call.query("source")?.isEmpty == false
        else { return .error(400, code: 629, "source, customer or seriesIds missing") }
        let who =
            ["id", "mobile", "email", "externalId"].compactMap { body.text($0, of: customer) }.first
            ?? ""
        if let refusal = service.refusal(ofCustomer: who) {
            return .error(400, code: refusal.code == 3045 ? 740 : 701, refusal.message)
        }
        let shape = Shape(troubles)
        service.tally.items += series.count
        var out: [UInt8] = []
        var failures = 0
        out.add(#"{"response":["#)
        for (position, node) in series.enumerated() {
            let number = body.text(node) ?? ""
            let key = who + "/" + number
            var complaint: Complaint?
            if service.hasItemFaults, service.rollItem(.busyItem) != nil {
                complaint = Complaint(521, "another request is at work on the same customer")
            } else if number.hasPrefix("404") {
                complaint = Complaint(707, "series unknown")
            } else if number.hasSuffix("9"), !service.store.find(.coupons, key.utf8).isEmpty {
                complaint = Complaint(709, "customer already has a coupon")
            }
            if position > 0 { out.add(",") }
            out.add("{")
            switch shape.label(at: position, of: series.count) {
            case .right: out.add(text: #""entityId":\#(number),"#)
            case .wrong: out.add(#""entityId":900000999,"#)
            case .none: break
            }
            if let complaint {
                failures += 1
                out.add(#""errors":["#)
                out.addError(complaint.code, complaint.message)
            } else {
                let id = service.add(.coupons, key, Array(#"{"series":"\#(number)"}"#.utf8))
                let code = code(id)
                out.add(text: #""result":{"code":"\#(code)","discountType":"ABS","id":0},"errors":["#)
                if service.hasItemFaults, service.rollItem(.idWithErrors) != nil {
                    out.addError(748, "time-out")
                }
            }
            out.add(#"],"warnings":[]}"#)
        }
        out.add(text: #"],"totalCount":\#(series.count),"failureCount":\#(failures)}"#)
        return Answer(out)
    }
}
