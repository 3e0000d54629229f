import Model
import Records

extension Endpoint {
    /// Adds a card number to a series: `POST /v2/card`.
    package static let cardsAdd = EndpointSpec(
        "cards.add", "Adds card numbers made elsewhere to a series, one per request.",
        // Source: Cards, Add a card. No batch.
        .post, "/v2/card", what: "A card", adds: true, fields: CardsAdd.fields,
        rules: CardsAdd.rules, keys: CardsAdd.keys, reply: .single(), codes: CardCodes.table,
        recovery: .code(.readBack(CardSearch.readBack)),
        // Source: Cards, Card codes. A number that exists is refused with 3009.
        refusesRepeat: true,
        source: "Add Card Number to a Card Series; Cards. Facts: Cards, Add a card; Cards, Card codes.",
        code: .kind("card")
    ).endpoint
}

enum CardsAdd {
    // MARK: Fields

    static let fields: [Field] =
        [
            Field("cardNumber", .text(most: nil), .required, "New; its form depends on the series."),
            Field("seriesId", .integer(1...Int.max), .when("unless seriesCode is given")),
            Field("seriesCode", .text(most: nil), .when("unless seriesId is given")),
            Field(
                "statusLabel", .text(most: nil), .required,
                "NOT_ISSUED, ACTIVE and so on, or a label of the org."),
            Field(
                "cardExternalId", .text(most: nil), .optional, "Unique, and no shorter than the number."
            ),
            Field("customerId", .integer(1...Int.max)),
        ] + CardCodes.sharedFields

    static let rules: [ItemRule] = [
        .atLeastOne(of: ["seriesId", "seriesCode"]),
        .code { context in
            let number = context.text("cardNumber") ?? ""
            let external = context.text("cardExternalId") ?? ""
            // Source: Cards, Add a card. 3050.
            if !external.isEmpty, external.unicodeScalars.count < number.unicodeScalars.count {
                context.problem(.rule, "cardExternalId", "It is shorter than the card number.")
            }
        },
    ]

    static let keys = Keys(
        identity: [.text("cardNumber")],
        order: [
            .thing("card", .text("cardNumber")),
            .thingIfAny("card external", .text("cardExternalId")),
        ],
        evidence: [
            .text("cardNumber"), .integer("seriesId"), .text("seriesCode"), .text("cardExternalId"),
        ])
}

/// What is kept of a card so that the server's copy can be compared.
struct CardEvidence: Sendable {
    var number: String
    var series: String
    var seriesCode: String
    var external: String

    init(_ evidence: Evidence) {
        let fields = evidence.fields
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        number = field(0)
        series = field(1)
        seriesCode = field(2)
        external = field(3)
    }
}

/// Finding a card by its number.
///
/// Unconfirmed: whether the card is in the reply itself or under `entity`, and whether a
/// miss is a status or a code.
enum CardSearch {
    static let readBack = ReadBack(
        search: { member, _ in start(CardEvidence(member)) },
        variants: { member, _ in variants(CardEvidence(member)) },
        fields: { member in fields(CardEvidence(member)) },
        source: "Cards, Read a card. GET /v2/card by number.")

    static func start(_ member: CardEvidence) -> SearchStep { start(member, asked: member.number) }

    static func variants(_ member: CardEvidence) -> [SearchStep] {
        Form.variants(member.number).map { start(member, asked: $0) }
    }

    private static func start(_ member: CardEvidence, asked: String) -> SearchStep {
        .ask(Request(.get, "/v2/card?" + query(["number": asked]))) { reply in read(reply, member) }
    }

    static func fields(_ member: CardEvidence) -> [FormField] {
        [
            FormField("card number", .text, member.number),
            FormField("external id", .text, member.external),
        ]
    }

    private static func read(_ reply: Reply, _ member: CardEvidence) -> SearchStep {
        guard ![401, 403, 429].contains(reply.status), reply.status < 500,
            let json = JSON(reply.body), json.isObject(json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        if !complaints.isEmpty {
            return complaints.allSatisfy { $0.code == 3010 }
                ? .done(ids: [], others: []) : .unclear(LookReply.unclear(reply, complaints))
        }
        guard (200..<300).contains(reply.status) else {
            return .unclear(LookReply.unclear(reply))
        }
        let inner = json.member("entity", of: json.root) ?? json.member("data", of: json.root)
        if let inner, json.isEmpty(inner) { return .done(ids: [], others: []) }
        let cards = inner.map { json.list($0) } ?? [json.root]
        var ids: [ServerID] = []
        var others: [String] = []
        var entries: [Alike] = []
        for card in cards {
            func text(_ name: StaticString) -> String? { json.scalar(json.member(name, of: card)) }
            guard let number = text("cardNumber"), let id = text("cardId") ?? text("id"),
                (Int(id) ?? 0) > 0
            else { return .unclear(LookReply.unclear(reply)) }
            let field = FormField("card number", .text, member.number)
            let match = Form.text(number, member.number)
            if match == .different {
                entries.append(
                    Alike(ServerID(id), [Alike.Difference(field, shown: number)], isAnother: true))
                continue
            }
            var comparison = FormComparison()
            comparison.note(match, field, shown: number)
            if !member.series.isEmpty {
                guard let series = text("seriesId") else {
                    return .unclear(LookReply.unclear(reply))
                }
                if series != member.series { comparison.differs("series") }
            } else if let code = text("seriesCode") {
                comparison.compareText("series", sent: member.seriesCode, shown: code)
            }
            // The list of fields of this reply leaves it out: compared where it is told.
            if let external = text("cardExternalId") {
                comparison.compareText("external id", sent: member.external, shown: external)
            }
            if !comparison.differing.isEmpty {
                others.append(
                    "a card with that number and another "
                        + comparison.differing.joined(separator: " and "))
            } else if comparison.alike.isEmpty {
                ids.append(ServerID(id))
            } else {
                entries.append(Alike(ServerID(id), comparison.alike))
            }
        }
        return .read(ids: ids, others: others, alike: entries)
    }
}
