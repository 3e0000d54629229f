import Model

// What an org consists of.
//
// Source: Listings, Organisation listings; Stores, Read entities; Organisation, Configuration.
extension Listing {
    static let organization: [Listing] = [
        Listing(
            "org", "the org itself: name, zone, currency, language", path: "/v1.1/organization/get",
            source: "Organisation, The org; Listings, Organisation listings"
        ) {
            $0.fixed = [("format", "json")]
            $0.items = [["response", "organization"]]
            $0.columns = [
                "id", "name", "timezone", "timezone_offset", "currency", "language", "country_code",
            ]
        },
        entities("stores", "STORE", "stores") { $0.imports = "stores.add" },
        entities("tills", "TILL", "tills"),
        entities("zones", "ZONE", "zones"),
        entities("concepts", "CONCEPT", "concepts"),
        entities("servers", "STR_SERVER", "store servers"),
        Listing(
            "tills.single", "tills by code or id, with the fields of the v2 call",
            source: "Listings, Organisation listings; Stores, Read stores and tills"
        ) {
            $0.keys = [
                Key("code", "/v2/organization/till", query: "code"),
                Key("id", "/v2/organization/till/{key}"),
            ]
            $0.items = [["entity"], []]
            $0.nothing = [3202]
        },
        Listing(
            "tills.active", "tills by code or id, only those that are active",
            source: "Listings, Organisation listings; Stores, Read stores and tills"
        ) {
            $0.keys = [
                Key("code", "/v2/organization/activeTill", query: "code"),
                Key("id", "/v2/organization/activeTill", query: "tillId"),
            ]
            $0.items = [["entity"], ["data"], []]
            $0.id = [["id"], ["code"]]
            $0.nothing = [3202]
            $0.note = "What it answers for another till is not known: it may end the export."
        },
        Listing(
            "stores.details", "stores by code or id, with their contacts, zone and currency",
            source: "Stores, Read a store (v1.1); Listings, Organisation listings"
        ) {
            $0.keys = ["code", "id", "external_id"].map {
                Key($0, "/v1.1/store/get", query: $0, fixed: ["format": "json"])
            }
            $0.items = [["response", "stores", "store"]]
            $0.id = [["id"], ["code"]]
            $0.personal = ["mobile", "email", "template"]
            $0.columns = ["id", "code", "name", "external_id", "time_zone.offset.std", "city_name"]
        },
        Listing(
            "configs.single", "settings of the org by key, v2 call",
            source: "Organisation, Single settings; Listings, Organisation listings"
        ) {
            $0.keys = [Key("name", "/v2/organization/configkeyvalue", query: "name")]
            $0.items = [["entity"], ["data"], []]
            $0.id = [["keyName", "entityId"], ["keyName"], ["id"]]
            $0.nothing = [3209]
            $0.columns = ["keyName", "value", "entityId"]
        },
        Listing(
            "configs", "settings of the org", path: "/v1.1/organization/configs",
            source: "Organisation, Configuration"
        ) {
            $0.fixed = [("format", "json")]
            $0.parameters = [
                Parameter("name", .query("name"), .text(most: nil), "of one setting: its key"),
                Parameter("scope", .query("scope"), .text(most: nil), "as ORG"),
                Parameter("module", .query("module"), .text(most: nil), "as LOYALTY"),
            ]
            $0.items = [["response", "organization", "configs", "config"]]
            $0.id = [
                ["key", "scopes", "entity_id", "modules"], ["key", "scopes", "entity_id"], ["key"],
            ]
            $0.nothing = [3209]
            $0.columns = ["key", "value", "scopes", "value_type", "modules", "entity_id"]
            $0.echoes = ["name": "key", "scope": "scopes", "module": "modules"]
        },
        plain("hierarchy", "zones, concepts and stores as a tree", "/v2/organization/hierarchy"),
        plain("programs", "loyalty programs", "/v2/organization/programs"),
        plain("sources", "sources of customers and their accounts", "/v2/meta/sources") {
            $0.id = [["name", "accountId"], ["id"], ["name"]]
        },
        older(
            "tenders", "payment modes", "/v1.1/organization/tenders",
            ["organization", "tenders", "tender"]),
        plain("customFields", "custom fields", "/v2/organization/customFields") {
            $0.parameters = [Parameter("scope", .query("scope"), .text(most: 50), "of what")]
            $0.id = [["id"], ["scope", "name"], ["name"]]
        },
        plain("extendedFields", "extended fields", "/v2/extendedFields") {
            $0.id = [["id"], ["name"]]
        },
        plain(
            "extendedFields.config", "how extended fields are set up", "/v2/entity/extendedFieldConfig"
        ) {
            $0.id = [["id"], ["name"]]
        },
        older(
            "customFields.older", "custom fields, v1 call",
            "/v1.1/organization/customfields", ["organization", "custom_fields", "field"]
        ) { $0.id = [["id"], ["scope", "name"], ["name"]] },
    ]

    /// Source: Stores, Read entities.
    private static func entities(
        _ name: String, _ type: String, _ words: String, _ more: (inout Listing) -> Void = { _ in }
    ) -> Listing {
        Listing(
            name, "all \(words) of the org", path: "/v1.1/organization/entities",
            source: "Stores, Read entities; Stores, Read stores and tills"
        ) {
            $0.fixed = [("format", "json"), ("type", type)]
            $0.parameters = [
                Parameter(
                    "active_only", .query("active_only"), .boolean, "leave out closed ones"),
                Parameter(
                    "parent_type", .query("parent_identifier_type"),
                    .oneOf([
                        "STORE_CODE", "STORE_ID", "STORE_EXTERNAL_ID", "CONCEPT_CODE", "CONCEPT_ID",
                    ]), "how parent is named"),
                Parameter(
                    "parent", .query("parent_identifier_value"), .text(most: nil), "only those below it"
                ),
            ]
            $0.paging = .following(most: 500)
            $0.items = [["response", "organization", "entities", "entity"]]
            $0.since = "modified_since"
            $0.columns = [
                "id", "code", "name", "type", "is_active", "external_id", "external_id_1",
                "external_id_2", "last_updated_on",
            ]
            more(&$0)
        }
    }

    /// A call of version 2 that gives all in one reply.
    static func plain(
        _ name: String, _ summary: String, _ path: String, _ more: (inout Listing) -> Void = { _ in }
    ) -> Listing {
        Listing(
            name, summary, path: path,
            source: "Listings, Organisation listings; Listings, Coupon and reward listings"
        ) {
            $0.items = [["data"], ["entity"], ["response"], []]
            more(&$0)
        }
    }

    /// A call of version 1.1 that gives all in one reply.
    static func older(
        _ name: String, _ summary: String, _ path: String, _ items: [String],
        _ more: (inout Listing) -> Void = { _ in }
    ) -> Listing {
        Listing(
            name, summary, path: path,
            source: "Listings, Organisation listings; Listings, Coupon and reward listings"
        ) {
            $0.fixed = [("format", "json")]
            $0.items = [["response"] + items]
            $0.id = [["id"], ["code"], ["name"]]
            more(&$0)
        }
    }
}
