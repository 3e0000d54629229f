import Model

// Rewards, promotions, badges, milestones. Source: Listings, Coupon and reward listings.
extension Listing {
    private static let rewardsPath = "/api_gateway/rewards/core/v1"
    private static let rewardItems = [["rewardList"], ["data", "*"], ["*"]]

    static let rewards: [Listing] = [
        Listing(
            "rewards", "rewards of a brand", path: rewardsPath + "/reward/list/brand/{brand}",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.parameters = [Parameter("brand", .path, .text(most: 100), isRequired: true, "its id")]
            $0.paging = .rewards(most: 100)
            $0.items = rewardItems
            $0.id = [["id"], ["rewardId"]]
        },
        Listing(
            "rewards.shown", "rewards of a brand as customers see them",
            path: rewardsPath + "/reward/brand/{brand}", source: "Listings, Coupon and reward listings"
        ) {
            $0.parameters = [Parameter("brand", .path, .text(most: 100), isRequired: true, "its id")]
            // Page 0 means all there.
            $0.paging = .rewards(most: 100, from: 1)
            $0.items = rewardItems
            $0.id = [["id"], ["rewardId"]]
        },
        Listing(
            "rewards.issued", "rewards of customers",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("id", rewardsPath + "/management/customer/{key}/issuals")]
            $0.paging = .rewards(most: 50, details: "pagingDetails")
            $0.items = [["issuals"], ["rewardList"], ["data", "*"], ["*"]]
            $0.id = [["id"], ["issualId"], ["transactionId"]]
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        Listing(
            "rewards.redemptions", "rewards redeemed at a vendor",
            path: rewardsPath + "/vendor/redemptions", source: "Listings, Coupon and reward listings"
        ) {
            $0.parameters = [
                Parameter("vendor", .query("vendorId"), .text(most: 100), isRequired: true, "its id")
            ]
            $0.paging = .rewards(most: 50)
            $0.items = [["redemptions"], ["data", "*"], ["*"]]
            $0.id = [["id"], ["redemptionId"]]
            $0.personal = personalFields
        },
        Listing(
            "promotions", "loyalty promotions", path: "/v3/promotions",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.parameters = [
                Parameter("status", .query("status"), .text(most: nil), "a list with commas"),
                Parameter("text", .query("searchText"), .text(most: nil), "in their names"),
            ]
            $0.paging = .content(most: 10)
            $0.items = [["data", "content"]]
            $0.id = [["id"], ["promotionId"]]
        },
        Listing(
            "promotions.ofMembers", "promotions of members",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("id", "/v3/members/{key}/promotions")]
            $0.paging = .details(most: 20, page: "page", size: "size", from: 0, inside: [])
            $0.items = [["data"], ["promotions"], ["entity", "*"], ["*"]]
            $0.id = [["id"], ["promotionId"]]
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        Listing(
            "promotions.ofCustomers", "cart promotions of customers",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("id", "/api_gateway/v1/promotions/customer/{key}")]
            $0.paging = .limited(most: 1000)
            $0.items = [["data", "*"], ["data"]]
            $0.id = [["id"], ["earnedPromotionId"], ["promotionId", "earnedFromId"]]
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        Listing(
            "promotions.redemptions", "cart promotions redeemed, by code",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("code", "/api_gateway/v1/promotions/redemptions", query: "codes", most: 10)]
            $0.parameters = [Parameter("mode", .query("mode"), .text(most: 50))]
            $0.items = [["data", "*"], ["data"]]
            $0.id = [["id"], ["redemptionId"], ["code"]]
            $0.personal = ["customerid"]
        },
        Listing(
            "badges", "badges of the org", path: "/api_gateway/v1/badges/badgeMeta",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.parameters = ["status", "earnType", "owner", "badgeType"].map {
                Parameter($0, .query($0), .text(most: 50))
            }
            $0.paging = .badges(most: 10)
            $0.items = [["data", "*"], ["data"]]
            $0.id = [["id"], ["badgeMetaId"]]
        },
        Listing(
            "badges.ofCustomers", "badges that customers have",
            source: "Listings, Coupon and reward listings; Badges, Badges of a customer"
        ) {
            $0.keys = [Key("id", "/api_gateway/v1/badges/customer/{key}")]
            $0.fixed = [("badgeType", "EARNED"), ("includeExpired", "true")]
            $0.paging = .limited(most: 1000)
            $0.items = [["data", "*"], ["data"]]
            $0.id = [["earnedBadgeId"], ["id"]]
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
            $0.imports = "badges.import"
            $0.columns = ["_key", "badgeMetaId", "earnedBadgeId", "earnEventDateISO", "expiresOnISO"]
        },
        Listing(
            "badges.managed", "badges of customers, page by page",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("id", "/api_gateway/v1/badges/management/{key}")]
            $0.paging = .badges(most: 10)
            $0.items = [["data", "*"], ["data"]]
            $0.id = [["earnedBadgeId"], ["id"]]
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
        plain("milestones", "groups of milestones", "/v3/targetGroups"),
        Listing(
            "milestones.targets", "milestones of groups", source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("group", "/v3/targetGroups/{key}/targets")]
            $0.belongsToKey = true
        },
        Listing(
            "milestones.ofCustomers", "milestones of customers",
            source: "Listings, Coupon and reward listings"
        ) {
            $0.keys = [Key("id", "/v3/users/{key}/targetGroups")]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = ["_key", "customerid"]
        },
    ]
}
