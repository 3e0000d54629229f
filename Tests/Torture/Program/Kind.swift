/// What the torture has to know of an endpoint to bring its records in and to count them in the books.
struct Kind: Sendable {
    let endpoint: String
    /// Where an endpoint has several.
    var variant = ""
    var rule = Rule.once
    /// After a lost answer nobody can know.
    var holds = false
    /// How large its inputs are, beside those of bills.
    var share = 0.5
    var chunk = 20
    /// What else is in its jobs.
    var more = ""
    /// The job has to say what equal records are.
    var asksRepeats = false
    /// Reasons for which a good record may be refused, beside the faults that refuse any.
    var refusals: Set<String> = []
    /// A sandbox call that makes the things with the numbers below `made`, which alone are set then.
    var maker: String?
    /// The sandbox's shelf that has what was done.
    let shelf: String
    /// Under which key, by the number of a thing.
    let key: @Sendable (_ thing: Int) -> String
    /// The line of an input. `mark` is the value that is set.
    let line: @Sendable (_ thing: Int, _ mark: Int32) -> String
    /// The same with what the server refuses; nil: there is nothing of the kind.
    var refused: (@Sendable (_ thing: Int) -> String)?

    var name: String { variant.isEmpty ? endpoint : "\(endpoint) (\(variant))" }

    /// How many things a ``maker`` makes.
    static let made = 150

    static let all =
        [transactionsUpdate] + coupons + badges + cards + stores + customers + points
}

extension Kind {
    private static let transactionsUpdate = Kind(
        endpoint: "transactions.update", rule: .sets, shelf: "billChanges",
        key: { String(1_000_000 + $0) },
        line: {
            #"{"identifierType":"mobile","identifierValue":"4477\#($0 % 1000)","source":"INSTORE","id":\#(1_000_000 + $0),"extendedFields":{"courier":"mark:\#($1)"}}"#
        },
        refused: {
            #"{"identifierType":"mobile","identifierValue":"unknown-\#($0)","source":"INSTORE","id":\#(1_000_000 + $0),"extendedFields":{"courier":"x"}}"#
        })

    // MARK: Coupons

    private static let coupons = [
        Kind(
            endpoint: "coupons.issue", holds: true, share: 0.15, chunk: 1, asksRepeats: true,
            shelf: "coupons", key: { "ci\($0)/410011" },
            line: { thing, _ in #"{"seriesIds":[410011],"customer":{"externalId":"ci\#(thing)"}}"# },
            refused: { #"{"seriesIds":[404011],"customer":{"externalId":"ci\#($0)"}}"# }),
        Kind(
            endpoint: "coupons.issueMany", holds: true, share: 0.15, chunk: 1, asksRepeats: true,
            shelf: "calls", key: { "coupons.issueMany/cm\($0)/410011" },
            line: { thing, _ in
                #"{"seriesId":410011,"count":2,"customer":{"externalId":"cm\#(thing)"}}"#
            },
            refused: { #"{"seriesId":404011,"count":2,"customer":{"externalId":"cm\#($0)"}}"# }),
        Kind(
            endpoint: "coupons.upload", chunk: 60,
            more: "parameters: { series: 8801, customer: EXTERNAL_ID, refuses_repeat: true }",
            shelf: "codes", key: { "8801/CU\($0)" },
            line: { thing, _ in #"{"code":"CU\#(thing)","customer":"cu\#(thing)"}"# },
            refused: { #"{"code":"NU\#($0)","customer":"unknown-cu\#($0)"}"# }),
        Kind(
            endpoint: "coupons.upload", variant: "generated", holds: true, share: 0.25, chunk: 60,
            more: "parameters: { series: 8802, customer: EXTERNAL_ID, codes: generated }",
            shelf: "coupons", key: { "cg\($0)/8802" },
            line: { thing, _ in #"{"customer":"cg\#(thing)"}"# },
            refused: { #"{"customer":"unknown-cg\#($0)"}"# }),
        Kind(
            endpoint: "coupons.uploadRedeemed", share: 0.25, chunk: 60,
            more:
                "parameters: { series: 8803, customer: EXTERNAL_ID, coupon: COUPON_CODE, refuses_repeat: true }",
            shelf: "redemptions", key: { "8803/CR\($0)" },
            line: { thing, _ in redeemed("CR\(thing)", "cr\(thing)") },
            refused: { redeemed("NR\($0)", "unknown-cr\($0)") }),
    ]

    private static func redeemed(_ code: String, _ customer: String) -> String {
        #"{"coupon":"\#(code)","customer":"\#(customer)","redeemedDate":"2026-02-03T10:00:00Z","redeemedAt":50006796}"#
    }

    // MARK: Badges

    private static let badges = [
        Kind(
            endpoint: "badges.import", asksRepeats: true, shelf: "badges",
            key: { "\(5_000_000 + $0)/imported" },
            line: { thing, _ in
                #"{"badgeMetaId":"imported","customerId":\#(5_000_000 + thing),"earnEventDate":1767225600,"earnExpiresOn":1798761600}"#
            },
            refused: {
                #"{"badgeMetaId":"unknown","customerId":\#(5_000_000 + $0),"earnEventDate":1767225600,"earnExpiresOn":1798761600}"#
            }),
        Kind(
            endpoint: "badges.earn", asksRepeats: true, shelf: "badges",
            key: { "\(6_000_000 + $0)/earned-\($0 % 3)" },
            line: { thing, _ in earned(6_000_000 + thing, badge: thing % 3) },
            refused: { earned(404_000_000 + $0, badge: $0 % 3) }),
        Kind(
            endpoint: "badges.enrol", share: 0.25, shelf: "badgeEnrolments",
            key: { "\(7_000_000 + $0)/enrolled-\($0 % 3)" },
            line: { thing, _ in
                #"{"badgeMetaId":"enrolled-\#(thing % 3)","customerId":\#(7_000_000 + thing)}"#
            },
            refused: { #"{"badgeMetaId":"enrolled-\#($0 % 3)","customerId":\#(404_000_000 + $0)}"# }),
    ]

    private static func earned(_ customer: Int, badge: Int) -> String {
        #"{"badgeMetaId":"earned-\#(badge)","customerId":\#(customer),"earnEventDateISO":"2026-02-03T10:00:00Z","triggeredBy":{"ownerType":"Loyalty","referenceId":"77"}}"#
    }

    // MARK: Cards

    private static let cards = [
        Kind(
            endpoint: "cards.add", share: 0.2, chunk: 1, shelf: "cards", key: { "CA\(10_000 + $0)" },
            line: { thing, _ in
                #"{"cardNumber":"CA\#(10_000 + thing)","seriesId":12,"statusLabel":"NOT_ISSUED"}"#
            },
            refused: {
                #"{"cardNumber":"CA\#(10_000 + $0)","seriesId":99999,"statusLabel":"NOT_ISSUED"}"#
            }),
        Kind(
            endpoint: "cards.update", rule: .sets, shelf: "cardChanges",
            key: { "CB\(10_000 + $0)" },
            line: {
                #"{"cardNumber":"CB\#(10_000 + $0)","customFields":{"note":"mark:\#($1)"}}"#
            },
            refused: { #"{"cardNumber":"unknown\#($0)","customFields":{"note":"x"}}"# }),
    ]

    // MARK: Stores

    private static let stores = [
        Kind(
            endpoint: "stores.add", share: 0.03, shelf: "stores", key: { "sa_\($0)" },
            line: { thing, _ in store("sa_\(thing)", "") }),
        // A copy that is read while the look-ups lag is not there.
        Kind(
            endpoint: "stores.update", rule: .sets, share: 0.05,
            refusals: ["target-unknown"], maker: "/v2/orgEntity/store/bulk", shelf: "stores",
            key: { "su_\($0)" },
            line: { #"{"code":"su_\#($0)","address":"mark:\#($1)"}"# },
            refused: { #"{"code":"nowhere_\#($0)","address":"x"}"# }),
        Kind(
            endpoint: "locations.stores.add", share: 0.03, shelf: "stores", key: { "sb_\($0)" },
            line: { thing, _ in newStore("sb_\(thing)", "") }),
        Kind(
            endpoint: "locations.stores.update", rule: .sets, share: 0.05,
            maker: "/v2/orgEntity/store/bulk", shelf: "stores", key: { "sc_\($0)" },
            line: { #"{"code":"sc_\#($0)","description":"mark:\#($1)"}"# },
            refused: { #"{"code":"elsewhere_\#($0)","description":"x"}"# }),
    ]

    private static func newStore(_ code: String, _ more: String) -> String {
        #"{"code":"\#(code)","name":"Store \#(code)","externalId":["x\#(code)"]\#(more)}"#
    }

    static func store(_ code: String, _ more: String) -> String {
        #"{"code":"\#(code)","name":"Store \#(code)","type":"STORE","externalIds":["x\#(code)"]\#(more)}"#
    }

    // MARK: Customers

    private static let customers = [
        Kind(
            endpoint: "customers.add", rule: .again, share: 0.25,
            more: "parameters: { source: INSTORE }\nverify_existing: none", shelf: "customers",
            key: { "externalId:new-ca\($0)" },
            line: { thing, _ in
                customer("new-ca\(thing)", "Ada", #","loyaltyInfo":{"loyaltyType":"loyalty"}"#)
            },
            refused: {
                customer("blocked-\($0)", "Ada", #","loyaltyInfo":{"loyaltyType":"loyalty"}"#)
            }),
        Kind(
            endpoint: "customers.upsert", rule: .sets, share: 0.25, shelf: "customers",
            key: { "externalId:new-cb\($0)" },
            line: { customer("new-cb\($0)", "mark:\($1)", "") },
            refused: { customer("blocked-\($0)", "x", "") }),
    ]

    private static func customer(_ id: String, _ name: String, _ more: String) -> String {
        #"{"profiles":[{"firstName":"\#(name)","source":"INSTORE","identifiers":[{"type":"externalId","value":"\#(id)"}]}]\#(more)}"#
    }

    // MARK: Points

    private static let points = [
        Kind(
            endpoint: "rewards.issue", share: 0.15, chunk: 1, more: "parameters: { username: till }",
            shelf: "calls", key: { "rewards.issue/ri\($0)" },
            line: { thing, _ in reward("ri\(thing)", thing, 5001) },
            refused: { reward("rj\($0)", $0, 4041) }),
        Kind(
            endpoint: "currency.allocate", share: 0.25, chunk: 10, shelf: "calls",
            key: { "currency.allocate/pa\($0)" },
            line: { thing, _ in allocation("pa\(thing)", thing, "7") },
            refused: { allocation("pb\($0)", $0, "unknown") }),
        Kind(
            endpoint: "points.redeem", holds: true, share: 0.15, chunk: 1, asksRepeats: true,
            shelf: "calls", key: { "points.redeem/pr\($0)" },
            line: { thing, _ in
                #"{"userId":\#(8_000_000 + thing),"redemptionType":"POINTS","points":5,"externalReferenceNumber":"pr\#(thing)"}"#
            },
            refused: {
                #"{"userId":\#(404_000_000 + $0),"redemptionType":"POINTS","points":5,"externalReferenceNumber":"ps\#($0)"}"#
            }),
    ]

    private static func reward(_ id: String, _ customer: Int, _ reward: Int) -> String {
        #"{"externalId":"r\#(customer)","rewards":[{"rewardId":\#(reward),"quantity":2,"requestId":"\#(id)"}]}"#
    }

    private static func allocation(_ id: String, _ customer: Int, _ source: String) -> String {
        #"{"orgId":1,"lookupParams":{"entityType":"CUSTOMER","identifierType":"id","identifierValue":"\#(3_000_000 + customer)"},"programId":1,"awardStrategyId":4,"expiryStrategyId":5,"sourceValue":1,"eventName":"TransactionAdd","eventSourceId":"\#(source)","uniqueId":"\#(id)"}"#
    }
}
