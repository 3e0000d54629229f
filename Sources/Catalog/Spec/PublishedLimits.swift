package import Model

extension CallLimit {
    /// Limits by call, as pages print them. Those that differ by region and are not printed any more are left
    /// out: the connection's rate is for them.
    ///
    /// Source: Limits, Rate limits. Pages: Rate limits; 2022 manual; Issue bulk coupons.
    static let published: [CallLimit] = [
        CallLimit(
            "PUT /v2/customers/{userId}", Rate(requests: 50, per: .seconds(60)),
            source: "Rate limits, 2026-03-04 (EMEA)."),
        hourly("POST /v2/customers/{userId}/changeIdentifier"),
        // Unconfirmed: said of label and external id; the bulk call is not named by itself.
        hourly("PUT /v2/card/bulk"), hourly("PUT /v2/card"),
        hourly("GET /v2/card/statusLog"), hourly("GET /v2/customers/{key}/referrals"),
        CallLimit(
            "POST /v2/coupon/bulk/issue", Rate(requests: 1000, per: .seconds(60)),
            source: "Issue bulk coupons, an edition before 2026."),
    ]

    private static func hourly(_ call: String) -> CallLimit {
        CallLimit(
            call, Rate(requests: 1000, per: .seconds(3600)),
            source: "Rate limits, 2026-03-04; 2022 manual.")
    }

    /// The limit of a call by its method and the path of its spec.
    package static func published(_ method: Request.Method, _ path: String) -> CallLimit? {
        let call = "\(method.rawValue) \(path)"
        return published.first { $0.call == call }
    }
}
