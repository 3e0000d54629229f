import NIOHTTP1

/// The listings that nothing is kept for. Source: Listings, Paging schemes.
enum PagedCalls {
    /// A path without a wildcard is the closer match.
    static let desks =
        (all.filter { !$0.path.contains("*") } + all.filter { $0.path.contains("*") }).map(\.handler)

    private static let perCustomer: [String] = []
    private static let olderKeys = ["mobile", "email", "external_id", "id"]

    static let all: [PagedCall] = organization + customers + coupons + rewards + products + requests

    private static func whole(_ path: String, _ names: [String], count: Int = 23) -> PagedCall {
        PagedCall(path: path, form: .whole(names), fixed: count)
    }

    private static func older(
        _ path: String, _ names: [String], fixed: Int? = nil, keys: [String]? = nil, most: Int = 100,
        span: (from: String, to: String)? = nil
    ) -> PagedCall {
        PagedCall(
            path: path, form: .older(names), usual: most, most: most, keys: keys, fixed: fixed,
            span: span,
            item: { index, _, at in SeededItem.older(index, at) })
    }

    private static let organization: [PagedCall] = [
        older("/v1.1/organization/get", ["organization"], fixed: 1),
        PagedCall(
            path: "/v2/organization/activeTill", form: .single(nil), keys: ["code", "tillId"], fixed: 1,
            item: { _, key, _ in #"{"id":5001,"code":"\#(key)"}"# }),
        older("/v1.1/store/get", ["stores", "store"], fixed: 1, keys: ["code", "id", "external_id"]),
        PagedCall(
            path: "/v2/organization/configkeyvalue", form: .single(nil), keys: ["name"], fixed: 1,
            item: { index, key, _ in
                #"{"id":\#(index + 1),"entityId":0,"keyName":"\#(key)","value":"1","warnings":[]}"#
            }),
        PagedCall(path: "/v2/organization/till/*", form: .single("entity"), keys: [], fixed: 1),
        whole("/v2/organization/hierarchy", ["entity"]), whole("/v2/organization/programs", ["data"]),
        whole("/v2/meta/sources", ["data"]), whole("/v2/organization/customFields", ["entity"]),
        whole("/v2/extendedFields", ["data"]), whole("/v2/entity/extendedFieldConfig", ["data"]),
        older("/v1.1/organization/tenders", ["organization", "tenders", "tender"], fixed: 23),
        older(
            "/v1.1/organization/customfields", ["organization", "custom_fields", "field"], fixed: 23),
        whole("/v2/staff/getUsersList", ["data"]),
        PagedCall(path: "/v2/companies/all", form: .offset(list: "data")),
        PagedCall(path: "/v2/leads", form: .untold(list: "data")),
        PagedCall(
            path: "/v1.1/task/metadata", form: .following(["tasks", "task"]),
            span: ("start_date", "end_date"), item: { index, _, at in SeededItem.older(index, at) }),
        PagedCall(
            path: "/v2/labels", form: .labels(list: "labels", inside: nil), usual: 50),
        PagedCall(
            path: "/v2/labels/assignments/search", form: .labels(list: "data", inside: "pagination"),
            most: 50,
            item: { index, _, _ in
                #"{"assignmentId":\#(index + 1),"entityId":"\#(Seed.customerID(index))","labelId":31,"labelName":"vip"}"#
            }),
        PagedCall(
            path: "/v2/labels/assignments", form: .whole(["data"]), keys: ["entityIds"], isByKeys: true,
            item: { _, key, _ in
                #"{"assignmentId":"a-\#(key)","entityId":"\#(key)","labelId":31,"labelName":"vip"}"#
            }),
        PagedCall(
            path: "/v2/userGroup2/members", form: .offset(list: "data"),
            keys: ["id", "externalId", "primaryUserId"], span: ("fromDate", "toDate"),
            item: { index, _, at in
                #"{"userId":\#(Seed.customerID(index)),"primaryMember":\#(index == 0),"joined":"\#(SeededItem.iso(at))"}"#
            }),
        PagedCall(
            path: "/v2/userGroup2/slabHistory", form: .limited(list: "data"), keys: ["fleetGroupId"],
            span: ("startDate", "endDate"),
            item: { index, _, at in
                #"{"fromSlabNumber":\#(index % 3 + 1),"toSlabNumber":\#(index % 3 + 2),"from":"Silver","to":"Gold","changedOn":"\#(SeededItem.iso(at))","notes":"","tillId":\#(index + 1),"store":{"code":"s1"},"type":"UPGRADE","programId":12}"#
            }),
        PagedCall(
            path: "/v2/userGroup2/transactions", form: .offset(list: "data"), usual: 20, most: 20,
            keys: ["id", "externalId", "primaryUserId"]),
    ]

    private static func ofCustomer(
        _ path: String, _ form: PagedCall.Form, most: Int = 100, fixed: Int? = nil,
        item: (@Sendable (Int, String, Int64) -> String)? = nil
    ) -> PagedCall {
        var call = PagedCall(path: path, form: form, most: most, keys: perCustomer, fixed: fixed)
        if let item { call.item = item }
        return call
    }

    /// Changes of status have no id.
    private static let statusItem: @Sendable (Int, String, Int64) -> String = { index, _, at in
        let isSuspended = index % 2 == 1
        return
            #"{"createdByUser":"till.1","reason":"reason \#(index)","createdBy":\#(index + 1),"actions":[],"createdOn":"\#(SeededItem.iso(at))","entityId":10609,"isActive":false,"#
            + #""label":"\#(isSuspended ? "Suspended" : "Active")","status":"\#(isSuspended ? "SUSPENDED" : "ACTIVE")"}"#
    }

    /// Neither have points that will expire.
    private static let expiryItem: @Sendable (Int, String, Int64) -> String = { index, _, at in
        #"{"points":\#(index + 1).5,"expiryDate":"\#(SeededItem.iso(at + 31_536_000_000).prefix(10))","programId":12,"pointsType":"bill_regular","expiryType":"fixed"}"#
    }

    private static let ledgerItem: @Sendable (Int, String, Int64) -> String = { index, key, at in
        #"{"eventLogId":\#(650_001 + index),"eventName":"TransactionAdd","customerId":12,"#
            + #""ledgerCreatedDate":"\#(SeededItem.iso(at).dropLast().replacing("T", with: " ")).0","#
            + #""ledgerCreatedDateISO":"\#(SeededItem.iso(at))","entryDetails":[{"ledgerEntryType":"CREDIT","points":"120.000","pointsCategory":"Main","programId":12},{"ledgerEntryType":"DEBIT","points":"0.100","pointsCategory":"Main","programId":12}],"#
            + #""netPointsOnEvent":"119.900","storeCode":"s1","tillCode":"demo.till1"}"#
    }

    private static let customers: [PagedCall] = [
        PagedCall(
            path: "/v2/customers/search", form: .offset(list: "data"),
            item: { index, _, _ in
                #"{"id":\#(Seed.customerID(index)),"firstName":"\#(SeededItem.name(index))","matchedIdentifiers":["mobile"]}"#
            }),
        PagedCall(
            path: "/api_gateway/cortex/v1/search", method: .POST, form: .body, most: 20,
            newestFirst: true),
        PagedCall(path: "/v2/customers/labels/search", form: .whole(["data"])),
        PagedCall(path: "/v2/customers/bulk", form: .untold(list: "data"), keys: ["identifierValue"]),
        ofCustomer("/v2/customers/*/subscriptions", .single("entity"), fixed: 1),
        PagedCall(
            path: "/v2/customers/lookup/subscriptions", form: .single("entity"),
            keys: ["identifierValue"], fixed: 1),
        ofCustomer("/v2/customers/*/subscriptionStatusChangeLog", .whole(["data"])),
        older(
            "/v1.1/customer/interaction", ["customer", "interactions", "interaction"], keys: olderKeys,
            most: 50),
        ofCustomer("/v2/customers/*/referrals", .limited(list: "data"), most: 1000),
        PagedCall(
            path: "/v2/customers/lookup/referrals", form: .limited(list: "data"), most: 1000,
            keys: ["identifierValue"]),
        ofCustomer("/v2/customers/*/trackers", .whole(["data"])),
        older("/v1.1/customer/preferences", ["customers", "customer"], fixed: 1, keys: olderKeys),
        older("/v1.1/customer/notes", ["customer", "notes", "note"], keys: olderKeys),
        PagedCall(
            path: "/v1.1/customer/get", form: .older(["customers", "customer"]), keys: olderKeys,
            isByKeys: true,
            item: { _, key, _ in
                #"{"user_id":"u-\#(key)","mobile":"\#(key)","firstname":"Ada","item_status":{"success":"true","code":"1000"}}"#
            }),
        ofCustomer("/v2/customers/*/changeRequest", .offset(list: "data"), most: 10),
        ofCustomer("/v2/customers/*/goodwillRequest", .offset(list: "data"), most: 10),
        ofCustomer("/v2/customers/*/retroRequest", .offset(list: "data"), most: 10),
        PagedCall(
            path: "/api_gateway/v2/audits", form: .numbered(from: 0), most: 10, keys: ["entityId"],
            span: ("startDate", "endDate")),
        older(
            "/v1.1/customer/transactions", ["customer", "transactions", "transaction"], keys: olderKeys,
            most: 500),
        PagedCall(
            path: "/v2/pointsLedger/getCustomerLedgerInfo", form: .ledger, most: 100,
            keys: ["identifierValue"], span: ("startDate", "endDate"), item: ledgerItem),
        PagedCall(
            path: "/v2/pointsLedger/getCustomerLedgerBalance", form: .whole(["ledgerBalances"]),
            keys: ["identifierValue"]),
        PagedCall(
            path: "/v2/pointsLedger/getLedgerExplodeInfo", form: .whole(["ledgerEntries"]),
            keys: ["eventIds"], isByKeys: true,
            item: { _, key, _ in #"{"eventLogId":\#(Int(key) ?? 0),"points":"1.100"}"# }),
        ofCustomer("/v2/customers/*/statusLog", .whole(["data"]), item: statusItem),
        PagedCall(
            path: "/v2/card/statusLog", form: .whole(["data"]), keys: ["number"], item: statusItem),
        ofCustomer(
            "/v2/customers/*/pointsExpirySchedule", .whole(["expirySchedules"]), item: expiryItem),
        PagedCall(
            path: "/v2/customers/lookup/pointsExpirySchedule", form: .whole(["expirySchedules"]),
            keys: ["identifierValue"], item: expiryItem),
        ofCustomer(
            "/v2/customers/*/crossMemberLedger",
            .details(
                page: "pageNumber", size: "pageSize", from: 1, inside: "entity", list: "ledgerEntries")),
        ofCustomer("/v2/customers/*/pointsTransfers", .untold(list: "data"), most: 10),
        PagedCall(
            path: "/v2/historicalPoints/getHistoricalPoints/*", method: .POST, form: .body, keys: []),
        ofCustomer("/v2/customers/*/singlePointsExpiryUpdates", .untold(list: "data"), most: 10),
        ofCustomer("/v2/customers/*/tierDetails", .single("entity"), fixed: 1),
        PagedCall(
            path: "/v2/customers/lookup/tierDetails", form: .single("entity"),
            keys: ["identifierValue"], fixed: 1),
        ofCustomer("/v2/customers/*/loyaltyEvents", .whole(["data"])),
        PagedCall(
            path: "/v1.1/customer/redemptions", form: .older(["customer", "redemptions"]), most: 1000,
            keys: olderKeys, fixed: 1,
            item: { _, _, at in
                #"{"points":{"point":[\#(SeededItem.older(0, at)),\#(SeededItem.older(1, at))]},"coupons":{"coupon":[\#(SeededItem.older(2, at))]}}"#
            }),
    ]

    private static func coupon(_ id: Int, _ code: String, _ at: Int64) -> String {
        #"{"id":\#(id),"code":"\#(code)","seriesId":410011,"created_date":"\#(SeededItem.iso(at).dropLast()).000Z","valid_till":"2027-01-31 23:59:59","redemptions":{"redemption":[]}}"#
    }

    private static let uploadItem: @Sendable (Int, String, Int64) -> String = { index, _, at in
        #"{"jobId":\#(index + 31),"uploadStatus":"FINISHED","createdOn":"\#(at / 1000)000","uploadedFileName":"batch-\#(index).csv","actualRowCount":100,"errorCount":\#(index % 4)}"#
    }

    private static let coupons: [PagedCall] = [
        PagedCall(path: "/v2/coupon/series", form: .series, usual: 1300, most: 1400),
        PagedCall(
            path: "/v2/coupon", form: .whole(["entity"]),
            keys: ["couponCodes", "couponIds", "issuedToIds"], isByKeys: true,
            item: { index, key, at in coupon(90_000_001 + (Int(key.suffix(6)) ?? 0), key, at) }),
        PagedCall(
            path: "/v2/customers/coupons", form: .offset(list: "data"),
            keys: ["id", "mobile", "email", "external_Id"],
            item: { index, key, at in coupon(index + 1, "DEMO\(key.suffix(4))\(index)", at) }),
        PagedCall(
            path: "/v1.1/customer/coupons",
            form: .older(["customers", "customer", "coupons", "coupon"]), keys: olderKeys,
            span: ("start_date", "end_date"),
            item: { index, key, at in coupon(index + 1, "DEMO\(key.suffix(4))\(index)", at) }),
        PagedCall(
            path: "/coupon/api/v1/upload/getUploadStatus/*",
            form: .whole(["result", "uploadJobStatuses"]), keys: [], item: uploadItem),
        PagedCall(
            path: "/coupon/api/v1/upload/getUploadRedeemedCouponStatus/*",
            form: .whole(["result", "redeemUploadJobStatuses"]), keys: [], item: uploadItem),
        PagedCall(path: "/v2/card/generation/logs", form: .whole(["entity"])),
    ]

    private static let rewards: [PagedCall] = [
        PagedCall(
            path: "/api_gateway/rewards/core/v1/reward/list/brand/*",
            form: .rewards(list: "rewardList", details: "pagingDto", from: 0), usual: 100),
        PagedCall(
            path: "/api_gateway/rewards/core/v1/reward/brand/*",
            form: .rewards(list: "rewardList", details: "pagingDto", from: 1)),
        PagedCall(
            path: "/api_gateway/rewards/core/v1/management/customer/*/issuals",
            form: .rewards(list: "issuals", details: "pagingDetails", from: 0), most: 50, keys: []),
        PagedCall(
            path: "/api_gateway/rewards/core/v1/vendor/redemptions",
            form: .rewards(list: "redemptions", details: "pagingDto", from: 0), most: 50),
        PagedCall(path: "/v3/promotions", form: .content),
        PagedCall(
            path: "/v3/members/*/promotions",
            form: .details(page: "page", size: "size", from: 0, inside: nil, list: "data"), most: 20,
            keys: []),
        PagedCall(
            path: "/api_gateway/v1/promotions/redemptions", form: .whole(["data"]), keys: ["codes"],
            isByKeys: true, item: { _, key, _ in #"{"id":"r-\#(key)","code":"\#(key)"}"# }),
        PagedCall(path: "/api_gateway/v1/badges/badgeMeta", form: .badges(list: "badges")),
        PagedCall(
            path: "/api_gateway/v1/badges/management/*", form: .badges(list: "badges"), most: 10,
            keys: [],
            item: { index, key, at in
                #"{"earnedBadgeId":"66aa\#(index)","badgeMetaId":"65f0aa\#(index)","customerId":"\#(key)","expiresOnISO":"\#(SeededItem.iso(at))"}"#
            }),
        whole("/v3/targetGroups", ["data"]),
        PagedCall(path: "/v3/targetGroups/*/targets", form: .whole(["data"]), keys: []),
        PagedCall(path: "/v3/users/*/targetGroups", form: .whole(["data"]), keys: []),
    ]

    /// Where nobody asks for single SKUs.
    static let skus = PagedCall(path: "/v2/product/skus", form: .offset(list: "data"))

    private static let products: [PagedCall] =
        ["brands", "categories", "attributes"].map {
            PagedCall(path: "/v2/product/\($0)", form: .offset(list: "data"))
        }
        + [
            PagedCall(path: "/v2/product/attributes/*/values", form: .offset(list: "data"), keys: []),
            PagedCall(
                path: "/v1.1/product/get", form: .older(["product", "item"]), keys: ["sku", "id"],
                isByKeys: true,
                item: { index, key, at in
                    #"{"item_id":"i-\#(key)","sku":"\#(key)","price":"10.50"}"#
                }),
            older("/v1.1/product/search", ["product", "results", "item"]),
            older("/v1.1/product/categories", ["product", "categories", "category"]),
            older("/v1.1/product/brands", ["product", "brands", "brand"]),
            older("/v1.1/product/styles", ["product", "styles", "style"]),
            older("/v1.1/product/colors", ["product", "colors", "color"]),
            older("/v1.1/product/sizes", ["product", "sizes", "size"]),
        ]

    /// What a workflow keeps of a queued call, its credentials included. Source: Requests, Request workflow.
    private static let workflowItem: @Sendable (Int, String, Int64) -> String = { index, _, at in
        #"{"id":\#(index + 1),"state":"PENDING","requestType":"GOODWILL","createdOn":"\#(SeededItem.iso(at))","#
            + #""details":{"request":{"headers":{"Authorization":"Basic c2VjcmV0LXRva2VuLW9mLXNvbWVib2R5","Accept":"*/*"},"body":{"points":"10.50"}}}}"#
    }

    private static let requests: [PagedCall] = [
        PagedCall(path: "/v2/requests", form: .offset(list: "data"), span: ("start_date", "end_date")),
        older(
            "/v1.1/request/logs", ["requests", "goodwill"], most: 50, span: ("start_date", "end_date")),
        PagedCall(
            path: "/api_gateway/v2/request-workflow/requests", form: .workflow,
            span: ("startDate", "endDate"), item: workflowItem),
        PagedCall(
            path: "/v2/events/search", form: .untold(list: "data"), span: ("fromDate", "tillDate"),
            newestFirst: true),
        PagedCall(
            path: "/v2/events/event_data/*", form: .untold(list: "data"), keys: [],
            span: ("fromDate", "tillDate"), newestFirst: true),
        PagedCall(
            path: "/v2/events/logs", form: .limited(list: "data"), most: 1000,
            span: ("from_date", "to_date"),
            item: { index, _, at in SeededItem.plain(index, at, id: "requestId") }),
        PagedCall(
            path: "/v3/events/consumer-groups/*/logs", form: .deliveries, span: ("startTime", "endTime")
        ),
    ]
}
