import Model
import Records

extension Endpoint {
    /// Registers customers: `POST /v2/customers/bulk`.
    package static let customersAdd = Endpoint(
        name: "customers.add",
        summary:
            "Registers customers. Whether existing ones are changed depends on the org.",
        method: .post, path: "/v2/customers/bulk", host: .api, adds: true,
        // Source: Customers, Add customers in bulk. Groups of 10 are what is known to be used; no limit is given.
        chunk: Chunk(normal: 10, most: 100, bodyLimit: 1 << 20),
        parameters: [
            Parameter(
                "source", .query("source"), .oneOf(Customers.sources), usual: "INSTORE",
                "For the call; each profile has its own as well.")
        ],
        fields: Customers.addFields,
        prepare: { item, prepared in
            ItemContext.prepare(
                item, CustomersAdd.schema, "customers.add", "A customer", into: &prepared,
                rules: Customers.check)
        },
        body: Body.array,
        read: { reply, members in CustomersAdd.replies.read(reply, members: members) },
        recovery: .readBack(Customers.readBack),
        // Source: Customers, Add a customer. An identifier has one customer; a second is refused, or changes him.
        refusesRepeat: { _, _ in true },
        repeats: { _ in .never },
        key: { member in EvidenceFields.text(0, of: member) },
        kind: { _ in "customer" },
        reasons: Reason.once(Customers.checks, Customers.codes.reasons, WholeReply.reasons),
        codes: Customers.codes,
        source:
            "Associate Customer; Add Customer. Facts: Customers, Add customers in bulk; Customers, Add a customer: "
            + "fields. Unconfirmed: the path (an older index has /v2/bulk), and how a failed element looks."
    )
}

enum CustomersAdd {
    static let schema = Schema(Customers.addFields)

    /// Source: Replies, More envelopes; Customers, Add customers in bulk. A failed element may have its
    /// errors beside its entity or in it, or no entity.
    static let replies = BulkReply(
        labels: Customers.labels(["entity"]), codes: Customers.codes,
        fields: Customers.addFields.map(\.name),
        form: BulkReply.Form(
            list: { json in
                switch json.kind(json.root) {
                case .array: json.root
                case .object: BulkReply.Form.e1.list(json)
                default: nil
                }
            },
            id: { json, item in
                json.member(["entity", "id"], of: item) ?? json.member("entityId", of: item)
            },
            errors: { json, item in
                json.complaints(json.member("errors", of: item))
                    + json.complaints(json.member(["entity", "errors"], of: item))
            },
            warnings: { json, item in
                json.complaints(json.member("warnings", of: item))
                    + json.complaints(json.member(["entity", "warnings"], of: item))
            }))
}
