import Model
import Records

extension Endpoint {
    /// Sets how far the delivery of a bill is: `PUT /v2/transactions`.
    package static let transactionsDelivery = EndpointSpec(
        "transactions.delivery", "Sets the delivery status of bills, one per request.", .put,
        "/v2/transactions", what: "A delivery status", adds: false, offeredHeaders: [.skipDownstream],
        fields: [
            Field(
                "identifierName",
                .oneOf([
                    "mobile", "email", "externalId", "id", "wechat", "martjackId", "fbId", "cardnumber",
                    "cardExternalId",
                ]), .required
            ).inQuery(),
            Field("identifierValue", .text(most: nil), .required, "The customer of the bill.")
                .inQuery(),
            Field("source", .oneOf(TransactionsDelivery.sources), .required).inQuery(),
            Field(
                "accountId", .text(most: nil), .optional, "Needed if the source has several accounts."
            ).inQuery(),
            Field(
                "id", .integer(1...Int.max), .required,
                "The server's id of the bill, from the reply of transactions.add or a read."),
            Field("number", .text(most: nil), .optional, "The number of the bill, beside its id."),
            Field(
                "deliveryStatus",
                .oneOf(["PLACED", "PROCESSED", "SHIPPED", "DELIVERED", "RETURNED"]), .required),
        ],
        keys: Keys(
            identity: [.integer("id")],
            order: [.thing("bill", .integer("id")), .customer(Customers.named)],
            evidence: [
                .integer("id"), .customerType(Customers.named), .customerValue(Customers.named),
                .text("deliveryStatus"),
            ]),
        reply: .code(TransactionsDelivery.replies), codes: TransactionsUpdate.codes, recovery: .resend,
        source:
            "Update Transaction. Facts: Transactions, Update one bill. Unconfirmed: what a reply shows of the bill (the "
            + "manual's has loyalty details and no id); one that has an empty list of errors is taken as done."
    ).endpoint
}

enum TransactionsDelivery {
    static let sources = [
        "INSTORE", "WECHAT", "MARTJACK", "WEB_ENGAGE", "ECOMMERCE", "JD", "TAOBAO", "TMALL", "FACEBOOK",
        "WEBSITE", "OTHERS",
    ]

    /// Errors, or a list of none. Another bill's id is a contradiction.
    static let replies = CustomReply(
        codes: TransactionsUpdate.codes,
        fields: ["identifierName", "identifierValue", "source", "id", "deliveryStatus"]
    ) { json, member in
        let errors = json.member("errors", of: json.root)
        if let worst = TransactionsUpdate.codes.worst(of: json.complaints(errors)) {
            return TransactionsUpdate.codes.disposition(worst)
        }
        let id = json.scalar(json.member("id", of: json.root)) ?? EvidenceFields.text(0, of: member)
        guard let errors, json.kind(errors) == .array, id == EvidenceFields.text(0, of: member) else {
            return nil
        }
        return .accepted(ServerID(id), [])
    }
}
