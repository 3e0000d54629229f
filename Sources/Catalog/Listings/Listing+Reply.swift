package import Model
import Records

/// An item of a listing.
package struct PageItem: Sendable, Equatable {
    /// What tells it apart; where it has no id, a digest of all it says.
    package var id: String
    /// As the API gave it, on one line, without what is withheld.
    package var text: [UInt8]
    /// Of all the API said of it, so that a change is noticed.
    package var digest: Int64
    /// The fields that its details are requested with.
    package var texts: [String: String]

    package init(id: String, text: [UInt8], digest: Int64, texts: [String: String] = [:]) {
        self.id = id
        self.text = text
        self.digest = digest
        self.texts = texts
    }
}

/// What a reply to a listing means.
package enum PageReading: Sendable, Equatable {
    case page([PageItem], Paging.Facts)
    /// The server says that there is nothing of that kind: a key that it does not know.
    case nothing(Refusal)
    /// It cannot be answered now.
    case again(Refusal)
    /// It will not be answered.
    case refused(Refusal)
}

extension Listing {
    /// Codes that pass by themselves. Source: Errors, Request status codes; Replies, Call
    /// families.
    private static let passing: Set<Int> = [461, 500, 503, 521, 1849]

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - key: The key it was asked by.
    ///   - salt: Personal data is replaced, by what nobody can tell without it; nil: it stays.
    package func read(_ reply: Reply, key: String?, salt: String?) -> PageReading {
        guard let json = JSON(reply.body) else {
            let isGone = [400, 404, 405, 415].contains(reply.status)
            let refusal = LookReply.unclear(reply)
            return isGone ? .refused(refusal) : .again(refusal)
        }
        if let reading = complaint(json, reply) { return reading }
        if reply.status >= 500 { return .again(LookReply.unclear(reply)) }
        guard (200..<300).contains(reply.status) else { return .refused(LookReply.unclear(reply)) }
        guard let rows = rows(json) else {
            // Nothing at all is no list that is empty.
            guard paging.facts(json, rows: 0).total == 0 || leadsToItems(json) else {
                return .refused(
                    Refusal(
                        .unboundAnswer,
                        message: "the reply has no list where this listing has its items"))
            }
            return .page([], paging.facts(json, rows: 0))
        }
        var items: [PageItem] = []
        for row in rows where !isFailed(json, row) {
            items.append(item(json, row, key: key, salt: salt))
        }
        return .page(items, paging.facts(json, rows: items.count))
    }

    /// What the envelope says instead of items.
    private func complaint(_ json: JSON, _ reply: Reply) -> PageReading? {
        var complaints =
            json.isObject(json.root)
            ? json.complaints(json.member("errors", of: json.root)) : []
        for path: [StaticString] in [["response", "status"], ["status"]] {
            let status = json.member(path, of: json.root)
            guard json.isObject(status), json.boolean(json.member("success", of: status)) == false
            else { continue }
            complaints.append(
                Complaint(
                    code: json.integer(json.member("code", of: status)),
                    message: json.scalar(json.member("message", of: status)) ?? "", field: nil))
        }
        guard !complaints.isEmpty else { return nil }
        let refusal = LookReply.unclear(reply, complaints)
        let codes = complaints.compactMap(\.code)
        if codes.contains(where: nothing.contains) { return .nothing(refusal) }
        // The v1 calls give 500 in the body also where each item says why.
        let rows = rows(json) ?? []
        if codes.allSatisfy({ $0 == 500 }), !rows.isEmpty, rows.allSatisfy({ isFailed(json, $0) }) {
            let codes = rows.compactMap {
                json.integer(json.member(["item_status", "code"], of: $0))
            }
            let first = Refusal(
                .notFound, serverCode: codes.first, message: "the server found nothing")
            return .nothing(first)
        }
        if codes.contains(where: Self.passing.contains) { return .again(refusal) }
        return .refused(refusal)
    }

    /// The items; nil where none of the paths leads to a place for them.
    private func rows(_ json: JSON) -> [Int]? {
        for path in items {
            // Lists on the way are followed, too: a reply about one customer has a list of one.
            var nodes: [Int]? = [json.root]
            for name in path {
                let next =
                    name == "*"
                    ? (nodes ?? []).compactMap { onlyList(json, $0) }
                    : (nodes ?? []).flatMap { json.isObject($0) ? [$0] : json.list($0) }
                        .compactMap { json.member(named: name, of: $0) }
                nodes = next.isEmpty ? nil : next
            }
            if let nodes { return nodes.flatMap { json.list($0) }.filter { !json.isEmpty($0) } }
        }
        return nil
    }

    /// Whether what holds the items is there, and only they are left out, as some calls do where there are none.
    private func leadsToItems(_ json: JSON) -> Bool {
        items.contains { path in
            guard path.count > 1, !path.contains("*") else { return false }
            let holder = Array(path.prefix(min(2, path.count - 1)))
            return json.node(holder, of: json.root) != nil
        }
    }

    /// The only list in an object; where there is none, its only object, if it is an item: a list of one.
    private func onlyList(_ json: JSON, _ node: Int) -> Int? {
        guard json.isObject(node) else { return nil }
        for kind in [JSONTape.Kind.array, .object] {
            let found = json.tape.members(of: node).filter { name, value in
                json.kind(value) == kind
                    && !["pagination", "warnings", "errors", "status", "item_status"].contains(
                        json.tape.text(of: name, in: json.bytes))
            }
            if found.count > 1 { return nil }
            if let only = found.first, kind == .array || identity(json, only.value) != nil {
                return only.value
            }
        }
        return nil
    }

    /// An item of the v1 calls that says it is none.
    private func isFailed(_ json: JSON, _ row: Int) -> Bool {
        json.isObject(row)
            && json.boolean(json.member(["item_status", "success"], of: row)) == false
    }

    private func item(_ json: JSON, _ row: Int, key: String?, salt: String?) -> PageItem {
        var texts: [String: String] = [:]
        for field in [detail?.id, detail?.field].compactMap({ $0 }) + echoes.values {
            texts[field] = json.scalar(json.node(field.split(separator: ".").map(String.init), of: row))
        }
        let digest = ItemWriter.digest(json, row)
        let found = identity(json, row)
        // One without an id is told by all it says, and by whose it is.
        let given = key
        let key = belongsToKey || found == nil ? key : nil
        var id = found ?? "#" + String(digest, radix: 36)
        if let key { id = key + "\u{1F}" + id }
        let shown = showsKey ? given : key
        texts["_key"] = shown
        return PageItem(
            id: id, text: write(json, row, key: shown, salt: salt), digest: digest, texts: texts)
    }

    private func write(
        _ json: JSON, _ row: Int, key: String?, salt: String?, without: Set<String> = []
    ) -> [UInt8] {
        var writer = ItemWriter(
            json: json, withheld: withheld.union(without), masked: salt == nil ? [] : personal,
            salt: salt ?? "")
        writer.write(row, key: key, isKeyMasked: salt != nil && holdsPersonalData)
        return writer.result
    }

    private func identity(_ json: JSON, _ row: Int) -> String? {
        for group in id {
            let texts = group.compactMap { path in
                json.scalar(json.node(path.split(separator: ".").map(String.init), of: row))
            }
            if texts.count == group.count { return texts.joined(separator: "\u{1F}") }
        }
        return nil
    }

    /// Reads a reply to one of ``detailRequests(_:)``: the item, or why there is none.
    package func readDetail(_ reply: Reply, of item: PageItem, salt: String?) -> PageReading {
        guard let json = JSON(reply.body) else { return .again(LookReply.unclear(reply)) }
        if let reading = complaint(json, reply) { return reading }
        guard (200..<300).contains(reply.status), json.isObject(json.root) else {
            return .refused(LookReply.unclear(reply))
        }
        var whole = item
        whole.digest = ItemWriter.digest(json, json.root)
        whole.text = write(
            json, json.root, key: item.texts["_key"], salt: salt, without: ["warnings", "errors"])
        return .page([whole], Paging.Facts(rows: 1))
    }
}

extension Paging {
    func facts(_ json: JSON, rows: Int) -> Facts {
        func number(_ path: [String]) -> Int? {
            path.isEmpty ? nil : json.integer(json.node(path, of: json.root))
        }
        return Facts(
            rows: rows,
            // Also where none is expected: one that says it has more is not read to its end.
            total: number(total)
                ?? (step == .whole
                    ? number(["pagination", "total"]) ?? number(["response", "pagination", "total"])
                    : nil),
            pageCount: number(pageCount),
            isLast: last.isEmpty ? nil : json.boolean(json.node(last, of: json.root)),
            size: number(echoedSize))
    }
}
