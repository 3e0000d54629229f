import Model
import Records

extension Endpoint {
    /// Adds stores: `POST /v2/orgEntity/store/bulk`.
    package static let storesAdd = EndpointSpec(
        "stores.add",
        "Adds stores with code, name and external ids; each one is accepted or rejected on its own.",
        .post, "/v2/orgEntity/store/bulk", what: "A store", adds: true,
        // Source: Stores, Add stores. No limit is given; the twin that updates takes 200.
        chunk: .upTo(200, normal: 20), fields: StoresAdd.fields, keys: .code(StoresAdd.check),
        body: .array, reply: .items(.init(key: ["result", "code"], needsID: true)),
        codes: StoresAdd.codes, recovery: .code(.readBack(StoreSearch.readBack)),
        // Source: Stores, Add stores. A code that exists is refused with 1220.
        refusesRepeat: true,
        source: "Add Store in bulk; Setup Store hierarchy. Facts: Stores, Add stores.",
        code: .kind("store")
    ).endpoint
}

enum StoresAdd {
    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "code", .text(most: 50), .required,
            "Unique. Letters, digits, _ and .; sources disagree on hyphens."),
        Field("name", .text(most: 100), .required, "Unique, perhaps in the whole cluster."),
        Field("externalIds", .list(.text(most: nil)), .required, "One to three."),
        Field("description", .text(most: 250)),
        Field("type", .oneOf(["STORE"])),
        Field("adminType", .oneOf(["GENERAL", "ADMIN"])),
        Field("isActive", .boolean),
        Field(
            "timeZoneId", .integer(nil), mayBeEmpty: true, "The server's id: 191 for Kolkata."),
        Field("currencyId", .integer(nil), mayBeEmpty: true),
        Field("languageId", .integer(nil), mayBeEmpty: true),
        Field("parentZoneId", .integer(nil), .optional, "An existing zone."),
        Field("parentConceptId", .integer(nil), .optional, "An existing concept."),
        Field("email", .text(most: nil)), Field("mobile", .text(most: nil)),
        Field("landline", .text(most: nil)), Field("latitude", .text(most: nil)),
        Field("longitude", .text(most: nil)), Field("address", .text(most: nil)),
        Field("cityId", .integer(nil)), Field("areaId", .integer(nil)),
        Field("customFields", .open, .optional, "Existing names in the org."),
    ]

    static func check(_ context: inout ItemContext) {
        let code = context.text("code") ?? ""
        checkCode(code, &context)
        let ids = context.list("externalIds")
        if context.node("externalIds") != nil, !(1...3).contains(ids.count) {
            context.problem(
                .outOfRange, "externalIds", "\(ids.count) are given; expected one to three.")
        }
        let texts = ids.map { context.json.scalar($0) ?? "" }
        for (index, text) in texts.enumerated() where text.isEmpty {
            context.problem(.missing, "externalIds[\(index)]", "The string is empty.")
        }
        let name = context.text("name") ?? ""
        context.identity = [code]
        context.orderKeys = [["store", code], ["store name", name]]
        context.evidence = [code, name] + texts.prefix(3)
    }

    static func checkCode(_ code: String, _ context: inout ItemContext) {
        guard let bad = code.unicodeScalars.first(where: { !isAllowed($0) }) else { return }
        let shown = bad.properties.isWhitespace ? "a space" : "'\(bad)'"
        context.problem(
            .rule, "code", "\(shown) is not allowed in a code: use letters, digits, _ and .")
    }

    /// A hyphen passes: one page's sample has it, another's rule forbids it, and the server says which.
    private static func isAllowed(_ letter: Unicode.Scalar) -> Bool {
        letter.properties.isAlphabetic || letter.properties.numericType != nil
            || letter.properties.generalCategory == .nonspacingMark
            || letter.properties.generalCategory == .spacingMark
            || ["_", ".", "-"].contains(letter)
    }

    // MARK: Reply

    /// Source: Stores, Add stores.
    static let codes = CodeTable(
        [
            // A name that exists is this store only if its code is; the look-up compares both.
            .init(.exists, .duplicate, 1220, 1206),
            .init(.rejected, .refusedValue, 1221),
            .init(.again, .busy, 521, 461, 4001),
            .init(.again, .throttled, 517),
            .init(.batch, .batchTooLarge, 1060),
        ],
        byWords: { complaint in
            complaint.message.hasPrefix("INVALID_CHARACTERS")
                ? CodeTable.Row(.rejected, .refusedValue) : nil
        })
}

/// What is kept of a store so that the server's copy can be compared.
struct StoreEvidence: Sendable {
    var code: String
    var name: String
    var externalIDs: [String]

    init(_ evidence: Evidence) {
        let fields = evidence.fields
        code = fields.first ?? ""
        name = fields.count > 1 ? fields[1] : ""
        externalIDs = Array(fields.dropFirst(2))
    }
}
