import Model
import Records

/// Finding a store again: by its code where the newest call is there, else in all pages of the older.
///
/// Unconfirmed: how the newest call's reply looks, how many entities a page has, and whether
/// `start_id` is an offset or the id after which to begin. What is not understood of the first leads to
/// the second; pages are requested by offset, and by id once that brings nothing new.
struct StoreSearch: Sendable {
    let member: StoreEvidence
    /// The newest call showed a list, and the store was not in it.
    private var isMissed = false
    private var seen: Set<String> = []
    private var others: [String] = []
    /// What may be the store in another form.
    private var entries: [Alike] = []
    /// Pages begin after an id, not at an offset.
    private var goesByID = false

    private static let pageLimit = 500

    static let readBack = ReadBack(
        search: { member, _ in start(StoreEvidence(member)) },
        fields: { member in fields(StoreEvidence(member)) },
        source: "Stores, Read stores and tills. Locations by code, else all pages of entities.")

    static func start(_ member: StoreEvidence) -> SearchStep {
        let search = StoreSearch(member: member)
        let target =
            "/v2/locations?" + query(["type": "STORE", "entityCodes": member.code])
        return .ask(Request(.get, target)) { reply in search.readLocations(reply) }
    }

    private init(member: StoreEvidence) { self.member = member }

    /// A store as the server shows it; nil for what it does not tell.
    private struct Found {
        var id: String
        var code: String
        var name: String?
        /// Nil where it tells about none at all.
        var externalIDs: Set<String>?
    }

    // MARK: By code

    private func readLocations(_ reply: Reply) -> SearchStep {
        var search = self
        guard (200..<300).contains(reply.status), let json = JSON(reply.body) else {
            return Self.isPassing(reply) ? .unclear(LookReply.unclear(reply)) : entities(from: 0)
        }
        for path: [StaticString] in [["data"], ["response"], ["entity"], ["locations"]] {
            guard let list = json.member(path, of: json.root), json.kind(list) == .array else {
                continue
            }
            for row in json.list(list) {
                guard let found = Self.found(json, row) else { continue }
                if let step = search.judge(found) { return step }
            }
            search.isMissed = true
        }
        return search.entities(from: 0)
    }

    /// Asked again later, it may say something.
    private static func isPassing(_ reply: Reply) -> Bool {
        reply.status == 401 || reply.status == 429 || reply.status >= 500
    }

    private static func found(_ json: JSON, _ row: Int) -> Found? {
        guard json.isObject(row), let code = json.scalar(json.member("code", of: row)),
            let id = json.scalar(json.member("id", of: row)), (Int(id) ?? 0) > 0
        else { return nil }
        var ids: Set<String>?
        for name: StaticString in [
            "external_id", "external_id_1", "external_id_2", "externalId", "externalIds",
        ] {
            guard let node = json.member(name, of: row) else { continue }
            ids = (ids ?? []).union(
                json.list(node).compactMap { json.scalar($0) }.filter { !$0.isEmpty })
        }
        return Found(
            id: id, code: code, name: json.scalar(json.member("name", of: row)), externalIDs: ids)
    }

    /// The end of the search where this is the store, or another under its code.
    private mutating func judge(_ found: Found) -> SearchStep? {
        var comparison = FormComparison()
        comparison.compareText("code", sent: member.code, shown: found.code)
        if !comparison.differing.isEmpty {
            if let name = found.name, Self.plain(name) == Self.plain(member.name) {
                others.append("a store with that name and another code")
            }
            return nil
        }
        let isExact = comparison.alike.isEmpty
        if let name = found.name, Self.plain(name) != Self.plain(member.name) {
            comparison.compareText("name", sent: member.name, shown: name)
        }
        if let ids = found.externalIDs, ids != Set(member.externalIDs) {
            let sent = member.externalIDs
            let isSame = Set(ids.map(Form.folded)) == Set(sent.map(Form.folded))
            comparison.note(
                isSame ? .alike : .different,
                FormField("external ids", .text, sent.sorted().joined(separator: ", ")),
                shown: ids.sorted().joined(separator: ", "))
        }
        if !isExact {
            // Another store may have the code itself: the search continues.
            if comparison.differing.isEmpty {
                let entry = Alike(ServerID(found.id), comparison.alike)
                if !entries.contains(entry) { entries.append(entry) }
            } else {
                others.append(
                    "a store with a similar code and other "
                        + comparison.differing.joined(separator: " and "))
            }
            return nil
        }
        guard found.name != nil, found.externalIDs != nil else { return nil }
        if !comparison.differing.isEmpty {
            let words =
                "a store with that code and other " + comparison.differing.joined(separator: " and ")
            return .read(ids: [], others: others + [words], alike: entries)
        }
        if comparison.alike.isEmpty {
            return .done(ids: [ServerID(found.id)], others: others)
        }
        return .read(
            ids: [], others: others,
            alike: entries + [Alike(ServerID(found.id), comparison.alike)])
    }

    static func fields(_ member: StoreEvidence) -> [FormField] {
        [FormField("code", .text, member.code), FormField("name", .text, member.name)]
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: All of them

    private func entities(from start: Int) -> SearchStep {
        let target =
            "/v1.1/organization/entities?"
            + query([
                "format": "json", "type": "STORE", "limit": String(StoreSearch.pageLimit),
                "start_id": String(start),
            ])
        return .ask(Request(.get, target)) { reply in self.readEntities(reply, from: start) }
    }

    private func readEntities(_ reply: Reply, from start: Int) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let response = json.member("response", of: json.root),
            json.boolean(json.member(["status", "success"], of: response)) == true
        else {
            if isMissed, !Self.isPassing(reply) {
                return .read(ids: [], others: others, alike: entries)
            }
            return .unclear(LookReply.unclear(reply))
        }
        var search = self
        let rows = json.list(
            json.member(["organization", "entities", "entity"], of: response))
        var fresh = 0
        for row in rows {
            guard let found = Self.found(json, row) else {
                return .unclear(
                    Refusal(.unboundAnswer, message: "A store of the list has no code or no id."))
            }
            guard search.seen.insert(found.id).inserted else { continue }
            fresh += 1
            if let step = search.judge(found) { return step }
            if found.code == member.code {
                return .unclear(
                    Refusal(
                        .unboundAnswer,
                        message: "The reply has no name or no external ids of the store."))
            }
        }
        let total = json.integer(json.member(["pagination", "total"], of: response))
        let reached = start + rows.count
        let isAll = total.map { search.seen.count >= $0 }
        let last = json.integer(json.member("id", of: rows.last))
        if isAll == false, fresh == 0, !goesByID, let most = search.seen.compactMap({ Int($0) }).max() {
            search.goesByID = true
            return search.entities(from: most)
        }
        if goesByID, isAll != true, fresh > 0, let last { return search.entities(from: last) }
        if rows.isEmpty || fresh == 0 || isAll == true {
            guard isAll ?? true else {
                return .unclear(
                    Refusal(.unboundAnswer, message: "Not all pages of stores could be read."))
            }
            return .read(ids: [], others: search.others, alike: search.entries)
        }
        return search.entities(from: reached)
    }
}
