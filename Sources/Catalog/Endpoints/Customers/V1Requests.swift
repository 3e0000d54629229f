import Model
import Records

// Requests of v1.1: what a person of the brand approves later, where the org does not approve them by itself.
//
// Source: Requests, Requests (v1.1); Requests, Request log (v1.1); Customers, Identifier requests (v1.1). Requests
// are read back in a log by days and type, which shows no reference of one's own: it proves nobody's, so a person
// looks, with `sluice export requests.older`.
extension Endpoint {
    /// Asks for an identifier to be changed: `POST /v1.1/customer/update_identity`.
    package static let customersRequestIdentifier = EndpointSpec(
        "customers.requestIdentifier",
        "Requests a change of a customer's identifier; the brand must approve it.",
        .post, "/v1.1/customer/update_identity", what: "A request", adds: true,
        fields: V1Requests.identifierFields, keys: .code(V1Requests.checkIdentifier),
        body: .list(["root", "customer"]), reply: .code(V1Requests.identifierReplies),
        codes: V1Requests.identifierCodes, recovery: .hold,
        source:
            "Update Customer Identifier (v1.1). Facts: Customers, Identifier requests (v1.1). Accepted means "
            + "only that a request was opened. The body is a list, but the page says no batch: one per "
            + "request. Unconfirmed: 1040 is used for an opened request, and listed among codes for existing "
            + "ones; so the item's own success decides."
    ).endpoint

    /// Opens requests: `POST /v1.1/request/add`.
    package static let requestsAdd = EndpointSpec(
        "requests.add",
        "Opens requests for identifiers, goodwill and past bills; the brand must approve them.",
        .post, "/v1.1/request/add", what: "A request", adds: true,
        // Source: Requests, Requests (v1.1). A limit exists (1060), its number is not stated.
        chunk: .upTo(50, normal: 10),
        parameters: [
            Parameter(
                "client_auto_approve", .query("client_auto_approve"), .boolean,
                "true: approved at once, whatever the org's settings. The page advises against it.")
        ],
        fields: V1Requests.fields, keys: .code(V1Requests.check),
        body: .list(["root", "request"]),
        reply: .v1(.init("requests", "request", key: "reference_id", alone: "reference_id")),
        codes: V1Requests.codes, recovery: .hold,
        source:
            "Add Request (v1.1) and the 2021 manual. Facts: Requests, Requests (v1.1). Accepted means that a "
            + "request was opened, no more. Unconfirmed: only replies to changes of identifiers are shown to "
            + "echo reference_id, so all others travel alone; whether a repeated reference_id is refused; COUPON "
            + "or COUPONS."
    ).endpoint
}

enum V1Requests {
    // MARK: Fields

    static let identifierFields: [Field] = [
        Field("identifier", .oneOf(["mobile", "email", "external_id"]), .required),
        Field("old_value", .text(most: nil), .required, "A mobile number with its country code."),
        Field("new_value", .text(most: nil), .required),
    ]

    private static let customer = Field.Kind.object([
        Field("id", .integer(1...Int.max)), Field("mobile", .text(most: nil)),
        Field("email", .text(most: nil)), Field("external_id", .text(most: nil)),
    ])

    static let fields: [Field] = [
        Field(
            "reference_id", .integer(1...Int.max), .required,
            "Your own id, unique for each request."),
        Field("type", .oneOf(["CHANGE_IDENTIFIER", "GOODWILL", "TRANSACTION_UPDATE"]), .required),
        Field(
            "base_type",
            .oneOf([
                "MOBILE", "EMAIL", "EXTERNAL_ID", "ADDRESS", "MERGE", "REALLOCATION", "POINTS",
                "COUPON",
                "COUPONS", "TIER", "RETRO",
            ]), .required),
        Field("customer", customer, .required, "One or more identifiers."),
        Field("target_customer", customer, .when("base_type is MERGE"), "The customer who remains."),
        Field("old_value", .text(most: nil), .when("an identifier is changed")),
        Field("new_value", .text(most: nil), .when("an identifier is changed")),
        Field("is_one_step_change", .boolean),
        Field("points", .number(atLeast: 0), .when("base_type is POINTS")),
        Field("series_id", .integer(1...Int.max), .when("base_type is COUPON or COUPONS")),
        Field("tier_name", .text(most: nil), .when("base_type is TIER")),
        Field("program_id", .integer(1...Int.max)),
        Field("earning_entity_type", .oneOf(["USERGROUP2"])),
        Field("identifier_value", .text(most: nil)),
        Field("transaction_id", .integer(1...Int.max), .when("base_type is RETRO")),
        Field("old_type", .oneOf(["NOT_INTERESTED"]), .when("base_type is RETRO")),
        Field("new_type", .oneOf(["REGULAR"]), .when("base_type is RETRO")),
        Field("reason", .text(most: nil)), Field("comments", .text(most: nil)),
        Field("misc_info", .text(most: nil)),
        Field("requested_on", .text(most: nil), .optional, "2026-02-03."),
    ]

    static func checkIdentifier(_ context: inout ItemContext) {
        let type = V1Customers.newer(context.text("identifier") ?? "")
        let old = context.text("old_value") ?? ""
        let new = context.text("new_value") ?? ""
        if !old.isEmpty, customerKey(type, old) == customerKey(type, new) {
            context.problem(.rule, "new_value", "It equals the old one.")
        }
        context.identity = customerKey(type, old) + customerKey(type, new)
        context.orderKeys = [customerKey(type, old), customerKey(type, new)]
        context.evidence = [old, new, "", "", type, old]
    }

    private static let belongs: [(type: String, bases: [String])] = [
        (
            "CHANGE_IDENTIFIER",
            ["MOBILE", "EMAIL", "EXTERNAL_ID", "ADDRESS", "MERGE", "REALLOCATION"]
        ), ("GOODWILL", ["POINTS", "COUPON", "COUPONS", "TIER"]), ("TRANSACTION_UPDATE", ["RETRO"]),
    ]

    /// What each kind has to say.
    private static func wanted(_ base: String) -> [String] {
        switch base {
        case "MOBILE", "EMAIL", "EXTERNAL_ID": ["old_value", "new_value"]
        case "MERGE": ["target_customer"]
        case "POINTS": ["points"]
        case "COUPON", "COUPONS": ["series_id"]
        case "TIER": ["tier_name"]
        case "RETRO": ["transaction_id", "old_type", "new_type"]
        default: []
        }
    }

    static func check(_ context: inout ItemContext) {
        let reference = context.integer("reference_id") ?? ""
        let type = context.text("type") ?? ""
        let base = context.text("base_type") ?? ""
        if let bases = belongs.first(where: { $0.type == type })?.bases, !bases.contains(base) {
            context.problem(
                .rule, "base_type", "For \(type), expected one of \(bases.joined(separator: ", ")).")
        }
        for field in wanted(base) { context.require(field, "It is required for \(base).") }
        let who = ["id", "mobile", "email", "external_id"].compactMap { name in
            context.text(name, in: "customer").flatMap {
                $0.isEmpty ? nil : (V1Customers.newer(name), $0)
            }
        }
        if who.isEmpty, context.node("customer") != nil {
            context.problem(.missing, "customer", "Expected an identifier of the customer.")
        }
        context.identity = [reference]
        context.orderKeys = [["request", reference]] + who.map { customerKey($0.0, $0.1) }
        if type != "CHANGE_IDENTIFIER" { context.group = ["request", reference] }
        context.evidence = [reference, type, base]
    }

    // MARK: Reply

    /// Source: Customers, Add and update customers (v1.1); Requests, Request log (v1.1). An identifier that is taken
    /// is somebody else's.
    private static let shared: [CodeTable.Row] = [
        .init(
            .rejected, .refusedValue, 1001, 1002, 1003, 1006, 1007, 1019, 1039, 1043, 1045, 1047, 1059),
        .init(.rejected, .conflict, 1014, 1016, 1032, 1033),
        .init(.rejected, .customerUnknown, 816, 1011, 1012, 1013, 1020),
        .init(.rejected, .customerBlocked, 618), .init(.exists, .duplicate, 1040),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ]

    /// Of items that were not done; the code of one that was is not read.
    static let identifierCodes = CodeTable(shared)
    static let codes = CodeTable([.init(.done, .refused, 9000)] + shared)

    static let identifierReplies = V1Reply(
        codes: identifierCodes, fields: identifierFields.map(\.name), list: ["customers", "customer"],
        id: "id", labels: [],
        agrees: { json, item, member in
            let fields = member.fields
            guard fields.count > 5 else { return true }
            let echoed: [(name: StaticString, text: String)] = [
                ("old_value", fields[0]), ("new_value", fields[1]),
            ]
            return echoed.allSatisfy { name, text in
                guard let said = json.scalar(json.member(name, of: item)), !said.isEmpty else {
                    return true
                }
                return Customers.label(fields[4], said) == Customers.label(fields[4], text)
            }
        })
}
