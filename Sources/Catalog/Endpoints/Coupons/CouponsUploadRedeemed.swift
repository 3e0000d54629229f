import Model
import Records

extension Endpoint {
    /// Imports coupons that were redeemed elsewhere: `POST /coupon/api/v1/upload/redeemFile/{series}`.
    package static let couponsUploadRedeemed = EndpointSpec(
        "coupons.uploadRedeemed",
        "Uploads a file of coupons of a series that were redeemed elsewhere.",
        .post, "/coupon/api/v1/upload/redeemFile/{series}", host: .coupon,
        what: "A redeemed coupon", adds: true,
        chunk: CouponFile.chunk, parameters: CouponsRedeemed.parameters,
        fields: CouponsRedeemed.fields, keys: .code(CouponsRedeemed.check),
        body: .code(CouponsRedeemed.body([:])),
        reply: .function(.none) { reply, _ in CouponsRedeemed.jobs.read(reply) },
        codes: .none, recovery: .code(.adoptJob(CouponsRedeemed.jobs)),
        source:
            "Upload Redeemed Coupons. Facts: Coupons, Upload redeemed coupons; Coupons, Upload files: "
            + "outcome of a row. Unconfirmed: whether the header row counts (learnt from a first file of one "
            + "row), whether a coupon redeemed before is refused.",
        code: .init(
            kind: { _ in "redeemed coupon" },
            adapt: { endpoint in endpoint.body = CouponsRedeemed.body(endpoint.settings) },
            reasons: CouponFile.reasons(CouponsRedeemed.fields))
    ).endpoint
}

enum CouponsRedeemed {
    // MARK: Fields

    static let parameters = [
        CouponFile.series,
        Parameter(
            "customer", .setting, .oneOf(["MOBILE", "EXTERNAL_ID", "EMAIL", "USER_ID"]),
            usual: "MOBILE",
            "The identifier of the customer."),
        Parameter(
            "coupon", .setting, .oneOf(["COUPON_CODE", "COUPON_ID"]), usual: "COUPON_CODE",
            "The identifier of the coupon."),
        Parameter("details", .setting, .text(most: nil), "A note on the whole file."),
        CouponFile.refusesRepeat, CouponFile.followMinutes,
    ]

    static let fields: [Field] = [
        Field("coupon", .text(most: 100), .required, "Its code or id, as the parameter `coupon` says."),
        Field("customer", .text(most: 250), .required, "As the parameter `customer` says."),
        Field("redeemedDate", .instant, .when("unless redeemedDateInMillis is given")),
        Field(
            "redeemedDateInMillis", .integer(100_000_000_000...Int.max),
            .when("unless redeemedDate is given"),
            "Milliseconds since 1970; a value before 1973 would be seconds."),
        Field("redeemedAt", .integer(1...Int.max), .required, "The server's id of the till."),
        Field("billId", .text(most: nil)), Field("billNumber", .text(most: nil)),
        Field("details", .text(most: nil)),
    ]

    static func check(_ context: inout ItemContext) {
        CouponFile.checkPlain(&context, fields.map(\.name))
        for name in ["coupon", "customer"] where context.node(name) != nil {
            context.require(name, "A row needs a \(name).")
        }
        switch (context.has("redeemedDate"), context.has("redeemedDateInMillis")) {
        case (false, false):
            context.problem(
                .missing, "redeemedDate", "Give redeemedDate or redeemedDateInMillis.")
        case (true, true):
            context.problem(
                .rule, "redeemedDate", "redeemedDate and redeemedDateInMillis cannot be used together."
            )
        default: break
        }
        let instant = context.text("redeemedDate").flatMap { Instant($0)?.timestamp }
        let time = context.text("redeemedDateInMillis") ?? instant.map { String($0.milliseconds) }
        let coupon = context.text("coupon") ?? ""
        let customer = context.text("customer") ?? ""
        context.identity = [coupon, customer, time ?? ""]
        context.binding = [coupon]
        // Two redemptions of one coupon: the second may depend on the first.
        context.orderKeys = [["coupon", coupon]]
        context.evidence = [coupon, customer]
    }

    // MARK: The file

    /// The item's fields in the order of the columns.
    static let columns = fields.map(\.name).filter { $0 != "redeemedDate" }

    static func body(_ settings: [String: String]) -> @Sendable ([ArraySlice<UInt8>]) -> [UInt8] {
        CouponFile.csv(columns, header: header(settings)) { json, column in
            guard column == "redeemedDateInMillis",
                let text = json.scalar(json.member("redeemedDate", of: json.root))
            else { return nil }
            return (Instant(text)?.timestamp).map { String($0.milliseconds) }
        }
    }

    /// The same as the server names them.
    static func header(_ settings: [String: String]) -> [String] {
        let customer =
            switch settings["customer"] {
            case "EXTERNAL_ID": "externalId"
            case "EMAIL": "email"
            case "USER_ID": "userId"
            default: "mobile"
            }
        let coupon = settings["coupon"] == "COUPON_ID" ? "couponId" : "couponCode"
        return columns.map { ["coupon": coupon, "customer": customer][$0] ?? $0 }
    }

    /// Where each column is, as the call wants it told: the text of a JSON object.
    static func places(_ settings: [String: String]) -> String {
        let pairs = header(settings).enumerated().map { "\"\($1)\":\($0)" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    // MARK: The job

    static let jobs = FileJobs(
        parts: { settings in
            [
                ("customerIdentifier", settings["customer"] ?? "MOBILE"),
                ("couponIdentifier", settings["coupon"] ?? "COUPON_CODE"),
                ("uploadHeaders", places(settings)),
            ] + (settings["details"].map { [("Details", $0)] } ?? [])
        },
        statusName: "getUploadRedeemedCouponStatus", list: "redeemUploadJobStatuses",
        state: "uploadRedeemedCouponStatus",
        search: { member, endpoint, _ in
            let fields = member.fields
            guard fields.count > 1 else { return nil }
            return CouponFile.search(
                fields[1],
                CouponFile.Wanted(
                    code: fields[0], isByID: endpoint.settings["coupon"] == "COUPON_ID",
                    isRedeemed: true),
                endpoint)
        },
        source:
            "Coupons, Upload redeemed coupons: status. All jobs of the series, found by the file's name."
    )
}
