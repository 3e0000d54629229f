import Model
import Records

@testable import Catalog

/// Items that an endpoint takes, and replies as the server would write them.
struct Specimen: Sendable {
    /// Fit to be sent, each for another record.
    let items: [String]
    /// The item of a reply for one of ``items`` that was done.
    let done: @Sendable (_ index: Int) -> String
    /// The same for one that has this error, code and all.
    let failed: @Sendable (_ index: Int, _ error: String) -> String
    /// A reply of these items.
    let envelope: @Sendable (_ items: [String]) -> String
    let codes: CodeTable
    /// Changes of the first item, each of which makes it unfit.
    let wrong: [(field: String, value: String?)]

    init(
        items: [String], codes: CodeTable, wrong: [(field: String, value: String?)],
        done: @escaping @Sendable (Int) -> String,
        failed: @escaping @Sendable (Int, String) -> String,
        envelope: @escaping @Sendable ([String]) -> String = { items in
            #"{"response":["# + items.joined(separator: ",")
                + #"],"totalCount":\#(items.count),"failureCount":0}"#
        }
    ) {
        self.items = items
        self.codes = codes
        self.wrong = wrong
        self.done = done
        self.failed = failed
        self.envelope = envelope
    }

    /// An entry of an `errors` list.
    static func error(_ code: Int?, _ message: String = "said the server") -> String {
        #"{"status":false,"code":\#(code.map { String($0) } ?? "null"),"message":"\#(message)"}"#
    }

    /// Of an endpoint that has none, this is nil, and the tests say so.
    static func of(_ endpoint: Endpoint) -> Specimen? { all[endpoint.name] }

    private static let all: [String: Specimen] = [
        "transactions.add": transactionsAdd, "transactions.update": transactionsUpdate,
        "stores.add": storesAdd, "badges.import": badgesImport,
        "badges.earn": badgesEarn, "badges.enrol": badgesEnrol,
        "cards.add": cardsAdd, "cards.update": cardsUpdate,
        "customers.add": customersAdd, "customers.upsert": customersUpsert,
        "skus.add": skus(changes: false), "skus.update": skus(changes: true),
        "labels.assign": labelsAssign, "milestones.enrol": milestones,
        "milestones.unenrol": milestones, "coupons.issue": couponsIssue,
        "coupons.upload": couponsUpload, "coupons.uploadRedeemed": couponsUploadRedeemed,
    ].merging(wider) { own, _ in own }

    /// A reply to a file tells about its job, whatever is in the file.
    private static func file(_ items: [String], wrong: [(field: String, value: String?)], list: String)
        -> Specimen
    {
        Specimen(
            items: items, codes: CodeTable([]), wrong: wrong, done: { _ in "" }, failed: { _, _ in "" },
            envelope: { _ in
                #"{"success":true,"status":200,"result":{"\#(list)":[{"jobId":31,"uploadedFileName":"a.csv"}]}}"#
            })
    }

    private static let couponsUpload = file(
        (0..<4).map { #"{"code":"DEMO\#($0)","customer":"44770090010\#($0)"}"# },
        wrong: [
            ("code", nil), ("customer", nil), ("code", #""""#), ("code", #""A,B""#),
            ("code", #""A\"B""#), ("customer", #""a\nb""#), ("customer", #"" 44""#), ("colour", "1"),
        ], list: "uploadJobStatuses")

    private static let couponsUploadRedeemed = file(
        (0..<4).map {
            #"{"coupon":"DEMO\#($0)","customer":"44770090010\#($0)","redeemedAt":51,"#
                + #""redeemedDateInMillis":1770112500000}"#
        },
        wrong: [
            ("coupon", nil), ("customer", nil), ("redeemedAt", nil), ("redeemedDateInMillis", nil),
            ("redeemedDateInMillis", "1770112500"), ("coupon", #""A,B""#), ("billNumber", #""a\nb""#),
            ("redeemedDate", #""2026-02-03T10:15:00Z""#), ("colour", "1"),
        ], list: "redeemUploadJobStatuses")

    private static let transactionsAdd = Specimen(
        items: [
            bill(), bill(["billNumber": #""B""#]), returnBill(),
            bill(["billNumber": #""C""#, "type": #""NOT_INTERESTED""#]),
            returnBill(["billNumber": #""D""#, "returnType": #""FULL""#]),
        ],
        codes: TransactionsAdd.codes,
        wrong: [
            ("source", nil), ("source", #""instore""#), ("type", nil), ("billNumber", nil),
            ("billNumber", "7"), ("billAmount", "-1"), ("billAmount", #""x""#),
            ("billingDate", #""2026-02-03""#), ("identifierValue", #""""#), ("colour", #""red""#),
        ],
        done: { index in
            let labels = [
                ("R-20260203-0001", "REGULAR"), ("B", "REGULAR"), ("R-20260203-0001", "RETURN"),
                ("C", "NOT_INTERESTED"), ("D", "RETURN"),
            ]
            return
                #"{"entityId":\#(700 + index),"result":{"billNumber":"\#(labels[index].0)","type":"\#(labels[index].1)"},"errors":[],"warnings":[]}"#
        },
        failed: { index, error in
            let labels = [
                ("R-20260203-0001", "REGULAR"), ("B", "REGULAR"), ("R-20260203-0001", "RETURN"),
                ("C", "NOT_INTERESTED"), ("D", "RETURN"),
            ]
            return
                #"{"entityId":null,"result":{"billNumber":"\#(labels[index].0)","type":"\#(labels[index].1)"},"errors":[\#(error)],"warnings":[]}"#
        })

    private static let transactionsUpdate = Specimen(
        items: (0..<4).map {
            #"{"identifierType":"mobile","identifierValue":"44770090010\#($0)","source":"INSTORE","#
                + #""id":\#(7000 + $0),"extendedFields":{"delivery_city":"Leeds"}}"#
        },
        codes: TransactionsUpdate.codes,
        wrong: [
            ("id", nil), ("id", "0"), ("id", #""B-1""#), ("id", "null"), ("source", nil),
            ("identifierType", #""wechat""#), ("identifierType", nil), ("identifierValue", #""""#),
            ("extendedFields", "{}"), ("extendedFields", "[]"), ("billAmount", "1"),
            ("lineItems", #"[{"extendedFields":{}}]"#), ("lineItemsV2", "[]"),
        ],
        done: { #"{"result":{"id":\#(7000 + $0),"source":"INSTORE"},"errors":[],"warnings":[]}"# },
        failed: { #"{"result":{"id":\#(7000 + $0)},"errors":[\#($1)],"warnings":[]}"# })

    private static let storesAdd = Specimen(
        items: ["a_1", "B.2", "c", "Ålborg"].map {
            #"{"code":"\#($0)","name":"Store \#($0)","externalIds":["E-\#($0)"],"isActive":true,"timeZoneId":""}"#
        },
        codes: StoresAdd.codes,
        wrong: [
            ("code", nil), ("code", #""a b""#), ("code", #""a/b""#), ("code", #""""#), ("name", nil),
            ("externalIds", nil), ("externalIds", "[]"), ("externalIds", #"["1","2","3","4"]"#),
            ("externalIds", #"[""]"#), ("externalIds", #""E""#), ("adminType", #""admin""#),
            ("isActive", #""yes""#), ("parentZoneId", #""north""#), ("colour", "1"),
        ],
        done: {
            let code = ["a_1", "B.2", "c", "Ålborg"][$0]
            return
                #"{"entityId":\#(60 + $0),"result":{"id":\#(60 + $0),"code":"\#(code)"},"errors":[],"warnings":[]}"#
        },
        failed: {
            let code = ["a_1", "B.2", "c", "Ålborg"][$0]
            return
                #"{"entityId":null,"result":{"code":"\#(code)"},"errors":[\#($1)],"warnings":[]}"#
        })

    private static let badgesImport = Specimen(
        items: (0..<4).map {
            #"{"badgeMetaId":"65f0aa01","customerId":\#(9001 + $0),"#
                + #""earnEventDateISO":"2026-01-01T00:00:00Z","earnExpiresOnISO":"2027-01-01T00:00:00Z"}"#
        },
        codes: BadgeCodes.table,
        wrong: [
            ("badgeMetaId", nil), ("badgeMetaId", "7"), ("badgeMetaId", #""""#), ("customerId", nil),
            ("customerId", #""LOY-7""#), ("customerId", "0"), ("earnEventDateISO", nil),
            ("earnExpiresOnISO", nil), ("earnExpiresOnISO", #""2027-01-01""#),
            ("earnExpiresOnISO", #""2025-12-31T23:59:59Z""#), ("earnExpiresOn", "1798761600"),
            ("earnEventDate", #""2026-01-01T00:00:00Z""#), ("earnExpiresOn", "1798761600000"),
        ],
        done: {
            #"{"data":{"badgeMetaId":"65f0aa01","customerId":\#(9001 + $0),"earnedBadgeId":"66aa0\#($0)","expiresOnISO":"2027-01-01T00:00:00Z","requestId":"c0de_\#($0 + 1)"},"errors":null,"warnings":null}"#
        },
        failed: { #"{"data":null,"errors":[\#($1)],"warnings":null}"# },
        envelope: { "[" + $0.joined(separator: ",") + "]" })

    private static let badgesEarn = Specimen(
        items: (0..<4).map {
            #"{"badgeMetaId":"65f0aa01","customerId":\#(9001 + $0),"earnEventDateISO":"2026-02-03T10:00:00Z","#
                + #""triggeredBy":{"ownerType":"Loyalty","referenceId":"77"}}"#
        },
        codes: BadgeCodes.table,
        wrong: [
            ("badgeMetaId", nil), ("badgeMetaId", "7"), ("customerId", nil), ("customerId", "0"),
            ("customerId", #""LOY-7""#), ("triggeredBy", nil),
            ("triggeredBy", #"{"ownerType":"Loyalty"}"#),
            ("triggeredBy", #"{"ownerType":"loyalty","referenceId":"77"}"#),
            ("earnEventDateISO", #""2026-02-03""#), ("earnEventDate", "1770112800"),
            ("requestId", #""mine""#),
        ],
        done: { #"{"customerId":\#(9001 + $0),"earnedBadgeId":"66aa0\#($0)"}"# },
        failed: { #"{"customerId":\#(9001 + $0),"error":\#($1)}"# },
        envelope: {
            // As the failures come, in the second list or in the first.
            let failed = $0.filter { $0.contains("error") }.joined(separator: ",")
            let done = $0.filter { !$0.contains("error") }.joined(separator: ",")
            return #"{"data":{"earnedBadgesList":[\#(done)],"failedEarnBadgeErrorList":[\#(failed)]},"#
                + #""errors":[],"warnings":[]}"#
        })

    private static let badgesEnrol = Specimen(
        items: (0..<4).map { #"{"badgeMetaId":"65f0aa01","customerId":\#(9001 + $0)}"# },
        codes: BadgeCodes.table,
        wrong: [
            ("badgeMetaId", nil), ("badgeMetaId", #""""#), ("customerId", nil), ("customerId", #""x""#),
            ("triggeredBy", #"{"ownerType":"Loyalty"}"#), ("issueEventDateISO", #""2026-02-03""#),
            ("colour", "1"),
        ],
        done: { #"{"customerId":\#(9001 + $0),"issuedId":"66bb0\#($0)","status":"ACTIVE"}"# },
        failed: { #"{"customerId":\#(9001 + $0),"error":\#($1)}"# },
        envelope: {
            #"{"data":{"issuedBadges":[\#($0.joined(separator: ","))],"requestId":"r"},"errors":[],"warnings":[]}"#
        })

    private static let cardsAdd = Specimen(
        items: (1...3).map {
            #"{"seriesId":12,"cardNumber":"EXT-00\#($0)","cardExternalId":"EXT-REF-\#($0)","statusLabel":"NOT_ISSUED"}"#
        },
        codes: CardCodes.table,
        wrong: [
            ("cardNumber", nil), ("cardNumber", "7"), ("seriesId", nil), ("seriesId", #""x""#),
            ("statusLabel", nil), ("statusLabel", #""""#), ("cardExternalId", #""E-1""#),
            ("mappedEntity", #"{"kind":"TILL"}"#), ("colour", "1"),
        ],
        done: { #"{"entity":\#(5000 + $0),"warnings":[]}"# },
        failed: { #"{"warnings":[],"errors":[\#($1)]}"# }, envelope: { $0.first ?? "{}" })

    private static let cardsUpdate = Specimen(
        items: (0..<4).map { #"{"cardNumber":"C-\#($0)","statusLabel":"ACTIVE"}"# },
        codes: CardCodes.table,
        wrong: [
            ("cardNumber", nil), ("cardNumber", #""""#), ("cardNumber", "7"), ("statusLabel", nil),
            ("statusLabel", "1"), ("customFields", "[]"), ("status", #""ACTIVE""#),
        ],
        done: {
            #"{"entityId":{"cardId":\#(5000 + $0),"cardNumber":"C-\#($0)","entityId":51},"errors":[],"warnings":[]}"#
        },
        failed: {
            #"{"entityId":{"cardId":\#(5000 + $0),"cardNumber":"C-\#($0)","entityId":51},"errors":[\#($1)],"warnings":[]}"#
        })

    static let people = ["LOY-1", "0017", "LOY-3"]

    static func profiles(_ index: Int, _ echoed: String? = nil) -> String {
        #""profiles":[{"firstName":"Ada","source":"INSTORE","identifiers":["#
            + #"{"type":"externalId","value":"\#(echoed ?? people[index])"}]}]"#
    }

    static let wrongCustomers: [(field: String, value: String?)] = [
        ("profiles", nil), ("profiles", "[]"), ("profiles", #"[{"source":"INSTORE"}]"#),
        ("profiles", #"[{"source":"INSTORE","identifiers":[]}]"#),
        ("profiles", #"[{"identifiers":[{"type":"email","value":"a@b.c"}]}]"#),
        ("profiles", #"[{"source":"INSTORE","identifiers":[{"type":"phone","value":"1"}]}]"#),
        ("profiles", #"[{"source":"INSTORE","identifiers":[{"type":"mobile","value":"44a"}]}]"#),
        ("loyaltyInfo", #"{"loyaltyType":"Loyalty"}"#), ("first_name", #""Ada""#),
    ]

    private static let customersAdd = Specimen(
        items: people.indices.map {
            "{" + profiles($0) + #","loyaltyInfo":{"loyaltyType":"loyalty"}}"#
        },
        codes: Customers.codes, wrong: wrongCustomers + [("loyaltyInfo", nil)],
        done: {
            // The server fills the external id with zeros.
            #"{"entity":{"id":\#(9001 + $0),\#(profiles($0, "00" + people[$0]))},"childEntities":[]}"#
        },
        failed: { #"{"entity":{\#(profiles($0))},"errors":[\#($1)]}"# },
        envelope: { "[" + $0.joined(separator: ",") + "]" })

    private static let customersUpsert = Specimen(
        items: people.indices.map { "{" + profiles($0) + "}" }, codes: Customers.codes,
        wrong: wrongCustomers + [("subscriptionInfo", #"{"subscriptions":[{"channel":"SMS"}]}"#)],
        done: {
            #"{"entityId":\#(9001 + $0),"result":{"id":\#(9001 + $0),\#(profiles($0))},"errors":[],"warnings":[]}"#
        },
        failed: {
            #"{"entityId":\#(9001 + $0),"result":{\#(profiles($0))},"errors":[\#($1)],"warnings":[]}"#
        })

    private static func skus(changes: Bool) -> Specimen {
        Specimen(
            items: (0..<4).map { #"{"sku":"Sku-\#($0)","ean":"E\#($0)","price":"19.90"}"# },
            codes: SKUs.codes,
            wrong: [
                ("sku", nil), ("sku", "7"), ("sku", #""""#), ("price", "-1"), ("price", #""x""#),
                ("returnableDays", "-2"), ("isActive", #""true""#), ("colour", #""red""#),
                ("attributes", #"[{"code":"FIT"}]"#),
                ("attributes", #"[{"code":"\#(String(repeating: "x", count: 31))","value":"1"}]"#),
            ],
            done: { #"{"id":\#(880 + $0),"code":"SKU-\#($0)","ouId":-1,"ouCode":null}"# },
            failed: { index, error in
                error.dropLast() + #","entityCode":"SKU-\#(index)","ouCode":null}"#
            },
            envelope: { items in
                let failed = items.filter { $0.contains("entityCode") }
                let done = items.filter { !$0.contains("entityCode") }
                return
                    #"{"\#(changes ? "updated" : "created")":[\#(done.joined(separator: ","))],"#
                    + #""summary":{},"warnings":[],"errors":[\#(failed.joined(separator: ","))]}"#
            })
    }

    private static let labelsAssign = Specimen(
        items: (0..<4).map { #"{"entityId":\#(70_001 + $0),"labelExternalId":"vip"}"# },
        codes: LabelsAssign.codes,
        wrong: [
            ("entityId", nil), ("entityId", #""LOY-1""#), ("entityId", "0"), ("labelExternalId", nil),
            ("labelExternalId", #""""#), ("labelName", #""Vip""#), ("expiryDate", #""2027-01-01""#),
            ("entityType", #""CUSTOMER""#),
        ],
        done: { #"{"assignmentId":\#(5 + $0),"entityId":"\#(70_001 + $0)","labelExternalId":"vip"}"# },
        failed: { index, error in error.dropLast() + #","labelExternalId":"\#(70_001 + index)"}"# },
        envelope: { items in
            let failed = items.filter { $0.contains("message") }
            let done = items.filter { !$0.contains("message") }
            return
                #"{"data":[\#(done.joined(separator: ","))],"warnings":[],"errors":[\#(failed.joined(separator: ","))]}"#
        })

    private static let milestones = Specimen(
        items: (0..<3).map {
            #"{"customerId":\#(70_001 + $0),"periodName":"P-2026-05","initialBalance":3}"#
        },
        codes: Milestones.codes,
        wrong: [
            ("customerId", nil), ("customerId", #""LOY-1""#), ("customerId", "0"), ("periodName", "5"),
            ("initialBalance", "-1"), ("resetStreakStatus", #""yes""#), ("period", #""P""#),
        ],
        done: { #"{"data":\#(70_001 + $0),"errors":null,"warnings":null}"# },
        failed: { #"{"data":null,"errors":[\#($1)],"warnings":null}"# }, envelope: { $0.first ?? "{}" })

    private static let couponsIssue = Specimen(
        items: (0..<3).map {
            #"{"seriesIds":[\#(410_011 + $0)],"customer":{"mobile":"91900000010\#($0)"}}"#
        },
        codes: CouponCodes.table,
        wrong: [
            ("seriesIds", nil), ("seriesIds", "[]"), ("seriesIds", "[1,2]"), ("seriesIds", "1"),
            ("seriesIds", #"["A"]"#), ("customer", nil), ("customer", "{}"),
            ("customer", #"{"mobile":"1","email":"a@b.c"}"#), ("customer", #"{"phone":"1"}"#),
            (
                "metadata",
                #"{"sourceId":"\#(String(repeating: "x", count: 51))"}"#
            ), ("count", "1"),
        ],
        done: {
            #"{"entityId":\#(410_011 + $0),"result":{"code":"DEMO\#($0)","id":0},"errors":[],"warnings":[]}"#
        },
        failed: { #"{"entityId":\#(410_011 + $0),"errors":[\#($1)],"warnings":[]}"# })
}

/// A JSON object's text with one member replaced, added, or left out for nil.
func changed(_ item: String, _ field: String, _ value: String?) -> String {
    guard let json = JSON(Array(item.utf8)) else { return item }
    var members = json.tape.members(of: 0).map {
        (
            json.tape.text(of: $0.name, in: json.bytes),
            String(decoding: json.bytes[json.tape.fullRange(of: $0.value)], as: UTF8.self)
        )
    }
    members.removeAll { $0.0 == field }
    if let value { members.append((field, value)) }
    return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}
