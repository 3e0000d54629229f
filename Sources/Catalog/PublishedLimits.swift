package import Model

extension CallLimit {
    /// Limits by call, as pages print them. Those that differ by region and are not printed any more are left
    /// out: the connection's rate is for them.
    ///
    /// Source: core sheet 12 of 2026-12-01 and 1.8, wider sheet 2.1, from: Rate limits; v2 manual of 2022.
    static let published: [CallLimit] = [
        CallLimit(
            "PUT /v2/customers/{userId}", Rate(requests: 50, per: .seconds(60)),
            source: "Core sheet 12, from: Rate limits (EMEA)."),
        hourly("POST /v2/customers/{userId}/changeIdentifier"),
        // UNSURE: said of label and external id; the bulk call is not named by itself.
        hourly("PUT /v2/card/bulk"),
        hourly("GET /v2/card/statusLog"), hourly("GET /v2/customers/{key}/referrals"),
        CallLimit(
            "POST /v2/coupon/bulk/issue", Rate(requests: 1000, per: .seconds(60)),
            source: "Wider sheet 2.1, from: Issue bulk coupons, an edition before 2026."),
    ]

    private static func hourly(_ call: String) -> CallLimit {
        CallLimit(
            call, Rate(requests: 1000, per: .seconds(3600)),
            source: "Core sheet 12, from: Rate limits; v2 manual of 2022.")
    }

    /// The limit of a call by its method and the path of its spec.
    package static func published(_ method: Request.Method, _ path: String) -> CallLimit? {
        let call = "\(method.rawValue) \(path)"
        return published.first { $0.call == call }
    }
}
