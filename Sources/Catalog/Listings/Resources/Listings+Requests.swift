import Model

// Requests of people that wait for somebody, and events.
//
// Source: Listings, Organisation listings; Requests, Request log (v1.1); Requests, Request workflow.
extension Listing {
    static let requests: [Listing] = [
        Listing(
            "requests", "requests about personal data", path: "/v2/requests",
            source: "Listings, Organisation listings"
        ) {
            $0.fixed = [("sortBy", "ADDED_ON"), ("sortOrder", "ASC")]
            $0.parameters = [
                Parameter("type", .query("requestType"), .text(most: 50)),
                Parameter("subtype", .query("requestSubType"), .text(most: 50)),
                Parameter("status", .query("status"), .text(most: 50)),
            ]
            $0.paging = .offset(most: 10)
            $0.span = Span(from: "start_date", to: "end_date", style: .iso)
            $0.onlyGrows = true
            $0.personal = personalFields.union(["customerid", "userid"])
        },
        Listing(
            "requests.older", "requests of version 1.1", path: "/v1.1/request/logs",
            source: "Requests, Request log (v1.1)"
        ) {
            $0.fixed = [("format", "json")]
            $0.parameters = [
                Parameter(
                    "type", .query("type"), .text(most: 50), isRequired: true, "GOODWILL, CHANGE …"),
                Parameter(
                    "base", .query("base_type"),
                    .oneOf([
                        "EMAIL", "MOBILE", "EXTERNAL_ID", "MERGE", "ADDRESS", "COUPON", "POINTS",
                        "TIER",
                        "RETRO",
                    ]), isRequired: true, "what it is about"),
                Parameter(
                    "status", .query("status"), .oneOf(["APPROVED", "PENDING", "REJECTED", "CUSTOM"])),
            ]
            $0.paging = Paging(
                step: .rows("offset"), size: .init(name: "limit", most: 50),
                total: ["response", "requests", "count"])
            $0.span = Span(from: "start_date", to: "end_date", style: .day, isRequired: true)
            // The name of the list depends on the type.
            $0.items = [["response", "requests", "*"]]
            $0.onlyGrows = true
            $0.personal = personalFields.union(["comments", "reason", "user", "customer"])
            $0.note = "Its times contradict each other: do not sort by them."
        },
        Listing(
            "requests.workflow", "requests that wait for approval",
            path: "/api_gateway/v2/request-workflow/requests", source: "Requests, Request workflow"
        ) {
            $0.parameters = [
                Parameter("states", .query("states"), .text(most: nil)),
                Parameter("type", .query("requestType"), .text(most: nil)),
                Parameter("user", .query("userId"), .text(most: nil)),
                Parameter("store", .query("storeId"), .text(most: nil)),
            ]
            $0.paging = .workflow(most: 10)
            $0.span = Span(from: "startDate", to: "endDate", style: .iso)
            $0.id = [["id"], ["requestId"]]
            // The headers of the queued call, with its credentials.
            $0.withheld = ["headers", "authorization"]
            $0.personal = personalFields.union(["details", "userid"])
            $0.columns = ["id", "state", "requestType", "createdOn", "details"]
        },
    ]

    static let events: [Listing] = [
        Listing(
            "events", "behavioural events", path: "/v2/events/search",
            source: "Listings, Organisation listings"
        ) {
            $0.parameters = [Parameter("name", .query("eventName"), .text(most: nil), "of the event")]
            $0.paging = .untold(most: 10)
            $0.span = Span(from: "fromDate", to: "tillDate", style: .iso)
            $0.items = [["data"], ["events"], ["*"]]
            $0.id = [["id"], ["eventId"], ["uniqueId"]]
            $0.onlyGrows = true
            $0.personal = personalFields.union(["userid", "customerid", "attributes"])
            $0.note = "From January 2024 on."
        },
        Listing(
            "events.ofCustomers", "behavioural events of customers",
            source: "Listings, Organisation listings"
        ) {
            $0.keys = [Key("id", "/v2/events/event_data/{key}")]
            $0.paging = .untold(most: 10)
            $0.span = Span(from: "fromDate", to: "tillDate", style: .iso)
            $0.items = [["data"], ["events"], ["*"]]
            $0.id = [["id"], ["eventId"], ["uniqueId"]]
            $0.onlyGrows = true
            $0.belongsToKey = true
            $0.personal = personalFields.union(["attributes"])
        },
        Listing(
            "events.log", "results of events", path: "/v2/events/logs",
            source: "Listings, Organisation listings"
        ) {
            $0.parameters = [Parameter("name", .query("event_name"), .text(most: nil), "of the event")]
            $0.paging = .limited(most: 1000)
            $0.span = Span(
                from: "from_date", to: "to_date", style: .iso, usual: .seconds(30 * 86_400),
                isRequired: true)
            $0.items = [["data"], ["logs"], ["*"]]
            $0.id = [["requestId"], ["id"]]
            $0.onlyGrows = true
            $0.personal = personalFields.union(["payload", "customer"])
        },
        Listing(
            "events.deliveries", "deliveries to a consumer group",
            path: "/v3/events/consumer-groups/{group}/logs", source: "Listings, Organisation listings"
        ) {
            $0.parameters = [
                Parameter("group", .path, .text(most: 100), isRequired: true, "its id"),
                Parameter(
                    "status", .query("status"), .text(most: 50),
                    "IN_PROGRESS, SUCCESS, PARTIAL_SUCCESS, FAIL"),
            ]
            $0.paging = .deliveries(most: 100)
            $0.span = Span(from: "startTime", to: "endTime", style: .milliseconds)
            $0.items = [["data", "data"]]
            $0.id = [["id"], ["eventId"]]
            $0.onlyGrows = true
            $0.withheld = ["headers", "authorization"]
            $0.personal = personalFields.union(["payload", "customer"])
        },
    ]
}
