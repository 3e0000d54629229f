import Model
import Records

/// Looking a record up by its key with one GET, as data. A reply says *absent* only by a code or status of
/// ``missing``, or by a list without the key; whatever else is not understood says nothing.
package struct Look: Sendable, Equatable {
    /// A field that is sent and kept as evidence.
    package struct Sent: Sendable, Equatable {
        /// As the path has it in braces.
        package var name: String
        /// A number is compared by value, an instant by time, all else as text.
        package var kind: Field.Kind
        package init(_ name: String, _ kind: Field.Kind) {
            self.name = name
            self.kind = kind
        }
    }

    /// What has to agree, and where a row has it.
    package struct Pair: Sendable, Equatable {
        /// What was sent.
        package var sent: Sent
        /// From the row on.
        package var path: [String]
        package init(_ sent: Sent, path: [String]) {
            self.sent = sent
            self.path = path
        }
    }

    /// With fields in braces.
    package var path: String
    /// Where its rows are; empty: the reply itself.
    package var list: [String]
    /// Where a row has the key, and the server's id.
    package var key: [String]
    /// Of the server's id, from the row on.
    package var id: [String]
    /// Codes and statuses that say that there is none.
    package var missing: [Int]
    /// The fields that the evidence begins with, the key first; those of ``compare`` follow.
    package var sent: [Sent]
    /// A row with the key is the record only if all of these agree.
    package var compare: [Pair]
    /// The server takes no notice of a key's case.
    package var foldsKey: Bool

    package init(
        path: String, list: [String], key: [String], id: [String], missing: [Int], sent: [Sent],
        compare: [Pair], foldsKey: Bool
    ) {
        self.path = path
        self.list = list
        self.key = key
        self.id = id
        self.missing = missing
        self.sent = sent
        self.compare = compare
        self.foldsKey = foldsKey
    }
}

extension Look {
    /// - Parameter source: What tells of the look-up, for a person.
    func readBack(source: String) -> ReadBack {
        ReadBack(
            search: { member, org in ask(member.fields, org, asked: nil) },
            variants: { member, org in
                let fields = member.fields
                guard namesKey, let first = fields.first else { return [] }
                return Form.variants(first).map { ask(fields, org, asked: $0) }
            },
            fields: { member in
                zip(names, member.fields).map { field($0, $1) }
            },
            source: source)
    }

    /// The look-up names the record by its key: a reply without it is about something else.
    private var namesKey: Bool { sent.first.map { path.contains("{\($0.name)}") } ?? false }

    private var names: [String] { sent.map(\.name) + compare.map(\.sent.name) }

    private func ask(_ fields: [String], _ org: OrgSettings, asked: String?) -> SearchStep {
        var target = path
        var values = fields
        if let asked { values[0] = asked }
        for (name, value) in zip(names, values) {
            target = target.replacing("{\(name)}", with: pathSegment(value))
        }
        return .ask(Request(.get, target)) { reply in found(reply, fields, org) }
    }

    /// A field as a look-up compares it, by its kind.
    private func field(_ name: String, _ text: String) -> FormField {
        let kind: FormField.Kind =
            switch (sent + compare.map(\.sent)).first(where: { $0.name == name })?.kind {
            case .number, .integer: .amount
            case .instant: .time
            default: .text
            }
        return FormField(name, kind, text)
    }

    private func compare(_ shown: String, _ field: FormField, _ org: OrgSettings) -> FormMatch {
        switch field.kind {
        case .text: break
        case .amount: if let match = Form.number(shown, field.sent) { return match }
        case .time:
            if let theirs = Instant(shown), let ours = Instant(field.sent) {
                return Form.time(theirs, ours, org)
            }
        }
        return Form.text(shown, field.sent)
    }

    private func found(_ reply: Reply, _ fields: [String], _ org: OrgSettings) -> SearchStep {
        let json = JSON(reply.body)
        let complaints = json.map { $0.complaints($0.member("errors", of: $0.root)) } ?? []
        let isMissing =
            missing.contains(reply.status)
            || !complaints.isEmpty
                && complaints.allSatisfy { $0.code.map(missing.contains) ?? false }
        if isMissing, ![401, 403, 429].contains(reply.status), reply.status < 500 {
            return .done(ids: [], others: [])
        }
        guard (200..<300).contains(reply.status), complaints.isEmpty, let json,
            let node = list.isEmpty ? json.root : json.node(list, of: json.root)
        else { return .unclear(LookReply.unclear(reply, complaints)) }
        let rows = json.list(node)
        var ids: [ServerID] = []
        var others: [String] = []
        var entries: [Alike] = []
        let keyField = FormField(sent.first?.name ?? "key", .text, fields[0])
        for row in rows {
            guard let shown = json.scalar(json.node(key, of: row)), !shown.isEmpty else {
                continue
            }
            let id = json.scalar(json.node(self.id, of: row)).flatMap { $0.isEmpty ? nil : $0 }
            var comparison = FormComparison()
            let isKey = folds(shown) == folds(fields[0])
            let match = isKey ? .equal : Form.text(shown, fields[0])
            guard match != .different else {
                guard namesKey else { continue }
                let difference = Alike.Difference(keyField, shown: shown)
                entries.append(Alike(id.map { ServerID($0) }, [difference], isAnother: true))
                continue
            }
            guard let id else { return .gap("What was found has no id.") }
            comparison.note(match, keyField, shown: shown)
            for (pair, value) in zip(compare, fields.dropFirst(sent.count)) {
                let shown = json.scalar(json.node(pair.path, of: row)) ?? ""
                let field = field(pair.sent.name, value)
                comparison.note(compare(shown, field, org), field, shown: shown)
            }
            if !comparison.differing.isEmpty {
                others.append(
                    "another with that key and another "
                        + comparison.differing.joined(separator: " and "))
            } else if comparison.alike.isEmpty {
                ids.append(ServerID(id))
            } else {
                entries.append(Alike(ServerID(id), comparison.alike))
            }
        }
        // A page may have been all that was shown.
        if ids.isEmpty, others.isEmpty, entries.isEmpty, rows.count >= 10 {
            return .gap("There may be more than the \(rows.count) shown.")
        }
        return .read(ids: ids, others: others, alike: entries)
    }

    private func folds(_ text: String) -> String { foldsKey ? text.lowercased() : text }
}
