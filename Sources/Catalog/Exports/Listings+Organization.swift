import Model

// What an org consists of. Source: wider sheet 5.4 and 6.7; core sheet 8.4, 10.
extension Listing {
    static let organization: [Listing] =
        [
            entities("stores", "STORE", "stores", most: 500) { $0.imports = "stores.add" },
            entities("tills", "TILL", "tills", most: 500),
            entities("zones", "ZONE", "zones", most: 500),
            entities("concepts", "CONCEPT", "concepts", most: 500),
            entities("servers", "STR_SERVER", "store servers", most: 500),
        ]

    private static func entities(
        _ name: String, _ type: String, _ words: String, most: Int,
        _ more: (inout Listing) -> Void = { _ in }
    ) -> Listing {
        Listing(
            name, "all \(words) of the org", path: "/v1.1/organization/entities",
            source: "wider sheet 6.7; core sheet 8.4"
        ) {
            $0.fixed = [("format", "json"), ("type", type)]
            $0.parameters = [
                Parameter("active_only", .query("active_only"), .boolean, "leave out closed ones"),
                Parameter(
                    "parent_type", .query("parent_identifier_type"),
                    .oneOf([
                        "STORE_CODE", "STORE_ID", "STORE_EXTERNAL_ID", "CONCEPT_CODE", "CONCEPT_ID",
                    ]),
                    "how parent is named"),
                Parameter(
                    "parent", .query("parent_identifier_value"), .text(most: nil), "only those below it"
                ),
            ]
            $0.paging = .following(most: most)
            $0.items = [["response", "organization", "entities", "entity"]]
            $0.since = "modified_since"
            $0.columns = [
                "id", "code", "name", "type", "is_active", "external_id", "external_id_1",
                "external_id_2", "last_updated_on",
            ]
            more(&$0)
        }
    }
}
