import Model

@testable import Catalog

/// Of the calls of the wider catalog, most of which differ in their facts alone.
extension Specimen {
    static let wider: [String: Specimen] = {
        let families: [[String: Specimen]] = [
            customers, older, groups, products, labels, coupons, promotions, partners, stores, points,
            moves, rewards, olderActs, waysBack, corrections,
        ]
        return families.reduce(into: [:]) { all, family in all.merge(family) { _, new in new } }
    }()

    /// One record a request, its id under `name`.
    static func single(
        _ items: [String], codes: CodeTable, wrong: [(field: String, value: String?)],
        done: @escaping @Sendable (Int) -> String = { #"{"entity":\#(5000 + $0),"warnings":[]}"# }
    ) -> Specimen {
        Specimen(
            items: items, codes: codes, wrong: wrong, done: done,
            failed: { #"{"warnings":[],"errors":[\#($1)]}"# }, envelope: { $0.first ?? "{}" })
    }

    /// What was done in one list, what was not in another.
    private static func lists(
        _ items: [String], codes: CodeTable, wrong: [(field: String, value: String?)], done: String,
        failed: String = "errors", label: @escaping @Sendable (Int) -> String,
        failedLabel: @escaping @Sendable (Int) -> String
    ) -> Specimen {
        Specimen(
            items: items, codes: codes, wrong: wrong,
            done: { "{" + label($0) + #","id":\#(90 + $0)}"# },
            failed: { index, error in error.dropLast() + "," + failedLabel(index) + "}" },
            envelope: { all in
                let bad = all.filter { $0.contains("message") }
                let good = all.filter { !$0.contains("message") }
                return
                    #"{"\#(done)":[\#(good.joined(separator: ","))],"warnings":[],"\#(failed)":[\#(bad.joined(separator: ","))]}"#
            })
    }

    // MARK: Customers

    private static let customers: [String: Specimen] = [
        "customers.register": single(
            people.indices.map { "{" + profiles($0) + #","loyaltyInfo":{"loyaltyType":"loyalty"}}"# },
            codes: CustomersSingle.codes, wrong: wrongCustomers + [("loyaltyInfo", nil)],
            done: { #"{"createdId":\#(9001 + $0),"warnings":[]}"# }),
        "customers.update": single(
            (1...3).map { #"{"userId":\#($0),"extendedFields":{"city":"Leeds"}}"# },
            codes: CustomersSingle.codes,
            wrong: [
                ("userId", nil), ("userId", "0"), ("userId", #""LOY-1""#), ("extendedFields", nil),
                ("extendedFields", "[]"), ("profiles", #"[{"identifiers":[]}]"#),
            ]),
        "customers.updateBy": single(
            (1...3).map {
                #"{"identifierName":"mobile","identifierValue":"44\#($0)","extendedFields":{"city":"Leeds"}}"#
            }, codes: CustomersSingle.codes,
            wrong: [
                ("identifierName", nil), ("identifierName", #""phone""#), ("identifierValue", #""""#),
                ("identifierValue", "7"), ("extendedFields", nil),
            ]),
        "customers.status": single(
            (1...3).map {
                #"{"identifierName":"mobile","identifierValue":"44\#($0)","label":"Active"}"#
            },
            codes: CustomersSingle.codes,
            wrong: [
                ("identifierName", nil), ("identifierName", #""phone""#), ("identifierValue", #""""#),
                ("label", nil), ("label", "1"),
            ]),
        "customers.changeIdentifier": single(
            (1...3).map {
                #"{"userId":\#($0),"source":"INSTORE","add":[{"type":"email","value":"a\#($0)@example.org"}]}"#
            },
            codes: CustomersSingle.codes,
            wrong: [
                ("userId", nil), ("source", nil), ("add", nil), ("add", "[]"),
                ("add", #"[{"type":"email","value":"a"},{"type":"email","value":"b"}]"#),
                ("add", #"[{"type":"phone","value":"a"}]"#), ("remove", "[]"),
            ]),
        "customers.subscribe": single(
            (1...3).map {
                #"{"userId":\#($0),"subscriptions":[{"channel":"MOBILE","priority":"BULK","type":"OPTIN"}]}"#
            }, codes: CustomersSingle.codes,
            wrong: [
                ("userId", nil), ("subscriptions", nil), ("subscriptions", "[]"),
                ("subscriptions", #"[{"channel":"SMS","priority":"BULK","type":"OPTIN"}]"#),
                ("subscriptions", #"[{"channel":"MOBILE","type":"OPTIN"}]"#),
            ]),
    ]

    static func older(
        _ items: [String], codes: CodeTable, wrong: [(field: String, value: String?)], head: String,
        tail: String, label: @escaping @Sendable (Int) -> String
    ) -> Specimen {
        Specimen(
            items: items, codes: codes, wrong: wrong,
            done: {
                #"{"user_id":\#(7001 + $0),"item_id":\#(7001 + $0),\#(label($0)),"item_status":{"success":"true","code":"1000","message":"ok"}}"#
            },
            failed: { index, error in
                "{" + label(index) + #","item_status":{"success":"false","#
                    + error.replacing(#"{"status":false,"#, with: "") + "}"
            },
            envelope: {
                #"{"response":{"status":{"success":"true","code":200,"message":"ok"},"#
                    + head + $0.joined(separator: ",") + tail
            })
    }

    private static let olderCustomer = older(
        (0..<3).map {
            #"{"external_id":"EX-\#($0)","firstname":"Ada","registered_on":"2026-02-03 10:00:00"}"#
        },
        codes: V1Customers.codes,
        wrong: [
            ("external_id", nil), ("registered_on", #""2026-02-03T10:00:00Z""#),
            ("type", #""loyalty""#),
            ("mobile", "7"), ("fraud_status", #"{"status":"BAD"}"#), ("first_name", #""Ada""#),
        ],
        // The server fills it with zeros.
        head: #""customers":{"customer":["#, tail: "]}}}", label: { #""external_id":"00EX-\#($0)""# })

    private static let older: [String: Specimen] = [
        "customers.addOlder": olderCustomer, "customers.updateOlder": olderCustomer,
        "products.addOlder": older(
            (0..<3).map { #"{"sku":"Sku-\#($0)","price":"19.90"}"# }, codes: V1Products.codes,
            wrong: [
                ("sku", nil), ("sku", #""""#), ("price", nil), ("price", "-1"), ("brand", #""Acme""#),
                ("returnable", #""no""#),
            ], head: #""product":["#, tail: "]}}", label: { #""sku":"SKU-\#($0)""# }),
    ]

    // MARK: Groups

    private static let company = single(
        (1...3).map { #"{"name":"Acme \#($0)","externalId":"C-\#($0)"}"# }, codes: Groups.codes,
        wrong: [
            ("name", nil), ("externalId", nil), ("externalId", #""""#), ("parentCompany", "{}"),
            ("parentCompany", #""C-1""#),
        ])

    private static let groups: [String: Specimen] = [
        "groups.add": single(
            (1...3).map { #"{"externalId":"G-\#($0)","groupName":"Group \#($0)"}"# },
            codes: Groups.codes,
            wrong: [
                ("externalId", nil), ("externalId", #""""#), ("groupName", nil), ("maxGroupSize", "0"),
                ("maxGroupSize", #""many""#),
            ], done: { #"{"entity":{"id":\#(60 + $0)},"warnings":[]}"# }),
        "groups.join": Specimen(
            items: (1...3).map { #"{"externalId":"G-1","userId":\#($0),"primaryMember":false}"# },
            codes: Groups.codes,
            wrong: [
                ("externalId", nil), ("userId", nil), ("userId", "0"), ("primaryMember", #""no""#),
                ("permissions", "{}"),
            ],
            done: { #"{"entityId":{"userId":\#(1 + $0),"groupId":60},"errors":[],"warnings":[]}"# },
            failed: { #"{"entityId":{"userId":\#(1 + $0)},"errors":[\#($1)],"warnings":[]}"# }),
        "groups.leave": single(
            (1...3).map { #"{"groupId":60,"identifierName":"mobile","identifierValue":"44\#($0)"}"# },
            codes: Groups.codes,
            wrong: [
                ("groupId", nil), ("groupId", "0"), ("identifierName", #""phone""#),
                ("identifierName", nil), ("identifierValue", #""""#),
            ], done: { _ in #"{"warnings":[],"errors":[],"success":true}"# }),
        "companies.add": company, "companies.update": company,
    ]

    // MARK: Products

    private static let products: [String: Specimen] = {
        var all: [String: Specimen] = [:]
        for part in [ProductParts.brands, .categories, .attributes] {
            for (act, list) in [("add", "created"), ("update", "updated")] {
                all[part.name + "." + act] = lists(
                    (0..<4).map { #"{"code":"c\#($0)","name":"Name \#($0)"}"# }, codes: part.codes,
                    wrong: [
                        ("code", nil), ("code", #""""#), ("code", "7"), ("name", "7"),
                        ("isActive", #""yes""#), ("colour", "1"),
                    ], done: list, label: { #""code":"C\#($0)""# },
                    failedLabel: { #""entityCode":"C\#($0)""# })
            }
        }
        return all
    }()

    // MARK: Labels

    private static let label = lists(
        (0..<4).map { #"{"externalId":"l\#($0)","name":"Label \#($0)","entityType":"CUSTOMER"}"# },
        codes: Labels.codes,
        wrong: [
            ("externalId", nil), ("externalId", #""""#), ("name", "7"), ("entityType", nil),
            ("entityType", #""Customer""#), ("expiryConfig", #""NONE""#),
        ], done: "data", label: { #""externalId":"l\#($0)""# },
        failedLabel: { #""labelExternalId":"l\#($0)""# })

    private static func assignments(_ items: [String], _ wrong: [(field: String, value: String?)])
        -> Specimen
    {
        lists(
            items, codes: LabelsAssign.codes, wrong: wrong, done: "data",
            label: { #""entityId":"\#(70_001 + $0)""# },
            failedLabel: { #""labelExternalId":"\#(70_001 + $0)""# })
    }

    private static let labels: [String: Specimen] = [
        "labels.add": label, "labels.update": label,
        "labels.reassign": assignments(
            (0..<4).map {
                #"{"entityId":\#(70_001 + $0),"labelExternalId":"vip","expiryDate":"2027-01-01T00:00:00Z"}"#
            },
            [
                ("entityId", nil), ("entityId", "0"), ("labelExternalId", nil), ("expiryDate", nil),
                ("expiryDate", #""2027-01-01""#),
            ]),
        "labels.remove": assignments(
            (0..<4).map { #"{"entityId":\#(70_001 + $0),"labelExternalIds":["vip"]}"# },
            [
                ("entityId", nil), ("entityId", #""LOY""#), ("labelExternalIds", nil),
                ("labelExternalIds", "[]"), ("labelExternalIds", #"["a","b"]"#),
            ]),
        "labels.change": single(
            (1...3).map { #"{"userId":\#($0),"add":[{"labelName":"vip"}]}"# }, codes: Labels.olderCodes,
            wrong: [
                ("userId", nil), ("userId", "0"), ("add", nil), ("add", "[]"), ("add", #"["vip"]"#),
                ("add", #"[{"name":"vip"}]"#),
            ]),
    ]

    // MARK: Coupons

    private static let coupons: [String: Specimen] = [
        "coupons.issueMany": Specimen(
            items: (0..<3).map {
                #"{"seriesId":\#(410_011 + $0),"count":2,"customer":{"mobile":"44\#($0)"}}"#
            },
            codes: CouponsIssueMany.codes,
            wrong: [
                ("seriesId", nil), ("count", nil), ("count", "0"), ("count", "501"), ("customer", nil),
                ("customer", "{}"), ("seriesIds", "[1]"),
            ],
            done: {
                #"{"coupons":[{"code":"D\#($0)a"},{"code":"D\#($0)b"}],"successCount":2,"errors":[]}"#
            },
            failed: { #"{"coupons":[],"successCount":0,"errors":[\#($1)]}"# },
            envelope: { $0.first ?? "{}" }),
        "coupons.redeem": Specimen(
            items: (0..<3).map {
                #"{"redemptionRequestList":[{"code":"C\#($0)"}],"user":{"mobile":"44\#($0)"},"billAmount":"12.50"}"#
            }, codes: CouponCodes.table,
            wrong: [
                ("redemptionRequestList", nil), ("redemptionRequestList", "[]"),
                ("redemptionRequestList", #"[{"code":"A"},{"code":"a"}]"#), ("user", nil),
                ("user", "{}"),
                ("billAmount", nil), ("billAmount", #""x""#),
            ],
            done: {
                #"{"entityId":1,"result":{"redemptionId":"\#(60 + $0)","code":"C\#($0)","redemptionStatus":{"success":true,"code":700,"message":"ok"}},"errors":[]}"#
            },
            failed: { index, error in
                #"{"entityId":1,"result":{"code":"C\#(index)","redemptionStatus":"#
                    + error.replacing(#""status""#, with: #""success""#) + #"},"errors":[]}"#
            }),
    ]

    // MARK: Promotions

    private static let grant = Specimen(
        items: (0..<3).map {
            #"{"type":"CUSTOMER","promotionDetails":{"programId":12,"promotionId":3001},"identifierName":"mobile","customers":[{"identifierValue":"44\#($0)"}]}"#
        }, codes: Promotions.codes,
        wrong: [
            ("type", nil), ("promotionDetails", nil), ("promotionDetails", "{}"),
            ("identifierName", nil),
            ("customers", nil), ("customers", "[]"),
            ("customers", #"[{"identifierValue":"1"},{"identifierValue":"2"}]"#),
        ],
        done: {
            #"{"result":{"entityId":\#(70_001 + $0),"earnedId":"\#(760 + $0)"},"errors":[],"warnings":[]}"#
        },
        failed: { #"{"errors":[\#($1)],"warnings":[]}"# })

    private static let promotions: [String: Specimen] = [
        "promotions.grant": grant, "promotions.revoke": grant,
        "promotions.earn": Specimen(
            items: (0..<3).map {
                #"{"customerId":\#(70_001 + $0),"eventTimeISO":"2026-05-02T10:00:00+00:00","earnedFromType":"BULK_ISSUE","eventDetails":{"id":"w","type":"BULK_ISSUE"},"earnedPromotions":[{"promotionId":"65aa","earnCount":1,"earnedFromId":"w-\#($0)"}]}"#
            }, codes: Promotions.codes,
            wrong: [
                ("customerId", nil), ("eventTimeISO", nil), ("eventTimeISO", #""2026-05-02""#),
                ("earnedFromType", #""MILESTONE""#), ("eventDetails", nil), ("earnedPromotions", "[]"),
                ("earnedPromotions", #"[{"promotionId":"65aa","earnCount":1}]"#),
            ],
            done: {
                #"{"data":[{"promotionId":"65aa","earnedFromId":"w-\#($0)","successfulEarnCount":1,"failedEarnCount":0,"customerEarnedPromotions":[{"id":"65bb\#($0)"}]}],"errors":[]}"#
            },
            failed: { #"{"data":null,"errors":[\#($1)]}"# }, envelope: { $0.first ?? "{}" }),
        "promotions.enrol": single(
            (0..<3).map {
                #"{"action":"ENROL","promotion":{"promotionId":"65aa"},"customer":{"identifierName":"mobile","identifierValue":"44\#($0)"}}"#
            }, codes: Promotions.enrolCodes,
            wrong: [
                ("action", nil), ("action", #""enrol""#), ("promotion", nil), ("promotion", "{}"),
                ("customer", nil), ("customer", #"{"identifierName":"phone","identifierValue":"1"}"#),
            ], done: { _ in #"{"data":{"enrolled":true},"errors":[],"warnings":[]}"# }),
    ]

    // MARK: Partners

    private static func partner(
        _ act: String, _ list: String, _ programs: String, _ status: String, more: String = ""
    ) -> Specimen {
        Specimen(
            items: (0..<3).map {
                #"{"customer":{"externalId":"EX-\#($0)"},"\#(programs)":[{"partnerProgramName":"Plus"\#(more)}]}"#
            }, codes: Partners.codes(act),
            wrong: [
                ("customer", nil), ("customer", "{}"), (programs, nil), (programs, "[]"),
                (programs, #"[{"name":"Plus"}]"#),
            ],
            done: {
                #"{"customer":{"id":\#(70_001 + $0),"externalId":"EX-\#($0)","status":{"status":true,"code":1000,"message":"ok"}},"\#(programs)":[{"\#(status)":{"status":true,"code":200,"message":"ok"}}]}"#
            },
            failed: {
                #"{"customer":{"id":\#(70_001 + $0),"externalId":"EX-\#($0)"},"\#(programs)":[{"\#(status)":\#($1)}]}"#
            }, envelope: { #"{"\#(list)":["# + $0.joined(separator: ",") + "]}" })
    }

    private static let partners: [String: Specimen] = [
        "partners.link": partner(
            "link", "linkCustomers", "linkToPartnerPrograms", "partnerLinkStatus"),
        "partners.update": partner(
            "update", "customersPartnerUpdates", "partnerProgramUpdates", "updateStatus",
            more: #","updateType":"RENEW","updateDetails":{"updatedTierName":"gold"}"#),
        "partners.delink": partner(
            "delink", "deLinkCustomers", "deLinkFromPartnerPrograms", "partnerDeLinkStatus"),
    ]

    // MARK: Stores

    private static func newerStores(_ list: String) -> Specimen {
        lists(
            (0..<3).map { #"{"code":"s_\#($0)","name":"Store \#($0)","externalId":["E-\#($0)"]}"# },
            codes: StoresUpdate.codes,
            wrong: [
                ("code", nil), ("code", #""a b""#), ("externalId", "[]"),
                ("externalId", #"["1","2","3","4"]"#), ("isActive", #""yes""#), ("externalIds", "[]"),
            ], done: list, label: { #""code":"s_\#($0)""# },
            failedLabel: { #""entityCode":"s_\#($0)""# })
    }

    private static let stores: [String: Specimen] = [
        "stores.update": Specimen(
            items: (0..<3).map { #"{"code":"s_\#($0)","address":"Leeds"}"# }, codes: StoresUpdate.codes,
            wrong: [
                ("code", nil), ("code", #""""#), ("address", nil), ("externalIds", "[]"),
                ("id", "0"), ("id", #""leeds""#), ("isActive", #""yes""#), ("adminType", #""admin""#),
            ],
            done: {
                #"{"entityId":\#(60 + $0),"result":{"code":"s_\#($0)"},"errors":[],"warnings":[]}"#
            },
            failed: {
                #"{"entityId":null,"result":{"code":"s_\#($0)"},"errors":[\#($1)],"warnings":[]}"#
            }),
        "locations.stores.add": newerStores("created"),
        "locations.stores.update": newerStores("updated"),
    ]

    // MARK: Points

    private static let moves: [String: Specimen] = [
        "points.transfer": single(
            (1...3).map {
                #"{"pointsToBeTransferred":5,"fromCustomerIdentifier":{"type":"mobile","value":"44\#($0)"},"toCustomerIdentifier":{"type":"mobile","value":"45\#($0)"}}"#
            }, codes: Points.codes,
            wrong: [
                ("pointsToBeTransferred", nil), ("pointsToBeTransferred", "-1"),
                ("fromCustomerIdentifier", nil), ("toCustomerIdentifier", "{}"),
                ("toCustomerIdentifier", #"{"type":"mobile","value":"441"}"#),
            ], done: { #"{"data":[{"transferId":\#(5000 + $0)}]}"# }),
        "points.deduct": single(
            (1...3).map { #"{"userId":\#($0),"pointsToBeAdjusted":5,"reasonOfReturn":"wave"}"# },
            codes: Points.codes,
            wrong: [
                ("userId", nil), ("userId", "0"), ("pointsToBeAdjusted", nil),
                ("pointsToBeAdjusted", "-1"),
                ("valueToBeAdjusted", "1"), ("points", "1"),
            ], done: { _ in #"{"status":"success","pointsAvailable":1}"# }),
        "points.redeem": single(
            (1...3).map {
                #"{"userId":\#($0),"redemptionType":"POINTS","points":5,"externalReferenceNumber":"r-\#($0)"}"#
            }, codes: Points.codes,
            wrong: [
                ("userId", nil), ("redemptionType", #""points""#), ("points", nil), ("points", "-1"),
                ("externalReferenceNumber", nil), ("externalReferenceNumber", #""""#),
            ], done: { #"{"entity":{"redemptionId":"r\#($0)"},"warnings":[]}"# }),
        "points.reverse": single(
            (1...3).map {
                #"{"redemptionId":\#($0),"pointsToBeReversed":5,"identifier":{"type":"ID","value":"7"}}"#
            }, codes: Points.codes,
            wrong: [
                ("redemptionId", nil), ("redemptionId", "0"), ("pointsToBeReversed", nil),
                ("identifier", nil), ("identifier", #"{"type":"mobile","value":"7"}"#),
            ], done: { _ in #"{"pointsReversed":5}"# }),
        "groups.transfer": single(
            (1...3).map { #"{"leaveGroupId":60,"joinGroupId":61,"userIds":[\#($0)]}"# },
            codes: Points.codes,
            wrong: [
                ("leaveGroupId", nil), ("joinGroupId", "0"), ("userIds", nil), ("userIds", "[]"),
                ("userIds", #"["LOY"]"#),
            ], done: { _ in #"{"warnings":[],"errors":[],"success":true}"# }),
        "deletions.request": single(
            (1...3).map {
                #"{"type":"CUSTOMER","baseType":"DELETE","customerIdentificationInfo":{"source":"INSTORE","identifierType":"mobile","identifierValue":"44\#($0)"}}"#
            }, codes: Points.codes,
            wrong: [
                ("type", nil), ("baseType", #""REMOVE""#), ("customerIdentificationInfo", nil),
                ("customerIdentificationInfo", "{}"),
                ("comments", "\"" + String(repeating: "x", count: 256) + "\""),
            ]),
    ]

    private static let points: [String: Specimen] = [
        "currency.allocate": Specimen(
            items: (0..<3).map {
                #"{"orgId":1,"lookupParams":{"entityType":"CUSTOMER","identifierType":"id","identifierValue":"\#(70_001 + $0)"},"programId":12,"awardStrategyId":4,"expiryStrategyId":5,"sourceValue":120.0,"eventName":"TransactionAdd","eventSourceId":"700100","uniqueId":"w-\#($0)"}"#
            }, codes: Currency.codes,
            wrong: [
                ("uniqueId", nil), ("uniqueId", #""""#), ("programId", "0"), ("lookupParams", nil),
                ("lookupParams", #"{"entityType":"CUSTOMER"}"#), ("lookupParams", "{}"),
                (
                    "lookupParams",
                    #"{"entityType":"CUSTOMER","identifierType":"id","identifierValue":""}"#
                ), ("lookupParams", #"{"entityType":"USERGROUP2"}"#),
                ("lookupParams", #"{"identifierType":"mobile","groupId":7}"#),
                ("promotionId", #""spring""#), ("billLineItemId", "1.5"), ("sourceValue", #""x""#),
                ("currencyType", #""POINTS""#),
            ],
            done: {
                #"{"status":"SUCCESS","entityId":\#(70_001 + $0),"eventLogId":\#(5 + $0),"httpStatus":200,"errors":[]}"#
            },
            failed: {
                #"{"status":"FAILURE","entityId":\#(70_001 + $0),"eventLogId":-1,"httpStatus":400,"errors":[\#($1)]}"#
            }, envelope: { #"{"total":1,"data":["# + $0.joined(separator: ",") + "]}" }),
        "points.expiry": lists(
            (0..<3).map {
                #"{"pointsAwardedRefId":\#(5 + $0),"pointsAwardedRefType":"BILL","expiryDate":{"expiryType":"FIXED_DATE","expiryValue":"2027-01-01"}}"#
            }, codes: Currency.expiryCodes,
            wrong: [
                ("pointsAwardedRefId", nil), ("pointsAwardedRefId", "0"), ("pointsAwardedRefType", nil),
                ("expiryDate", nil), ("expiryDate", #"{"expiryType":"FIXED_DAYS","expiryValue":"3"}"#),
            ], done: "currencyExpiryUpdateResponse", failed: "failures",
            label: { #""pointsAwardedRefId":\#(5 + $0),"pointsAwardedRefType":"BILL""# },
            failedLabel: { #""pointsAwardedRefId":\#(5 + $0),"pointsAwardedRefType":"BILL""# }),
    ]

    // MARK: Rewards, promotions by their id, tills

    private static let rewards: [String: Specimen] = [
        "rewards.issue": Specimen(
            items: (0..<3).map {
                #"{"mobile":"44\#($0)","brand":"Demo","rewards":[{"rewardId":5001,"quantity":2,"requestId":"w-\#($0)"}]}"#
            }, codes: RewardsIssue.codes,
            wrong: [
                ("mobile", nil), ("email", #""a@example.org""#), ("rewards", nil), ("rewards", "[]"),
                ("rewards", #"[{"rewardId":5001,"quantity":2}]"#),
                ("rewards", #"[{"rewardId":0,"quantity":2,"requestId":"w"}]"#),
                ("programId", #""x""#), ("eventDateTime", #""2026-02-03""#),
            ],
            done: {
                #"{"status":{"success":false,"code":8010,"message":"done"},"rewards":[{"status":{"success":true,"code":200,"message":"ok"},"transactionId":\#(81_001 + $0),"rewardId":5001,"requestedQuantity":2,"quantity":2,"requestId":"w-\#($0)"}]}"#
            },
            failed: {
                #"{"status":{"success":false,"code":8010,"message":"partial"},"rewards":[{"status":\#($1.replacing("\"status\":false", with: "\"success\":false")),"rewardId":5001,"requestedQuantity":2,"quantity":0,"requestId":"w-\#($0)"}]}"#
            }, envelope: { $0.first ?? "{}" }),
        "promotions.issue": Specimen(
            items: (0..<3).map { #"{"promotionId":"65aa","customerId":\#(70_001 + $0)}"# },
            codes: PromotionsIssue().codes,
            wrong: [
                ("promotionId", nil), ("promotionId", "7"), ("promotionId", #""""#),
                ("customerId", nil), ("customerId", "0"), ("customerId", #""LOY-1""#),
            ],
            done: { #""\#(70_001 + $0)":{"id":"65bb\#($0)"}"# },
            failed: { #""\#(70_001 + $0)":{"errors":[\#($1)]}"# },
            envelope: { #"{"data":{"# + $0.joined(separator: ",") + #"},"errors":[]}"# }),
        "tills.add": single(
            (0..<3).map { #"{"name":"new.till.\#($0)","storeId":50}"# }, codes: Tills.codes,
            wrong: [
                ("name", nil), ("name", #""Till.1""#), ("name", #""t1""#), ("name", #""1.till""#),
                ("name", #""till 1""#), ("storeId", nil), ("storeId", "0"),
            ]),
    ]
}
