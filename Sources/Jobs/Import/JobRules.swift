import Catalog
import Model

/// `rules:` and `customer:` of a call that a job describes: what its list of fields cannot say.
enum JobRules {
    private static let names = [
        "exactly_one", "at_least_one", "at_most_one", "single", "count", "not_empty", "server_time",
        "decimals", "sum",
    ]

    /// - Parameter fields: The call's own, which all rules are about.
    static func parse(_ node: YAMLNode, _ fields: [Field]) throws(JobError) -> [ItemRule] {
        guard let elements = node.elements else {
            throw node.error("expected a list of rules, such as `- exactly_one: [mobile, email]`.")
        }
        var rules: [ItemRule] = []
        for element in elements {
            let members = try element.members(names)
            guard let rule = members.members.first, members.members.count == 1 else {
                throw element.error("expected one rule per element: \(names.joined(separator: ", ")).")
            }
            rules.append(try self.rule(rule.key.written ?? "", rule.value, fields))
        }
        return rules
    }

    private static func rule(_ name: String, _ node: YAMLNode, _ fields: [Field]) throws(JobError)
        -> ItemRule
    {
        switch name {
        case "exactly_one":
            guard node.isMapping else { return try exactlyOne(node, nil, fields) }
            let keys = try node.members(["of", "in"])
            return try exactlyOne(try keys.required("of"), try keys.required("in"), fields)
        case "at_least_one": return .atLeastOne(of: try several(node, fields))
        case "at_most_one": return .atMostOne(of: try several(node, fields))
        case "single": return .single(try list(node, fields))
        case "not_empty": return .filled(try list(node, fields))
        case "count":
            let keys = try node.members(["field", "from", "to"])
            let least = try keys["from"]?.integer(0...1_000_000) ?? 0
            let most = try keys.required("to").integer(least...1_000_000)
            return .count(try list(try keys.required("field"), fields), least...most)
        case "server_time":
            var names: [String] = []
            for element in node.elements ?? [node] { names.append(try known(element, fields).name) }
            return .serverTime(names)
        case "decimals":
            let keys = try node.members(["field", "most"])
            return .decimals(
                try known(try keys.required("field"), fields).name,
                most: try keys.required("most").integer(0...18))
        default:
            let keys = try node.members(["of", "is"])
            let path = try keys.required("of")
            let text = try path.string()
            _ = try known(path, fields, String(text.prefix { $0 != "." }))
            return .sum(of: text, is: try known(try keys.required("is"), fields).name)
        }
    }

    /// `customer:`: how the call names a customer, whose records keep the order of the input.
    static func customer(_ node: YAMLNode, _ fields: [Field]) throws(JobError) -> CustomerForm {
        let keys = try node.members(["id", "type", "value", "one_of", "in"])
        if let id = keys["id"] { return .id(try path(id, fields)) }
        if let names = keys["one_of"] {
            let (names, field) = try members(names, keys["in"], fields)
            return .one(of: names, in: field)
        }
        return .named(
            type: try path(try keys.required("type"), fields),
            value: try path(try keys.required("value"), fields))
    }

    private static func exactlyOne(_ names: YAMLNode, _ object: YAMLNode?, _ fields: [Field])
        throws(JobError) -> ItemRule
    {
        let (names, field) = try members(names, object, fields)
        return .exactlyOne(of: names, in: field)
    }

    private static func members(_ names: YAMLNode, _ object: YAMLNode?, _ fields: [Field])
        throws(JobError) -> (names: [String], object: String?)
    {
        guard let object else { return (try several(names, fields), nil) }
        let field = try known(object, fields)
        guard case .object(let members) = field.kind else {
            throw object.error("\(field.name) is not an object.")
        }
        return (try several(names, members), field.name)
    }

    private static func path(_ node: YAMLNode, _ fields: [Field]) throws(JobError) -> String {
        let text = try node.string()
        _ = try known(node, fields, String(text.prefix { $0 != "." }))
        return text
    }

    private static func known(_ node: YAMLNode, _ fields: [Field], _ name: String? = nil)
        throws(JobError) -> Field
    {
        let name = if let name { name } else { try node.string() }
        guard let field = fields.first(where: { $0.name == name }) else {
            throw node.error(
                "there is no field “\(name)”.",
                suggestion: Suggestion.nearest(to: name, among: fields.map(\.name)))
        }
        return field
    }

    private static func list(_ node: YAMLNode, _ fields: [Field]) throws(JobError) -> String {
        let field = try known(node, fields)
        guard case .list = field.kind else { throw node.error("\(field.name) is not a list.") }
        return field.name
    }

    private static func several(_ node: YAMLNode, _ fields: [Field]) throws(JobError) -> [String] {
        var names: [String] = []
        for element in node.elements ?? [] { names.append(try known(element, fields).name) }
        guard names.count > 1 else { throw node.error("expected a list of two fields or more.") }
        return names
    }
}
