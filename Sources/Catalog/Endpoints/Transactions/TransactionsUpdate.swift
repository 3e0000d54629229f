import Model
import Records

extension Endpoint {
    /// Changes fields of bills: `PUT /v2/transactions/bulk`.
    package static let transactionsUpdate = updatingBills.offering(.skipDownstream)

    private static let updatingBills = Endpoint(
        name: "transactions.update",
        summary: "Sets custom and extended fields of bills, and extended fields of their lines.",
        method: .put, path: "/v2/transactions/bulk", host: .api, adds: false,
        // Source: Transactions, Update bills. No limit is given; that of the twin that adds is taken.
        chunk: Chunk(normal: 20, most: 1000, bodyLimit: 1 << 20),
        fields: TransactionsUpdate.fields,
        prepare: { item, prepared in
            ItemContext.prepare(
                item, TransactionsUpdate.schema, "transactions.update", "An update", into: &prepared,
                rules: TransactionsUpdate.check)
        },
        body: Body.array,
        read: { reply, members in TransactionsUpdate.replies.read(reply, members: members) },
        // It sets values. Source: Transactions, Update bills; Recovery, After a lost reply.
        recovery: .resend,
        refusesRepeat: { _, _ in false },
        repeats: { _ in .never },
        key: { member in EvidenceFields.text(0, of: member) },
        kind: { _ in "update" },
        reasons: Reason.once(
            TransactionsUpdate.checks, TransactionsUpdate.codes.reasons, WholeReply.reasons),
        codes: TransactionsUpdate.codes,
        source:
            "Update Transactions in Bulk; Status codes [transaction], 2026-08-11. Facts: Transactions, Update bills."
    )
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

    static let schema = Schema(fields)

    static let checks: [Reason] = [
        .missing, .type, .notListed, .outOfRange, .unknownField, .rule,
    ]

    static func check(_ context: inout ItemContext) {
        if !context.has("extendedFields"), !context.has("customFields"), !context.has("lineItems") {
            context.problem(
                .rule, "", "Nothing to change: give extendedFields, customFields or lineItems.")
        }
        for (index, line) in context.list("lineItems").enumerated()
        where context.json.isObject(line) {
            let code = context.json.scalar(context.json.member("itemCode", of: line)) ?? ""
            if code.isEmpty, context.json.scalar(context.json.member("id", of: line)) == nil {
                context.problem(
                    .missing, "lineItems[\(index)].itemCode",
                    "Give itemCode or id of the line.")
            }
        }
        let type = context.text("identifierType")
        let value = context.text("identifierValue")
        if type == "id", let value, !value.isEmpty, Int(value) == nil {
            context.problem(
                .rule, "identifierValue", "With identifierType id it must be a number.")
        }
        let id = context.integer("id") ?? ""
        context.identity = [id]
        context.orderKeys = [["bill", id], customerKey(type, value)]
        context.evidence = [id, type ?? "", value ?? "", context.text("source") ?? ""]
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

    /// Source: Transactions, Update bills. Items have no entityId; `result.id` is the bill's.
    static let replies = BulkReply(
        labels: [.key("result", "id")], codes: codes, fields: fields.map(\.name), proof: .noErrors,
        form: .e1.with(id: "result", "id"))
}
