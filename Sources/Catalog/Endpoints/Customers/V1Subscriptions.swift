import Model
import Records

extension Endpoint {
    /// Sets what customers want to hear by the v1 call: `POST /v1.1/customer/subscriptions`.
    package static let customersSubscribeOlder = EndpointSpec(
        "customers.subscribeOlder",
        "Subscribes and unsubscribes customers with the v1.1 call, several per request.",
        .post, "/v1.1/customer/subscriptions", what: "A subscription", adds: false,
        // Source: Customers, Subscriptions (v1.1). A batch, of no stated size; 10 and 20 are ours.
        chunk: .upTo(20, normal: 10), fields: V1Subscriptions.fields,
        keys: .code(V1Subscriptions.check), body: .list(["root", "subscription"]),
        reply: .code(V1Subscriptions.replies), codes: V1Customers.codes, recovery: .resend,
        source:
            "Update Subscription Details (v1.1). Facts: Customers, Subscriptions (v1.1). Unconfirmed: the page "
            + "says no batch, but its sample sends two and gets an answer for both; `send: { chunk: 1 }` is safe "
            + "either way. External ids are not echoed, so each of those has its own request."
    ).endpoint
}

enum V1Subscriptions {
    private static let identifiers = ["mobile", "email", "external_id", "id"]

    static let fields: [Field] = [
        Field("mobile", .text(most: nil), .when("unless email, external_id or id is given")),
        Field("email", .text(most: nil)), Field("external_id", .text(most: nil)),
        Field("id", .integer(1...Int.max)),
        Field(
            "channel", .oneOf(["sms", "email"]), .required,
            "Mobile and e-mail must be set up as channels of the org."),
        Field(
            "priority", .oneOf(["TRANS", "BULK", "trans", "bulk"]), .required,
            "TRANS: messages to the customer alone; BULK: campaigns."),
        Field("scope", .oneOf(["all"]), .optional, "No other value is accepted."),
        Field("is_subscribed", .integer(0...1), .required, "1: yes; 0: no."),
    ]

    static func check(_ context: inout ItemContext) {
        let who = context.one(of: identifiers)
        let type = V1Customers.newer(who.type)
        let value = type == "id" ? context.integer("id") ?? "" : who.value
        let channel = (context.text("channel") ?? "").uppercased()
        let priority = (context.text("priority") ?? "").uppercased()
        let key = customerKey(type, value)
        context.identity = key + [channel, priority]
        context.orderKeys = [key]
        if type == "externalId" { context.group = key }
        context.evidence = [value, channel, priority, "", type, value]
    }

    // MARK: Reply

    /// By the identifiers that an item echoes, the channel and the priority.
    static let replies = V1Reply(
        codes: V1Customers.codes, fields: fields.map(\.name),
        list: ["subscriptions", "subscription"],
        id: "user_id",
        labels: [
            label("email", "email"), label("mobile", "mobile"), label("user_id", "id"),
            label("external_id", "externalId"),
        ],
        agrees: { json, item, member in
            let fields = member.fields
            let isSame = [("channel" as StaticString, 1), ("priority", 2)].allSatisfy { name, place in
                guard let text = json.scalar(json.member(name, of: item)) else { return true }
                return place < fields.count && text.uppercased() == fields[place]
            }
            return isSame && V1Customers.agrees(json, item, member)
        })

    private static func label(_ name: StaticString, _ type: String) -> BulkReply.Label {
        let wanted = type == "id" ? "" : type
        @Sendable func digest(_ label: UInt64, _ channel: String, _ priority: String) -> UInt64 {
            Label.digest([String(label), channel.uppercased(), priority.uppercased()])
        }
        return BulkReply.Label(
            member: { member in
                let fields = member.fields
                guard fields.count > 2, let label = Customers.label(of: member, wanted) else {
                    return nil
                }
                return digest(label, fields[1], fields[2])
            },
            item: { json, item in
                guard let value = json.scalar(json.member(name, of: item)),
                    let label = Customers.label(wanted, type, value),
                    let channel = json.scalar(json.member("channel", of: item)),
                    let priority = json.scalar(json.member("priority", of: item))
                else { return nil }
                return digest(label, channel, priority)
            }, agree: { _, _, _ in true })
    }
}
