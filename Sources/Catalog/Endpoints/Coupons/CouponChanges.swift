import Model
import Records

// What is changed of coupons that customers have: when they end, and whether they are redeemed.
//
// Source: Coupons, Change the expiry of coupons; Coupons, Reactivate a redeemed coupon.
extension Endpoint {
    /// Sets when a coupon ends: `PUT /v2/coupon/bulk/expiry`.
    package static let couponsExpiry = EndpointSpec(
        "coupons.expiry", "Sets the expiry of coupons, also of expired ones, one code per request.",
        .put, "/v2/coupon/bulk/expiry", what: "An expiry", adds: false,
        fields: [
            Field(
                "couponSeriesId", .integer(1...Int.max), .optional,
                "The series of the coupon; older pages require it."),
            Field(
                "customer",
                .object([
                    Field("id", .integer(1...Int.max)), Field("mobile", .text(most: nil)),
                    Field("email", .text(most: nil)), Field("externalId", .text(most: nil)),
                ]), .when("for a generic code"), "Identified by one of these."),
            Field(
                "couponCodes",
                .list(
                    .object([
                        Field("couponCode", .text(most: nil), .required),
                        Field(
                            "expiryDate", .instant, .required,
                            "Not past, and not after the end of the series."),
                    ])), .required, "Exactly one: the reply names only what was not done."),
        ],
        rules: [
            .single("couponCodes"),
            .code { context in
                if context.node("customer") != nil {
                    _ = context.one(of: Customers.identifiers, in: "customer")
                }
            },
        ],
        keys: Keys(
            identity: [.lowercased(.text("couponCodes.couponCode")), .customer(Customers.oneOf)],
            order: [.thing("coupon", .lowercased(.text("couponCodes.couponCode")))],
            evidence: [.text("couponCodes.couponCode"), .integer("couponSeriesId")]),
        reply: .code(CouponChanges.expiryReplies), codes: CouponChanges.expiryCodes,
        recovery: .resend,
        source:
            "Update coupon code expiry date. Facts: Coupons, Change the expiry of coupons. Unconfirmed: whether the "
            + "series may be left out; the newest page says so of one code."
    ).endpoint

    /// Takes a redemption back: `POST /v2/coupon/reactivate`.
    package static let couponsReactivate = EndpointSpec(
        "coupons.reactivate", "Reactivates redeemed coupons, one redemption per request.", .post,
        "/v2/coupon/reactivate", what: "A reactivation", adds: true,
        fields: [
            Field(
                "redemptionIds", .list(.integer(1...Int.max)), .required,
                "Exactly one: the reply names none. It is the server's id of an accepted coupons.redeem."
            )
        ], rules: [.single("redemptionIds")],
        keys: Keys(
            identity: [.integer("redemptionIds.0")],
            order: [.thing("redemption", .integer("redemptionIds.0"))],
            evidence: [.integer("redemptionIds.0")]),
        reply: .single(.init(id: [], done: .flag(["success"]))), codes: CouponChanges.reactivateCodes,
        // What a second call for the same redemption answers is not known, and no read shows one by its id.
        recovery: .hold,
        source:
            "Reactivate redeemed coupon. Facts: Coupons, Reactivate a redeemed coupon. Unconfirmed: the answer to a "
            + "repeat, so a lost answer is for a person; a client of another brand calls it with PATCH."
    ).endpoint
}

enum CouponChanges {
    /// Source: Coupons, Change the expiry of coupons.
    static let expiryCodes = CodeTable([
        .init(.rejected, .refusedValue, 690, 691, 695, 756),
        .init(.rejected, .targetUnknown, 633, 682, 702, 703, 707),
        .init(.rejected, .customerUnknown, 701),
        .init(.rejected, .refusedSetup, 712),
        .init(.inDoubt, .noAnswer, 412, 748),
        .init(.again, .busy, 413, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// Counts, and the codes that were not processed, each with its reason.
    static let expiryReplies = CustomReply(
        codes: expiryCodes, fields: ["couponSeriesId", "customer", "couponCodes"]
    ) { json, member in
        let complaints = json.complaints(json.member("errors", of: json.root))
        let entity = json.member("entity", of: json.root)
        let failures = json.list(json.member("unprocessedCoupons", of: entity))
        let done = json.integer(json.member("successCount", of: entity))
        if let failure = failures.first {
            let code = json.scalar(json.member("couponCode", of: failure)) ?? ""
            guard failures.count == 1, done ?? 0 == 0,
                code.lowercased() == EvidenceFields.text(0, of: member).lowercased()
            else { return nil }
            return expiryCodes.worst(of: json.complaints(failure)).map { expiryCodes.disposition($0) }
        }
        guard let done else {
            return expiryCodes.worst(of: complaints).map { expiryCodes.disposition($0) }
        }
        guard complaints.isEmpty, done == 1 else { return nil }
        return .accepted(nil, [])
    }

    /// Source: Coupons, Reactivate a redeemed coupon; Coupons, Coupon codes.
    static let reactivateCodes = CodeTable([
        .init(.rejected, .targetUnknown, 510), .init(.rejected, .refusedValue, 629, 661),
        .init(.inDoubt, .noAnswer, 412, 748),
        .init(.again, .busy, 413, 521, 461, 4001), .init(.again, .throttled, 517),
    ])
}
