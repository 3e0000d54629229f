import Model

@testable import Catalog

/// Of the calls that take something back, or correct what is there.
extension Specimen {
    static let waysBack: [String: Specimen] = [
        "coupons.revoke": Specimen(
            items: (0..<4).map { #"{"couponSeriesId":410011,"couponCode":"Demo\#($0)"}"# },
            codes: CouponsRevoke.codes,
            wrong: [
                ("couponCode", nil), ("couponCode", #""""#), ("couponCode", "7"),
                ("couponSeriesId", "0"), ("couponSeriesId", #""A""#), ("customer", "{}"),
            ],
            done: { #"{"couponId":\#(900 + $0),"couponCode":"DEMO\#($0)","issuedToUserId":5}"# },
            failed: { index, error in
                error.dropLast().replacing(#""code""#, with: #""errorCode""#)
                    .replacing(#""message""#, with: #""errorMessage""#)
                    + #","couponCodes":["DEMO\#(index)"]}"#
            },
            envelope: { all in
                let bad = all.filter { $0.contains("errorMessage") }
                let good = all.filter { !$0.contains("errorMessage") }
                return
                    #"{"entity":{"totalCount":\#(all.count),"failedCount":\#(bad.count),"revokedCoupons":[\#(good.joined(separator: ","))],"failedToRevoke":[\#(bad.joined(separator: ","))]},"warnings":[],"errors":[],"success":true}"#
            }),
        "coupons.reactivate": single(
            (1...3).map { #"{"redemptionIds":[\#($0)]}"# }, codes: CouponChanges.reactivateCodes,
            wrong: [
                ("redemptionIds", nil), ("redemptionIds", "[]"), ("redemptionIds", "[1,2]"),
                ("redemptionIds", #"["r1"]"#), ("redemptionIds", "[0]"), ("redemptionIds", "1"),
            ], done: { _ in #"{"warnings":[],"errors":[],"success":true}"# }),
        "badges.revoke": Specimen(
            items: (0..<3).map {
                #"{"badgeMetaId":"65aa","customerId":\#(9001 + $0),"earnedBadgeId":"66bb\#($0)"}"#
            }, codes: BadgesRevoke.earnedCodes,
            wrong: [
                ("badgeMetaId", nil), ("customerId", nil), ("customerId", "0"),
                ("customerId", #""LOY-1""#), ("earnedBadgeId", nil), ("earnedBadgeId", #""""#),
                ("earnedBadgeId", "7"),
            ],
            done: {
                #"{"data":{"badgeMetaId":"65aa","customerId":\#(9001 + $0),"earnedBadgeId":"66bb\#($0)","isActive":false},"errors":[],"warnings":[]}"#
            },
            failed: { #"{"data":null,"errors":[\#($1)],"warnings":null}"# },
            envelope: { $0.first ?? "{}" }),
        "badges.unenrol": Specimen(
            items: (0..<4).map {
                #"{"badgeMetaId":"65aa","customerId":\#(9001 + $0),"issueId":"66cc\#($0)"}"#
            }, codes: BadgesRevoke.codes,
            wrong: [
                ("badgeMetaId", nil), ("badgeMetaId", #""""#), ("customerId", nil),
                ("customerId", "0"), ("customerId", #""LOY-1""#), ("issueId", "[]"),
            ],
            done: { #"{"customerId":\#(9001 + $0),"issuedId":"66cc\#($0)","error":null}"# },
            failed: { #"{"customerId":\#(9001 + $0),"issuedId":null,"error":\#($1)}"# },
            envelope: { items in
                #"{"data":{"badgeMetaId":"65aa","revokedIssuedBadges":["#
                    + items.joined(separator: ",")
                    + #"],"requestId":null},"errors":[],"warnings":[]}"#
            }),
    ]

    static let corrections: [String: Specimen] = [
        "coupons.expiry": Specimen(
            items: (0..<3).map {
                #"{"couponSeriesId":410011,"couponCodes":[{"couponCode":"D\#($0)","expiryDate":"2027-01-31T10:00:00Z"}]}"#
            }, codes: CouponChanges.expiryCodes,
            wrong: [
                ("couponCodes", nil), ("couponCodes", "[]"), ("couponCodes", #"[{"couponCode":"A"}]"#),
                ("couponCodes", #"[{"couponCode":"A","expiryDate":"2027-01-31"}]"#),
                ("customer", "{}"), ("customer", #"{"id":1,"mobile":"44"}"#), ("couponSeriesId", "0"),
            ],
            done: { _ in
                #"{"entity":{"totalCount":1,"failedCount":0,"successCount":1,"unprocessedCoupons":[]},"warnings":[],"errors":[],"success":true}"#
            },
            failed: { index, error in
                let entry = error.dropLast().replacing(#""code""#, with: #""errorCode""#)
                    .replacing(#""message""#, with: #""errorMessage""#)
                return
                    #"{"entity":{"totalCount":1,"failedCount":1,"successCount":0,"unprocessedCoupons":[\#(entry),"couponCode":"D\#(index)"}]},"warnings":[],"errors":[],"success":true}"#
            }, envelope: { $0.first ?? "{}" }),
        "tills.update": single(
            (1...3).map { #"{"tillId":\#($0),"customFields":[{"name":"cf_1","value":"20"}]}"# },
            codes: TillsUpdate.codes,
            wrong: [
                ("tillId", nil), ("tillId", "0"), ("customFields", nil), ("customFields", "[]"),
                ("customFields", #"[{"value":"1"}]"#),
                ("customFields", #"[{"name":"a","value":"1"},{"name":"a","value":"2"}]"#),
                ("customFields", #"[{"name":"a","isPiiData":2}]"#),
            ]),
        "groups.update": single(
            (1...3).map { #"{"id":\#($0),"groupName":"Family \#($0)"}"# }, codes: Groups.codes,
            wrong: [
                ("id", nil), ("id", "0"), ("groupName", nil), ("groupName", #""""#),
                ("maxGroupSize", "0"), ("extendedFields", "[]"),
            ], done: { #"{"id":\#(1 + $0),"groupName":"Family","warnings":[]}"# }),
        "customers.associate": Specimen(
            items: (0..<3).map {
                #"{"profiles":[{"source":"INSTORE","identifiers":[{"type":"email","value":"a\#($0)@example.org"}]}],"associationDetails":{"roleCode":"FA"}}"#
            }, codes: Customers.codes,
            wrong: [
                ("profiles", nil), ("profiles", "[]"),
                ("profiles", #"[{"source":"INSTORE","identifiers":[]}]"#),
                ("associationDetails", nil), ("associationDetails", "{}"),
                ("associationDetails", #"{"fleetCompany":{}}"#),
            ],
            done: {
                #"{"profiles":[{"identifiers":[{"type":"email","value":"a\#($0)@example.org"}]}],"associationDetails":{"roleCode":"FA"},"errors":[{}]}"#
            },
            failed: {
                #"{"profiles":[{"identifiers":[{"type":"email","value":"a\#($0)@example.org"}]}],"errors":[\#($1)]}"#
            }, envelope: { "[" + $0.joined(separator: ",") + "]" }),
        "customers.addNote": older(
            (0..<3).map {
                #"{"mobile":"44770090000\#($0)","notes":{"note":[{"description":"Likes tea","date":"2026-02-03 10:00:00"}]}}"#
            }, codes: V1Notes.codes,
            wrong: [
                ("mobile", nil), ("email", #""a@example.org""#), ("notes", nil),
                ("notes", #"{"note":[]}"#), ("notes", #"{"note":[{"description":""}]}"#),
                ("notes", #"{"note":[{"description":"a"},{"description":"b"}]}"#),
                ("notes", #"{"note":[{"description":"a","date":"2026-02-03"}]}"#),
            ], head: #""customer":["#, tail: "]}}", label: { #""mobile":"44770090000\#($0)""# }),
        "customers.updateNote": older(
            (0..<3).map {
                #"{"mobile":"44770090000\#($0)","notes":{"note":[{"id":\#(8378 + $0),"description":"Likes tea"}]}}"#
            }, codes: V1Notes.codes,
            wrong: [
                ("mobile", nil), ("user_id", "7"), ("notes", nil),
                ("notes", #"{"note":[{"description":"a"}]}"#), ("notes", #"{"note":[{"id":1}]}"#),
                ("notes", #"{"note":[{"id":0,"description":"a"}]}"#),
            ], head: #""customer":["#, tail: "]}}", label: { #""mobile":"44770090000\#($0)""# }),
        "customers.preferences": older(
            (0..<3).map {
                #"{"mobile":"44770090000\#($0)","custom_fields":{"field":[{"name":"tea","value":"green"}]}}"#
            }, codes: V1Notes.codes,
            wrong: [
                ("mobile", nil), ("mobile", "7"), ("custom_fields", nil), ("custom_fields", "{}"),
                ("custom_fields", #"{"field":[{"name":"tea"}]}"#), ("store", #""leeds""#),
            ], head: #""customer":["#, tail: "]}}", label: { #""mobile":"44770090000\#($0)""# }),
        "cards.externalId": single(
            (0..<3).map { #"{"cardNumber":"C-\#($0)","cardExternalId":"X-\#($0)"}"# },
            codes: CardsExternalID.codes,
            wrong: [
                ("cardNumber", nil), ("cardNumber", #""""#), ("cardExternalId", nil),
                ("cardExternalId", "true"), ("cardExternalId", #""""#), ("seriesId", "12"),
            ],
            done: {
                #"{"cardId":\#(66 + $0),"cardNumber":"C-\#($0)","cardExternalId":"X-\#($0)","warnings":[{"status":false,"code":3039,"message":"No update in status label"}]}"#
            }),
        "transactions.delivery": Specimen(
            items: (0..<3).map {
                #"{"identifierName":"mobile","identifierValue":"44\#($0)","source":"INSTORE","id":\#(7000 + $0),"deliveryStatus":"SHIPPED"}"#
            }, codes: TransactionsUpdate.codes,
            wrong: [
                ("identifierName", nil), ("identifierName", #""phone""#), ("identifierValue", #""""#),
                ("source", #""MOBILE_APP""#), ("id", nil), ("id", "0"), ("deliveryStatus", nil),
                ("deliveryStatus", #""shipped""#),
            ], done: { _ in #"{"warnings":[],"errors":[],"loyaltyDetails":[]}"# },
            failed: { #"{"warnings":[],"errors":[\#($1)]}"# }, envelope: { $0.first ?? "{}" }),
    ]
}
