import Model

// Groups, companies, labels, staff, leads, tasks. Source: Listings, Organisation listings.
extension Listing {
    static let groups: [Listing] = [
        Listing("groups.members", "members of user groups", source: "Listings, Organisation listings") {
            $0.keys = groupKeys("/v2/userGroup2/members")
            $0.fixed = [("paginationDetails", "true")]
            $0.paging = .offset(most: 100)
            $0.span = Span(from: "fromDate", to: "toDate", style: .iso)
            $0.items = [["data"], ["entity", "*"], ["entity"]]
            $0.id = [["userId"], ["id"]]
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        Listing(
            "groups.transactions", "bills of user groups", source: "Listings, Organisation listings"
        ) {
            $0.keys = groupKeys("/v2/userGroup2/transactions")
            $0.paging = .offset(most: 20)
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        Listing(
            "groups.tierLog", "changes of the tiers of user groups", source: "Groups, Tier log"
        ) {
            $0.keys = [Key("id", "/v2/userGroup2/slabHistory", query: "fleetGroupId")]
            $0.paging = .limited(most: 100, name: "pageSize")
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.id = [["changedOn", "programId", "toSlabNumber"], ["changedOn"]]
            $0.belongsToKey = true
            $0.columns = ["changedOn", "type", "from", "to", "programId", "store.code", "notes"]
        },
        Listing("labels", "labels", path: "/v2/labels", source: "Listings, Organisation listings") {
            // The usual ones are those of products alone.
            $0.parameters = [
                Parameter(
                    "entity", .query("entityType"), .oneOf(["CUSTOMER", "PRODUCT", "STORE"]),
                    usual: "CUSTOMER", "of what"),
                Parameter("status", .query("status"), .text(most: 50), "ACTIVE by default"),
            ]
            $0.paging = .labels(most: 100)
            $0.items = [["labels"], ["data"]]
            $0.id = [["id"], ["externalId"]]
        },
        Listing(
            "labels.assignments", "labels of customers, products or stores",
            source: "Listings, Organisation listings"
        ) {
            $0.keys = [Key("id", "/v2/labels/assignments", query: "entityIds", most: 10)]
            $0.parameters = [
                Parameter(
                    "entity", .query("entityType"), .oneOf(["CUSTOMER", "PRODUCT", "STORE"]),
                    usual: "CUSTOMER", "of what")
            ]
            $0.id = [["assignmentId"], ["entityId", "labelId"]]
        },
        Listing(
            "companies", "companies", path: "/v2/companies/all",
            source: "Listings, Organisation listings"
        ) {
            $0.fixed = [("sortBy", "createdDate"), ("sortOrder", "ASC")]
            $0.parameters = [
                Parameter("status", .query("status"), .text(most: 50), "ACTIVE by default")
            ]
            $0.paging = .offset(most: 10)
            $0.items = [["data"], ["entity"]]
            $0.id = [["id"], ["externalId"]]
        },
        Listing("leads", "leads", path: "/v2/leads", source: "Listings, Organisation listings") {
            $0.fixed = [("sortBy", "createdOn"), ("sortOrder", "ASC")]
            $0.paging = .untold(most: 10)
            $0.items = [["data"], ["entity"]]
            $0.personal = personalFields
        },
        Listing(
            "tasks", "tasks of stores", path: "/v1.1/task/metadata",
            source: "Listings, Organisation listings"
        ) {
            $0.fixed = [("format", "json")]
            $0.paging = Paging(step: .start("start_id"), size: .init(name: "batch_size", most: 100))
            $0.span = Span(from: "start_date", to: "end_date", style: .day)
            $0.items = [["response", "tasks", "task"]]
        },
        Listing(
            "staff", "staff", path: "/v2/staff/getUsersList", source: "Listings, Organisation listings"
        ) {
            $0.parameters = [
                Parameter("zone", .query("zoneCode"), .text(most: nil)),
                Parameter("store", .query("storeCode"), .text(most: nil)),
            ]
            $0.items = [["data"], ["entity"], []]
            $0.id = [["id"], ["userId"]]
            $0.personal = personalFields
        },
    ]

    private static func groupKeys(_ path: String) -> [Key] {
        [
            Key("id", path, query: "id"), Key("externalId", path, query: "externalId"),
            Key("primary", path, query: "primaryUserId"),
        ]
    }
}
