import Foundation
import TestSupport

/// The calls that the sandbox keeps under their names, with the key each of them is known by there.
extension Specimen {
    static let wider: [Specimen] =
        customers + older + groups + products + labels + coupons + promotions + partners + points
        + stores + moves + [reward, issuedPromotion, till] + olderActs + corrections

    static func plain(
        _ endpoint: String, once: Bool = false, holds: Bool = false, more: String = "", chunk: Int = 1,
        key: @escaping @Sendable (_ name: String, _ item: Int) -> String,
        line: @escaping @Sendable (_ name: String, _ item: Int, _ isBad: Bool) -> String
    ) -> Specimen {
        Specimen(
            endpoint: endpoint, isOnce: once, holds: holds, more: more, chunk: chunk, line: line,
            done: { server, name, items in
                try deeds(
                    server, on: "calls", keys: (0..<items).map { "\(endpoint)/\(key(name, $0))" })
            })
    }

    /// The server's own number of a customer; a bad one is unknown there.
    static func number(_ name: String, _ item: Int, _ isBad: Bool = false) -> String {
        (isBad ? "404" : "") + String(customer(name, item))
    }

    /// A text of one's own; a bad one is unknown there.
    static func text(_ name: String, _ item: Int, _ isBad: Bool = false) -> String {
        (isBad ? "unknown-" : "") + "\(name)-\(item)"
    }

    // MARK: Customers

    private static func byNumber(_ endpoint: String, _ rest: String) -> Specimen {
        plain(endpoint, key: { number($0, $1) }) { #"{"userId":\#(number($0, $1, $2)),\#(rest)}"# }
    }

    private static func byIdentifier(_ endpoint: String, _ rest: String) -> Specimen {
        plain(endpoint, key: { text($0, $1) }) {
            #"{"identifierName":"externalId","identifierValue":"\#(text($0, $1, $2))",\#(rest)}"#
        }
    }

    private static let customers = [
        Specimen(
            endpoint: "customers.register", isOnce: false, more: "verify_existing: none", chunk: 1,
            line: customersAdd.line, done: customersAdd.done),
        byNumber("customers.update", #""extendedFields":{"city":"Leeds"}"#),
        byIdentifier("customers.updateBy", #""extendedFields":{"city":"Leeds"}"#),
        byIdentifier("customers.status", #""label":"Dormant""#),
        plain(
            "customers.changeIdentifier", once: true,
            key: { number($0, $1) + "/externalId/new-" + text($0, $1) }
        ) {
            #"{"userId":\#(number($0, $1, $2)),"source":"INSTORE","add":[{"type":"externalId","value":"new-\#(text($0, $1))"}]}"#
        },
        byNumber(
            "customers.subscribe",
            #""subscriptions":[{"channel":"EMAIL","priority":"BULK","type":"OPTIN"}]"#),
    ]

    private static let older = [
        plain("customers.addOlder", chunk: 5, key: { text($0, $1) }) {
            #"{"external_id":"\#(text($0, $1, $2))"}"#
        },
        plain("customers.updateOlder", key: { text($0, $1) }) {
            #"{"external_id":"\#(text($0, $1, $2))"}"#
        },
        plain("products.addOlder", chunk: 5, key: { text($0, $1) }) {
            #"{"sku":"\#(text($0, $1))","price":"1","brand":{"name":"\#($2 ? "unknown" : "acme")"}}"#
        },
    ]

    private static let groups =
        [
            plain("groups.add", once: true, key: { text($0, $1) }) {
                #"{"externalId":"\#(text($0, $1, $2))","groupName":"A"}"#
            },
            plain("groups.join", key: { "G/" + number($0, $1) }) {
                #"{"externalId":"G","userId":\#(number($0, $1, $2))}"#
            },
            plain("groups.leave", key: { "60/" + text($0, $1) }) {
                #"{"groupId":60,"identifierName":"externalId","identifierValue":"\#(text($0, $1, $2))"}"#
            },
        ]
        + ["companies.add", "companies.update"].map { endpoint in
            plain(endpoint, key: { text($0, $1) }) {
                #"{"externalId":"\#(text($0, $1, $2))","name":"Acme"}"#
            }
        }

    // MARK: Products and labels

    private static let products = ["brands", "categories", "attributes"].flatMap { part in
        ["add", "update"].map { act in
            plain(
                part + "." + act, once: act == "add", chunk: 5, key: { text($0, $1).lowercased() }
            ) { #"{"code":"\#(text($0, $1, $2))","name":"A name"}"# }
        }
    }

    private static let labels =
        ["add", "update"].map { act in
            plain(
                "labels." + act, once: act == "add", chunk: 5, key: { text($0, $1).lowercased() }
            ) { #"{"externalId":"\#(text($0, $1, $2))","name":"A name","entityType":"CUSTOMER"}"# }
        } + [
            plain("labels.reassign", chunk: 5, key: { number($0, $1) + "/vip" }) {
                #"{"entityId":\#(number($0, $1, $2)),"labelExternalId":"vip","expiryDate":"2027-01-01T00:00:00Z"}"#
            },
            plain("labels.remove", chunk: 5, key: { number($0, $1) + "/vip" }) {
                #"{"entityId":\#(number($0, $1, $2)),"labelExternalIds":["vip"]}"#
            },
            byNumber("labels.change", #""add":[{"labelName":"vip"}]"#),
        ]

    // MARK: Coupons, promotions, partners

    private static let coupons = [
        plain(
            "coupons.issueMany", once: true, holds: true,
            key: { text($0, $1) + "/410011" }
        ) {
            #"{"seriesId":\#($2 ? 404_011 : 410_011),"count":2,"customer":{"externalId":"\#(text($0, $1))"}}"#
        },
        redeem,
    ]

    private static var redeem: Specimen {
        var specimen = plain("coupons.redeem", once: true, key: { text($0, $1) }) {
            #"{"redemptionRequestList":[{"code":"\#(text($0, $1, $2))"}],"user":{"mobile":"44\#(number($0, $1))"},"billAmount":"9.90"}"#
        }
        specimen.spares = { $0.isForGood }
        return specimen
    }

    private static let promotions =
        [
            plain(
                "promotions.earn", once: true,
                key: { number($0, $1) + "/65aa/" + text($0, $1) }
            ) {
                #"{"customerId":\#(number($0, $1)),"eventTimeISO":"2026-05-02T10:00:00Z","earnedFromType":"BULK_ISSUE","eventDetails":{"id":"w","type":"BULK_ISSUE"},"earnedPromotions":[{"promotionId":"\#($2 ? "unknown" : "65aa")","earnCount":1,"earnedFromId":"\#(text($0, $1))"}]}"#
            },
            plain("promotions.enrol", key: { text($0, $1) + "/65aa" }) {
                #"{"action":"ENROL","promotion":{"promotionId":"65aa"},"customer":{"identifierName":"mobile","identifierValue":"\#(text($0, $1, $2))"}}"#
            },
        ]
        + [("grant", "directEarn"), ("revoke", "revokeDirectEarn")].map { act, call in
            plain(
                "promotions." + act, once: true, holds: true, more: "parameters: { call: \(call) }",
                key: { text($0, $1) + "/3001" }
            ) {
                #"{"type":"CUSTOMER","promotionDetails":{"programId":12,"promotionId":3001},"identifierName":"mobile","customers":[{"identifierValue":"\#(text($0, $1, $2))"}]}"#
            }
        }

    private static let partners = [
        ("link", "linkToPartnerPrograms", ""),
        (
            "update", "partnerProgramUpdates",
            #","updateType":"UPGRADE","updateDetails":{"updatedTierName":"gold"}"#
        ), ("delink", "deLinkFromPartnerPrograms", ""),
    ].map { act, programs, more in
        plain(
            "partners." + act, once: act == "link", holds: act == "update",
            chunk: act == "delink" ? 1 : 5,
            key: { text($0, $1) + "/Plus" }
        ) {
            #"{"customer":{"externalId":"\#(text($0, $1))"},"\#(programs)":[{"partnerProgramName":"\#($2 ? "unknown" : "Plus")"\#(more)}]}"#
        }
    }

    private static let points = [
        plain("currency.allocate", once: true, chunk: 5, key: { text($0, $1) }) {
            #"{"orgId":1,"lookupParams":{"entityType":"CUSTOMER","identifierType":"id","identifierValue":"\#(number($0, $1))"},"programId":1,"awardStrategyId":4,"expiryStrategyId":5,"sourceValue":1,"eventName":"TransactionAdd","eventSourceId":"\#($2 ? "unknown" : "7")","uniqueId":"\#(text($0, $1))"}"#
        },
        plain("points.expiry", chunk: 5, key: { number($0, $1) }) {
            #"{"pointsAwardedRefId":\#(number($0, $1, $2)),"pointsAwardedRefType":"BILL","expiryDate":{"expiryType":"FIXED_DATE","expiryValue":"2027-01-01"}}"#
        },
    ]

    static func held(
        _ endpoint: String, key: @escaping @Sendable (String, Int) -> String,
        line: @escaping @Sendable (String, Int, Bool) -> String
    ) -> Specimen { plain(endpoint, once: true, holds: true, key: key, line: line) }

    private static let moves = [
        held("points.transfer", key: { text($0, $1) + "/z" + text($0, $1) }) {
            #"{"pointsToBeTransferred":5,"fromCustomerIdentifier":{"type":"email","value":"\#(text($0, $1, $2))"},"toCustomerIdentifier":{"type":"email","value":"z\#(text($0, $1))"}}"#
        },
        held("points.deduct", key: { number($0, $1) }) {
            #"{"userId":\#(number($0, $1, $2)),"pointsToBeAdjusted":5}"#
        },
        held("points.redeem", key: { text($0, $1) }) {
            #"{"userId":\#(number($0, $1, $2)),"redemptionType":"POINTS","points":5,"externalReferenceNumber":"\#(text($0, $1))"}"#
        },
        held("points.reverse", key: { number($0, $1) }) {
            #"{"redemptionId":\#(number($0, $1)),"pointsToBeReversed":5,"identifier":{"type":"ID","value":"\#($2 ? "404" : "7")"}}"#
        },
        held("groups.transfer", key: { number($0, $1) }) {
            #"{"leaveGroupId":60,"joinGroupId":61,"userIds":[\#(number($0, $1, $2))]}"#
        },
        held("deletions.request", key: { text($0, $1) }) {
            #"{"type":"CUSTOMER","baseType":"DELETE","customerIdentificationInfo":{"source":"INSTORE","identifierType":"email","identifierValue":"\#(text($0, $1, $2))"}}"#
        },
    ]

    // MARK: Stores

    private static let stores = [
        Specimen(
            endpoint: "stores.update", isOnce: false,
            spares: { wrong in wrong.faults.contains { $0.hasPrefix("lag") } },
            prepare: { server, name, items in
                let list = (0..<items).map { storesAdd.line(name, $0, false) }.joined(separator: ",")
                _ = try server.post("/v2/orgEntity/store/bulk", "[\(list)]")
            },
            // A bad one is not there, as the look-up before finds out.
            line: { #"{"code":"\#($2 ? "nowhere_" : "")\#($0)_\#($1)","address":"Leeds"}"# },
            done: { try storesAdd.done($0, $1, $2).map { $0 - 1 } }),
        Specimen(
            endpoint: "locations.stores.add",
            // A bad one has the name of the first.
            line: {
                #"{"code":"\#($0)_\#($1)","name":"\#($0) \#($2 ? 0 : $1)","externalId":["\#($0)x\#($1)"]}"#
            }, done: storesAdd.done),
        Specimen(
            endpoint: "locations.stores.update", isOnce: false,
            prepare: { server, name, items in
                let list = (0..<items).map { storesAdd.line(name, $0, false) }.joined(separator: ",")
                _ = try server.post("/v2/orgEntity/store/bulk", "[\(list)]")
            },
            line: { #"{"code":"\#($2 ? "nowhere_" : "")\#($0)_\#($1)","description":"Leeds"}"# },
            done: { try storesAdd.done($0, $1, $2).map { $0 - 1 } }),
    ]

    // MARK: Rewards, promotions by their id, tills

    private static let reward = plain(
        "rewards.issue", once: true, more: "parameters: { username: till.1 }", key: { text($0, $1) }
    ) {
        #"{"externalId":"\#(text($0, $1))","rewards":[{"rewardId":\#($2 ? 4041 : 5001),"quantity":2,"requestId":"\#(text($0, $1))"}]}"#
    }

    private static let issuedPromotion = plain(
        "promotions.issue", once: true, holds: true, chunk: 5, key: { "65aa/" + number($0, $1) }
    ) { #"{"promotionId":"65aa","customerId":\#(number($0, $1, $2))}"# }

    private static let till = plain(
        "tills.add", once: true, key: { "new." + text($0, $1).lowercased() }
    ) { #"{"name":"new.\#(text($0, $1).lowercased())","storeId":\#($2 ? 404 : 50)}"# }
}
