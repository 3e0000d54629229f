import Model
import Records

extension Endpoint {
    /// Changes cards: `PUT /v2/card/bulk`.
    package static let cardsUpdate = Endpoint(
        name: "cards.update",
        summary: "Sets the status, the fields and the location of existing cards.",
        method: .put, path: "/v2/card/bulk", host: .api, adds: false,
        // Source: Cards, Update cards. 1060 names 200.
        chunk: Chunk(normal: 100, most: 200, bodyLimit: 1 << 20),
        fields: CardsUpdate.fields,
        prepare: { item, prepared in
            ItemContext.prepare(
                item, CardsUpdate.schema, "cards.update", "An update", into: &prepared,
                rules: CardsUpdate.check)
        },
        body: Body.array,
        read: { reply, members in CardsUpdate.replies.read(reply, members: members) },
        recovery: .resend,
        refusesRepeat: { _, _ in false },
        repeats: { _ in .never },
        key: { member in
            let number = EvidenceFields.text(0, of: member)
            return number.isEmpty ? EvidenceFields.text(1, of: member) : number
        },
        kind: { _ in "card" },
        reasons: Reason.once(CardsUpdate.checks, CardCodes.table.reasons, WholeReply.reasons),
        codes: CardCodes.table,
        source: "Update Card Details (Bulk); Cards. Facts: Cards, Update cards; Cards, Card codes.")
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

    static let schema = Schema(fields)

    static let checks: [Reason] = [.missing, .type, .outOfRange, .unknownField, .rule]

    static func check(_ context: inout ItemContext) {
        let number = context.text("cardNumber") ?? ""
        let external = context.text("cardExternalId") ?? ""
        if number.isEmpty, external.isEmpty {
            context.problem(.missing, "cardNumber", "Give cardNumber or cardExternalId.")
        }
        let sets = ["statusLabel", "statusInfo", "extendedFields", "customFields", "mappedEntity"]
        if !sets.contains(where: { context.has($0) }) {
            context.problem(
                .rule, "", "Nothing to change: give " + sets.joined(separator: ", ") + ".")
        }
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
