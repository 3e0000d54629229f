import Model
import Records

// The successor of the calls for stores: codes instead of the server's numbers.
//
// Source: Stores, Locations. Fields, statuses and limits are known, but neither the form of the reply nor its
// codes: whichever of the known forms comes is read, and what cannot be bound to its store stays in doubt.
extension Endpoint {
    /// Adds stores by the v2 call: `POST /v2/locations/stores`.
    package static let locationsStoresAdd = EndpointSpec(
        "locations.stores.add",
        "Adds stores with the v2 locations call, which uses codes instead of the server's ids.",
        .post, "/v2/locations/stores", what: "A store", adds: true, chunk: .upTo(50, normal: 20),
        parameters: [LocationsStores.inherit], fields: LocationsStores.fields(isNew: true),
        keys: .code { context in LocationsStores.check(&context, isNew: true) }, body: .array,
        reply: .code(LocationsStores.replies), codes: StoresUpdate.codes,
        recovery: .code(.readBack(StoreSearch.readBack)), refusesRepeat: true,
        source: LocationsStores.source
    ).endpoint

    /// Changes stores by the v2 call: `PUT /v2/locations/stores`.
    package static let locationsStoresUpdate = EndpointSpec(
        "locations.stores.update", "Sets the given fields of stores; all other fields are unchanged.",
        .put, "/v2/locations/stores", what: "A store", adds: false, chunk: .upTo(50, normal: 20),
        parameters: [LocationsStores.inherit], fields: LocationsStores.fields(isNew: false),
        keys: .code { context in LocationsStores.check(&context, isNew: false) }, body: .array,
        reply: .code(LocationsStores.replies), codes: StoresUpdate.codes, recovery: .resend,
        source: LocationsStores.source
    ).endpoint
}

enum LocationsStores {
    static let source =
        "Location APIs (v2), 2026-08-11. Facts: Stores, Locations. Unconfirmed: the form of the reply and its "
        + "codes; 50 or 100 stores a request."

    static let inherit = Parameter(
        "inherit_locale", .query("inheritLocale"), .boolean,
        "Language, currency and time zone are taken from the parent.")

    // MARK: Fields

    static func fields(isNew: Bool) -> [Field] {
        [
            Field("code", .text(most: 50), .required, "Letters, digits, _ and . only."),
            Field("name", .text(most: 100), isNew ? .required : .optional),
            Field(
                "externalId", .list(.text(most: nil)), isNew ? .required : .optional, "One to three."),
            Field("description", .text(most: 250)), Field("isActive", .boolean),
            Field("areaParentCode", .text(most: nil)), Field("groupParentCode", .text(most: nil)),
            Field("language", .text(most: nil)), Field("currency", .text(most: nil)),
            Field("timezone", .text(most: nil)),
        ]
    }

    static func check(_ context: inout ItemContext, isNew: Bool) {
        let code = context.text("code") ?? ""
        StoresAdd.checkCode(code, &context)
        let ids = context.list("externalId")
        if context.node("externalId") != nil, !(1...3).contains(ids.count) {
            context.problem(
                .outOfRange, "externalId", "\(ids.count) are given; expected one to three.")
        }
        if !isNew, !fields(isNew: false).contains(where: { $0.name != "code" && context.has($0.name) })
        {
            context.problem(.rule, "", "Nothing to change: give a field in addition to code.")
        }
        let name = context.text("name") ?? ""
        context.identity = [code]
        context.orderKeys = [["store", code]] + (name.isEmpty ? [] : [["store name", name]])
        context.evidence = [code, name] + ids.prefix(3).map { context.json.scalar($0) ?? "" }
    }

    // MARK: Reply

    static let replies = AnyReply(
        codes: StoresUpdate.codes, fields: fields(isNew: true).map(\.name), key: "code")
}

/// Reads replies of a call whose form no source gives: the forms of its neighbours, one after the other.
/// Lists of what was done and what was not (E9, E10), or an item a record (E1); each bound by the key.
struct AnyReply: ReplyReader {
    let codes: CodeTable
    private let lists: TwoListReply
    private let items: BulkReply

    init(codes: CodeTable, fields: [String], key: StaticString) {
        self.codes = codes
        let member: @Sendable (Evidence) -> UInt64 = {
            Label.digest(EvidenceFields.text(0, of: $0).lowercased())
        }
        lists = TwoListReply(
            codes: codes, fields: fields, done: ["created", "updated", "data"],
            doneLabel: { json, element in Self.label(json, element, [key]) },
            failedLabel: { json, element in
                Self.label(json, element, ["entityCode", "entityIdentifier", key])
            },
            member: member, id: { json, element in json.scalar(json.member("id", of: element)) })
        items = BulkReply(
            labels: [
                BulkReply.Label(
                    member: member,
                    item: { json, item in
                        Self.label(json, json.member("result", of: item), [key])
                            ?? Self.label(json, item, [key])
                    }, agree: { _, _, _ in true })
            ], codes: codes, fields: fields, proof: .noErrors)
    }

    /// By the first of these members that has a text, whatever its case.
    private static func label(_ json: JSON, _ object: Int?, _ names: [StaticString]) -> UInt64? {
        for name in names {
            guard let text = json.scalar(json.member(name, of: object)), !text.isEmpty else { continue }
            return Label.digest(text.lowercased())
        }
        return nil
    }

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        if let json = JSON(reply.body), BulkReply.Form.e1.list(json) != nil {
            return items.read(reply, members: members)
        }
        return lists.read(reply, members: members)
    }
}
