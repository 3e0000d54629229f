import Model
import Records

extension Endpoint {
    /// Changes cards: `PUT /v2/card/bulk`.
    package static let cardsUpdate = EndpointSpec(
        "cards.update", "Sets the status, the fields and the location of existing cards.",
        .put, "/v2/card/bulk", what: "An update", adds: false,
        // Source: Cards, Update cards. 1060 names 200.
        chunk: .upTo(200, normal: 100), fields: CardsUpdate.fields, rules: CardsUpdate.rules,
        keys: .code(CardsUpdate.derive), body: .array, reply: .code(CardsUpdate.replies),
        codes: CardCodes.table, recovery: .resend,
        source: "Update Card Details (Bulk); Cards. Facts: Cards, Update cards; Cards, Card codes.",
        code: .init(
            key: { member in
                let number = EvidenceFields.text(0, of: member)
                return number.isEmpty ? EvidenceFields.text(1, of: member) : number
            }, kind: { _ in "card" })
    ).endpoint
}

enum CardsUpdate {
    // MARK: Fields

    static let fields: [Field] =
        [
            Field("cardNumber", .text(most: nil), .when("unless cardExternalId is given")),
            Field(
                "cardExternalId", .text(most: nil), .when("unless cardNumber is given"),
                "As in the v1 manual."),
            Field(
                "statusLabel", .text(most: nil), .optional,
                "NOT_ISSUED, ACTIVE, ISSUED, SUSPENDED, DELETED, EXPIRED, or a label of the org."),
            Field("seriesId", .integer(1...Int.max), .optional, "Required by the v1 manual."),
        ] + CardCodes.sharedFields

    private static let sets = [
        "statusLabel", "statusInfo", "extendedFields", "customFields", "mappedEntity",
    ]

    static let rules: [ItemRule] = [
        .atLeastOne(of: ["cardNumber", "cardExternalId"]),
        .something(
            of: sets, words: "Nothing to change: give " + sets.joined(separator: ", ") + "."),
    ]

    /// By its number, else by its external id.
    static func derive(_ context: inout ItemContext) {
        let number = context.text("cardNumber") ?? ""
        let external = context.text("cardExternalId") ?? ""
        context.identity = number.isEmpty ? ["external", external] : ["number", number]
        context.orderKeys = []
        if !number.isEmpty { context.orderKeys.append(["card", number]) }
        if !external.isEmpty { context.orderKeys.append(["card external", external]) }
        context.evidence = [number, external]
    }

    // MARK: Reply

    /// Source: Cards, Update cards. `entityId` is an object, and has a card's id also where it was not changed.
    static let replies = BulkReply(
        labels: [label(0, "cardNumber"), label(1, "cardExternalId")], codes: CardCodes.table,
        fields: fields.map(\.name), proof: .noErrors, form: .e1.with(id: "entityId", "cardId"))

    private static func label(_ place: Int, _ name: StaticString) -> BulkReply.Label {
        BulkReply.Label(
            member: { Label.digest(["\(place)", EvidenceFields.text(place, of: $0)]) },
            item: { json, item in
                guard let text = json.scalar(json.member(["entityId", name], of: item)),
                    !text.isEmpty
                else { return nil }
                return Label.digest(["\(place)", text])
            },
            agree: { _, _, _ in true })
    }
}
