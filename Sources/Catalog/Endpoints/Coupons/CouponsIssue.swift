import Model
import Records

extension Endpoint {
    /// Issues a coupon of a series to a customer: `POST /v2/coupon/bulk/issue`.
    package static let couponsIssue = EndpointSpec(
        "coupons.issue",
        "Issues coupons whose codes the series generates, one customer and one series per record.",
        // Source: Coupons, Issue coupons by series. One customer a call, whatever its name says.
        .post, "/v2/coupon/bulk/issue", what: "A coupon", adds: true,
        parameters: [Customers.source, Customers.account], fields: CouponsIssue.fields,
        rules: [
            .single("seriesIds"), .exactlyOne(of: Customers.identifiers, in: "customer"),
        ], keys: CouponsIssue.keys, reply: .code(CouponsIssue.replies), codes: CouponCodes.table,
        // Source: Recovery, Idempotency keys. Nothing prevents a repeat, and no code is given to look for.
        recovery: .hold, repeats: nil,
        source:
            "Issue bulk coupons. Facts: Coupons, Issue coupons by series; Coupons, Coupon codes. Unconfirmed: how a "
            + "failed item looks, and how many series a call takes; one is sent.",
        code: .init(
            key: { member in
                let fields = member.fields
                return fields.count < 3 || fields[2].isEmpty ? "" : fields[2] + "/" + fields[0]
            }, kind: { _ in "coupon" })
    ).endpoint
}

enum CouponsIssue {
    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "seriesIds", .list(.integer(1...Int.max)), .required,
            "Exactly one: the reply names each coupon by its series."),
        Customers.one, metadata,
    ]

    static let metadata = Field(
        "metadata",
        .object([
            Field("sourceType", .text(most: 50)), Field("sourceId", .text(most: 50)),
            Field("sourceActivity", .text(most: 50)), Field("notes", .text(most: 250)),
            Field("reason", .text(most: 250)),
        ]), .optional, "The origin of the coupon; no read shows it.")

    static let keys = Keys(
        identity: [.customer(Customers.oneOf), .integer("seriesIds.0")],
        order: [.customer(Customers.oneOf)],
        evidence: [
            .integer("seriesIds.0"), .customerType(Customers.oneOf), .customerValue(Customers.oneOf),
        ])

    // MARK: Reply

    /// Source: Coupons, Issue coupons by series. `entityId` is the series, done or not: what shows that a coupon was
    /// issued is its code.
    static let replies = BulkReply(
        labels: [
            BulkReply.Label(
                member: { Label.digest(EvidenceFields.text(0, of: $0)) },
                item: { json, item in
                    Label.digest(json, json.member("entityId", of: item))
                        ?? Label.digest(json, json.member(["result", "seriesId"], of: item))
                },
                agree: { _, _, _ in true })
        ],
        codes: CouponCodes.table, fields: fields.map(\.name), form: form)

    private static var form: BulkReply.Form {
        var form = BulkReply.Form.e1.with(id: "result", "code")
        form.idIsText = true
        return form
    }
}

/// What the codes of the calls that issue and redeem coupons mean. Source: Coupons, Coupon codes.
enum CouponCodes {
    static let table = CodeTable([
        .init(.done, .refused, 700, 731),
        .init(.exists, .duplicate, 709, 711, 716, 747),
        .init(.rejected, .customerUnknown, 701),
        .init(.rejected, .targetUnknown, 702, 703, 707),
        .init(.rejected, .customerBlocked, 740, 742, 750),
        .init(
            .rejected, .refusedValue, 629, 718, 719, 721, 723, 710, 725, 733, 735, 738, 739, 756, 677),
        .init(.rejected, .refused, 621, 626, 660),
        .init(.rejected, .refusedSetup, 712, 713, 714, 728, 729, 736, 777),
        // A gateway's error and a time-out: the coupon may be issued.
        .init(.inDoubt, .noAnswer, 412, 748),
        .init(.again, .busy, 413, 521, 461, 786, 787, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])
}
