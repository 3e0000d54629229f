import Model
import Records

extension Endpoint {
    /// Changes customers, and registers those that are not there.
    package static let customersUpsert = Endpoint(
        name: "customers.upsert",
        summary: "Sets fields, subscriptions and identifiers of customers; registers new ones.",
        method: .post, path: "/v2/integrations/customer/upsert/bulk", host: .api, adds: false,
        // Source: Customers, Upsert customers. No limit is given.
        chunk: Chunk(normal: 10, most: 100, bodyLimit: 1 << 20),
        parameters: [
            Parameter(
                "skip_change_identifier", .query("skipChangeIdentifier"), .boolean, usual: "false",
                "true does not change identifiers; false may merge two customers for good.")
        ],
        fields: CustomersUpsert.fields,
        prepare: { item, prepared in
            ItemContext.prepare(
                item, CustomersUpsert.schema, "customers.upsert", "A customer", into: &prepared,
                rules: Customers.check)
        },
        body: Body.array,
        read: { reply, members in CustomersUpsert.replies.read(reply, members: members) },
        // It sets values. Source: Customers, Upsert customers.
        recovery: .resend,
        refusesRepeat: { _, _ in false },
        repeats: { _ in .never },
        key: { member in EvidenceFields.text(0, of: member) },
        kind: { _ in "customer" },
        reasons: Reason.once(Customers.checks, Customers.codes.reasons, WholeReply.reasons),
        codes: Customers.codes,
        source:
            "Upsert customer. Facts: Customers, Upsert customers. Unconfirmed: the page is hidden in the current menu."
    )
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

    static let schema = Schema(fields)

    /// Source: Customers, Upsert customers. Several steps and no rollback: an item with a result and errors was
    /// done in part.
    static let replies = BulkReply(
        labels: Customers.labels(["result"]), codes: Customers.codes, fields: fields.map(\.name),
        proof: .noErrors, partly: "Partly applied: ")
}
