import Model
import Records

/// One item on its way through the checks that all endpoints share: first its fields, then the rules
/// of its endpoint, then its keys, which are digests of a few of its texts.
package struct ItemContext {
    let json: JSON
    private let schema: Schema
    private var check: Schema.Check
    /// What tells it from all others of the scope; the endpoint's name is before it.
    var identity: [String] = []
    /// What a reply echoes of it; nil where a reply is bound by place.
    var binding: [String]?
    /// What it shares with all others of its request, where that is anything.
    var group: [String] = []
    /// Each a list of texts; who shares one keeps the order of the input.
    var orderKeys: [[String]] = []
    /// What is kept of it, the key a person knows it by first.
    var evidence: [String] = []

    /// Checks an item's fields, lets `rules` add to them and name the keys, and fills `prepared`.
    ///
    /// - Parameter what: The thing with its article, for messages: `A store`.
    static func prepare(
        _ item: Item, _ schema: Schema, _ endpoint: String, _ what: String,
        into prepared: inout PreparedItem, rules: (inout ItemContext) -> Void
    ) {
        prepared.reset()
        guard item.tape.count > 0, item.tape.is(0, .object) else {
            prepared.problems.append(Refusal(.type, message: "\(what) is a JSON object."))
            return
        }
        var context = ItemContext(item, schema)
        prepared.content = context.check.run(schema, 0)
        rules(&context)
        prepared.problems = context.check.problems
        prepared.evidence = Evidence(context.evidence)
        guard prepared.problems.isEmpty else { return }
        var identity = FieldWriter(reusing: [])
        identity.add(endpoint)
        for text in context.identity { identity.add(text) }
        prepared.identity = identity.identity
        prepared.binding = Label.digest(context.binding ?? context.identity)
        prepared.group = context.group.isEmpty ? 0 : Label.digest(context.group)
        prepared.orderKeys = context.orderKeys.map(Label.digest)
    }

    private init(_ item: Item, _ schema: Schema) {
        json = JSON(tape: item.tape, bytes: item.bytes)
        self.schema = schema
        check = Schema.Check(
            tape: item.tape, bytes: item.bytes, problems: [], slots: [], checks: item.checks)
    }

    /// The node of a field; nil where it is absent or null.
    func node(_ field: String) -> Int? {
        let slots = check.slots
        let place = schema.index(field)
        guard place < slots.count, slots[place] >= 0 else { return nil }
        let node = Int(slots[place])
        return json.isNull(node) ? nil : node
    }

    /// The text of a field, a number or a boolean as it is written; nil where there is none.
    func text(_ field: String) -> String? {
        guard let node = node(field), json.tape.range(of: node).count <= 1024 else { return nil }
        return json.scalar(node)
    }

    /// The same, nil for an empty one.
    func filled(_ field: String) -> String? { text(field).flatMap { $0.isEmpty ? nil : $0 } }

    /// A whole number as the server will write it: `007` is `7`.
    func integer(_ field: String) -> String? { text(field).flatMap { Int($0) }.map { String($0) } }

    /// Whether a field has anything: a text, a number, an object or a list that is not empty.
    func has(_ field: String) -> Bool {
        guard let node = node(field) else { return false }
        switch json.kind(node) {
        case .object, .array: return json.tape.childCount(of: node) > 0
        default: return json.scalar(node)?.isEmpty == false
        }
    }

    /// The elements of a list field.
    func list(_ field: String) -> [Int] {
        guard let node = node(field), json.tape.is(node, .array) else { return [] }
        return Array(json.tape.elements(of: node))
    }

    /// The member of an object field, of the object itself where none is named; nil where there is none.
    func text(_ member: String, in field: String?) -> String? {
        guard let field else { return text(member) }
        guard let object = node(field), json.isObject(object) else { return nil }
        return json.scalar(json.tape.member(member, of: object, in: json.bytes))
    }

    /// The one of these names that has something, in an object field or in the item itself; a problem where
    /// it is not exactly one.
    mutating func one(of names: [String], in field: String? = nil) -> (type: String, value: String) {
        let given = names.compactMap { name in
            text(name, in: field).flatMap { $0.isEmpty ? nil : (type: name, value: $0) }
        }
        if given.count != 1, field == nil || node(field ?? "") != nil {
            problem(
                given.isEmpty ? .missing : .rule, field ?? names[0],
                "Expected exactly one of \(ItemRule.list(names)).")
        }
        return given.first ?? ("", "")
    }

    var problems: [Refusal] { check.problems }

    mutating func problem(_ reason: Reason, _ field: String, _ message: String) {
        check.problem(reason, field, message)
    }

    /// A field that has to be there although its endpoint's list of fields cannot say so.
    mutating func require(_ field: String, _ message: String) {
        if !has(field) { problem(.missing, field, message) }
    }
}

/// Digests of texts, by which items of replies and records find each other.
enum Label {
    static func digest(_ texts: [String]) -> UInt64 {
        var digest = Digest(0x6C61_6265)
        for text in texts { digest.add(text) }
        return digest.value
    }

    static func digest(_ text: String) -> UInt64 { digest([text]) }

    /// Of a node's text, where it is a text or a number.
    static func digest(_ json: JSON, _ node: Int?) -> UInt64? {
        json.scalar(node).map { digest($0) }
    }
}

extension BulkReply.Label {
    /// The record's key, its first piece of evidence, is at `path` in the item.
    static func key(_ path: StaticString...) -> BulkReply.Label {
        BulkReply.Label(
            member: { Label.digest(EvidenceFields.text(0, of: $0)) },
            item: { json, item in Label.digest(json, json.member(path, of: item)) },
            agree: { _, _, _ in true })
    }
}

/// The customer of a record as an order key: written differently, one customer still has
/// one key. An e-mail's case and the punctuation of a phone number are left out.
func customerKey(_ type: String?, _ value: String?) -> [String] {
    let value = value ?? ""
    switch type {
    case "mobile":
        let digits = value.unicodeScalars.filter { ("0"..."9").contains($0) }.drop { $0 == "0" }
        return ["customer", "mobile", String(String.UnicodeScalarView(digits))]
    case "email": return ["customer", "email", value.lowercased()]
    default: return ["customer", type ?? "", value]
    }
}
