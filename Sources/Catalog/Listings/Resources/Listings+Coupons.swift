import Model

// Coupons and cards.
//
// Source: Listings, Coupon and reward listings; Coupons, Coupons of a customer; Coupons, Coupon series.
extension Listing {
    static let coupons: [Listing] = [
        Listing(
            "coupons.series", "coupon series", path: "/v2/coupon/series",
            source: "Coupons, Coupon series"
        ) {
            // The usual type leaves out those that are redeemed without being issued.
            $0.fixed = [("couponType", "ALL")]
            $0.parameters = [
                Parameter(
                    "status", .query("status"), .oneOf(["ACTIVE", "INACTIVE", "BOTH"]), usual: "BOTH"),
                Parameter(
                    "owner", .query("ownedBy"),
                    .oneOf([
                        "NONE", "LOYALTY", "OUTBOUND", "GOODWILL", "DVS", "TIMELINE", "REFERRAL",
                        "JOURNEY",
                    ]), "who issues them"),
            ]
            $0.paging = .series(most: 1400)
            $0.items = [["entity"]]
            $0.columns = [
                "id", "description", "discountType", "discountValue", "validTillDate", "maxCreate",
            ]
        },
        Listing("coupons", "coupons by code or id", source: "Listings, Coupon and reward listings") {
            $0.keys = [
                Key("code", "/v2/coupon", query: "couponCodes", most: 10),
                Key("id", "/v2/coupon", query: "couponIds", most: 10),
                Key("customer", "/v2/coupon", query: "issuedToIds", most: 10),
            ]
            $0.parameters = [
                Parameter("series", .query("showCouponSeries"), .boolean, "with their series")
            ]
            $0.fixed = [("coupon_code_case", "AS_IT_IS")]
            $0.items = [["entity"], ["data"], ["response"], ["coupons"]]
            $0.id = [["id"], ["couponId"], ["code"]]
            $0.nothing = [702, 703]
            $0.personal = ["issuedto", "customerid", "customer"]
            $0.note = "No call lists all coupons of a series."
        },
        Listing("coupons.ofCustomers", "coupons of customers", source: "Coupons, Coupons of a customer")
        {
            // Unconfirmed: the last is spelt external_Id.
            $0.keys = ["id", "mobile", "email", "external_Id"].map {
                Key($0, "/v2/customers/coupons", query: $0)
            }
            // Without it codes come in capitals, and a comparison fails.
            $0.fixed = [("coupon_code_case", "AS_IT_IS")]
            $0.parameters = [
                Parameter(
                    "status", .query("status"), .text(most: nil), "ACTIVE_UNREDEEMED, REDEEMABLE …")
            ]
            $0.paging = .offset(most: 100)
            $0.items = [["data"], ["entity"], ["coupons"]]
            $0.id = [["id"], ["couponId"], ["code"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = ["_key", "issuedto", "customerid"]
        },
        Listing(
            "coupons.issued", "coupons of customers, by series and day",
            source: "Coupons, Coupons of a customer"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/coupons")
            $0.fixed = [("order_by", "created_date"), ("sort_order", "asc")]
            $0.parameters = [
                Parameter("series", .query("series_id"), .text(most: nil)),
                Parameter(
                    "status", .query("status"), .oneOf(["unredeemed", "redeemed", "expired", "active"])),
                Parameter("store", .query("store_id"), .text(most: nil)),
            ]
            $0.paging = .older(most: 100)
            $0.span = Span(from: "start_date", to: "end_date", style: .day)
            $0.items = [["response", "customers", "customer", "coupons", "coupon"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = ["_key"]
        },
        uploads("coupons.uploads", "coupon files that were uploaded", "getUploadStatus"),
        uploads("coupons.redeemUploads", "files of redeemed coupons", "getUploadRedeemedCouponStatus"),
        Listing(
            "coupons.redemptions", "coupons that customers redeemed",
            source: "Listings, Transaction listings"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/redemptions")
            $0.paging = .limited(most: 1000, name: "coupons_limit")
            $0.items = [["response", "customer", "redemptions", "coupons", "coupon"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
        },
    ]

    private static func uploads(_ name: String, _ summary: String, _ call: String) -> Listing {
        Listing(
            name, summary + ", by series",
            source: "Coupons, Upload coupons: status; Coupons, Upload redeemed coupons: status"
        ) {
            $0.host = .coupon
            $0.keys = [Key("series", "/coupon/api/v1/upload/\(call)/{key}")]
            $0.items = [["result", "uploadJobStatuses"], ["result", "redeemUploadJobStatuses"]]
            $0.id = [["jobId"]]
            $0.belongsToKey = true
            $0.columns = [
                "_key", "jobId", "uploadStatus", "uploadedFileName", "actualRowCount", "errorCount",
                "createdOn",
            ]
        }
    }

    static let cards: [Listing] = [
        Listing("cards", "cards by their numbers", source: "Cards, Read a card") {
            $0.keys = [Key("number", "/v2/card", query: "number")]
            $0.items = [["entity"], ["data"], []]
            $0.id = [["cardNumber"], ["cardId"], ["id"]]
            $0.nothing = [3010]
            $0.personal = [
                "cardnumber", "cardexternalid", "customerid", "customfields", "extendedfields",
            ]
            $0.columns = [
                "cardNumber", "seriesId", "seriesCode", "customerId", "createdDate", "statusInfo.label",
                "statusInfo.status",
            ]
        },
        Listing("cards.statusLog", "changes of the status of cards", source: "Cards, Status log") {
            $0.keys = [Key("number", "/v2/card/statusLog", query: "number")]
            $0.items = [["data"]]
            $0.id = [["createdOn", "label", "reason"], ["createdOn", "label"]]
            $0.nothing = [3010]
            $0.belongsToKey = true
            $0.personal = ["_key"]
            $0.columns = ["createdOn", "label", "status", "reason", "isActive", "createdBy"]
        },
        Listing(
            "cards.generations", "the log of cards that were generated",
            path: "/v2/card/generation/logs", source: "Cards, Generation log"
        ) {
            $0.fixed = [("format", "json")]
            $0.parameters = [Parameter("series", .query("seriesId"), .integer(nil), "one only")]
            $0.items = [["entity"], ["data"]]
            $0.columns = ["id", "seriesId", "seriesCode", "count", "date", "createdBy", "fileHandle"]
        },
    ]
}
