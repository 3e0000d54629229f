import Model
import Records

extension Endpoint {
    /// Changes fields of bills: `PUT /v2/transactions/bulk`.
    package static let transactionsUpdate = EndpointSpec(
        "transactions.update",
        "Sets custom and extended fields of bills, and extended fields of their lines.",
        .put, "/v2/transactions/bulk", what: "An update", adds: false,
        // Source: Transactions, Update bills. No limit is given; that of the twin that adds is taken.
        chunk: .upTo(1000, normal: 20), offeredHeaders: [.skipDownstream],
        fields: TransactionsUpdate.fields, rules: TransactionsUpdate.rules,
        keys: TransactionsUpdate.keys, body: .array,
        // Source: Transactions, Update bills. Items have no entityId; `result.id` is the bill's.
        reply: .items(.init(key: ["result", "id"], id: ["result", "id"], needsID: false)),
        codes: TransactionsUpdate.codes,
        // It sets values. Source: Transactions, Update bills; Recovery, After a lost reply.
        recovery: .resend,
        source:
            "Update Transactions in Bulk; Status codes [transaction], 2026-08-11. Facts: Transactions, Update bills.",
        code: .kind("update")
    ).endpoint
}

enum TransactionsUpdate {
    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "identifierType",
            .oneOf(["mobile", "email", "externalId", "id", "cardnumber", "cardExternalId"]), .required,
            "Not the list of transactions.add."),
        Field("identifierValue", .text(most: nil), .required, "The customer of the bill."),
        Field("source", .text(most: nil), .required),
        Field(
            "id", .integer(1...Int.max), .required,
            "The server's id of the bill, from the reply of transactions.add or a read."),
        Field("extendedFields", .open, .optional, "Only the ones to change."),
        Field("customFields", .open, .optional, "Only the ones to change."),
        Field(
            "lineItems",
            .list(
                .object([
                    Field("itemCode", .text(most: nil), .when("unless id is given")),
                    Field("id", .integer(1...Int.max)), Field("extendedFields", .open),
                ])), .optional, "Not lineItemsV2."),
    ]

    static let rules: [ItemRule] = [
        .something(
            of: ["extendedFields", "customFields", "lineItems"],
            words: "Nothing to change: give extendedFields, customFields or lineItems."),
        .code(checkLines),
        .code { context in
            if context.text("identifierType") == "id", let value = context.filled("identifierValue"),
                Int(value) == nil
            {
                context.problem(
                    .rule, "identifierValue", "With identifierType id it must be a number.")
            }
        },
    ]

    static let keys: Keys = {
        let customer = CustomerForm.named(type: "identifierType", value: "identifierValue")
        return Keys(
            identity: [.integer("id")],
            order: [.thing("bill", .integer("id")), .customer(customer)],
            evidence: [
                .integer("id"), .customerType(customer), .customerValue(customer), .text("source"),
            ])
    }()

    /// Each line is named by its code or its id.
    private static func checkLines(_ context: inout ItemContext) {
        for (index, line) in context.list("lineItems").enumerated()
        where context.json.isObject(line) {
            let code = context.json.scalar(context.json.member("itemCode", of: line)) ?? ""
            if code.isEmpty, context.json.scalar(context.json.member("id", of: line)) == nil {
                context.problem(
                    .missing, "lineItems[\(index)].itemCode",
                    "Give itemCode or id of the line.")
            }
        }
    }

    // MARK: Reply

    /// Source: Transactions, Update bills; Transactions, Add bills: codes. 1118 is only in the first.
    static let codes = CodeTable([
        .init(.done, .refused, 600),
        .init(
            .rejected, .refusedValue, 607, 620, 669, 685, 708, 1106, 1118, 1119, 1120, 8084, 8154, 8155,
            9604, 91016),
        .init(.rejected, .targetUnknown, 667, 668, 688),
        .init(.rejected, .customerUnknown, 8015, 611, 641, 1104, 3042),
        .init(.rejected, .customerBlocked, 618, 820, 3045),
        .init(.inDoubt, .noAnswer, 608, 686),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 672, 1060),
    ])
}
