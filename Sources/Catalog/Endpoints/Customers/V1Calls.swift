import Model
import Records

// The calls of v1.1 that still are in use: several records under `root`, judged one by one.
//
// Source: Customers, Add and update customers (v1.1); Products, Add products (v1.1).
extension Endpoint {
    /// `POST /v1.1/customer/add`.
    package static let customersAddOlder = olderCustomers(
        "addOlder",
        "Registers customers with the v1.1 call, several per request; changes existing ones.",
        "add",
        most: 100)

    /// `POST /v1.1/customer/update`.
    package static let customersUpdateOlder = olderCustomers(
        "updateOlder", "Changes customers with the v1.1 call. Its page says one per request.", "update",
        most: 1)

    private static func olderCustomers(_ act: String, _ summary: String, _ call: String, most: Int)
        -> Endpoint
    {
        EndpointSpec(
            "customers." + act, summary, .post, "/v1.1/customer/\(call)",
            what: "A customer",
            adds: false,
            // Source: Customers, Add and update customers (v1.1). A limit exists (1060), its number is not stated.
            chunk: .upTo(most, normal: min(10, most)), fields: V1Customers.fields,
            rules: V1Customers.rules, keys: .code(V1Customers.keys), body: .list(["root", "customer"]),
            reply: .code(V1Customers.replies), codes: V1Customers.codes, recovery: .resend,
            source:
                "customer/add and customer/update (v1.1). Facts: Customers, Add and update customers (v1.1). "
                + "Unconfirmed: whether items come in the order of the request; they are bound by identifiers as "
                + "the server writes them. Dates are in the server's time zone, without offset."
        ).endpoint
    }

    /// `POST /v1.1/product/add`.
    package static let productsAddOlder = EndpointSpec(
        "products.addOlder",
        "Adds products with the v1.1 call (deprecated, use skus.add); changes existing ones.",
        .post,
        "/v1.1/product/add", what: "A product", adds: false,
        // Source: Products, Add products (v1.1). Not stated; 50 is ours.
        chunk: .upTo(100, normal: 50), fields: V1Products.fields, keys: .code(V1Products.keys),
        body: .list(["root", "product"]), reply: .code(V1Products.replies),
        codes: V1Products.codes, recovery: .resend,
        source:
            "product/add (v1.1). Facts: Products, Add products (v1.1). Sizes, styles, brands, colours, categories "
            + "and attributes must exist. Unconfirmed: whether a repeat is refused (9108) or an update."
    ).endpoint
}

enum V1Customers {
    static let pairs = Field.Kind.object([
        Field(
            "field",
            .list(
                .object([
                    Field("name", .text(most: nil), .required),
                    Field("value", .text(most: nil), .required).with(.words),
                ])), .required)
    ])

    static let fields: [Field] = [
        Field("mobile", .text(most: nil), .when("unless email or external_id is given")),
        Field("email", .text(most: nil)), Field("external_id", .text(most: 250)),
        Field("firstname", .text(most: 50)), Field("lastname", .text(most: 50)),
        Field(
            "registered_on", .text(most: nil), .optional,
            "2026-02-03 14:05:00, in the server's time zone."),
        Field("updated_on", .text(most: nil)), Field("registered_till", .text(most: 50)),
        Field("associated_with", .text(most: 50)),
        Field("type", .oneOf(["LOYALTY", "NON_LOYALTY", "NOT_INTERESTED"])),
        Field("source", .oneOf(Customers.sources)), Field("accountId", .text(most: nil)),
        Field(
            "fraud_status",
            .object([
                Field(
                    "status",
                    .oneOf([
                        "NORMAL", "OUTLIER", "FRAUD", "INTERNAL", "INVALID", "CONFIRMED", "NONE",
                    ]), .required)
            ])),
        Field(
            "card_details",
            .object([
                Field("card_number", .text(most: nil), .required),
                Field("series_code", .text(most: nil)),
            ])),
        Field("referral_code", .text(most: nil)), Field("commChannels", .list(.open)),
        Field("custom_fields", pairs), Field("extended_fields", pairs),
        Field(
            "subscriptions", .open, .optional,
            "subscription: a list of priority, scope, channel, is_subscribed."),
    ]

    static let rules: [ItemRule] = [
        .atLeastOne(of: ["mobile", "email", "external_id"]),
        .serverTime(["registered_on", "updated_on"]),
    ]

    /// By all identifiers that are given, the first of them for its identity.
    static func keys(_ context: inout ItemContext) {
        let given = ["mobile", "email", "external_id"].compactMap { name in
            context.filled(name).map { (newer(name), $0) }
        }
        let first = given.first ?? ("", "")
        context.identity = customerKey(first.0, first.1)
        context.orderKeys = given.map { customerKey($0.0, $0.1) }
        context.evidence = [first.1, first.0, "", ""] + given.flatMap { [$0.0, $0.1] }
    }

    static func isServerTime(_ text: String) -> Bool {
        let pattern = "dddd-dd-dd dd:dd:dd"
        return text.utf8.count == pattern.utf8.count
            && zip(text.unicodeScalars, pattern.unicodeScalars).allSatisfy { letter, wanted in
                wanted == "d" ? ("0"..."9").contains(letter) : letter == wanted
            }
    }

    /// Source: Customers, Add and update customers (v1.1).
    static let codes = CodeTable([
        .init(.done, .refused, 1000, 1017, 1018, 91015, 1010),
        .init(
            .rejected, .refusedValue, 1001, 1002, 1003, 1006, 1007, 1019, 1039, 1043, 1045, 1047, 1059,
            1034,
            1046, 1048, 1049),
        .init(.exists, .duplicate, 1014, 1016, 1032, 1033),
        .init(.rejected, .customerUnknown, 816, 1011, 1012, 1013, 1020),
        .init(.rejected, .customerBlocked, 618),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// By the identifiers an item echoes, as the server writes them.
    static let replies = V1Reply(
        codes: codes, fields: fields.map(\.name), list: ["customers", "customer"], id: "user_id",
        labels: [("external_id", "externalId"), ("email", "email"), ("mobile", "mobile")].map(label))

    /// What the v2 calls name an identifier.
    static func newer(_ name: String) -> String {
        switch name {
        case "external_id": "externalId"
        case "card_number": "cardnumber"
        case "card_external_id": "cardExternalId"
        case "user_id": "id"
        default: name
        }
    }

    /// Whether an item may be of this customer, the only one that was requested: where it echoes the identifier
    /// that was given, it is the same. Others of the same customer may be beside it.
    static let agrees: @Sendable (JSON, Int, Evidence) -> Bool = { json, item, member in
        let fields = member.fields
        guard fields.count > 5 else { return true }
        let echoed: StaticString
        switch fields[4] {
        case "mobile": echoed = "mobile"
        case "email": echoed = "email"
        case "externalId": echoed = "external_id"
        case "id": echoed = "user_id"
        default: return true
        }
        guard let value = json.scalar(json.member(echoed, of: item)), !value.isEmpty else {
            return true
        }
        return Customers.label(fields[4], value) == Customers.label(fields[4], fields[5])
    }

    private static func label(_ name: StaticString, _ type: String) -> BulkReply.Label {
        BulkReply.Label(
            member: { Customers.label(of: $0, type) },
            item: { json, item in
                json.scalar(json.member(name, of: item)).flatMap { Customers.label(type, type, $0) }
            }, agree: { _, _, _ in true })
    }
}

enum V1Products {
    private static let named = Field.Kind.object([Field("name", .text(most: nil), .required)])

    static let fields: [Field] = [
        Field("sku", .text(most: nil), .required), Field("price", .number(atLeast: 0), .required),
        Field("ean", .text(most: nil), .optional, "Unique; by default the sku."),
        Field("description", .text(most: nil)), Field("long_description", .text(most: nil)),
        Field("img_url", .text(most: nil)), Field("returnable", .boolean),
        Field("returnableDays", .integer(-1...Int.max), .optional, "-1: no limit."),
        Field("ou_code", .text(most: nil)),
        Field(
            "size",
            .object([Field("name", .text(most: nil), .required), Field("type", .text(most: nil))])),
        Field("style", named), Field("brand", named), Field("color", named), Field("category", named),
        Field(
            "attributes",
            .object([
                Field(
                    "attribute",
                    .list(
                        .object([
                            Field("name", .text(most: nil), .required),
                            Field("value", .text(most: nil), .required).with(.words),
                        ])), .required)
            ])),
    ]

    static func keys(_ context: inout ItemContext) {
        let sku = context.text("sku") ?? ""
        context.identity = [sku.lowercased()]
        context.orderKeys = [["sku", sku.lowercased()], ["ean", context.filled("ean") ?? sku]]
        context.evidence = [sku]
    }

    /// Source: Products, Add products (v1.1).
    static let codes = CodeTable([
        .init(.done, .refused, 9100),
        .init(.rejected, .refusedValue, 9102, 9103, 9106),
        .init(.exists, .duplicate, 9108),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    static let replies = V1Reply(
        codes: codes, fields: fields.map(\.name), list: ["product"], id: "item_id",
        labels: [
            BulkReply.Label(
                member: { Label.digest(EvidenceFields.text(0, of: $0).lowercased()) },
                item: { json, item in
                    json.scalar(json.member("sku", of: item)).map { Label.digest($0.lowercased()) }
                }, agree: { _, _, _ in true })
        ])
}
