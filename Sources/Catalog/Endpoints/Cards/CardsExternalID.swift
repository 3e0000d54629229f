import Model
import Records

extension Endpoint {
    /// Gives a card another external id: `PUT /v2/card`.
    package static let cardsExternalID = EndpointSpec(
        "cards.externalId", "Sets the external ids of cards, one per request.", .put, "/v2/card",
        what: "An external id", adds: false,
        fields: [
            Field("cardNumber", .text(most: nil), .required),
            Field(
                "cardExternalId", .text(most: 50), .required,
                "Unique, and not shorter than the card number."),
            Field(
                "statusLabel", .text(most: nil), .optional,
                "An older page requires it; the present one changes nothing else."),
        ],
        keys: Keys(
            identity: [.text("cardNumber")],
            order: [
                .thing("card", .text("cardNumber")), .thing("card external", .text("cardExternalId")),
            ], evidence: [.text("cardNumber"), .text("cardExternalId")]),
        reply: .single(.init(id: [["cardId"], ["entity", "cardId"], ["entity"]])),
        codes: CardsExternalID.codes, recovery: .resend,
        source:
            "Update Card Details (Single); Add External Reference ID to Card. Facts: Cards, Set the external id of a "
            + "card; Cards, Card codes. Unconfirmed: a table calls cardExternalId a Boolean, all samples send a text."
    ).endpoint
}

enum CardsExternalID {
    /// 3045 is another card's external id here, which no repeat makes right. Source: Cards, Card codes.
    static let codes = CodeTable([
        .init(.done, .refused, 3012, 3039), .init(.rejected, .conflict, 3045),
        .init(.rejected, .targetUnknown, 3000, 3010), .init(.rejected, .refusedSetup, 3008),
        .init(.rejected, .refusedValue, 3011, 3014, 3046, 3050, 1022),
        .init(.rejected, .refused, 3013, 3034, 3035, 3036, 3037, 3038),
        .init(.inDoubt, .noAnswer, 500, 3030, 3051),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
    ])
}
