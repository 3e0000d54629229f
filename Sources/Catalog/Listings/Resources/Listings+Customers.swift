import Model

// Customers. There is no call that lists them all: keys come from a file, a label, a group, or the accepted
// records of a run.
//
// Source: Listings, Customer listings; Customers, Find all customers; Customers, Read a customer.
extension Listing {
    static let personalFields: Set<String> = [
        "firstname", "lastname", "name", "mobile", "email", "value", "externalid", "external_id",
        "address", "dob", "birthday", "anniversary", "landline", "cardnumber",
        "cardexternalid", "wechat", "martjackid", "fbid", "fields", "extendedfields", "customfields",
        "custom_fields", "commchannels", "customerimage", "_key", "notes", "matchedidentifiers",
        "ip", "phone", "identifiervalue",
    ]

    static let noCustomer: Set<Int> = [8015, 8069, 8109, 1011]

    static let unlisted =
        "No call lists all customers: take keys from a file, from customers.labelled or "
        + "groups.members, or from the accepted records of a run (--keys run:RUN)."

    private static let source = Parameter(
        "source", .query("source"), .text(most: 50), usual: "INSTORE",
        "where the profile is from: INSTORE, WECHAT, ALL …")
    private static let account = Parameter(
        "account", .query("accountId"), .text(most: 100), "of sources with several accounts")

    /// A call by id, and its twin by any identifier.
    static func customerKeys(_ path: String, lookup: String? = nil) -> [Key] {
        let byID = [Key("id", path)]
        guard let lookup else { return byID }
        return byID
            + ["mobile", "email", "externalId", "cardnumber", "wechat"].map {
                Key($0, lookup, query: "identifierValue", fixed: ["identifierName": $0])
            }
    }

    static let customers: [Listing] = [
        Listing("customers", "customers by id or identifier", source: "Customers, Read a customer") {
            $0.keys = customerKeys(
                "/v2/customers/{key}", lookup: "/v2/customers/lookup/customerDetails")
            $0.parameters = [
                source, account,
                Parameter(
                    "embed", .query("embed"), .text(most: nil),
                    "points, subscriptions, mlp, userGroup …, which costs the server time"),
            ]
            $0.items = [["entity"], []]
            $0.nothing = noCustomer
            $0.personal = personalFields
            $0.imports = "customers.upsert"
            $0.columns = [
                "id", "profiles", "loyaltyInfo.loyaltyType", "extendedFields",
            ]
            $0.note = unlisted
        },
        Listing(
            "customers.older", "customers, v1.1 call",
            source: "Listings, Customer listings"
        ) {
            $0.keys = ["mobile", "email", "external_id", "id"].map {
                Key($0, "/v1.1/customer/get", query: $0, fixed: ["format": "json"], most: 10)
            }
            $0.parameters = ["mlp", "user_id", "next_slab", "slab_history"].map {
                Parameter($0, .query($0), .boolean)
            }
            $0.items = [["response", "customers", "customer"]]
            $0.id = [["id"], ["user_id"], ["external_id"], ["mobile"]]
            $0.nothing = noCustomer
            $0.personal = personalFields
            $0.note = unlisted
        },
        Listing(
            "customers.search", "customers whose name or identifier begins with a text",
            path: "/v2/customers/search", source: "Listings, Customer listings"
        ) {
            $0.parameters = [
                Parameter(
                    "q", .query("q"), .text(most: nil), isRequired: true,
                    "the beginning of a name or identifier")
            ]
            $0.paging = .offset(most: 100)
            $0.id = [["id"], ["userId"], ["customerId"]]
            $0.personal = personalFields
            $0.note = "A search may not find everything."
        },
        Listing(
            "customers.find", "customers by a searchable field",
            path: "/api_gateway/cortex/v1/search", source: "Listings, Customer listings"
        ) {
            $0.method = .post
            $0.fixed = [("entityType", "CUSTOMER")]
            $0.parameters = [
                Parameter(
                    "conditions", .query("searchConditions"), .text(most: nil), isRequired: true,
                    "a JSON list of conditions")
            ]
            $0.paging = .body(most: 20)
            $0.items = [["data", "*"], ["data"], ["entities"], ["results"]]
            $0.id = [["id"], ["userId"], ["customerId"]]
            $0.personal = personalFields
            $0.note = "A search may not find everything; newest registrations first."
        },
        Listing(
            "customers.label", "customers with a label, v1.1 call",
            path: "/v2/customers/labels/search", source: "Listings, Customer listings"
        ) {
            $0.fixed = [("limit", "-1")]
            $0.parameters = [
                Parameter("label", .query("q"), .text(most: nil), isRequired: true, "its exact name")
            ]
            $0.id = [["id"], ["userId"], ["customerId"]]
            $0.personal = personalFields
        },
        Listing(
            "customers.labelled", "which customers have a label", path: "/v2/labels/assignments/search",
            source: "Listings, Customer listings; Listings, Organisation listings"
        ) {
            $0.fixed = [("entityType", "CUSTOMER")]
            $0.parameters = [
                Parameter("label", .query("labelName"), .text(most: 255), "its name"),
                Parameter("label_id", .query("labelId"), .integer(nil), "or its id"),
            ]
            $0.paging = .labels(most: 50, inside: ["pagination"])
            $0.id = [["assignmentId"], ["entityId", "labelId"], ["entityId"]]
        },
        Listing(
            "customers.children", "members below a parent in a hierarchy",
            source: "Listings, Customer listings"
        ) {
            $0.keys = ["id", "mobile", "email", "externalId"].map {
                Key(
                    $0, "/v2/customers/bulk", query: "identifierValue", fixed: ["identifierName": $0])
            }
            $0.parameters = [
                source, account,
                Parameter(
                    "entity_type", .query("associationEntityType"), .text(most: 50), "of the tree"),
            ]
            $0.paging = .untold(most: 100)
            $0.items = [["data"], ["entity"], []]
            $0.id = [["entity.id"], ["id"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        ofCustomer(
            "customers.subscriptions", "channels of customers",
            "/v2/customers/{key}/subscriptions", lookup: "/v2/customers/lookup/subscriptions"
        ) {
            $0.parameters = [source, account]
        },
        ofCustomer(
            "customers.subscriptionLog", "changes of subscriptions",
            "/v2/customers/{key}/subscriptionStatusChangeLog"),
        Listing(
            "customers.interactions", "interactions of customers", source: "Listings, Customer listings"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/interaction")
            $0.paging = .older(most: 50)
            $0.items = [
                ["response", "customer", "interactions", "interaction"],
                ["response", "customers", "customer", "interactions", "interaction"],
            ]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        ofCustomer("customers.statusLog", "changes of status", "/v2/customers/{key}/statusLog") {
            $0.id = [["createdOn", "label", "reason"], ["createdOn", "label"]]
            $0.personal.insert("reason")
            $0.columns = ["createdOn", "label", "prevLabel", "status", "reason", "createdByUser"]
        },
        ofCustomer(
            "points.expirySchedule", "when points of customers expire",
            "/v2/customers/{key}/pointsExpirySchedule",
            lookup: "/v2/customers/lookup/pointsExpirySchedule"
        ) {
            $0.parameters = [
                source, account,
                Parameter("program", .query("programId"), .integer(nil), "one program"),
                Parameter(
                    "all_programs", .query("fetchDataForAllPrograms"), .boolean, "all programs"),
                Parameter(
                    "earliest", .query("fetchEarliestExpiryOnly"), .boolean, "of each kind the earliest"
                ),
            ]
            $0.items = [["expirySchedules"], ["entity", "expirySchedules"]]
            $0.id = [["expiryDate", "programId", "pointsType", "expiryType", "points"]]
            $0.columns = ["points", "expiryDate", "programId", "pointsType", "expiryType"]
        },
        ofCustomer(
            "customers.referrals", "referrals by customers", "/v2/customers/{key}/referrals",
            lookup: "/v2/customers/lookup/referrals"
        ) {
            $0.paging = .limited(most: 1000)
            $0.items = [["data"], ["entity", "*"], ["*"]]
        },
        ofCustomer("customers.trackers", "trackers of customers", "/v2/customers/{key}/trackers"),
        Listing(
            "customers.preferences", "preferences of customers", source: "Listings, Customer listings"
        ) {
            $0.keys = olderCustomerKeys("/v1.1/customer/preferences")
            $0.items = [["response", "customers", "customer"], ["response", "customer"]]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
        },
        Listing("customers.notes", "notes on customers", source: "Listings, Customer listings") {
            $0.keys = olderCustomerKeys("/v1.1/customer/notes")
            $0.items = [
                ["response", "customer", "notes", "note"],
                ["response", "customers", "customer", "notes", "note"],
            ]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields.union(["description", "note"])
        },
        ofCustomer("customers.changeRequests", "requested changes", "/v2/customers/{key}/changeRequest")
        { $0.paging = .offset(most: 10) },
        ofCustomer(
            "customers.goodwillRequests", "goodwill requests", "/v2/customers/{key}/goodwillRequest"
        ) { $0.paging = .offset(most: 10) },
        ofCustomer(
            "customers.retroRequests", "requests for retro transactions",
            "/v2/customers/{key}/retroRequest"
        ) { $0.paging = .offset(most: 10) },
        Listing(
            "audits", "audit log of customers and cards", source: "Listings, Customer listings"
        ) {
            $0.keys = [
                Key(
                    "customer", "/api_gateway/v2/audits", query: "entityId",
                    fixed: ["entityType": "CUSTOMER"]),
                Key("card", "/api_gateway/v2/audits", query: "entityId", fixed: ["entityType": "CARD"]),
            ]
            $0.fixed = [("sortBy", "autoUpdateTime"), ("sortOrder", "ASC")]
            $0.paging = .numbered("pageNo", from: 0, most: 10)
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.items = [["data", "*"], ["data"]]
            $0.onlyGrows = true
            $0.belongsToKey = true
            $0.personal = personalFields.union(["oldvalue", "newvalue", "changes"])
            $0.note = "Custom fields that were changed through version 1.1 are not logged."
        },
    ]

    static func olderCustomerKeys(_ path: String) -> [Key] {
        ["mobile", "email", "external_id", "id"].map {
            Key($0, path, query: $0, fixed: ["format": "json"])
        }
    }

    /// What a call tells about one customer, which means something only together with him.
    static func ofCustomer(
        _ name: String, _ summary: String, _ path: String, lookup: String? = nil,
        _ more: (inout Listing) -> Void = { _ in }
    ) -> Listing {
        Listing(name, summary, source: "Listings, Customer listings; Listings, Transaction listings") {
            $0.keys = customerKeys(path, lookup: lookup)
            $0.items = [["data"], ["entity"], []]
            $0.nothing = noCustomer
            $0.belongsToKey = true
            $0.personal = personalFields
            more(&$0)
        }
    }
}
