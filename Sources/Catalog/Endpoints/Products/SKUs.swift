import Model
import Records

extension Endpoint {
    /// Adds products: `POST /v2/product/skus`.
    package static let skusAdd = EndpointSpec(
        "skus.add", "Adds products, each with its SKU code, price, brand, category and attributes.",
        .post, "/v2/product/skus", what: "A product", adds: true,
        // Source: Products, Add and update products. CONF_PRODUCT_CREATE_UPDATE_BATCH_SIZE.
        chunk: .upTo(100, normal: 50), fields: SKUs.fields, keys: SKUs.keys, body: .array,
        reply: SKUs.reply, codes: SKUs.codes, recovery: .code(.readBack(SKUSearch.readBack)),
        // Source: Products, Add and update products. A code that exists is refused with 10104.
        refusesRepeat: true, source: SKUs.source, code: .kind("product")
    ).endpoint

    /// Changes products: `PUT /v2/product/skus`.
    package static let skusUpdate = EndpointSpec(
        "skus.update", "Sets the given fields of existing products; the EAN cannot be changed.",
        .put, "/v2/product/skus", what: "A product", adds: false, chunk: .upTo(100, normal: 50),
        fields: SKUs.fields, rules: [.code(SKUs.checkChange)], keys: SKUs.keys, body: .array,
        reply: SKUs.reply, codes: SKUs.codes, recovery: .resend, source: SKUs.source,
        code: .kind("product")
    ).endpoint
}

enum SKUs {
    static let source =
        "Products (v2). Facts: Products, Add and update products; Products, Product codes. Unconfirmed: whether an "
        + "unknown brand or category refuses a product or only warns, and whether a price of 0 is accepted."

    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "sku", .text(most: 100), .required, "Not case-sensitive. Some lines say 50."),
        Field("ean", .text(most: nil), .optional, "Unique, and never changed."),
        Field("price", .number(atLeast: 0), .optional, "Without it: 0, with warning 10111."),
        Field("description", .text(most: nil)), Field("longDescription", .text(most: nil)),
        Field("ouCode", .text(most: nil), .optional, "If the org has units."),
        Field("brandCode", .text(most: 50), .optional, "An existing brand."),
        Field("categoryCode", .text(most: 50), .optional, "An existing category."),
        Field("imageUrl", .text(most: nil)), Field("returnable", .boolean),
        Field("returnableDays", .integer(-1...Int.max), .optional, "-1: no limit."),
        Field(
            "attributes",
            .list(
                .object([
                    Field("code", .text(most: 30), .required),
                    Field("value", .text(most: 50), .required).with(.words),
                ])), .optional, "Existing attributes, with their values."),
        Field("isActive", .boolean, .optional, "Nothing is ever deleted; false deactivates it."),
        Field("sizeCode", .text(most: nil), .optional, "In samples, but rejected with 10112."),
        Field("styleCode", .text(most: nil), .optional, "In samples, but rejected with 10112."),
        Field("colorCode", .text(most: nil), .optional, "In samples, but rejected with 10112."),
    ]

    static func checkChange(_ context: inout ItemContext) {
        if !fields.contains(where: {
            !["sku", "ouCode"].contains($0.name) && context.node($0.name) != nil
        }) {
            context.problem(.rule, "", "Nothing to change: give a field in addition to sku.")
        }
    }

    static let keys: Keys = {
        let code = KeyPart.lowercased(.text("sku"))
        return Keys(
            identity: [code, .lowercased(.text("ouCode"))],
            // Equal codes of two units do not travel together: errors need not say the unit.
            binding: [code], order: [.thing("sku", code), .thingIfAny("ean", .text("ean"))],
            evidence: [.text("sku"), .text("ouCode"), .text("ean")])
    }()

    // MARK: Reply

    /// Source: Products, Product codes.
    static let codes = CodeTable([
        .init(.done, .refused, 10111, 10117),
        .init(.exists, .duplicate, 10104, 10107),
        .init(.rejected, .targetUnknown, 10105),
        .init(
            .rejected, .refusedValue, 10001, 10003, 10101, 10103, 10106, 10108, 10109, 10110, 10112,
            10113,
            10115, 10116, 10120, 10121, 10122, 10125, 10127),
        .init(.rejected, .refusedSetup, 10002),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 10102, 1060),
    ])

    static let reply = ReplyForm.lists(
        .init(
            done: ["created", "updated"], key: [["code"]],
            failedKey: [["entityCode"], ["entityIdentifier"]], id: ["id"], foldsKey: true))
}

/// What is kept of a product so that the server's copy can be compared.
struct SKUEvidence: Sendable {
    var code: String
    var unit: String
    var ean: String

    init(_ evidence: Evidence) {
        let fields = evidence.fields
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        code = field(0)
        unit = field(1)
        ean = field(2)
    }
}

/// Finding a product by its code.
enum SKUSearch {
    static let readBack = ReadBack(
        search: { member, _ in start(SKUEvidence(member)) },
        variants: { member, _ in
            let product = SKUEvidence(member)
            return Form.variants(product.code).map { start(product, asked: $0) }
        },
        fields: { member in
            let product = SKUEvidence(member)
            return [FormField("sku", .text, product.code), FormField("EAN", .text, product.ean)]
        }, place: { SKUEvidence($0).unit },
        source: "Products, Read SKUs. GET /v2/product/skus by code.")

    static func start(_ member: SKUEvidence, asked: String? = nil) -> SearchStep {
        var target =
            "/v2/product/skus?"
            + query(["entityCodes": asked ?? member.code, "limit": "100", "offset": "0"])
        if !member.unit.isEmpty { target += "&" + query(["ouCode": member.unit]) }
        return .ask(Request(.get, target)) { reply in read(reply, member) }
    }

    private static func read(_ reply: Reply, _ member: SKUEvidence) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let data = json.member("data", of: json.root), json.kind(data) == .array
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard complaints.isEmpty else { return .unclear(LookReply.unclear(reply, complaints)) }
        var ids: [ServerID] = []
        var others: [String] = []
        var entries: [Alike] = []
        for row in json.list(data) {
            let code =
                json.scalar(json.member("code", of: row)) ?? json.scalar(json.member("sku", of: row))
            guard let code, let id = json.scalar(json.member("id", of: row)), (Int(id) ?? 0) > 0 else {
                return .unclear(
                    Refusal(.unboundAnswer, message: "A product of the list has no code or no id."))
            }
            var comparison = FormComparison()
            if code.lowercased() != member.code.lowercased() {
                comparison.compareText("sku", sent: member.code, shown: code)
            }
            if !comparison.differing.isEmpty {
                let field = FormField("sku", .text, member.code)
                entries.append(
                    Alike(ServerID(id), [Alike.Difference(field, shown: code)], isAnother: true))
                continue
            }
            if let ean = json.scalar(json.member("ean", of: row)), !member.ean.isEmpty {
                comparison.compareText("EAN", sent: member.ean, shown: ean)
            }
            if !comparison.differing.isEmpty {
                others.append("a product of that code with another EAN")
            } else if comparison.alike.isEmpty {
                ids.append(ServerID(id))
            } else {
                entries.append(Alike(ServerID(id), comparison.alike))
            }
        }
        return .read(ids: ids, others: others, alike: entries)
    }
}
