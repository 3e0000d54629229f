import Model
import Records

extension Endpoint {
    /// Spends points of customers by the v1 call: `POST /v1.1/points/redeem`.
    package static let pointsRedeemOlder = EndpointSpec(
        "points.redeemOlder",
        "Redeems points of customers with the v1.1 call; your own reference prevents repeats.",
        .post, "/v1.1/points/redeem", what: "A redemption", adds: true,
        parameters: [
            Parameter(
                "program_id", .query("program_id"), .integer(1...Int.max),
                "The program, if there are several."),
            Parameter(
                "skip_validation", .query("skip_validation"), .boolean,
                "true: without a code sent to the customer."),
            Parameter(
                "validation_type", .query("validation_type"), .oneOf(["SMS", "MISSED_CALL"])),
        ],
        fields: V1PointsRedeem.fields, rules: V1PointsRedeem.rules, keys: V1PointsRedeem.keys,
        body: .list(["root", "redeem"]), reply: .code(V1PointsRedeem.replies),
        codes: V1PointsRedeem.codes, recovery: .resend, refusesRepeat: true,
        source:
            "Redeem Points (v1.1); Idempotency; codes from the 2021 manual. Facts: Points, Redeem points (v1.1); "
            + "Recovery, Idempotency keys. The body is a list, but the page says no batch: one per alone. "
            + "Unconfirmed: what the server answers to a repeated reference: an error whose code is "
            + "not documented, or the first result. An undocumented code counts as a repeat if its message says "
            + "so; otherwise the record stays in doubt."
    ).endpoint
}

enum V1PointsRedeem {
    // MARK: Fields

    private static let identifiers = [
        "mobile", "email", "external_id", "card_number", "card_external_id",
    ]

    static let fields: [Field] = [
        Field(
            "points_redeemed", .number(atLeast: 0), .required,
            "At most three decimal places."
        ),
        Field(
            "customer", .object(identifiers.map { Field($0, .text(most: nil)) }), .required,
            "Exactly one of its members."),
        Field(
            "external_reference_number", .text(most: nil), .required,
            "Your own id, unique for each: the server processes it once."),
        Field("transaction_number", .text(most: nil), .optional, "The number of the bill."),
        Field(
            "redemption_time", .text(most: nil), .optional,
            "2026-02-03 14:05:00, in the server's time zone."),
        Field("validation_code", .text(most: nil), .when("unless skip_validation is true")),
        Field("redemption_purpose", .text(most: nil)), Field("notes", .text(most: nil)),
        Field("till_id", .text(most: nil)), Field("group_redemption", .boolean),
        Field(
            "custom_fields", V1Customers.pairs, .optional, "The org's names."),
        Field("user_group2_id", .integer(1...Int.max), .optional, "The customer whose group pays.")
            .inQuery(),
        Field("user_group2_external_id", .text(most: nil)).inQuery(),
    ]

    static let rules: [ItemRule] = [
        .exactlyOne(of: identifiers, in: "customer"), .decimals("points_redeemed", most: 3),
        .serverTime(["redemption_time"]),
    ]

    static let keys: Keys = {
        let customer = CustomerForm.one(of: identifiers, in: "customer")
        let reference = KeyPart.text("external_reference_number")
        return Keys(
            identity: [reference], order: [.customer(customer), .thing("reference", reference)],
            evidence: [
                reference, .text("points_redeemed"), .word(""), .word(""), .customerType(customer),
                .customerValue(customer),
            ])
    }()

    // MARK: Reply

    private static let rows: [CodeTable.Row] = [
        .init(.done, .refused, 800),
        .init(
            .rejected, .refusedValue, 801, 802, 803, 804, 805, 806, 807, 808, 811, 813, 817, 818, 819,
            821,
            822, 824, 826, 859, 878, 903, 904, 1632),
        .init(.rejected, .customerUnknown, 686, 816, 881),
        .init(.rejected, .customerBlocked, 809, 820, 3045),
        .init(.rejected, .refusedSetup, 823, 825, 827, 828, 888, 895, 899, 3316),
        .init(.again, .busy, 521, 461, 4001, 815, 886, 887, 889, 894, 898),
        .init(.again, .throttled, 517), .init(.batch, .batchTooLarge, 1060),
        // By words alone, below.
        .init(.exists, .duplicate), .init(.inDoubt, .noAnswer),
    ]

    static let codes: CodeTable = {
        let listed = CodeTable(rows)
        return CodeTable(rows) { complaint in
            guard let code = complaint.code, !listed.lists(code),
                listed.row(of: code).meaning == .rejected
            else { return nil }
            let words = complaint.message.lowercased()
            let isRepeat = ["already", "duplicate", "exists", "not unique"].contains {
                words.contains($0)
            }
            return isRepeat
                ? CodeTable.Row(.exists, .duplicate) : CodeTable.Row(.inDoubt, .noAnswer)
        }
    }()

    static let replies = V1Reply(
        codes: codes, fields: fields.map(\.name), list: ["responses", "points"], id: "redemption_id",
        idIsText: true, labels: [], agrees: V1Customers.agrees)
}
