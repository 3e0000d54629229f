package import Model
import Records

/// A call as a job describes it: what ``Endpoint/init(_:)`` makes an endpoint of, the same type as those of the
/// catalog and held to the same.
package struct EndpointDescription: Sendable {
    package enum Body: Sendable, Equatable {
        case single, array
        /// A list at the end of these names: `root.customer`.
        case list([String])
    }

    /// Where things stand in a reply. Paths begin at its root, those of items at the item.
    package enum Reply: Sendable, Equatable {
        /// One record a request: done with an id there, or with `true` there.
        case single(id: [String]?, done: [String]?)
        /// An item a record.
        case items(list: [String], key: [String], id: [String]?)
        /// Lists of what was done, and one of what was not.
        case lists(done: [String], failed: String, key: [String], failedKey: [String], id: [String]?)
    }

    /// Looking a record up by its key.
    package struct Look: Sendable, Equatable {
        /// With fields in braces.
        package var path: String
        /// Where its rows are; the reply itself where nothing is said.
        package var list: [String]
        package var key: [String]
        package var id: [String]
        /// Codes and statuses that say that there is none.
        package var missing: [Int]
        /// Which fields have to agree, and where the row has them.
        package var compare: [Pair]

        package struct Pair: Sendable, Equatable {
            package var field: String
            package var path: [String]
            package init(field: String, path: [String]) {
                self.field = field
                self.path = path
            }
        }

        package init(
            path: String, list: [String], key: [String], id: [String], missing: [Int], compare: [Pair]
        ) {
            self.path = path
            self.list = list
            self.key = key
            self.id = id
            self.missing = missing
            self.compare = compare
        }
    }

    package enum Recovery: Sendable, Equatable { case resend, hold, look(Look) }

    /// What a code of an item means.
    package enum Meaning: String, Sendable, CaseIterable {
        case done, exists, rejected, again, batch
        case inDoubt = "in-doubt"
    }

    package var name: String
    package var summary = "A call that the job describes."
    package var method = Request.Method.post
    package var path: String
    package var adds: Bool
    package var records = 1
    package var fields: [Field] = []
    /// Fields that tell records apart, the one a person knows them by first.
    package var key: [String] = []
    package var foldsKey = false
    package var body = Body.single
    package var reply = Reply.single(id: ["entity"], done: nil)
    package var codes: [(meaning: Meaning, codes: [Int])] = []
    package var recovery = Recovery.hold
    package var refusesRepeat = false
    /// What a 400 for a whole request says of the work; nil: what is known of the path.
    package var badRequest: BadRequest?
    /// Sent with each request.
    package var headers: [Header] = []

    package init(name: String, path: String, adds: Bool) {
        self.name = name
        self.path = path
        self.adds = adds
    }
}

extension Field {
    /// The same where a job says so.
    package func placed(inPath: Bool) -> Field { inPath ? self.inPath : inQuery() }
}

extension Endpoint {
    /// An endpoint of a description, which is sound.
    package init(_ told: EndpointDescription) {
        let codes = told.table
        let names = told.fields.map(\.name)
        let chunk = Chunk.upTo(told.records, normal: min(50, told.records))
        let recovery: Recovery =
            switch told.recovery {
            case .resend: .resend
            case .hold: .hold
            case .look(let look): .readBack(told.readBack(look))
            }
        let body: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] =
            switch told.body {
            case .single: Body.single
            case .array: Body.array
            case .list(let path):
                path.count > 1 ? Body.nested(path[0], path[1]) : Body.list(path.first ?? "")
            }
        let rules: @Sendable (inout ItemContext) -> Void = { context in told.keys(&context) }
        func make(_ replies: some ReplyReader) -> Endpoint {
            var endpoint = Endpoint(
                told.name, told.summary, told.method, told.path, what: "A record", adds: told.adds,
                chunk: chunk, fields: told.fields, body: body, replies: replies, recovery: recovery,
                refusesRepeat: told.refusesRepeat,
                repeats: told.adds && !told.refusesRepeat ? nil : .never,
                source: "The job.", rules: rules)
            endpoint.headers = told.headers
            if let badRequest = told.badRequest { endpoint.badRequest = badRequest }
            return endpoint
        }
        switch told.reply {
        case .single(let id, let done):
            self = make(
                SingleReply(
                    codes: codes, fields: names,
                    id: { json in id.flatMap { json.node($0, of: json.root) } },
                    idIsText: true,
                    saysDone: { json in
                        done.map { json.boolean(json.node($0, of: json.root)) == true } ?? false
                    }, doneNeedsID: false))
        case .items(let list, let key, let id):
            var form = BulkReply.Form.list({ json in json.node(list, of: json.root) })
            form.id = { json, item in id.flatMap { json.node($0, of: item) } }
            form.idIsText = true
            self = make(
                BulkReply(
                    labels: [told.label(key)], codes: codes, fields: names,
                    proof: id == nil ? .noErrors : .id, form: form))
        case .lists(let done, let failed, let key, let failedKey, let id):
            self = make(
                TwoListReply(
                    codes: codes, fields: names, done: done, failed: failed,
                    doneLabel: { json, element in told.digest(json, json.node(key, of: element)) },
                    failedLabel: { json, element in
                        told.digest(json, json.node(failedKey, of: element))
                    },
                    member: { Label.digest(told.folded(EvidenceFields.text(0, of: $0))) },
                    id: { json, element in id.flatMap { json.scalar(json.node($0, of: element)) } }))
        }
    }
}

extension EndpointDescription {
    // MARK: Keys

    fileprivate func folded(_ text: String) -> String { foldsKey ? text.lowercased() : text }

    fileprivate func keys(_ context: inout ItemContext) {
        let values = key.map { value($0, context) }
        for (name, value) in zip(key, values) where value.isEmpty {
            context.problem(.missing, name, "\(name) is part of the key and is required.")
        }
        context.identity = values.map(folded)
        // Of several a reply names the first.
        context.binding = [folded(values.first ?? "")]
        context.orderKeys = [["key"] + values.map(folded)]
        context.evidence = values + compared.map { value($0.field, context) }
    }

    private var compared: [Look.Pair] {
        if case .look(let look) = recovery { look.compare } else { [] }
    }

    /// A whole number as the server will write it, else the text.
    private func value(_ path: String, _ context: ItemContext) -> String {
        let field = fields.first { $0.name == path }
        if case .integer = field?.kind { return context.integer(path) ?? "" }
        let parts = path.split(separator: ".").map(String.init)
        return context.json.scalar(context.json.node(parts, of: context.json.root)) ?? ""
    }

    // MARK: Reply

    fileprivate func digest(_ json: JSON, _ node: Int?) -> UInt64? {
        json.scalar(node).flatMap { $0.isEmpty ? nil : Label.digest(folded($0)) }
    }

    fileprivate func label(_ path: [String]) -> BulkReply.Label {
        BulkReply.Label(
            member: { Label.digest(folded(EvidenceFields.text(0, of: $0))) },
            item: { json, item in digest(json, json.node(path, of: item)) }, agree: { _, _, _ in true })
    }

    fileprivate var table: CodeTable {
        let said = Set(codes.flatMap(\.codes))
        func rest(_ codes: Int...) -> [Int] { codes.filter { !said.contains($0) } }
        return CodeTable(
            codes.map { row in
                switch row.meaning {
                case .done: CodeTable.Row(.done, .refused, row.codes)
                case .exists: CodeTable.Row(.exists, .duplicate, row.codes)
                case .rejected: CodeTable.Row(.rejected, .refusedValue, row.codes)
                case .again: CodeTable.Row(.again, .busy, row.codes)
                case .batch: CodeTable.Row(.batch, .batchTooLarge, row.codes)
                case .inDoubt: CodeTable.Row(.inDoubt, .noAnswer, row.codes)
                }
            } + [
                .init(.again, .busy, rest(521, 461, 4001)), .init(.again, .throttled, rest(517)),
                .init(.batch, .batchTooLarge, rest(1060)),
            ])
    }

    // MARK: Looks

    fileprivate func readBack(_ look: Look) -> ReadBack {
        ReadBack(
            search: { member, org in ask(look, member.fields, org, asked: nil) },
            variants: { member, org in
                let fields = member.fields
                guard namesKey(look), let first = fields.first else { return [] }
                return Form.variants(first).map { ask(look, fields, org, asked: $0) }
            },
            fields: { member in
                zip(key + look.compare.map(\.field), member.fields).map { field($0, $1) }
            },
            source: "The job.")
    }

    /// The look-up names the record by its key: a reply without it is about something else.
    private func namesKey(_ look: Look) -> Bool {
        key.first.map { look.path.contains("{\($0)}") } ?? false
    }

    private func ask(_ look: Look, _ fields: [String], _ org: OrgSettings, asked: String?)
        -> SearchStep
    {
        var target = look.path
        var values = fields
        if let asked { values[0] = asked }
        for (name, value) in zip(key + look.compare.map(\.field), values) {
            target = target.replacing("{\(name)}", with: pathSegment(value))
        }
        return .ask(Request(.get, target)) { reply in found(reply, fields, look, org) }
    }

    /// A field as a look-up compares it, by what the job says of its kind.
    private func field(_ name: String, _ sent: String) -> FormField {
        let kind: FormField.Kind =
            switch fields.first(where: { $0.name == name })?.kind {
            case .number, .integer: .amount
            case .instant: .time
            default: .text
            }
        return FormField(name, kind, sent)
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

    private func found(
        _ reply: Model::Reply, _ fields: [String], _ look: Look, _ org: OrgSettings
    ) -> SearchStep {
        let json = JSON(reply.body)
        let complaints = json.map { $0.complaints($0.member("errors", of: $0.root)) } ?? []
        let isMissing =
            look.missing.contains(reply.status)
            || !complaints.isEmpty
                && complaints.allSatisfy { $0.code.map(look.missing.contains) ?? false }
        if isMissing, ![401, 403, 429].contains(reply.status), reply.status < 500 {
            return .done(ids: [], others: [])
        }
        guard (200..<300).contains(reply.status), complaints.isEmpty, let json,
            let node = look.list.isEmpty ? json.root : json.node(look.list, of: json.root)
        else { return .unclear(LookReply.unclear(reply, complaints)) }
        let rows = json.list(node)
        var ids: [ServerID] = []
        var others: [String] = []
        var entries: [Alike] = []
        let keyField = FormField(key.first ?? "key", .text, fields[0])
        for row in rows {
            guard let shown = json.scalar(json.node(look.key, of: row)), !shown.isEmpty else {
                continue
            }
            let id = json.scalar(json.node(look.id, of: row)).flatMap { $0.isEmpty ? nil : $0 }
            var comparison = FormComparison()
            let isKey = folded(shown) == folded(fields[0])
            let match = isKey ? .equal : Form.text(shown, fields[0])
            guard match != .different else {
                guard namesKey(look) else { continue }
                let difference = Alike.Difference(keyField, shown: shown)
                entries.append(Alike(id.map { ServerID($0) }, [difference], isAnother: true))
                continue
            }
            guard let id else { return .gap("What was found has no id.") }
            comparison.note(match, keyField, shown: shown)
            for (pair, value) in zip(look.compare, fields.dropFirst(key.count)) {
                let shown = json.scalar(json.node(pair.path, of: row)) ?? ""
                let field = field(pair.field, value)
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
}
