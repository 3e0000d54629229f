import Model
import Records

// Points that are moved, taken, spent and given back: one customer a request, and nothing guards a repeat, so
// that after a lost answer a person looks.
//
// Source: Points, Transfer points; Points, Deduct points; Points, Redeem points (v2); Points, Reverse a redemption;
// Groups, Move members; Requests, Personal data.
extension Endpoint {
    /// `POST /v2/points/transfer`.
    package static let pointsTransfer = Points.endpoint(
        "points.transfer", "Moves points from one customer to another.", "/v2/points/transfer",
        fields: [
            Field("pointsToBeTransferred", .number(atLeast: 0), .required),
            Field("programId", .integer(1...Int.max)),
            Field("fromCustomerIdentifier", Points.identifier, .required),
            Field("toCustomerIdentifier", Points.identifier, .required),
        ],
        rules: [Points.differentCustomers], keys: Points.transferKeys,
        reply: .init(id: [["data", "transferId"]], idIsText: true),
        source:
            "Points transfer. Facts: Points, Transfer points. Unconfirmed: one sample has pointsTobeTransferred."
    )

    /// `POST /v2/customers/{userId}/negativePointsAdjustment`.
    package static let pointsDeduct = Points.endpoint(
        "points.deduct", "Deducts points of customers.",
        "/v2/customers/{userId}/negativePointsAdjustment",
        parameters: [Customers.source],
        fields: [
            Customers.inPath,
            Field(
                "pointsToBeAdjusted", .number(atLeast: 0), .when("unless valueToBeAdjusted is given")),
            Field("valueToBeAdjusted", .number(atLeast: 0)), Field("reasonOfReturn", .text(most: nil)),
        ],
        rules: [.exactlyOne(of: Points.amounts)],
        keys: Points.keys(
            .joined(" ", [.customerValue(.one(of: Points.amounts)), .text("reasonOfReturn")])),
        reply: .init(done: .word(["status"], "success")),
        source: "Points deduct. Facts: Points, Deduct points."
    )

    /// `POST /v2/customers/{userId}/redemptions`.
    package static let pointsRedeem = Points.endpoint(
        "points.redeem", "Redeems points of customers.",
        "/v2/customers/{userId}/redemptions",
        fields: [
            Customers.inPath, Field("redemptionType", .oneOf(["POINTS"]), .required),
            Field("points", .number(atLeast: 0), .required),
            Field("transactionNumber", .text(most: nil)), Field("validationCode", .text(most: nil)),
            Field("source", .oneOf(Customers.sources)), Field("commit", .boolean),
            Field("skipValidation", .boolean),
            Field(
                "externalReferenceNumber", .text(most: nil), .required, "Your own id of the record."
            ),
        ], keys: Points.keys(.text("externalReferenceNumber")),
        reply: .init(id: [["entity", "redemptionId"]], idIsText: true),
        source:
            "Points redeem (v2). Facts: Points, Redeem points (v2). Unconfirmed: whether a repeated "
            + "externalReferenceNumber is refused."
    )

    /// `POST /v2/points/reverse`.
    package static let pointsReverse = Points.endpoint(
        "points.reverse", "Reverses a redemption of points.", "/v2/points/reverse",
        fields: [
            Field("redemptionId", .integer(1...Int.max), .required),
            Field(
                "pointsToBeReversed", .number(atLeast: 0), .required,
                "Optional in the call; if absent, all points are reversed."),
            Field(
                "identifier",
                .object([
                    Field("type", .oneOf(["ID", "PHONE", "EMAIL"]), .required),
                    Field("value", .text(most: nil), .required),
                ]), .required),
        ],
        keys: Keys(
            identity: [.integer("redemptionId"), .text("pointsToBeReversed")],
            order: [.thing("redemption", .integer("redemptionId"))],
            evidence: [.integer("redemptionId")]),
        reply: .init(done: .present(["pointsReversed"])),
        source:
            "Points reverse. Facts: Points, Reverse a redemption. It must be enabled by support."
    )

    /// Moves members from one group to another: all of a record or none.
    package static let groupsTransfer = Points.endpoint(
        "groups.transfer", "Moves members from one group to another, all of a record or none.",
        "/v2/userGroup2/transfer",
        fields: [
            Field("leaveGroupId", .integer(1...Int.max), .required),
            Field("joinGroupId", .integer(1...Int.max), .required),
            Field(
                "userIds", .list(.integer(1...Int.max)), .required,
                "One is best: a bad one does not affect the others."),
        ], rules: [.filled("userIds")], keys: .code(Points.memberKeys),
        reply: .init(done: .flag(["success"])),
        source: "Move group members. Facts: Groups, Move members."
    )

    /// Asks for a customer's data to be deleted.
    package static let deletionsRequest = Points.endpoint(
        "deletions.request",
        "Requests the deletion of customers' personal data; another person must approve it; it cannot be undone.",
        "/v2/requests",
        fields: [
            Field("type", .oneOf(["CUSTOMER"]), .required),
            Field("baseType", .oneOf(["DELETE"]), .required),
            Field("comments", .text(most: 255)),
            Field(
                "customerIdentificationInfo",
                .object([
                    Field("source", .oneOf(Customers.sources), .required),
                    Field("accountId", .text(most: nil)),
                    Field("identifierType", .text(most: nil), .required),
                    Field("identifierValue", .text(most: nil), .required),
                ]), .required),
        ],
        keys: Points.deletionKeys,
        source:
            "PII deletion request. Facts: Requests, Personal data. Accepted means only that a request was opened."
    )
}

enum Points {
    static let identifier = Field.Kind.object([
        Field("type", .text(most: nil), .required), Field("value", .text(most: nil), .required),
    ])

    /// Source: Points, Transfer points; Points, Deduct points; Groups, Move members; Requests, Personal data.
    static let codes = CodeTable([
        .init(
            .rejected, .refusedValue, 8907, 8888, 8882, 8906, 1218, 902, 422, 434, 807, 3316, 1619,
            1620,
            1624, 1012),
        .init(.rejected, .refusedSetup, 3232), .init(.rejected, .customerUnknown, 8015),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
    ])

    static func endpoint(
        _ name: String, _ summary: String, _ path: String, parameters: [Parameter] = [],
        fields: [Field], rules: [ItemRule] = [], keys: Keys, reply: ReplyForm.Single = .init(),
        source: String
    ) -> Endpoint {
        EndpointSpec(
            name, summary, .post, path, adds: true, parameters: parameters, fields: fields,
            rules: rules, keys: keys, reply: .single(reply), codes: codes, recovery: .hold,
            repeats: nil, source: source
        ).endpoint
    }

    // MARK: Keys

    static let amounts = ["pointsToBeAdjusted", "valueToBeAdjusted"]

    /// The customer of the path, and what else tells a record.
    static func keys(_ more: KeyPart) -> Keys {
        Keys(
            identity: [.integer("userId"), more], order: [.customer(.id("userId"))],
            evidence: [.integer("userId"), more])
    }

    private static let sender = CustomerForm.named(
        type: "fromCustomerIdentifier.type", value: "fromCustomerIdentifier.value")
    private static let receiver = CustomerForm.named(
        type: "toCustomerIdentifier.type", value: "toCustomerIdentifier.value")

    static let transferKeys = Keys(
        identity: [.customer(sender), .customer(receiver), .text("pointsToBeTransferred")],
        order: [.customer(sender), .customer(receiver)],
        evidence: [.joined("/", [.customerCode(sender), .customerCode(receiver)])])

    static let differentCustomers = ItemRule.code { context in
        let from = context.texts([.customer(sender)])
        if from == context.texts([.customer(receiver)]), from.last?.isEmpty == false {
            context.problem(.rule, "toCustomerIdentifier", "It is the same as the sender.")
        }
    }

    static let deletionKeys: Keys = {
        let customer = CustomerForm.named(
            type: "customerIdentificationInfo.identifierType",
            value: "customerIdentificationInfo.identifierValue")
        return Keys(
            identity: [.customer(customer)], order: [.customer(customer)],
            evidence: [.customerCode(customer)])
    }()

    /// By both groups and all members.
    static let memberKeys: @Sendable (inout ItemContext) -> Void = { context in
        let users = context.list("userIds").compactMap { context.json.scalar($0) }
        let groups = [context.integer("leaveGroupId") ?? "", context.integer("joinGroupId") ?? ""]
        context.identity = groups + users
        context.orderKeys = users.map { customerKey("id", $0) }
        context.evidence = [users.first ?? ""] + groups
    }
}
