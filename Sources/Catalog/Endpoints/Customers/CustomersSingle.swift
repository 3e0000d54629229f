import Model
import Records

// The calls that take one customer, and the server's number or an identifier of him in path or query.
//
// Source: Customers, Add a customer; Customers, Update a customer; Customers, Customer status; Customers, Change
// identifiers; Customers, Subscriptions.
extension Endpoint {
    /// Registers one customer: `POST /v2/customers`.
    package static let customersRegister = EndpointSpec(
        "customers.register",
        "Registers customers, one per request. Whether existing ones are changed depends on the org.",
        .post, "/v2/customers", what: "A customer", adds: true,
        parameters: [Customers.source, Customers.account], fields: Customers.addFields,
        keys: .code(Customers.check), reply: .single(), codes: CustomersSingle.codes,
        recovery: .code(.readBack(Customers.readBack)), refusesRepeat: true,
        source:
            "Add Customer. Facts: Customers, Add a customer; Customers, Add a customer: fields. Unconfirmed: "
            + "whether an existing customer is changed or refused (8006); the page's table of the body is that "
            + "of another call."
    ).endpoint

    /// Changes a customer by number: `PUT /v2/customers/{userId}`.
    package static let customersUpdate = EndpointSpec(
        "customers.update",
        "Sets names, custom and extended fields of customers by the server's id; no identifiers.",
        .put, "/v2/customers/{userId}", what: "A customer", adds: false,
        parameters: [Customers.source, Customers.account],
        fields: [Customers.inPath] + CustomersSingle.changes, rules: [CustomersSingle.changesAny],
        keys: CustomersSingle.keys(.id("userId")), reply: .single(), codes: CustomersSingle.codes,
        recovery: .resend, source: CustomersSingle.source
    ).endpoint

    /// Changes a customer by an identifier: `PUT /v2/customers/lookup`.
    package static let customersUpdateBy = EndpointSpec(
        "customers.updateBy",
        "Sets names, custom and extended fields of customers by an identifier, which is not changed.",
        .put, "/v2/customers/lookup", what: "A customer", adds: false,
        parameters: [Customers.source, Customers.account],
        fields: Customers.identifierInQuery + CustomersSingle.changes,
        rules: [CustomersSingle.changesAny], keys: CustomersSingle.keys(Customers.named),
        reply: .single(), codes: CustomersSingle.codes, recovery: .resend,
        source: CustomersSingle.source
    ).endpoint

    /// Sets the status of a customer: `PUT /v2/customers/lookup/status`.
    package static let customersStatus = EndpointSpec(
        "customers.status", "Sets the status label of customers, with the reason.", .put,
        "/v2/customers/lookup/status", what: "A status", adds: false,
        parameters: [Customers.source, Customers.account],
        fields: Customers.identifierInQuery + [
            Field("label", .text(most: nil), .required, "A status label of the org."),
            Field("reason", .text(most: nil)),
        ], keys: CustomersSingle.keys(Customers.named), reply: .single(),
        codes: CustomersSingle.codes, recovery: .resend,
        source: "Customer status. Facts: Customers, Customer status."
    ).endpoint

    /// Adds or removes one identifier: `POST /v2/customers/{userId}/changeIdentifier`.
    package static let customersChangeIdentifier = EndpointSpec(
        "customers.changeIdentifier",
        "Adds one identifier to a customer. If another customer has it, the two accounts are merged for good.",
        .post,
        "/v2/customers/{userId}/changeIdentifier", what: "A change of identifier", adds: true,
        fields: [
            Customers.inPath,
            Field(
                "source", .oneOf(Customers.sources), .required, "The source of the customer's profile."
            )
            .inQuery(),
            Field(
                "accountId", .text(most: nil), .optional, "Needed if the source has several accounts."
            )
            .inQuery(),
            Field(
                "add",
                .list(
                    .object([
                        Field("type", .oneOf(Customers.identifierTypes), .required),
                        Field("value", .text(most: nil), .required),
                        Field("seriesId", .integer(1...Int.max)),
                        Field("seriesCode", .text(most: nil)),
                        Field("statusLabel", .text(most: nil)),
                    ])), .required, "Exactly one: of several, some are skipped silently."),
        ], rules: [.single("add")], keys: CustomersSingle.identifierKeys, reply: .single(),
        codes: CustomersSingle.codes,
        recovery: .code(.readBack(CustomersSingle.identifierReadBack)), refusesRepeat: true,
        preparation: CustomersSingle.ownerFirst,
        source:
            "Change identifier. Facts: Customers, Change identifiers. Unconfirmed: an index says PUT. The owner of the "
            + "identifier is looked up before the call: if another customer has it, the call is not made."
    ).endpoint

    /// Subscribes a customer to channels: `POST /v2/customers/{userId}/subscriptions`.
    package static let customersSubscribe = EndpointSpec(
        "customers.subscribe", "Sets which messages customers get on which channel; raises no events.",
        .post, "/v2/customers/{userId}/subscriptions", what: "A subscription", adds: false,
        parameters: [Customers.source, Customers.account],
        fields: [
            Customers.inPath,
            Field(
                "scope",
                .object([Field("scope", .oneOf(["USER"])), Field("subScope", .text(most: nil))])),
            Field(
                "subscriptions",
                .list(
                    .object([
                        Field(
                            "channel",
                            .oneOf([
                                "MOBILE", "EMAIL", "wechat", "whatsapp", "ios", "android", "line",
                            ]), .required),
                        Field("accountId", .text(most: nil)),
                        Field("priority", .oneOf(["TRANS", "BULK"]), .required),
                        Field("type", .oneOf(["OPTIN", "OPTOUT"]), .required),
                        Field("orgUnitId", .integer(nil)), Field("sourceName", .text(most: nil)),
                    ])), .required),
        ], rules: [.filled("subscriptions")], keys: CustomersSingle.keys(.id("userId")),
        reply: .single(), codes: CustomersSingle.codes, recovery: .resend,
        source: "Subscriptions. Facts: Customers, Subscriptions. Unconfirmed: an index says PUT."
    ).endpoint
}

enum CustomersSingle {
    static let source =
        "Update customer. Facts: Customers, Update a customer. Sets fields, custom and extended fields and enrolments."

    // MARK: Fields

    static let changes: [Field] =
        [
            Field(
                "profiles",
                .list(
                    .object([
                        Field("firstName", .text(most: nil)), Field("lastName", .text(most: nil)),
                        Field("source", .oneOf(Customers.sources)),
                        Field("accountId", .text(most: nil)),
                        Field("fields", .open, .optional, "Custom fields, with the org's names."),
                    ])), .optional, "Without identifiers, which are not changed."),
            Field("loyaltyInfo", Customers.loyaltyInfo),
            Field(
                "extendedFields", .open, .optional,
                "The org's names. A new vertical of them acts after a day, other changes after an hour."
            ),
        ] + Customers.addFields.filter { $0.name == "loyaltyProgramEnrollments" }

    static let changesAny = ItemRule.something(
        of: changes.map(\.name),
        words: "Nothing to change: give profiles, extendedFields or another.")

    static func keys(_ customer: CustomerForm) -> Keys {
        Keys(
            identity: [.customer(customer)], order: [.customer(customer)],
            evidence: [.customerValue(customer), .customerType(customer)])
    }

    static let identifierKeys: Keys = {
        let added = CustomerForm.named(type: "add.type", value: "add.value")
        return Keys(
            identity: [.integer("userId"), .customer(added)],
            // The account it may be merged with is another's in the file.
            order: [.customer(.id("userId")), .customer(added)],
            evidence: [
                .text("add.value"), .text("add.type"), .integer("userId"), .text("source"),
                .text("accountId"),
            ])
    }()

    // MARK: Reply

    /// Source: Customers, Customer codes; Customers, Customer status; Customers, Change identifiers.
    static let codes = Customers.codes.adding(
        .init(.rejected, .refusedValue, 8086), .init(.exists, .duplicate, 11000),
        .init(.rejected, .conflict, 8070, 8071, 8072, 8073))

    // MARK: Looks

    /// A clash of identifiers merges two accounts, and nothing parts them again.
    static let ownerFirst = Preparation(
        start: { members, items, _ in
            guard let member = members.first, let item = items.first else { return .done([]) }
            let fields = member.fields
            guard fields.count >= 5 else { return .done([.go(Array(item))]) }
            return .ask(Request(.get, lookup(fields))) { reply in
                switch Customers.found(reply, { .done(ids: [$0], others: []) }) {
                case .done(let ids, _):
                    if let id = ids.first, id.text != fields[2] {
                        let words =
                            "Customer \(id.text) has that identifier: the call would merge the two for good."
                        return .done([.refuse(Refusal(.conflict, field: "add", message: words))])
                    }
                    return .done([.go(Array(item))])
                case .unclear(let refusal): return .unclear(refusal)
                case .ask, .alike: return .unclear(Refusal(.unboundAnswer))
                }
            }
        },
        summary:
            "The owner of the identifier is looked up first; if it is another customer, the record is refused."
    )

    private static func lookup(_ fields: [String]) -> String {
        "/v2/customers/lookup?"
            + query([
                "source": fields[3], "identifierName": fields[1], "identifierValue": fields[0],
            ]) + (fields[4].isEmpty ? "" : "&" + query(["accountId": fields[4]]))
    }

    /// Whether the customer has the identifier now: looked up by it, he is found under his number.
    static let identifierReadBack = ReadBack(
        search: { member, _ in
            let fields = member.fields
            guard fields.count >= 5 else { return .done(ids: [], others: []) }
            let user = fields[2]
            return .ask(Request(.get, lookup(fields))) { reply in
                Customers.found(reply) { id in
                    id.text == user
                        ? .done(ids: [ServerID("\(user)/\(fields[1])/\(fields[0])")], others: [])
                        : .done(ids: [], others: ["customer \(id.text), who has that identifier"])
                }
            }
        }, source: "Customers, Look up a customer. GET /v2/customers/lookup by the new identifier.")
}
