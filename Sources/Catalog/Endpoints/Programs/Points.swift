import Model
import Records

// Points that are moved, taken, spent and given back: one customer a request, and nothing guards a repeat, so
// that after a lost answer a person looks.
//
// Source: Points, Transfer points; Points, Deduct points; Points, Redeem points (v2); Points, Reverse a redemption;
// Groups, Move members; Requests, Personal data.
extension Endpoint {
    package static let pointsTransfer = Points.endpoint(
        "points.transfer", "Moves points from one customer to another.", "/v2/points/transfer",
        fields: [
            Field("pointsToBeTransferred", .number(atLeast: 0), .required),
            Field("programId", .integer(1...Int.max)),
            Field("fromCustomerIdentifier", Points.identifier, .required),
            Field("toCustomerIdentifier", Points.identifier, .required),
        ],
        id: { json in
            json.list(json.member("data", of: json.root)).first.flatMap {
                json.member("transferId", of: $0)
            }
        },
        source:
            "Points transfer. Facts: Points, Transfer points. Unconfirmed: one sample has pointsTobeTransferred."
    ) { context in
        let from = context.customer("fromCustomerIdentifier")
        let to = context.customer("toCustomerIdentifier")
        if from == to, !from[2].isEmpty {
            context.problem(.rule, "toCustomerIdentifier", "It is the same as the sender.")
        }
        context.identity = from + to + [context.text("pointsToBeTransferred") ?? ""]
        context.orderKeys = [from, to]
        context.evidence = [from[2] + "/" + to[2]]
    }

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
        isDone: { json in json.scalar(json.member("status", of: json.root)) == "success" },
        source: "Points deduct. Facts: Points, Deduct points."
    ) { context in
        let what = context.one(of: ["pointsToBeAdjusted", "valueToBeAdjusted"])
        Points.keys(&context, what.value + " " + (context.text("reasonOfReturn") ?? ""))
    }

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
        ], id: { json in json.member(["entity", "redemptionId"], of: json.root) },
        source:
            "Points redeem (v2). Facts: Points, Redeem points (v2). Unconfirmed: whether a repeated "
            + "externalReferenceNumber is refused."
    ) { context in Points.keys(&context, context.text("externalReferenceNumber") ?? "") }

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
        ], isDone: { json in json.member("pointsReversed", of: json.root) != nil },
        source:
            "Points reverse. Facts: Points, Reverse a redemption. It must be enabled by support."
    ) { context in
        let id = context.integer("redemptionId") ?? ""
        context.identity = [id, context.text("pointsToBeReversed") ?? ""]
        context.orderKeys = [["redemption", id]]
        context.evidence = [id]
    }

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
        ], isDone: { json in json.boolean(json.member("success", of: json.root)) == true },
        source: "Move group members. Facts: Groups, Move members."
    ) { context in
        let users = context.list("userIds").compactMap { context.json.scalar($0) }
        if context.node("userIds") != nil, users.isEmpty {
            context.problem(.missing, "userIds", "The list is empty.")
        }
        let groups = [context.integer("leaveGroupId") ?? "", context.integer("joinGroupId") ?? ""]
        context.identity = groups + users
        context.orderKeys = users.map { customerKey("id", $0) }
        context.evidence = [users.first ?? ""] + groups
    }

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
        source:
            "PII deletion request. Facts: Requests, Personal data. Accepted means only that a request was opened."
    ) { context in
        let key = customerKey(
            context.text("identifierType", in: "customerIdentificationInfo"),
            context.text("identifierValue", in: "customerIdentificationInfo"))
        context.identity = key
        context.orderKeys = [key]
        context.evidence = [key[2]]
    }
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
        fields: [Field],
        id: (@Sendable (JSON) -> Int?)? = nil,
        isDone: @escaping @Sendable (JSON) -> Bool = { _ in false },
        source: String, rules: @escaping @Sendable (inout ItemContext) -> Void
    ) -> Endpoint {
        var replies = SingleReply(codes: codes, fields: fields.map(\.name), saysDone: isDone)
        if let id {
            replies.id = id
            replies.idIsText = true
        }
        return Endpoint(
            name, summary, .post, path, what: "A record", adds: true, parameters: parameters,
            fields: fields,
            replies: replies, recovery: .hold, repeats: nil, source: source,
            rules: rules)
    }

    static func keys(_ context: inout ItemContext, _ more: String) {
        let user = context.integer("userId") ?? ""
        context.identity = [user, more]
        context.orderKeys = [customerKey("id", user)]
        context.evidence = [user, more]
    }
}

extension ItemContext {
    /// The customer key of an object of type and value.
    fileprivate func customer(_ field: String) -> [String] {
        customerKey(text("type", in: field), text("value", in: field))
    }
}
