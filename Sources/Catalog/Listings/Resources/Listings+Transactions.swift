import Model

// Bills. Source: Listings, Transaction listings; Transactions, Read bills: of a customer.
extension Listing {
    private static let noBill: Set<Int> = [667, 668, 688]
    private static let billTypes = ["REGULAR", "RETURN", "NOT_INTERESTED", "NOT_INTERESTED_RETURN"]

    /// Lines are only in the reply to the call for one bill.
    private static let lines = Detail(
        path: "/v2/transactions/{id}", id: "id", parameter: "type", field: "type", values: billTypes)

    private static let billColumns = [
        "id", "type", "customerId", "source", "billDetails.billNumber", "billDetails.amount",
        "billDetails.grossAmount", "billDetails.discount", "billDetails.billingTime",
        "billDetails.billingStore.code", "attribution.createdBy.code", "lineItems",
    ]

    static let transactions: [Listing] = [
        Listing(
            "transactions", "bills of customers, with their lines",
            source: "Transactions, Read bills: of a customer"
        ) {
            $0.keys = customerKeys(
                "/v2/customers/{key}/transactions", lookup: "/v2/customers/lookup/transactions")
            $0.fixed = [("sortBy", "BILLING_TIME"), ("sortOrder", "ASC")]
            $0.parameters = [
                Parameter("source", .query("source"), .text(most: 50), "where the profile is from"),
                Parameter("account", .query("accountId"), .text(most: 100), "of sources with several"),
                Parameter(
                    "entity_type", .query("entityType"), .oneOf(["STORE", "ZONE", "CONCEPT", "TILL"]),
                    "what entity is"),
                Parameter("entity", .query("entityCode"), .text(most: nil), "where it was sold"),
                Parameter(
                    "embed", .query("embed"), .text(most: nil), "BILL_CF, BILL_EF, PAYMENT_MODES …"),
            ]
            $0.showsKey = true
            $0.paging = .offsetOrPage(most: 1000)
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.detail = lines
            $0.nothing = noCustomer
            $0.personal = ["customerid", "customer"].reduce(into: personalFields) { $0.insert($1) }
            $0.imports = "transactions.add"
            $0.columns = billColumns
            $0.note =
                "Bills are found by their billing time; a bill that arrives late is not in a past period."
        },
        Listing(
            "transactions.byNumber", "bills by their numbers",
            source: "Transactions, Read bills: by number"
        ) {
            $0.keys = [Key("number", "/v2/transactions/getByBillNumber/{key}")]
            $0.wantsEach = true
            $0.paging = .offset(most: 100)
            $0.detail = lines
            $0.nothing = noBill
            $0.personal = ["customerid", "customer"].reduce(into: personalFields) { $0.insert($1) }
            $0.imports = "transactions.add"
            $0.columns = billColumns
        },
        Listing(
            "transactions.byID", "bills by the server's ids", source: "Transactions, Read bills: by id"
        ) {
            $0.keys = [Key("id", "/v2/transactions/{key}")]
            $0.parameters = [
                Parameter("type", .query("type"), .oneOf(billTypes), usual: "REGULAR", "of the bills")
            ]
            $0.items = [[]]
            $0.nothing = noBill
            $0.personal = ["customerid", "customer"].reduce(into: personalFields) { $0.insert($1) }
            $0.imports = "transactions.add"
            $0.columns = billColumns
        },
        Listing(
            "transactions.older", "bills of customers, v1.1 call",
            source: "Listings, Transaction listings"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/transactions")
            $0.fixed = [("sort_by", "trans_id"), ("sort_order", "asc")]
            $0.paging = Paging(
                step: .rows("offset"), size: .init(name: "limit", most: 500),
                total: ["response", "customer", "count"])
            $0.items = [["response", "customer", "transactions", "transaction"]]
            $0.nothing = noCustomer.union(noBill)
            $0.personal = personalFields
        },
        Listing(
            "rejected", "rejected transactions in the server's queue",
            path: RejectedQueue.paths[0],
            source: "Rejected queue, List entries; Rejected queue, Paths"
        ) {
            $0.otherPaths = Array(RejectedQueue.paths.dropFirst())
            $0.parameters = [
                Parameter(
                    "status", .query("status"),
                    .oneOf([
                        "OPEN", "FIXED", "PARTIAL_FIXED", "PERMANENT_FAILED", "SUCCESS", "REPLAYED",
                        "MAX_OUT",
                    ]), "by default open and partially fixed"),
                Parameter("code", .query("errorCode"), .integer(nil), "of its errors"),
                Parameter("value", .query("errorValue"), .text(most: nil), "as the unknown item"),
                Parameter("customer", .query("userId"), .integer(nil)),
                Parameter("number", .query("transactionNumber"), .text(most: nil)),
                Parameter("payload", .query("isTransactionPayloadRequired"), .boolean, usual: "false"),
            ]
            $0.paging = .offset(most: 100)
            $0.span = Span(
                from: "startDate", to: "endDate", style: .day, usual: .seconds(30 * 86_400))
            $0.id = [["id"], ["billNumber", "eventDate", "status"]]
            $0.personal = ["userid", "transactionpayload", "billnumber"]
            $0.columns = ["billNumber", "status", "userId", "eventDate", "retryCount", "errors"]
        },
    ]

    private static func ledgerKeys(_ path: String) -> [Key] {
        ["id", "email", "mobile", "externalId"].map {
            Key($0, path, query: "identifierValue", fixed: ["identifierName": $0])
        }
    }

    /// Points, tiers and what happened to them. Source: Listings, Transaction listings; Points, Points ledger.
    static let points: [Listing] = [
        Listing("ledger", "points ledgers of customers", source: "Points, Points ledger") {
            $0.keys = ledgerKeys("/v2/pointsLedger/getCustomerLedgerInfo")
            $0.parameters = ledgerParameters
            $0.paging = .ledger(most: 100)
            $0.span = Span(
                from: "startDate", to: "endDate", style: .iso, longest: .seconds(90 * 86_400))
            $0.items = [["ledgerEntries"]]
            $0.id = [["eventLogId"]]
            $0.nothing = noCustomer.union([11_003])
            $0.onlyGrows = true
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
            $0.columns = [
                "_key", "eventLogId", "eventName", "ledgerCreatedDateISO", "netPointsOnEvent",
                "transactionDetails.transactionId", "transactionDetails.transactionNumber", "storeCode",
                "entryDetails",
            ]
            $0.note = "customerId of an entry may be a program's: the customer is in _key."
        },
        Listing(
            "ledger.balance", "balances of points ledgers", source: "Listings, Transaction listings"
        ) {
            $0.keys = ledgerKeys("/v2/pointsLedger/getCustomerLedgerBalance")
            $0.parameters = ledgerParameters
            $0.items = [["ledgerBalances"], ["data"], []]
            $0.nothing = noCustomer.union([11_003])
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        Listing(
            "ledger.events", "changes of a ledger by event, in full",
            source: "Listings, Transaction listings"
        ) {
            $0.keys = [
                Key("event", "/v2/pointsLedger/getLedgerExplodeInfo", query: "eventIds", most: 10)
            ]
            $0.items = [["ledgerEntries"], ["data"], ["*"]]
            $0.id = [["eventLogId"], ["id"]]
        },
        Listing(
            "ledger.crossMember", "points transfers between members",
            source: "Listings, Transaction listings"
        ) {
            $0.keys = [Key("id", "/v2/customers/{key}/crossMemberLedger")]
            $0.parameters = [
                Parameter("scope", .query("scope"), .oneOf(["user", "group"]), usual: "user")
            ]
            $0.paging = .details(
                most: 100, page: "pageNumber", size: "pageSize", from: 1, inside: ["entity"])
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.items = [["entity", "ledgerEntries"], ["entity", "data"], ["entity", "*"]]
            $0.id = [["eventLogId"], ["id"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        ofCustomer(
            "points.transfers", "points transferred by customers", "/v2/customers/{key}/pointsTransfers"
        ) { $0.paging = .untold(most: 10) },
        Listing(
            "points.redemptions", "points that customers redeemed",
            source: "Listings, Transaction listings"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/redemptions")
            $0.paging = .limited(most: 1000, name: "points_limit")
            $0.items = [["response", "customer", "redemptions", "points", "point"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        Listing(
            "points.historical", "points imported from another system",
            source: "Listings, Transaction listings"
        ) {
            $0.method = .post
            $0.keys = [Key("id", "/v2/historicalPoints/getHistoricalPoints/{key}")]
            $0.fixed = [("filterType", "NONE")]
            $0.paging = .body(most: 100)
            $0.items = [["data"], ["entity"], ["response"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        ofCustomer(
            "points.expiryUpdates", "changes of expiry", "/v2/customers/{key}/singlePointsExpiryUpdates"
        ) { $0.paging = .untold(most: 10) },
        ofCustomer(
            "tiers", "tiers of customers", "/v2/customers/{key}/tierDetails",
            lookup: "/v2/customers/lookup/tierDetails"),
        ofCustomer("loyaltyEvents", "loyalty events of customers", "/v2/customers/{key}/loyaltyEvents"),
    ]

    private static let ledgerParameters = [
        Parameter("source", .query("source"), .text(most: 50), usual: "ALL", "of the profile"),
        Parameter("account", .query("accountId"), .text(most: 100)),
        Parameter("program", .query("programId"), .integer(nil)),
        Parameter("type", .query("type"), .oneOf(["CUSTOMER", "USERGROUP2", "FLEET"]), "whose ledger"),
        Parameter("entry", .query("ledgerEntryType"), .oneOf(["CREDIT", "DEBIT", "OPENING_BALANCE"])),
    ]
}
