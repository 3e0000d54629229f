import Model
import Records

extension Endpoint {
    /// Gives an anonymous bill to its customer: `POST /v1.1/transaction/update`.
    package static let transactionsRetro = EndpointSpec(
        "transactions.retro",
        "Assigns anonymous bills to customers who have registered since.", .post,
        "/v1.1/transaction/update", what: "A bill", adds: true,
        parameters: [
            Parameter(
                "signature", .header("X-CAP-CLIENT-SIGNATURE"), .text(most: 255), isRequired: true,
                "The name of the sending system, such as INTOUCH_BLR; always use the same one.")
        ],
        fields: TransactionsRetro.fields, rules: TransactionsRetro.rules,
        keys: TransactionsRetro.keys, body: .list(["root", "transaction"]),
        reply: .v1(.init("transactions", "transaction", alone: "id")), codes: TransactionsRetro.codes,
        recovery: .code(.readBack(TransactionsRetro.look)),
        source:
            "Retro Transaction (v1.1). Facts: Transactions, Retro bills (v1.1). The org must have it enabled "
            + "(CONF_RETRO_TRANSACTION_ENABLE), and may limit how old a bill is. The body is a list, and no reply is "
            + "documented: one per request. Unconfirmed: whether a bill is shown as REGULAR at once; how a second "
            + "call for it is rejected."
    ).endpoint
}

enum TransactionsRetro {
    private static let identifiers = ["id", "mobile", "email", "external_id"]

    static let fields: [Field] = [
        Field("id", .integer(1...Int.max), .required, "The server's id of the bill."),
        Field("old_type", .oneOf(["NOT_INTERESTED"]), .required),
        Field("new_type", .oneOf(["REGULAR"]), .required),
        Field(
            "customer", .object(identifiers.map { Field($0, .text(most: nil)) }), .required,
            "Exactly one identifier of a registered customer."),
        Field("notes", .text(most: nil)),
    ]

    static let rules: [ItemRule] = [.exactlyOne(of: identifiers, in: "customer")]

    static let keys: Keys = {
        let customer = CustomerForm.one(of: identifiers, in: "customer")
        // Another customer for the same bill is a repeat with other content, not another record.
        return Keys(
            identity: [.integer("id")],
            order: [.thing("bill", .integer("id")), .customer(customer)],
            evidence: [
                .integer("id"), .word(""), .word(""), .word(""), .customerType(customer),
                .customerValue(customer),
            ])
    }()

    // MARK: Reply

    /// Source: Transactions, Add bills: codes. As far as a bill's customer goes.
    static let codes = CodeTable([
        .init(.done, .refused, 600, 1630),
        .init(.rejected, .refusedValue, 601, 602, 605, 690, 643, 644, 660),
        .init(.rejected, .targetUnknown, 603, 607, 667, 668, 688),
        .init(.rejected, .customerUnknown, 8015, 611, 641, 656, 816, 1012, 8084),
        .init(.rejected, .customerBlocked, 618, 681, 820, 3045),
        .init(.exists, .duplicate, 604), .init(.inDoubt, .noAnswer, 608, 686),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060, 672),
    ])

    // MARK: Recovery

    /// Is there as a regular bill of that customer, or it was not done. A bill that became somebody else's
    /// is for a person.
    static let look = ReadBack(
        search: { member, _ in
            let id = EvidenceFields.text(0, of: member)
            let target = "/v2/transactions/" + pathSegment(id) + "?" + query(["type": "REGULAR"])
            return .ask(Request(.get, target)) { reply in read(reply, id, member) }
        },
        source:
            "Transactions, Read bills: by id. A bill is found only under its own type.")

    private static func read(_ reply: Reply, _ id: String, _ member: Evidence) -> SearchStep {
        guard let json = JSON(reply.body), ![401, 403, 429].contains(reply.status) else {
            return .unclear(LookReply.unclear(reply))
        }
        let complaints = json.complaints(json.member("errors", of: json.root))
        if !complaints.isEmpty {
            // Source: Transactions, Add bills: codes.
            let saysNothing = complaints.allSatisfy { [667, 668, 688].contains($0.code) }
            return saysNothing && reply.status < 500
                ? .done(ids: [], others: []) : .unclear(LookReply.unclear(reply, complaints))
        }
        let data = json.member("data", of: json.root) ?? json.member("entity", of: json.root)
        guard (200..<300).contains(reply.status),
            let bill = ServerBill(json, json.root)
                ?? json.list(data).first.flatMap({ ServerBill(json, $0) }), bill.id == id,
            let theirs = bill.customer
        else { return .unclear(LookReply.unclear(reply)) }
        let (type, value) = (
            EvidenceFields.text(4, of: member), EvidenceFields.text(5, of: member)
        )
        if type == "id" { return compared(theirs, value, id) }
        let request = CustomerSearch.request(
            by: type, value, source: CustomerSearch.usualSource, account: nil)
        return .ask(request) { reply in
            switch CustomerSearch.read(reply, by: type) {
            case .number(let ours): compared(theirs, ours, id)
            case .refused(let refusal), .unclear(let refusal): .unclear(refusal)
            }
        }
    }

    private static func compared(_ theirs: String, _ ours: String, _ id: String) -> SearchStep {
        Int(theirs) == Int(ours)
            ? .done(ids: [ServerID(id)], others: [])
            : .done(ids: [], others: ["that bill with another customer"])
    }
}
