import Model
import Records

extension Endpoint {
    /// Registers customers: `POST /v2/customers/bulk`.
    package static let customersAdd = EndpointSpec(
        "customers.add", "Registers customers. Whether existing ones are changed depends on the org.",
        .post, "/v2/customers/bulk", what: "A customer", adds: true,
        // Source: Customers, Add customers in bulk. Groups of 10 are what is known to be used; no limit is given.
        chunk: .upTo(100, normal: 10),
        parameters: [
            Parameter(
                "source", .query("source"), .oneOf(Customers.sources), usual: "INSTORE",
                "For the call; each profile has its own as well.")
        ],
        fields: Customers.addFields, keys: .code(Customers.check), body: .array,
        reply: .code(CustomersAdd.replies), codes: Customers.codes,
        recovery: .code(.readBack(Customers.readBack)),
        // Source: Customers, Add a customer. An identifier has one customer; a second is refused, or changes him.
        refusesRepeat: true,
        source:
            "Associate Customer; Add Customer. Facts: Customers, Add customers in bulk; Customers, Add a customer: "
            + "fields. Unconfirmed: the path (an older index has /v2/bulk), and how a failed element looks.",
        code: .kind("customer")
    ).endpoint
}

enum CustomersAdd {
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
