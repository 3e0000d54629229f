import Catalog
import Model

/// The `endpoint:` of a job as a block that describes a call: for what the catalog does not have.
struct JobEndpoint {
    static func parse(_ node: YAMLNode, builtIn: [Endpoint]) throws(JobError) -> Endpoint {
        let keys = try node.members([
            "name", "method", "path", "adds", "records", "fields", "rules", "key", "key_case", "body",
            "reply", "codes", "recovery", "refuses_repeat", "bad_request", "headers",
            "customer", "limit",
        ])
        let nameNode = try keys.required("name")
        let name = try nameNode.string()
        guard !builtIn.contains(where: { $0.name == name }) else {
            throw nameNode.error(
                "\(name) is the name of a call in the catalog: choose another name."
            )
        }
        let path = try path(try keys.required("path"))
        let adds = try keys.required("adds").boolean()
        let method = try keys["method"]?.choice([
            ("POST", Request.Method.post), ("PUT", .put), ("DELETE", .delete),
        ])
        let records = try keys["records"]?.integer(1...1000) ?? 1
        var call = Call(path: path, records: records, fields: try fields(try keys.required("fields")))
        try checkPlaces(call, keys)
        try key(try keys.required("key"), &call)
        if let folding = keys["key_case"] {
            call.foldsKey = try folding.choice([("exact", false), ("ignored", true)])
        }
        let body = try keys["body"].map { node throws(JobError) in try self.body(node) } ?? .single
        if case .single = body, records > 1 {
            throw (keys["body"] ?? node).error(
                "several records per request need `body: array` or `body: { list: … }`.")
        }
        let reply = try reply(try keys.required("reply"), call)
        let codes = try keys["codes"].map { node throws(JobError) in try self.codes(node) } ?? []
        let refuses = try keys["refuses_repeat"]?.boolean() ?? false
        let badRequest = try keys["bad_request"]?.choice([
            ("nothing", BadRequest.doesNothing(source: "The job.")), ("unknown", .unknown),
        ])
        let headers = try keys["headers"].map { node throws(JobError) in try JobHeaders.parse(node) }
        let rules = try keys["rules"].map { node throws(JobError) in
            try JobRules.parse(node, call.fields)
        }
        call.customer = try keys["customer"].map { node throws(JobError) in
            try JobRules.customer(node, call.fields)
        }
        let limit = try keys["limit"].map { node throws(JobError) in try self.limit(node) }
        let recoveryNode = try keys.required("recovery")
        let recovery = try self.recovery(recoveryNode, &call)
        if adds, case .resend = recovery, !refuses {
            throw recoveryNode.error(
                "a call that adds is never sent again without proof: use `hold`, a look-up, or `refuses_repeat: true` if "
                    + "the server is known to refuse a second record with the same key.")
        }
        return Endpoint(
            EndpointSpec(
                name, "A call that the job describes.", method ?? .post, path, adds: adds,
                chunk: .upTo(records, normal: min(50, records)), headers: headers ?? [],
                fields: call.fields, rules: call.keyRules + (rules ?? []), keys: call.keys,
                body: body, reply: reply, codes: .described(codes), badRequest: badRequest,
                recovery: recovery, refusesRepeat: refuses,
                repeats: adds && !refuses ? nil : .never,
                limit: limit.map {
                    CallLimit("\((method ?? .post).rawValue) \(path)", $0, source: "The job.")
                }, source: "The job."))
    }

    /// What is known of the call so far.
    struct Call {
        var path: String
        var records: Int
        var fields: [Field]
        /// Fields that tell records apart, the one a person knows them by first.
        var key: [String] = []
        var foldsKey = false
        /// Whose records keep the order of the input.
        var customer: CustomerForm?
        /// What a look-up compares beside the key.
        var compared: [String] = []

        func kind(_ path: String) -> Field.Kind {
            fields.first { $0.name == path }?.kind ?? .text(most: nil)
        }

        /// A whole number as the server will write it, else the text.
        private func part(_ path: String) -> KeyPart {
            if case .integer = kind(path) { .integer(path) } else { .whole(path) }
        }

        var keyRules: [ItemRule] {
            let rules = key.map { ItemRule.key($0, part($0)) }
            guard case .one(let names, let field) = customer else { return rules }
            return rules + [.exactlyOne(of: names, in: field)]
        }

        /// Of several a reply names the first.
        var keys: Keys {
            let parts = key.map(part)
            let folded = foldsKey ? parts.map { KeyPart.lowercased($0) } : parts
            return Keys(
                identity: folded, binding: Array(folded.prefix(1)),
                order: [OrderKey(parts: [.word("key")] + folded)]
                    + (customer.map { [.customer($0)] } ?? []),
                evidence: parts + compared.map(part))
        }
    }

    private static func path(_ node: YAMLNode) throws(JobError) -> String {
        let path = try node.string()
        guard path.hasPrefix("/"), !path.contains("?"), !path.contains(" "), !path.contains("..") else {
            throw node.error("expected a path such as /v2/staff, without host and query.")
        }
        return path
    }

    private static func names(_ node: YAMLNode) throws(JobError) -> [String] {
        let parts = try node.string().split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw node.error("expected names separated by dots, such as result.code.")
        }
        return parts
    }

    private static func limit(_ node: YAMLNode) throws(JobError) -> Rate {
        guard let rate = try node.rate() else { throw node.error("expected a rate such as 50/min.") }
        return rate
    }

    // MARK: Fields

    private static func fields(_ node: YAMLNode) throws(JobError) -> [Field] {
        var fields: [Field] = []
        for member in try node.members() {
            let name = try member.key.string()
            guard !fields.contains(where: { $0.name == name }) else {
                throw member.key.error("the field is listed twice.")
            }
            fields.append(try field(name, member.value))
        }
        guard (1...64).contains(fields.count) else { throw node.error("expected 1 to 64 fields.") }
        return fields
    }

    private static func field(_ name: String, _ node: YAMLNode) throws(JobError) -> Field {
        guard node.isMapping else { return Field(name, try kind(node, nil)).with(.words) }
        let keys = try node.members([
            "type", "most", "values", "from", "to", "at_least", "fields", "of", "required", "place",
            "note", "event",
        ])
        let field = Field(
            name, try kind(try keys.required("type"), keys),
            try keys["required"]?.boolean() ?? false ? .required : .optional,
            try keys["note"]?.string() ?? ""
        ).with(try keys["event"]?.boolean() == true ? .event : .words)
        guard let place = keys["place"] else { return field }
        switch try place.choice([("body", 0), ("path", 1), ("query", 2)]) {
        case 0: return field
        case let choice:
            guard field.presence == .required else {
                throw place.error("a field in the path or query must be `required: true`.")
            }
            switch field.kind {
            case .object, .open, .list:
                throw place.error("only strings, numbers and similar values can be there.")
            default: return field.placed(inPath: choice == 1)
            }
        }
    }

    private static func kind(_ node: YAMLNode, _ keys: YAMLNode.Members?) throws(JobError) -> Field.Kind
    {
        let word = try node.choice(
            ["text", "one-of", "integer", "number", "boolean", "instant", "object", "open", "list"].map
            {
                ($0, $0)
            })
        switch word {
        case "text": return .text(most: try keys?["most"]?.integer(1...1_000_000))
        case "one-of":
            guard let values = keys?["values"] else {
                throw node.error("set `values:` to the values allowed.")
            }
            return .oneOf(try values.strings())
        case "integer":
            let least = try keys?["from"]?.integer(.min ... .max)
            let most = try keys?["to"]?.integer((least ?? .min)...(.max))
            return .integer(least == nil && most == nil ? nil : (least ?? .min)...(most ?? .max))
        case "number": return .number(atLeast: try keys?["at_least"]?.integer(0...Int.max))
        case "boolean": return .boolean
        case "instant": return .instant
        case "object":
            guard let fields = keys?["fields"] else {
                throw node.error("set `fields:`, or use `open` for any names.")
            }
            return .object(try self.fields(fields))
        case "list":
            guard let of = keys?["of"] else {
                throw node.error("set `of:` to the type of its elements.")
            }
            return .list(of.isMapping ? try field("", of).kind : try kind(of, nil))
        default: return .open
        }
    }

    /// Each name in braces is a field that is in the path, and the other way round.
    private static func checkPlaces(
        _ call: Call, _ keys: YAMLNode.Members
    ) throws(JobError) {
        let wanted = Set(braced(call.path))
        let placed = Set(call.fields.filter { $0.place == .path }.map(\.name))
        if let name = wanted.subtracting(placed).min() {
            throw try keys.required("path").error(
                "{\(name)} is not a field with `place: path`.")
        }
        if let name = placed.subtracting(wanted).min() {
            throw try keys.required("fields").error(
                "\(name) has `place: path`, and the path no {\(name)}.")
        }
        if call.records > 1, call.fields.contains(where: { $0.place != .body }) {
            throw (keys["records"] ?? keys.owner).error(
                "fields in the path or query need one record per request: `records: 1`.")
        }
    }

    private static func braced(_ path: String) -> [String] {
        path.split(separator: "{").dropFirst().compactMap {
            $0.split(separator: "}", omittingEmptySubsequences: false).first.map(String.init)
        }
    }

    private static func key(_ node: YAMLNode, _ call: inout Call) throws(JobError) {
        call.key = try node.strings()
        for name in call.key {
            let top = name.split(separator: ".").first.map(String.init) ?? ""
            guard let field = call.fields.first(where: { $0.name == top }) else {
                throw node.error(
                    "there is no field “\(top)”.",
                    suggestion: Suggestion.nearest(to: top, among: call.fields.map(\.name)))
            }
            guard field.presence == .required else {
                throw node.error("\(top) is part of the key: set `required: true`.")
            }
            call.fields = call.fields.map { $0.name == top ? $0.asKey(name) : $0 }
        }
    }

    // MARK: Body, reply, codes

    private static func body(_ node: YAMLNode) throws(JobError) -> BodyForm {
        guard node.isMapping else { return try node.choice([("single", .single), ("array", .array)]) }
        let list = try node.members(["list"]).required("list")
        let path = try names(list)
        guard path.count <= 2 else { throw list.error("a list can be at most one object deep.") }
        return .list(path)
    }

    private static func reply(
        _ node: YAMLNode, _ call: Call
    ) throws(JobError) -> ReplyForm {
        let keys = try node.members(["shape", "id", "done", "list", "key", "failed", "failed_key"])
        func path(_ name: String) throws(JobError) -> [String]? {
            guard let node = keys[name] else { return nil }
            return try names(node)
        }
        func needed(_ name: String) throws(JobError) -> [String] { try names(try keys.required(name)) }
        let shape = try keys.required("shape")
        switch try shape.choice([("single", 0), ("items", 1), ("lists", 2)]) {
        case 0:
            guard call.records == 1 else {
                throw shape.error(
                    "`single` is the reply for one record, but a request may have \(call.records).")
            }
            let (id, done) = (try path("id"), try path("done"))
            guard id != nil || done != nil else {
                throw node.error("set `id` or `done`, which shows that the record was accepted.")
            }
            return .single(
                .init(
                    id: id.map { [$0] } ?? [], idIsText: true, done: done.map { .flag($0) },
                    doneNeedsID: false))
        case 1:
            let id = try path("id")
            return .items(
                .init(
                    list: try needed("list"), key: try needed("key"), id: id, idIsText: true,
                    foldsKey: call.foldsKey, needsID: id != nil))
        default:
            let key = try needed("key")
            return .lists(
                .init(
                    done: try keys.required("done").strings(),
                    failed: try keys["failed"]?.string() ?? "errors", key: [key],
                    failedKey: [try path("failed_key") ?? key], id: try path("id"),
                    foldsKey: call.foldsKey))
        }
    }

    private static let meanings: [(word: String, meaning: CodeTable.Meaning, reason: Reason)] = [
        ("done", .done, .refused), ("exists", .exists, .duplicate),
        ("rejected", .rejected, .refusedValue), ("again", .again, .busy),
        ("batch", .batch, .batchTooLarge), ("in-doubt", .inDoubt, .noAnswer),
    ]

    private static func codes(_ node: YAMLNode) throws(JobError) -> [CodeTable.Row] {
        let keys = try node.members(meanings.map(\.word))
        var seen: Set<Int> = []
        var rows: [CodeTable.Row] = []
        for (word, meaning, reason) in meanings {
            guard let list = keys[word] else { continue }
            var codes: [Int] = []
            for element in list.elements ?? [list] {
                let code = try element.integer(1...Int.max)
                guard seen.insert(code).inserted else {
                    throw element.error("\(code) is listed twice.")
                }
                codes.append(code)
            }
            rows.append(.init(meaning, reason, codes))
        }
        return rows
    }

    // MARK: Recovery

    private static func recovery(
        _ node: YAMLNode, _ call: inout Call
    ) throws(JobError) -> EndpointSpec.RecoveryForm {
        guard node.isMapping else { return try node.choice([("resend", .resend), ("hold", .hold)]) }
        let keys = try node.members(["look", "list", "key", "id", "missing", "compare"])
        let pathNode = try keys.required("look")
        var compare: [Look.Pair] = []
        if let pairs = keys["compare"] {
            for member in try pairs.members() {
                let name = try member.key.string()
                guard call.fields.contains(where: { $0.name == name }) else {
                    throw member.key.error(
                        "there is no field “\(name)”.",
                        suggestion: Suggestion.nearest(to: name, among: call.fields.map(\.name)))
                }
                compare.append(
                    .init(.init(name, call.kind(name)), path: try names(member.value)))
            }
        }
        call.compared = compare.map(\.sent.name)
        let path = try pathNode.string()
        guard path.hasPrefix("/"), !path.contains(" ") else {
            throw pathNode.error("expected a path such as /v2/staff?code={code}.")
        }
        let known = call.key + call.compared
        let used = braced(path)
        if let name = used.first(where: { !known.contains($0) }) {
            throw pathNode.error("{\(name)} is neither a field of `key` nor one of `compare`.")
        }
        guard used.contains(call.key[0]) else {
            throw pathNode.error("a look-up uses the key: {\(call.key[0])} is not part of it.")
        }
        var missing: [Int] = []
        let missingNode = try keys.required("missing")
        for element in missingNode.elements ?? [missingNode] {
            missing.append(try element.integer(1...Int.max))
        }
        var list: [String] = []
        if let node = keys["list"] { list = try names(node) }
        return .look(
            Look(
                path: path, list: list, key: try names(try keys.required("key")),
                id: try names(try keys.required("id")), missing: missing,
                sent: call.key.map { .init($0, call.kind($0)) }, compare: compare,
                foldsKey: call.foldsKey))
    }
}
