import Model
import Records

extension Endpoint {
    /// Changes customers, and registers those that are not there.
    package static let customersUpsert = EndpointSpec(
        "customers.upsert",
        "Sets fields, subscriptions and identifiers of customers; registers new ones.",
        .post, "/v2/integrations/customer/upsert/bulk", what: "A customer", adds: false,
        // Source: Customers, Upsert customers. No limit is given.
        chunk: .upTo(100, normal: 10),
        parameters: [
            Parameter(
                "skip_change_identifier", .query("skipChangeIdentifier"), .boolean, usual: "false",
                "true does not change identifiers; false may merge two customers for good.")
        ],
        fields: CustomersUpsert.fields, keys: .code(Customers.check), body: .array,
        reply: .code(CustomersUpsert.replies), codes: Customers.codes,
        // It sets values. Source: Customers, Upsert customers.
        recovery: .resend,
        source:
            "Upsert customer. Facts: Customers, Upsert customers. Unconfirmed: the page is hidden in the current menu.",
        code: .kind("customer")
    ).endpoint
}

enum CustomersUpsert {
    static let fields: [Field] = [
        Customers.profiles, Field("extendedFields", .open, .optional, "The org's names."),
        Field("loyaltyInfo", Customers.loyaltyInfo), Field("statusLabel", .text(most: nil)),
        Field(
            "subscriptionInfo",
            .object([
                Field(
                    "subscriptions",
                    .list(
                        .object([
                            Field("channel", .text(most: nil), .required),
                            Field("accountId", .text(most: nil)), Field("priority", .text(most: nil)),
                            Field("type", .oneOf(["OPTIN", "OPTOUT"]), .required),
                            Field("sourceName", .text(most: nil)),
                        ])))
            ])),
    ]

    /// Source: Customers, Upsert customers. Several steps and no rollback: an item with a result and errors was
    /// done in part.
    static let replies = BulkReply(
        labels: Customers.labels(["result"]), codes: Customers.codes, fields: fields.map(\.name),
        proof: .noErrors, partly: "Partly applied: ")
}
