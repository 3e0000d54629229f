import Model

// Products. Source: Listings, Organisation listings; Products, Read SKUs.
extension Listing {
    static let products: [Listing] = [
        part("skus") {
            $0.parameters = [
                Parameter("q", .query("q"), .text(most: nil), "code:…, brand:…, category:…"),
                Parameter("fetch", .query("fetchType"), .oneOf(["ALL", "ORG", "SCOPE"])),
                Parameter("unit", .query("ouCode"), .text(most: nil), "the organisational unit"),
            ]
            $0.columns = ["id", "code", "description", "price", "brandCode", "categoryCode"]
        },
        part("brands"), part("categories"), part("attributes"),
        Listing("attributeValues", "values of attributes", source: "Listings, Organisation listings") {
            $0.keys = [Key("attribute", "/v2/product/attributes/{key}/values")]
            $0.paging = .offset(most: 100)
            $0.belongsToKey = true
        },
        Listing(
            "products", "products by code, v1.1 call",
            source: "Listings, Organisation listings"
        ) {
            $0.keys = ["sku", "id"].map {
                Key($0, "/v1.1/product/get", query: $0, fixed: ["format": "json"], most: 10)
            }
            $0.items = [["response", "product", "item"], ["response", "products", "product"]]
            $0.id = [["id"], ["item_id"], ["sku"]]
        },
        Listing(
            "products.search", "products by an attribute", path: "/v1.1/product/search",
            source: "Listings, Organisation listings"
        ) {
            $0.fixed = [("format", "json")]
            $0.parameters = [
                Parameter("q", .query("q"), .text(most: nil), isRequired: true, "(attr:OP:val)")
            ]
            $0.paging = .older(most: 100)
            $0.items = [
                ["response", "product", "results", "item"], ["response", "products", "product"],
            ]
            $0.id = [["id"], ["item_id"], ["sku"]]
            $0.note = "Only with basic authentication."
        },
        olderPart("categories", "category"), olderPart("brands", "brand"), olderPart("styles", "style"),
        olderPart("colors", "color"), olderPart("sizes", "size"),
    ]

    /// In ascending order, so that what is added in the meantime is at the end.
    private static func part(_ name: String, _ more: (inout Listing) -> Void = { _ in }) -> Listing {
        Listing(
            name, name == "skus" ? "SKUs" : "product \(name)", path: "/v2/product/\(name)",
            source: "Listings, Organisation listings; Products, Read SKUs"
        ) {
            $0.fixed = [("sortBy", "id"), ("sortOrder", "ASC")]
            $0.paging = .offset(most: 100)
            more(&$0)
        }
    }

    private static func olderPart(_ plural: String, _ single: String) -> Listing {
        Listing(
            "products." + plural, "\(plural) of products, v1.1 call", path: "/v1.1/product/\(plural)",
            source: "Listings, Organisation listings"
        ) {
            $0.fixed = [("format", "json")]
            $0.paging = .older(most: 100)
            $0.items = [["response", "product", plural, single], ["response", plural, single]]
            $0.id = [["id"], ["code"], ["name"]]
        }
    }
}
