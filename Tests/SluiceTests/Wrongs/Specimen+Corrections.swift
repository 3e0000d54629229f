import TestSupport

/// The calls that take something back, or correct what is there.
extension Specimen {
    static let corrections: [Specimen] = [
        plain(
            "coupons.revoke", once: true, chunk: 5, key: { text($0, $1).uppercased() }
        ) { #"{"couponSeriesId":410011,"couponCode":"\#(text($0, $1, $2))"}"# },
        plain("coupons.expiry", key: { text($0, $1).uppercased() }) {
            #"{"couponCodes":[{"couponCode":"\#(text($0, $1, $2))","expiryDate":"2027-01-31T10:00:00Z"}]}"#
        },
        held("coupons.reactivate", key: { number($0, $1) }) {
            #"{"redemptionIds":[\#(number($0, $1, $2))]}"#
        },
        plain("badges.revoke", once: true, key: { text($0, $1) }) {
            #"{"badgeMetaId":"65aa","customerId":\#(number($0, $1)),"earnedBadgeId":"\#(text($0, $1, $2))"}"#
        },
        plain(
            "badges.unenrol", once: true, chunk: 5, key: { number($0, $1) + "/65aa/" + text($0, $1) }
        ) {
            #"{"badgeMetaId":"65aa","customerId":\#(number($0, $1)),"issueId":"\#(text($0, $1, $2))"}"#
        },
        plain("tills.update", key: { number($0, $1) }) {
            #"{"tillId":\#(number($0, $1, $2)),"customFields":[{"name":"cf_1","value":"20"}]}"#
        },
        plain("groups.update", key: { number($0, $1) }) {
            #"{"id":\#(number($0, $1, $2)),"groupName":"Family"}"#
        },
        plain("customers.associate", chunk: 5, key: { "externalId:" + text($0, $1) }) {
            #"{"profiles":[{"source":"INSTORE","identifiers":[{"type":"externalId","value":"\#(text($0, $1, $2))"}]}],"associationDetails":{"roleCode":"FA"}}"#
        },
        notes("customers.addNote", key: { text($0, $1) + "/Likes tea" }) {
            #"{"external_id":"\#(text($0, $1, $2))","notes":{"note":[{"description":"Likes tea"}]}}"#
        },
        notes("customers.updateNote", key: { "note/" + number($0, $1) }) {
            #"{"external_id":"\#(text($0, $1, $2))","notes":{"note":[{"id":\#(number($0, $1)),"description":"Likes tea"}]}}"#
        },
        plain("customers.preferences", key: { text($0, $1) }) {
            #"{"external_id":"\#(text($0, $1, $2))","custom_fields":{"field":[{"name":"tea","value":"green"}]}}"#
        },
        Specimen(
            endpoint: "cards.externalId", isOnce: false, chunk: 1,
            line: {
                #"{"cardNumber":"\#(text($0, $1, $2))","cardExternalId":"EXTERNAL-\#(text($0, $1))"}"#
            },
            done: { server, name, items in
                try deeds(server, on: "cardChanges", keys: (0..<items).map { text(name, $0) })
            }),
        plain("transactions.delivery", key: { number($0, $1) }) {
            #"{"identifierName":"mobile","identifierValue":"\#($2 ? "unknown-" : "")44\#(number($0, $1))","source":"INSTORE","id":\#(number($0, $1)),"deliveryStatus":"SHIPPED"}"#
        },
    ]

    /// Both calls of notes are one, whose deeds stand under one name.
    private static func notes(
        _ endpoint: String, key: @escaping @Sendable (String, Int) -> String,
        line: @escaping @Sendable (String, Int, Bool) -> String
    ) -> Specimen {
        let adds = endpoint == "customers.addNote"
        return Specimen(
            endpoint: endpoint, isOnce: adds, holds: adds, chunk: 1, line: line,
            done: { server, name, items in
                try deeds(
                    server, on: "calls",
                    keys: (0..<items).map { "customers.notes/" + key(name, $0) })
            })
    }
}
