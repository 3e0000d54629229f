import NIOHTTP1

extension PlainCall {
    static let coupons: [PlainCall] = [
        PlainCall(
            name: "coupons.issueMany", method: .POST, path: "/v2/coupon/issue/multiple",
            form: .lone { body, _, outcome in
                let count = Int(body.integer("count", of: body.root) ?? 1)
                // Of series whose number ends in 9 a customer has one at most.
                let most = (body.text("seriesId", of: body.root) ?? "").hasSuffix("9") ? 1 : count
                let issued = outcome.id.map { id in
                    (0..<min(most, count)).map { #"{"code":"DEMO\#(id)-\#($0)"}"# }
                }
                let complaint =
                    outcome.complaint ?? (most < count ? Complaint(5004, "only one allowed") : nil)
                let failures = count - (issued?.count ?? 0)
                let errors = Outcome.failure(complaint ?? Complaint(0, "")).errors
                return (
                    200,
                    #"{"coupons":[\#((issued ?? []).joined(separator: ","))],"totalCount":\#(count),"#
                        + #""failureCount":\#(failures),"successCount":\#(count - failures),"#
                        + (complaint == nil ? #""errors":[],"warnings":[]}"# : errors + "}")
                )
            }, repeats: .adds,
            key: { body, item, _ in
                who(body, body.member("customer", of: item)) + "/"
                    + (body.text("seriesId", of: item) ?? "")
            },
            refusal: { body, item, _, _ in
                let count = body.integer("count", of: item) ?? 1
                if !(1...500).contains(count) { return Complaint(677, "count outside 1..500") }
                return isUnknown(body.text("seriesId", of: item) ?? "")
                    ? Complaint(707, "series unknown") : nil
            }),
        Redemptions.call,
    ]
}

/// `POST /v2/coupon/bulk/redeem`: all of a request or none, and dry with `is_redeemable`. Every code is good
/// once, but for those that begin with `unknown`.
enum Redemptions {
    static let call = PlainCall(
        name: "coupons.redeem", method: .POST, path: "/v2/coupon/bulk/redeem",
        form: .lone { body, call, outcome in
            let isDry = call.query("is_redeemable") == "true"
            let items = codes(body, body.root).map { code -> String in
                let bad = outcome.complaint
                let isMine = bad == nil || bad?.message == code || bad?.code == 521
                let said = bad.map { isMine ? $0.code : 749 } ?? 700
                let id = isDry ? "-1" : String(outcome.id ?? 0)
                let result = bad == nil ? #""redemptionId":"\#(id)","# : ""
                return
                    #"{"entityId":1,"result":{\#(result)"code":"\#(code)","redemptionStatus":{"success":\#(bad == nil),"code":\#(said),"message":"as told"}},"errors":[]}"#
            }
            return (
                200,
                #"{"response":[\#(items.joined(separator: ","))],"totalCount":\#(items.count),"failureCount":0}"#
            )
        }, repeats: .adds,
        key: { body, item, call in
            let first = codes(body, item).first ?? ""
            return first.isEmpty ? "" : (call.query("is_redeemable") == "true" ? "dry/" : "") + first
        },
        refusal: { body, item, _, service in
            for code in codes(body, item) {
                if code.hasPrefix("unknown") { return Complaint(702, code) }
                if isRedeemed(code, service) { return Complaint(716, code) }
            }
            return nil
        })

    /// Whether a redemption of the code stands that was not taken back.
    static func isRedeemed(_ code: String, _ service: Service) -> Bool {
        service.store.find(.calls, "coupons.redeem/\(code)".utf8).contains {
            service.store.find(.calls, "coupons.reactivate/\($0.id)".utf8).isEmpty
        }
    }

    private static func codes(_ body: Document, _ item: Int) -> [String] {
        (body.list(body.member("redemptionRequestList", of: item)) ?? []).compactMap {
            body.text("code", of: $0)
        }
    }
}
