import Model
import Records

// What products are made of: brands, categories, attributes, in this order, before the products themselves.
//
// Source: Products, Add and update products; Products, Product codes. The reply is read as that of products.
extension Endpoint {
    /// `POST /v2/product/brands`.
    package static let brandsAdd = ProductParts.brands.adding
    /// `PUT /v2/product/brands`.
    package static let brandsUpdate = ProductParts.brands.changing
    /// `POST /v2/product/categories`.
    package static let categoriesAdd = ProductParts.categories.adding
    /// `PUT /v2/product/categories`.
    package static let categoriesUpdate = ProductParts.categories.changing
    /// `POST /v2/product/attributes`.
    package static let attributesAdd = ProductParts.attributes.adding
    /// `PUT /v2/product/attributes`.
    package static let attributesUpdate = ProductParts.attributes.changing
}

/// One kind of them.
struct ProductParts: Sendable {
    let name: String
    let path: String
    let what: String
    let fields: [Field]
    let codes: CodeTable

    private static let shared: [Field] = [
        Field("ouCode", .text(most: nil), .optional, "If the org has units."),
        Field("isActive", .boolean, .optional, "Nothing is ever deleted; false deactivates it."),
    ]

    private static func codes(_ rows: CodeTable.Row...) -> CodeTable {
        let shared: [CodeTable.Row] = [
            .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
            .init(.rejected, .refusedSetup, 10002),
        ]
        return CodeTable(rows + shared)
    }

    static let brands = ProductParts(
        name: "brands", path: "brands", what: "A brand",
        fields: [
            Field("code", .text(most: 50), .required, "Not case-sensitive."),
            Field("name", .text(most: 50), .required),
        ] + shared,
        codes: codes(
            .init(
                .rejected, .refusedValue, 9170, 10051, 10053, 10055, 10056, 10057, 10058, 10059, 9182),
            .init(.exists, .duplicate, 10054), .init(.batch, .batchTooLarge, 10052, 1060)))

    static let categories = ProductParts(
        name: "categories", path: "categories", what: "A category",
        fields: [
            Field("code", .text(most: 50), .required, "Not case-sensitive."),
            Field("name", .text(most: 50), .required),
        ] + shared,
        codes: codes(
            .init(
                .rejected, .refusedValue, 9137, 9174, 10061, 10063, 10065, 10066, 10067, 10070),
            .init(.exists, .duplicate, 10064), .init(.batch, .batchTooLarge, 10062, 1060)))

    static let attributes = ProductParts(
        name: "attributes", path: "attributes", what: "An attribute",
        fields: [
            Field("code", .text(most: 30), .required, "At most 30 per org."),
            Field("name", .text(most: 50), .required),
        ] + shared,
        codes: codes(
            .init(.done, .refused, 10209, 10210, 10252),
            .init(
                .rejected, .refusedValue, 10201, 10202, 10203, 10205, 10206, 10207, 10208),
            .init(.exists, .duplicate, 10204, 9155), .init(.batch, .batchTooLarge, 1060)))

    /// A repeat is refused as a duplicate: after a lost answer that is the proof of it.
    var adding: Endpoint { endpoint("add", .post, adds: true, "Adds \(name) of products.") }

    var changing: Endpoint {
        endpoint("update", .put, adds: false, "Changes existing \(name) of products.")
    }

    private func endpoint(_ act: String, _ method: Request.Method, adds: Bool, _ summary: String)
        -> Endpoint
    {
        let isNew = act == "add"
        let fields = fields.map { field in
            field.name == "name" && !isNew
                ? Field("name", field.kind, .optional, field.note) : field
        }
        let code = KeyPart.lowercased(.text("code"))
        return EndpointSpec(
            name + "." + act, summary, method, "/v2/product/" + path, what: what, adds: adds,
            // Source: Products, Add and update products. CONF_PRODUCT_CREATE_UPDATE_BATCH_SIZE.
            chunk: .upTo(100, normal: 50), fields: fields,
            keys: Keys(
                identity: [code, .lowercased(.text("ouCode"))], binding: [code],
                // A parent may be in the same request, and else has to be there first.
                order: [.thing(name, code)], evidence: [.text("code")]),
            body: .array, reply: SKUs.reply, codes: codes, recovery: .resend, refusesRepeat: isNew,
            source:
                "Products (v2), which gives lengths, limits and codes of these, and the members of products "
                + "alone. Facts: Products, Add and update products; Products, Product codes. The member that "
                + "names a parent, and what a value of an attribute is made of, are in no source: describe the "
                + "call in the job for those."
        ).endpoint
    }
}
