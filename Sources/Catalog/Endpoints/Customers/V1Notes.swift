import Model
import Records

// Notes on customers, and preferences: custom fields of a category of their own. Both by calls of v1.1, one customer
// per request.
//
// Source: Customers, Notes (v1.1); Customers, Preferences (v1.1).
extension Endpoint {
    /// `POST /v1.1/customer/notes`.
    package static let customersAddNote = V1Notes.note(
        "addNote", "Adds notes to customers, one note per request.", adds: true)

    /// The same call, for a note that is there.
    package static let customersUpdateNote = V1Notes.note(
        "updateNote", "Changes notes on customers by the server's id of the note.", adds: false)

    /// `POST /v1.1/customer/preferences`.
    package static let customersPreferences = EndpointSpec(
        "customers.preferences", "Sets preferences of customers, one customer per request.", .post,
        "/v1.1/customer/preferences", what: "A preference", adds: false,
        fields: V1Notes.identifiers + [
            Field(
                "store", .object([Field("code", .text(most: nil)), Field("id", .integer(1...Int.max))])),
            Field(
                "custom_fields", V1Customers.pairs, .required,
                "Fields of the org's category of preferences."),
        ],
        keys: .code { context in
            let who = V1Notes.customer(&context)
            context.identity = who.key
            context.orderKeys = [who.key]
            context.evidence = [who.value, who.type, "", "", who.type, who.value]
        }, body: .list(["root", "customer"]), reply: .code(V1Notes.replies), codes: V1Notes.codes,
        recovery: .resend,
        source:
            "Add/Update Customer Preferences. Facts: Customers, Preferences (v1.1). Unconfirmed: whether a store is "
            + "needed (one edition marks it), and what 999999 leaves done; after it the same is sent again."
    ).endpoint
}

enum V1Notes {
    static let identifiers: [Field] = [
        Field("mobile", .text(most: nil), .when("unless email, external_id or user_id is given")),
        Field("email", .text(most: nil)), Field("external_id", .text(most: nil)),
        Field("user_id", .integer(1...Int.max), .optional, "The server's id of the customer."),
    ]

    static func customer(_ context: inout ItemContext) -> (type: String, value: String, key: [String]) {
        let one = context.one(of: ["mobile", "email", "external_id", "user_id"])
        let type = V1Customers.newer(one.type)
        let value = type == "id" ? context.integer("user_id") ?? "" : one.value
        return (type, value, customerKey(type, value))
    }

    static func note(_ act: String, _ summary: String, adds: Bool) -> Endpoint {
        let text = Field("description", .text(most: 255), .required, "Plain text.").with(.words)
        let entry: [Field] =
            adds
            ? [
                text,
                Field(
                    "date", .text(most: nil), .optional,
                    "2026-02-03 14:05:00, in the server's time zone; by default now."
                ).with(.words),
            ]
            : [Field("id", .integer(1...Int.max), .required, "The server's id of the note."), text]
        return EndpointSpec(
            "customers." + act, summary, .post, "/v1.1/customer/notes", what: "A note", adds: adds,
            fields: identifiers + [
                Field(
                    "notes", .object([Field("note", .list(.object(entry)), .required)]), .required,
                    "With exactly one note."),
                Field("associate_id", .text(most: nil), .optional, "Who wrote it."),
            ], keys: .code { context in check(&context, adds: adds) },
            body: .list(["root", "customer"]), reply: .code(replies), codes: codes,
            recovery: adds ? .hold : .resend,
            source:
                "Add/Update Customer Notes. Facts: Customers, Notes (v1.1). One customer per request."
                + (adds
                    ? " Nothing prevents a repeat: after a lost answer a person looks, with `sluice export customers.notes`."
                    : "")
        ).endpoint
    }

    private static func check(_ context: inout ItemContext, adds: Bool) {
        let who = customer(&context)
        let json = context.json
        let notes = json.list(json.member("note", of: context.node("notes")))
        if context.node("notes") != nil, notes.count != 1 {
            context.problem(.rule, "notes", "\(notes.count) are given; make one record for each.")
        }
        let text = json.scalar(json.member("description", of: notes.first)) ?? ""
        let date = json.scalar(json.member("date", of: notes.first)) ?? ""
        let id = json.integer(json.member("id", of: notes.first)).map { String($0) } ?? ""
        if !date.isEmpty, !V1Customers.isServerTime(date) {
            context.problem(
                .rule, "notes", "Expected a date such as 2026-02-03 14:05:00, without an offset.")
        }
        context.identity = adds ? who.key + [date, text] : [id]
        context.orderKeys = [who.key]
        context.evidence = [
            adds ? who.value : id, who.type, date, adds ? text : "", who.type, who.value,
        ]
    }

    // MARK: Reply

    /// Source: Customers, Notes (v1.1); Customers, Preferences (v1.1); Customers, Add and update customers (v1.1).
    static let codes = V1Customers.codes.adding(
        .init(.rejected, .refused, 1037), .init(.rejected, .customerUnknown, 404),
        .init(.rejected, .conflict, 409), .init(.rejected, .refusedValue, 400, 422),
        .init(.inDoubt, .noAnswer, 999_999))

    /// The customer, as one element or as a list of one.
    static let replies = V1Reply(
        codes: codes, fields: ["mobile", "email", "external_id", "user_id"], list: ["customer"],
        id: "user_id", labels: [], agrees: V1Customers.agrees)
}
