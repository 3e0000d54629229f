import Model
import NIOHTTP1

/// `POST /v2/orgEntity/store/bulk`, and the two calls that read stores back.
///
/// Source: API reference, "Add Store in bulk", "Get Org Entities", "Location APIs (v2)".
enum Stores {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/orgEntity/store/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: 200,
                judge: { (body, item) throws(Complaint) in try judge(body, item, service) },
                write: write,
                stranger: {
                    #"{"entityId":\#(900_000_001 + $0),"result":{"code":"not_yours_2"},"errors":[],"warnings":[]}"#
                }
            ).answer(service, call, troubles)
        },
        RouteHandler(method: .PUT, path: "/v2/orgEntity/store/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: 200,
                judge: { (body, item) throws(Complaint) in try replace(body, item, service) },
                write: write,
                stranger: {
                    #"{"entityId":\#(900_000_001 + $0),"result":{"code":"not_yours_2"},"errors":[],"warnings":[]}"#
                }
            ).answer(service, call, troubles)
        },
        newer(.POST), newer(.PUT),
        RouteHandler(method: .GET, path: "/v2/locations", kind: .look) { service, call, troubles in
            locations(service, call, LookView(troubles, now: service.now()))
        },
        RouteHandler(method: .GET, path: "/v1.1/organization/entities", kind: .look) {
            service, call, troubles in
            entities(service, call, LookView(troubles, now: service.now()))
        },
    ]

    private static func judge(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let code = body.text("code", of: item) ?? ""
        let name = body.text("name", of: item) ?? ""
        let ids = (body.list(body.member("externalIds", of: item)) ?? []).compactMap {
            body.text($0)
        }
        guard !code.isEmpty, code.unicodeScalars.count <= 50 else {
            throw Complaint(1234, "store code missing or too long")
        }
        let isSpoilt = code.unicodeScalars.contains {
            $0 == " " || $0 == "-" && service.options.refusesHyphens
        }
        // The number of this one is not told.
        if isSpoilt { throw Complaint(400, "INVALID_CHARACTERS") }
        guard !name.isEmpty, name.unicodeScalars.count <= 100 else {
            throw Complaint(1235, "store name missing or too long")
        }
        guard (1...3).contains(ids.count) else { throw Complaint(1221, "external id missing") }
        if !service.store.find(.stores, code.utf8).isEmpty { throw Complaint(1220, "code taken") }
        if service.store.first(.stores, where: { stored in self.name(of: stored) == name }) != nil {
            throw Complaint(1206, "store name exists")
        }
        return .done(id: service.add(.stores, code, Array(body.raw(item))), [])
    }

    /// A field left out is emptied.
    private static func replace(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        guard let code = body.text("code", of: item), !code.isEmpty else {
            throw Complaint(1234, "store code missing")
        }
        guard let known = service.store.find(.stores, code.utf8).first,
            name(of: known) == body.text("name", of: item)
        else { throw Complaint(1235, "store name not found") }
        return .done(id: service.set(.stores, code, Array(body.raw(item))), [])
    }

    /// `POST` and `PUT /v2/locations/stores`, whose replies are as those of products.
    private static func newer(_ method: HTTPMethod) -> RouteHandler {
        RouteHandler(method: method, path: "/v2/locations/stores", kind: .work) {
            service, call, troubles in
            guard let body = Document(call.body), let items = body.list(body.root), !items.isEmpty
            else {
                return .error(400, code: 400, "the body is no list")
            }
            if items.count > 50 { return .error(400, code: 1060, "batch too large, maximum 50") }
            let shape = Shape(troubles)
            var done: [UInt8] = []
            var written: [Range<Int>] = []
            var failed: [String] = []
            for (position, item) in items.enumerated() {
                let label = shape.label(at: position, of: items.count)
                do throws(Complaint) {
                    if service.hasItemFaults, service.rollItem(.busyItem) != nil {
                        throw Complaint(521, "another request is at work")
                    }
                    let id = try newer(body, item, service, adds: method == .POST)
                    let start = done.count
                    done.add(
                        text: "{" + label.member("code", body.text("code", of: item)) + #""id":\#(id)}"#
                    )
                    written.append(start..<done.count)
                    done.add(",")
                } catch {
                    failed.append(
                        "{" + label.member("entityCode", body.text("code", of: item))
                            + #""code":\#(error.code),"message":"\#(error.message)"}"#)
                }
            }
            service.tally.items += items.count
            if shape.mixesItems, !written.isEmpty {
                done = shape.mixed(done, written) {
                    #"{"id":\#(900_000_001 + $0),"code":"not_yours_2"}"#
                }
            } else if !done.isEmpty {
                done.removeLast()
            }
            var out: [UInt8] = []
            out.add(method == .POST ? #"{"created":["# : #"{"updated":["#)
            out.append(contentsOf: done)
            out.add(text: #"],"warnings":[],"errors":[\#(failed.joined(separator: ","))]}"#)
            return Answer(
                status: failed.isEmpty ? 201 : failed.count == items.count ? 400 : 207, out)
        }
    }

    /// It sets what is given and leaves the rest.
    private static func newer(_ body: Document, _ item: Int, _ service: Service, adds: Bool)
        throws(Complaint) -> Int64
    {
        let code = body.text("code", of: item) ?? ""
        let known = service.store.find(.stores, code.utf8).first
        if adds, known != nil { throw Complaint(1220, "code taken") }
        if !adds, known == nil { throw Complaint(1235, "no such store") }
        var members: [(String, ArraySlice<UInt8>)] = []
        if let known, let old = Document(known.content) {
            members = old.members(of: old.root).map { ($0.name, old.raw($0.value)) }
        }
        for (name, value) in body.members(of: item) {
            // Kept under the name that the v1 calls have.
            let name = name == "externalId" ? "externalIds" : name
            members.removeAll { $0.0 == name }
            members.append((name, body.raw(value)))
        }
        let wanted = members.first { $0.0 == "name" }?.1
        if service.store.first(
            .stores,
            where: { stored in
                stored.key != Array(code.utf8)
                    && Document(stored.content).map { other in
                        other.member("name", of: other.root).map(other.raw) == wanted
                    } ?? false
            }) != nil
        {
            throw Complaint(1206, "store name exists")
        }
        var content: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { content.add(",") }
            content.add(quoted: member.0)
            content.add(":")
            content.append(contentsOf: member.1)
        }
        content.add("}")
        return adds ? service.add(.stores, code, content) : service.set(.stores, code, content)
    }

    private static func name(of thing: Store.Thing) -> String? {
        Document(thing.content).flatMap { $0.text("name", of: $0.root) }
    }

    private static func write(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ out: inout [UInt8]
    ) {
        switch outcome {
        case .done(let id, _), .partly(let id, _): out.add(text: #""entityId":\#(id),"#)
        case .failed:
            look.failedID.add(to: &out)
            if look.leavesOutResult { return }
        }
        out.add(#""result":{"#)
        if case .done(let id, _) = outcome { out.add(text: #""id":\#(id),"#) }
        switch look.label {
        case .right: body.echo(["code"], of: item, into: &out)
        case .wrong: out.add(#""code":"not_yours_1","#)
        case .none: break
        }
        body.echo(
            ["name", "description", "type", "adminType", "isActive", "externalIds", "parentZoneId"],
            of: item, into: &out)
        if case .done = outcome {
            for name in ["timeZoneId", "currencyId", "languageId"] {
                let given = body.text(name, of: item) ?? ""
                out.add(text: #""\#(name)":\#(given.isEmpty ? "-1" : given),"#)
            }
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("},")
    }

    // MARK: Reading

    private static let fields = [
        "code", "name", "description", "adminType", "isActive", "timeZoneId", "currencyId",
        "languageId",
        "parentZoneId", "parentConceptId", "email", "mobile", "landline", "latitude", "longitude",
        "address",
        "cityId", "areaId", "customFields", "referenceId", "isOuEnabled", "default",
    ]

    /// By code. Its reply is not documented; this is the form of its neighbours.
    private static func locations(_ service: Service, _ call: Call, _ view: LookView) -> Answer {
        guard service.options.hasLocations else { return .error(404, code: 404, "no such path") }
        let codes = Set((call.query("entityCodes") ?? "").split(separator: ",").map(String.init))
        let found = service.store.all(.stores).filter {
            view.shows($0) && codes.contains(String(decoding: $0.key, as: UTF8.self))
        }
        var out: [UInt8] = []
        out.add(#"{"data":["#)
        for (index, thing) in found.prefix(100).enumerated() {
            guard let store = Document(thing.content) else { continue }
            if index > 0 { out.add(",") }
            out.add(text: #"{"id":\#(thing.id),"type":"STORE","#)
            for name in fields {
                guard store.member(name, of: store.root) == nil else {
                    store.echo([name], of: store.root, into: &out)
                    continue
                }
                out.add(text: "\"\(name)\":null,")
            }
            out.add(#""externalId":"#)
            out.append(contentsOf: store.member("externalIds", of: store.root).map(store.raw) ?? [])
            out.add("}")
        }
        out.add(#"],"warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    /// What is not kept here: seeded ones.
    private static func others(
        _ service: Service, _ type: String, start: Int, limit: Int
    ) -> Answer {
        let all = type == "TILL" ? service.options.seedData : min(23, service.options.seedData)
        let rows = (0..<all).dropFirst(start).prefix(limit).map { index in
            #"{"item_status":{"success":"true","code":"3200","message":"ok"},"id":"\#(9001 + index)","is_active":"1","#
                + #""code":"\#(type.lowercased()).seed_\#(index + 1)","name":"\#(SeededItem.name(index))","type":"\#(type)"}"#
        }
        let list =
            rows.count == 1 && service.options.loneItemIsObject
            ? rows[0] : "[" + rows.joined(separator: ",") + "]"
        return Answer(
            text:
                #"{"response":{"pagination":{"limit":"\#(limit)","offset":"\#(start)","total":"\#(all)"},"#
                + #""status":{"success":"true","code":"200","message":"SUCCESS"},"organization":{"entities":{"entity":\#(list)}}}}"#
        )
    }

    /// All of them, page by page, everything a text.
    private static func entities(_ service: Service, _ call: Call, _ view: LookView) -> Answer {
        let limit = min(call.query("limit").flatMap { Int($0) } ?? 500, view.pageLimit, 500)
        let start = max(0, call.query("start_id").flatMap { Int($0) } ?? 0)
        let type = call.query("type") ?? ""
        guard ["STORE", "TILL", "ZONE", "CONCEPT", "STR_SERVER"].contains(type), limit > 0 else {
            return .error(400, code: 400, "no such type")
        }
        if type != "STORE" { return others(service, type, start: start, limit: limit) }
        // A day, from its beginning on.
        let since = call.query("modified_since") ?? ""
        let all = service.store.all(.stores).filter {
            view.shows($0) && (since.isEmpty || String(SeededItem.iso($0.at).prefix(10)) >= since)
        }
        var out: [UInt8] = []
        out.add(
            text:
                #"{"response":{"pagination":{"limit":"\#(limit)","offset":"\#(start)","total":"\#(all.count)"},"#
                + #""status":{"success":"true","code":"200","message":"SUCCESS"},"organization":{"entities":{"entity":"#
        )
        let page = all.dropFirst(start).prefix(limit)
        let isLone = page.count == 1 && service.options.loneItemIsObject
        if !isLone { out.add("[") }
        for (index, thing) in page.enumerated() {
            guard let store = Document(thing.content) else { continue }
            if index > 0 { out.add(",") }
            let ids = (store.list(store.member("externalIds", of: store.root)) ?? []).compactMap {
                store.text($0)
            }
            out.add(text: #"{"item_status":{"success":"true","code":"3200","message":"ok"},"#)
            out.add(text: #""id":"\#(thing.id)","type":"STORE","is_active":"1","code":"#)
            out.add(quoted: thing.key)
            out.add(#","name":"#)
            out.add(quoted: store.text("name", of: store.root) ?? "")
            for (place, name) in ["external_id", "external_id_1", "external_id_2"].enumerated() {
                out.add(text: #","\#(name)":"#)
                out.add(quoted: ids.indices.contains(place) ? ids[place] : "")
            }
            let changed = SeededItem.iso(thing.at).dropLast().replacing("T", with: " ")
            out.add(text: #","last_updated_on":"\#(changed)"}"#)
        }
        if !isLone { out.add("]") }
        out.add("}}}}")
        return Answer(out)
    }
}

/// What faults hide from a look-up.
struct LookView {
    private var youngest = Int64.max
    private(set) var pageLimit = Int.max

    init(_ troubles: [Trouble], now: Int64) {
        for trouble in troubles {
            switch trouble.fault.kind {
            case .lag: youngest = min(youngest, now - trouble.delay.milliseconds)
            case .smallPages: pageLimit = max(1, trouble.fault.size ?? 1)
            default: break
            }
        }
    }

    func shows(_ thing: Store.Thing) -> Bool { thing.at <= youngest }
}
