import Model
import Records

extension Endpoint {
    /// Sets where customers stand in a hierarchy: `PUT /v2/customers/bulk`.
    package static let customersAssociate = EndpointSpec(
        "customers.associate",
        "Sets the place of customers in a hierarchy of people and companies: role, parent, children, company.",
        .put, "/v2/customers/bulk", what: "An association", adds: false,
        // Source: Customers, Update associations. No limit is given; the twin that adds is used with 10.
        chunk: .upTo(100, normal: 10),
        parameters: [
            Parameter(
                "source", .query("source"), .oneOf(Customers.sources), usual: "INSTORE",
                "For the call; each profile has its own as well."), Customers.account,
        ],
        fields: CustomersAssociate.fields,
        keys: .code { context in
            Customers.check(&context)
            CustomersAssociate.check(&context)
        }, body: .array, reply: .code(CustomersAssociate.replies), codes: Customers.codes,
        recovery: .resend,
        source:
            "Update association details. Facts: Customers, Update associations. Unconfirmed: the path (a page has "
            + "/v2/bulk, its sample and the manual /v2/customers/bulk), and how a failed element looks."
    ).endpoint
}

enum CustomersAssociate {
    private static let company = Field(
        "fleetCompany",
        .object([
            Field("externalId", .text(most: nil), .required), Field("name", .text(most: nil)),
            Field("hierarchyDefinitionCode", .text(most: nil)),
        ]))

    static let fields: [Field] = [
        Customers.profiles,
        Field(
            "associationDetails",
            .object([
                Field("hierarchyCode", .text(most: nil)), Field("roleCode", .text(most: nil)), company,
                Field("parentCustomer", .open, .optional, "As a customer: profiles with identifiers."),
                Field("childCustomers", .list(.open)), Field("skipLevelAllowed", .boolean),
            ]), .required, "At least one of its members."),
        Field("loyaltyInfo", Customers.loyaltyInfo, .optional, "The page requires it."),
        Field("extendedFields", .open, .optional, "The org's names."),
    ]

    static func check(_ context: inout ItemContext) {
        guard let details = context.node("associationDetails") else { return }
        if context.json.isEmpty(details) {
            context.problem(.missing, "associationDetails", "It is empty.")
        }
    }

    /// Source: Customers, Update associations. The published element has its profiles at the top, and an empty
    /// error; that of the twin that adds has them in an entity. An id is in neither for certain.
    static let replies = BulkReply(
        labels: Customers.labels([]) + Customers.labels(["entity"]), codes: Customers.codes,
        fields: fields.map(\.name), proof: .noErrors,
        form: BulkReply.Form(
            list: CustomersAdd.replies.form.list,
            id: { json, item in
                json.member("id", of: item) ?? json.member(["entity", "id"], of: item)
                    ?? json.member("entityId", of: item)
            }, errors: CustomersAdd.replies.form.errors, warnings: CustomersAdd.replies.form.warnings))
}
