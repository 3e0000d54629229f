import Model
import Records

extension Endpoint {
    /// Changes stores: `PUT /v2/orgEntity/store/bulk`.
    package static let storesUpdate = EndpointSpec(
        "stores.update",
        "Sets the given fields of existing stores. The call replaces the whole store, so each one is read "
            + "first, and its other fields are sent unchanged.",
        .put, "/v2/orgEntity/store/bulk", what: "A store", adds: false,
        // Source: Stores, Update stores.
        chunk: .upTo(200, normal: 50),
        parameters: [
            Parameter(
                "untold", .setting, .oneOf(["refuse", "empty"]), usual: "refuse",
                "What to do with a field that neither the row nor the server's copy has: the call would "
                    + "empty it.")
        ],
        fields: StoresUpdate.fields, keys: .code(StoresUpdate.check), body: .array,
        reply: .items(.init(key: ["result", "code"], needsID: false)), codes: StoresUpdate.codes,
        // The whole row is sent again, read and filled up again. Source: Recovery, After a lost reply.
        recovery: .resend, preparation: StoresUpdate.merge,
        source:
            "Update Bulk Stores; Location APIs (v2), 2026-08-11. Facts: Stores, Update stores; Stores, Read "
            + "stores and tills. Unconfirmed: which fields GET /v2/locations returns; the sample of the call runs "
            + "on the InTouch host."
    ).endpoint
}

enum StoresUpdate {
    // MARK: Fields

    /// Those of `stores.add`, of which only the code is expected here, and three more.
    static let fields: [Field] =
        StoresAdd.fields.map { field in
            switch field.name {
            case "code":
                Field("code", field.kind, .required, "The code of the store; it cannot be changed.")
            case "name":
                Field("name", field.kind, .optional, "The current name; the call cannot change it.")
            case "externalIds":
                Field(
                    "externalIds", field.kind, .optional, "One to three; they replace the current ones."
                )
            default: Field(field.name, field.kind, .optional, mayBeEmpty: field.mayBeEmpty, field.note)
            }
        } + [
            Field(
                "id", .integer(1...Int.max), .optional,
                "The server's id of the store; it must match the code."),
            Field("referenceId", .integer(nil)), Field("isOuEnabled", .boolean),
            Field("default", .boolean),
        ]

    static func check(_ context: inout ItemContext) {
        let ids = context.list("externalIds")
        if context.node("externalIds") != nil, !(1...3).contains(ids.count) {
            context.problem(
                .outOfRange, "externalIds", "\(ids.count) are given; expected one to three.")
        }
        if !fields.contains(where: {
            !["code", "name", "id"].contains($0.name) && context.has($0.name)
        }) {
            context.problem(
                .rule, "", "Nothing to change: give a field in addition to code, name and id.")
        }
        let code = context.text("code") ?? ""
        context.identity = [code]
        context.orderKeys = [["store", code]]
        context.evidence = [code, context.text("name") ?? ""]
    }

    // MARK: Reply

    /// Source: Stores, Add stores; Stores, Update stores.
    static let codes = StoresAdd.codes.adding(.init(.rejected, .targetUnknown, 1234, 1235))

    // MARK: Filling up

    /// Source: Stores, Update stores. A field left out is emptied, so a sparse row is never sent.
    static let merge = Preparation(
        start: { members, items, settings in
            let codes = members.map { EvidenceFields.text(0, of: $0) }
            // Source: Stores, Read stores and tills. At most 100 a page.
            return read(codes[...], [:]) { copies in
                zip(codes, items).map { code, item in
                    guard let copy = copies[code] else {
                        return .refuse(
                            Refusal(
                                .targetUnknown, field: "code",
                                message: "The server has no store with this code."))
                    }
                    return filled(item, copy, emptiesUntold: settings["untold"] == "empty")
                }
            }
        },
        summary: "The stores are read by code, and fields that the row does not give are filled in.")

    fileprivate typealias Copy = [String: [UInt8]]

    private static func read(
        _ codes: ArraySlice<String>, _ known: [String: Copy],
        _ then: @escaping @Sendable ([String: Copy]) -> [Readiness]
    ) -> PreparationStep {
        guard !codes.isEmpty else { return .done(then(known)) }
        let page = codes.prefix(100)
        let target =
            "/v2/locations?"
            + query([
                "type": "STORE", "entityCodes": page.joined(separator: ","), "limit": "100",
                "offset": "0",
            ])
        return .ask(Request(.get, target)) { reply in
            // Not in every org's menu. Source: Stores, Read stores and tills.
            if reply.status == 404 || reply.status == 405 {
                return StoreEntities(wanted: Set(codes)).read { rows in
                    then(known.merging(rows) { old, _ in old })
                }
            }
            guard (200..<300).contains(reply.status), let json = JSON(reply.body),
                let list = json.member("data", of: json.root), json.kind(list) == .array
            else {
                return .unclear(
                    Refusal(
                        .serverTrouble, serverCode: reply.status,
                        message: "the stores to be changed cannot be read (\(reply.status))"))
            }
            var known = known
            for row in json.list(list) {
                guard let code = json.scalar(json.member("code", of: row)) else { continue }
                known[code] = copy(json, row)
            }
            return read(codes.dropFirst(100), known, then)
        }
    }

    /// The members of a row that are fields of the call, as they are written.
    fileprivate static func copy(_ json: JSON, _ row: Int) -> Copy {
        var copy: Copy = [:]
        for member in json.tape.members(of: row) {
            let name = json.tape.text(of: member.name, in: json.bytes)
            // The v2 call has another name for these.
            copy[["externalId", "external_id"].contains(name) ? "externalIds" : name] = Array(
                json.bytes[json.tape.fullRange(of: member.value)])
        }
        return copy
    }

    private static func filled(_ item: ArraySlice<UInt8>, _ copy: Copy, emptiesUntold: Bool)
        -> Readiness
    {
        guard let json = JSON(Array(item)) else { return .go(Array(item)) }
        let given = self.copy(json, json.root)
        if let name = given["name"], let other = copy["name"], !isSame(name, other) {
            return .refuse(
                Refusal(
                    .conflict, field: "name",
                    message: "The store has another name, and the call cannot change it."))
        }
        // The code names the store; an id of another one is a mistake in the file.
        if let id = given["id"].flatMap(number), let other = copy["id"].flatMap(number), id != other {
            return .refuse(
                Refusal(
                    .conflict, field: "id",
                    message: "The server's store with this code has the id \(other), not \(id)."))
        }
        var untold: [String] = []
        var row: [UInt8] = []
        for field in fields {
            // Not emptied where it is left out, and never filled in: the copy may be of another call.
            let isID = field.name == "id"
            let value = given[field.name] ?? (isID ? nil : copy[field.name])
            if value == nil, !isID { untold.append(field.name) }
            guard let value, value != Array("null".utf8) else { continue }
            row.append(UInt8(ascii: row.isEmpty ? "{" : ","))
            JSONWriter.appendString(field.name, to: &row)
            row.append(UInt8(ascii: ":"))
            row += value
        }
        guard untold.isEmpty || emptiesUntold else {
            return .refuse(
                Refusal(
                    .rule, field: untold[0],
                    message:
                        "The server's copy does not have \(untold.joined(separator: ", ")), which the "
                        + "call would empty: give them (null to empty), or set `untold: empty`."))
        }
        row.append(UInt8(ascii: "}"))
        return .go(row)
    }

    /// A whole number, native or in quotes.
    private static func number(_ bytes: [UInt8]) -> Int? {
        JSON(bytes).flatMap { $0.integer($0.root) }
    }

    private static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard let one = JSON(a), let other = JSON(b) else { return false }
        return one.scalar(one.root) == other.scalar(other.root)
    }
}

/// The pages of the v1 call that lists stores, where the newer one is not there.
///
/// Unconfirmed: whether `start_id` is an offset or the id after which to begin: pages are requested by
/// offset, and by id once that brings nothing new. What it does not tell about a store, the row has to give.
private struct StoreEntities: Sendable {
    let wanted: Set<String>
    private var rows: [String: StoresUpdate.Copy] = [:]
    private var ids: Set<String> = []
    private var goesByID = false

    init(wanted: Set<String>) { self.wanted = wanted }

    func read(
        from start: Int = 0, _ then: @escaping @Sendable ([String: StoresUpdate.Copy]) -> [Readiness]
    ) -> PreparationStep {
        let target =
            "/v1.1/organization/entities?"
            + query(["format": "json", "type": "STORE", "limit": "500", "start_id": String(start)])
        return .ask(Request(.get, target)) { reply in
            guard (200..<300).contains(reply.status), let json = JSON(reply.body),
                let response = json.member("response", of: json.root),
                json.boolean(json.member(["status", "success"], of: response)) == true
            else { return .unclear(LookReply.unclear(reply)) }
            var pages = self
            let list = json.list(json.member(["organization", "entities", "entity"], of: response))
            var fresh = 0
            for row in list {
                guard let id = json.scalar(json.member("id", of: row)),
                    let code = json.scalar(json.member("code", of: row)),
                    pages.ids.insert(id).inserted
                else { continue }
                fresh += 1
                if wanted.contains(code) { pages.rows[code] = StoresUpdate.copy(json, row) }
            }
            let total = json.integer(json.member(["pagination", "total"], of: response))
            let isAll = total.map { pages.ids.count >= $0 } ?? (fresh == 0)
            if isAll || pages.rows.count == wanted.count { return .done(then(pages.rows)) }
            if fresh == 0 {
                guard !goesByID, let most = pages.ids.compactMap({ Int($0) }).max() else {
                    return .unclear(
                        Refusal(.unboundAnswer, message: "Not all pages of stores could be read."))
                }
                pages.goesByID = true
                return pages.read(from: most, then)
            }
            let last = json.integer(json.member("id", of: list.last)) ?? start
            return pages.read(from: goesByID ? last : start + list.count, then)
        }
    }
}
