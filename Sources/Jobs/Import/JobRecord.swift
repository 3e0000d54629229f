import Catalog
import Mapping
import Model

/// The `record:` part of a job.
struct JobRecord {
    /// What `record:` says for all fields at once.
    private var defaults = Conversion()
    private var zone: String?
    private var locale: String?
    private var rules = Ruleset.current

    static func parse(
        _ node: YAMLNode, endpoint: Endpoint, rules: Ruleset
    ) throws(JobError) -> MappingSpec {
        let keys = try node.members([
            "group", "fields", "group_limit", "decimal", "thousands", "currency", "accounting",
            "empty", "trim",
            "zone", "locale", "where", "let", "when",
        ])
        var record = JobRecord()
        record.rules = rules
        if let decimal = keys["decimal"] { record.defaults.decimal = try decimal.string() }
        if let thousands = keys["thousands"] { record.defaults.thousands = try thousands.string() }
        if let empty = keys["empty"] { record.defaults.empty = try JobRecord.empty(empty) }
        if let trim = keys["trim"] { record.defaults.trim = try trim.boolean() }
        if let zone = keys["zone"] { record.zone = try zone.string() }
        if let currency = keys["currency"] { record.defaults.currencies = try currency.strings() }
        if let accounting = keys["accounting"] { record.defaults.accounting = try accounting.boolean() }
        if let locale = keys["locale"] { record.locale = try locale.string() }
        let fields = try keys.required("fields")
        var spec = MappingSpec(
            fields: try record.fields(fields, known: endpoint.fields, of: endpoint.name))
        spec.notation = record.defaults
        if let filter = keys["where"] { spec.filter = try rule(filter) }
        if let values = keys["let"] {
            for member in try values.members() {
                spec.values.append(
                    NamedExpression(try name(member.key), try rule(member.value)))
            }
        }
        if let when = keys["when"] { spec.branches = try record.branches(when, endpoint) }
        try checkRequired(spec, endpoint, at: fields)
        if let group = keys["group"] {
            if group.isMapping {
                let keys = try group.members(["by", "sorted"])
                spec.group = try keys.required("by").strings()
                if let sorted = keys["sorted"] { spec.isSorted = try sorted.boolean() }
            } else {
                spec.group = try group.strings()
            }
            spec.groupLine = group.line
        }
        if let limit = keys["group_limit"] {
            spec.groupLimit = try limit.size()
            guard try limit.size() <= MappingSpec.mostOfGroup else {
                throw limit.error("expected at most 256MiB.")
            }
        }
        do throws(MappingError) {
            try spec.check(rules)
        } catch {
            throw JobError(
                file: node.file, line: error.line ?? node.line,
                message: error.place + ": " + error.message,
                suggestion: error.suggestion)
        }
        return spec
    }

    // MARK: Fields

    /// - Parameter known: The endpoint's fields at this place; nil where the org defines them.
    private func fields(
        _ node: YAMLNode, known: [Field]?, of owner: String, isTop: Bool = true
    ) throws(JobError) -> [FieldRule] {
        var rules: [FieldRule] = []
        for member in try node.members() {
            guard let name = member.key.text else {
                throw member.key.error("expected the name of a field.")
            }
            var field: Field?
            if let known {
                field = known.first { $0.name == name }
                guard field != nil else {
                    throw JobError(
                        file: node.file, line: member.key.line, column: member.key.column,
                        message:
                            "\(owner) has no field “\(name)”. `sluice endpoints` shows its fields.",
                        suggestion: Suggestion.nearest(to: name, among: known.map(\.name)))
                }
            }
            let rule = try rule(member.value, field?.kind, name, field?.role)
            rules.append(FieldRule(name, rule, line: member.key.line))
        }
        for field in isTop ? [] : known ?? [] where field.presence == .required {
            guard rules.contains(where: { $0.name == field.name }) else {
                throw node.error("“\(field.name)” is missing: \(owner) requires it.")
            }
        }
        return rules
    }

    /// What the endpoint requires is among the fields of every record.
    private static func checkRequired(
        _ spec: MappingSpec, _ endpoint: Endpoint, at node: YAMLNode
    ) throws(JobError) {
        let sets = spec.branches.isEmpty ? [[]] : spec.branches.map(\.fields)
        for field in endpoint.fields where field.presence == .required {
            for (index, set) in sets.enumerated() {
                guard !(spec.fields + set).contains(where: { $0.name == field.name }) else { continue }
                let place = spec.branches.isEmpty ? "" : " where `when[\(index)]` holds"
                throw node.error("“\(field.name)” is missing\(place): \(endpoint.name) requires it.")
            }
        }
    }

    // MARK: Expressions

    /// One that is written as a text; a bare number or a name is one, too.
    private static func rule(_ node: YAMLNode) throws(JobError) -> ExpressionRule {
        guard let text = node.written, !text.isEmpty, !node.isNull else {
            throw node.error("expected an expression, such as \"num(amount) < 0\".")
        }
        return ExpressionRule(text, line: node.line)
    }

    private static func name(_ node: YAMLNode) throws(JobError) -> String {
        let name = try node.string()
        let isPlain = name.utf8.allSatisfy {
            0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 & 0xDF || $0 == 0x5F
        }
        guard isPlain, let first = name.utf8.first, !(0x30...0x39 ~= first) else {
            throw node.error("expected a name of letters, digits and “_”.")
        }
        return name
    }

    private func branches(_ node: YAMLNode, _ endpoint: Endpoint) throws(JobError) -> [Branch] {
        guard let elements = node.elements, !elements.isEmpty else {
            throw node.error("expected a list of `{ if: …, fields: … }`.")
        }
        var branches: [Branch] = []
        for (index, element) in elements.enumerated() {
            let keys = try element.members(["if", "fields"])
            let condition = try keys["if"].map(Self.rule)
            guard condition != nil || index == elements.count - 1 else {
                throw element.error("`if` may be left out in the last one only.")
            }
            branches.append(
                Branch(
                    if: condition,
                    fields: try fields(
                        try keys.required("fields"), known: endpoint.fields, of: endpoint.name)))
        }
        return branches
    }

    /// - Parameter kind: What the endpoint wants; nil where the org defines it.
    private func rule(
        _ node: YAMLNode, _ kind: Field.Kind?, _ name: String, _ role: Field.Role?
    ) throws(JobError) -> Rule {
        if node.text != nil {
            let conversion = try conversion(nil, kind, name, role)
            return .column(try node.string(), conversion)
        }
        if let elements = node.elements {
            let element = try elementKind(node, kind, name)
            var rules: [Rule] = []
            for node in elements { rules.append(try rule(node, element, name, role)) }
            return .list(rules)
        }
        guard node.isMapping else {
            throw node.error(
                "expected a column, or `{ from: … }`, `{ value: … }`, `{ template: … }`, `{ expr: … }`, "
                    + "`{ fields: … }`."
            )
        }
        let keys = try node.members([
            "from", "value", "template", "expr", "fields", "each", "as", "format", "zone", "trim",
            "digits_only",
            "lookup", "by", "source", "account", "max_age", "hash", "salt", "default", "map", "empty",
            "decimal", "thousands", "currency", "accounting", "locale", "spreadsheet",
        ])
        let sources = ["from", "value", "template", "expr", "fields"].filter { keys[$0] != nil }
        guard sources.count == 1, let source = sources.first else {
            throw node.error(
                sources.isEmpty
                    ? "expected one of `from`, `value`, `template`, `expr` or `fields`."
                    : "`\(sources[0])` and `\(sources[1])` cannot be used together.")
        }
        if source == "value" || source == "fields" {
            for member in keys.members where ![source, "each"].contains(member.key.text) {
                throw member.value.error("it cannot be used with `\(source)`.")
            }
        }
        if keys["lookup"] == nil {
            for name in ["by", "source", "account", "max_age"] {
                if let member = keys[name] { throw member.error("it needs `lookup`.") }
            }
        }
        if keys["hash"] == nil, let salt = keys["salt"] { throw salt.error("it needs `hash`.") }
        var kind = kind
        let isEach = keys["each"] != nil
        if let each = keys["each"] {
            guard each.text == "row" else { throw each.error("expected `each: row`.") }
            kind = try elementKind(node, kind, name)
        }
        let rule: Rule
        switch source {
        case "value":
            let value = try keys.required("value")
            try check(value, kind, name)
            rule = .constant(json: try value.json())
        case "fields":
            let fields = try keys.required("fields")
            switch kind {
            case .object(let known):
                rule = .object(try self.fields(fields, known: known, of: name, isTop: false))
            case .open, nil: rule = .object(try self.fields(fields, known: nil, of: name))
            default: throw fields.error("\(name) is not an object: expected \(describe(kind)).")
            }
        case "template":
            rule = .template(
                try keys.required("template").string(), try conversion(keys, kind, name, role))
        case "expr":
            for name in ["decimal", "thousands", "currency", "accounting", "lookup"] {
                guard let member = keys[name] else { continue }
                throw member.error(
                    name == "lookup"
                        ? "it cannot be used with `expr`."
                        : "set it for the whole `record`: expressions read and write numbers that way.")
            }
            var conversion = try conversion(keys, kind, name, role)
            if conversion.kind == nil {
                switch kind {
                case .number: conversion.kind = .number
                case .integer: conversion.kind = .integer
                case .boolean: conversion.kind = .boolean
                default: break
                }
            }
            rule = .expression(try Self.rule(try keys.required("expr")).text, conversion)
        default:
            rule = .column(
                try keys.required("from").string(), try conversion(keys, kind, name, role))
        }
        return isEach ? .eachRow(rule) : rule
    }

    private func elementKind(
        _ node: YAMLNode, _ kind: Field.Kind?, _ name: String
    ) throws(JobError) -> Field.Kind? {
        switch kind {
        case nil: return nil
        case .list(let element): return element
        default: throw node.error("\(name) is not a list: expected \(describe(kind)).")
        }
    }

    // MARK: Conversions

    private func conversion(
        _ keys: YAMLNode.Members?, _ kind: Field.Kind?, _ name: String, _ role: Field.Role?
    ) throws(JobError) -> Conversion {
        var conversion = defaults
        switch kind {
        case .text where role != .words: conversion.target = .code
        case .integer, .number: conversion.target = .number
        default: break
        }
        if let keys {
            if let type = keys["as"] {
                conversion.kind = try type.choice(Conversion.Kind.allCases.map { ($0.rawValue, $0) })
            }
            if let format = keys["format"] { conversion.formats = try format.strings() }
            if let zone = keys["zone"] { conversion.zone = try zone.string() }
            if let trim = keys["trim"] { conversion.trim = try trim.boolean() }
            if let digits = keys["digits_only"] { conversion.digitsOnly = try digits.boolean() }
            if let value = keys["default"] { conversion.defaultValue = try scalar(value) }
            if let map = keys["map"] { conversion.map = try self.map(map) }
            if let empty = keys["empty"] { conversion.empty = try JobRecord.empty(empty) }
            if let decimal = keys["decimal"] { conversion.decimal = try decimal.string() }
            if let thousands = keys["thousands"] { conversion.thousands = try thousands.string() }
            if let currency = keys["currency"] { conversion.currencies = try currency.strings() }
            if let accounting = keys["accounting"] { conversion.accounting = try accounting.boolean() }
            if let locale = keys["locale"] {
                guard [.datetime, .date, .epoch, .epochMilliseconds].contains(conversion.kind) else {
                    throw locale.error("it needs `as: datetime`, date, epoch or epoch_ms.")
                }
                conversion.locale = try locale.string()
            }
            if let spreadsheet = keys["spreadsheet"] {
                conversion.keepsSpreadsheetDamage = try spreadsheet.choice([
                    ("refuse", false), ("keep", true),
                ])
            }
        }
        switch conversion.kind {
        case .datetime, .date, .epoch, .epochMilliseconds:
            if conversion.zone == nil { conversion.zone = zone }
            if conversion.locale == nil { conversion.locale = locale }
        default: break
        }
        if case .text = kind, [.number, .integer].contains(conversion.kind) {
            conversion.quotesNumber = true
        }
        // Where something is booked is not left to the server.
        if role == .place, conversion.empty == nil, conversion.defaultValue == nil, rules >= .strict {
            conversion.empty = .error
        }
        if let keys, let hash = keys["hash"] { try self.hash(hash, keys, kind, name, &conversion) }
        if let keys, let lookup = keys["lookup"] {
            conversion.lookup = try self.lookup(lookup, keys, kind, name)
            conversion.kind = .text
            conversion.target = .code
            return conversion
        }
        try check(conversion, keys, kind, name)
        return conversion
    }

    /// A text that leaves here as a hash alone.
    private func hash(
        _ node: YAMLNode, _ keys: YAMLNode.Members, _ kind: Field.Kind?, _ name: String,
        _ conversion: inout Conversion
    ) throws(JobError) {
        _ = try node.choice([("sha256", true)])
        switch kind {
        case .text, nil: break
        default: throw node.error("\(name) needs \(describe(kind)), but a hash is a string.")
        }
        for other in ["as", "lookup"] {
            guard let member = keys[other], other != "as" || member.text != "text" else { continue }
            throw member.error("it cannot be used with `hash`, which needs a string.")
        }
        conversion.kind = .text
        conversion.hash =
            try keys["salt"]?.choice([("none", .bare), ("connection", .salted)]) ?? .salted
    }

    /// A customer who is in the column under another name than the server's number.
    private func lookup(
        _ node: YAMLNode, _ keys: YAMLNode.Members, _ kind: Field.Kind?, _ name: String
    ) throws(JobError) -> CustomerLookup {
        _ = try node.choice([("customer", true)])
        if let type = keys["as"] {
            throw type.error("it cannot be used with `lookup`: the value is the server's id.")
        }
        var lookup = CustomerLookup(
            by: try keys.required("by").choice(CustomerSearch.identifiers.map { ($0, $0) }),
            source: CustomerSearch.usualSource)
        switch kind {
        case .text: lookup.isText = true
        case .integer, .number, nil: break
        default: throw node.error("\(name) needs \(describe(kind)), not the id of a customer.")
        }
        if let source = keys["source"] {
            lookup.source = try source.choice(CustomerSearch.sources.map { ($0, $0) })
        }
        lookup.account = try keys["account"]?.string()
        if let age = keys["max_age"] { lookup.maxAge = try age.duration() }
        return lookup
    }

    private func scalar(_ node: YAMLNode) throws(JobError) -> String {
        if let text = node.text { return text }
        throw node.error("expected a single value; an empty string is written as \"\".")
    }

    private func map(_ node: YAMLNode) throws(JobError) -> [String: String] {
        var map: [String: String] = [:]
        for member in try node.members() {
            guard let key = member.key.written else {
                throw member.key.error("expected a single value.")
            }
            map[key] = try scalar(member.value)
        }
        guard !map.isEmpty else { throw node.error("the map is empty.") }
        return map
    }

    private static func empty(_ node: YAMLNode) throws(JobError) -> Conversion.Empty {
        if node.isNull, node.written != "" { return .null }
        if node.written == "", !node.isNull { return .text }
        guard let text = node.text, let empty = Conversion.Empty(rawValue: text) else {
            throw node.error("expected omit, null, error or \"\".")
        }
        return empty
    }

    // MARK: Against the endpoint

    /// Whether values of that conversion can ever be what the endpoint wants.
    private func check(
        _ conversion: Conversion, _ keys: YAMLNode.Members?, _ kind: Field.Kind?, _ name: String
    ) throws(JobError) {
        guard let type = conversion.kind, let kind, let keys else {
            if let keys, case .oneOf(let words) = kind { try check(conversion, keys, words, name) }
            return
        }
        let fits: Bool
        switch kind {
        case .text: fits = [.text, .datetime, .date, .number, .integer].contains(type)
        case .oneOf: fits = [.text, .datetime, .date].contains(type)
        case .integer: fits = [.integer, .number, .text, .epoch, .epochMilliseconds].contains(type)
        case .number: fits = [.number, .integer, .text].contains(type)
        case .boolean: fits = type == .boolean
        case .instant: fits = type == .datetime || type == .text
        case .object, .open, .list: fits = type == .json
        }
        guard fits else {
            throw (keys["as"] ?? keys.owner).error(
                "\(name) needs \(describe(kind)), not \(type.rawValue).")
        }
        if case .oneOf(let words) = kind { try check(conversion, keys, words, name) }
    }

    /// Whether the words that a map or a default gives are among the endpoint's.
    private func check(
        _ conversion: Conversion, _ keys: YAMLNode.Members, _ words: [String], _ name: String
    ) throws(JobError) {
        for (key, values) in [
            ("map", conversion.map.map { Array($0.values).sorted() }),
            ("default", conversion.defaultValue.map { [$0] }),
        ] {
            for value in values ?? []
            where !value.isEmpty && value != Conversion.sameValue && !words.contains(value) {
                throw (keys[key] ?? keys.owner).error(
                    "\(name) does not allow “\(value)”, only: \(words.joined(separator: ", ")).",
                    suggestion: Suggestion.nearest(to: value, among: words))
            }
        }
    }

    /// Whether a constant can be what the endpoint wants.
    private func check(_ value: YAMLNode, _ kind: Field.Kind?, _ name: String) throws(JobError) {
        guard let kind, !value.isNull else { return }
        let isText =
            value.text.map { !value.isPlain || !YAMLNode.isBare($0) } ?? false
        let isNumber = value.text.map { !isText && $0 != "true" && $0 != "false" } ?? false
        switch kind {
        case .text:
            guard isText else { throw value.error("\(name) needs a string: put the value in quotes.") }
        case .oneOf(let words):
            guard isText, let text = value.text, words.contains(text) else {
                throw value.error(
                    "\(name) needs one of \(words.joined(separator: ", ")).",
                    suggestion: value.text.flatMap { Suggestion.nearest(to: $0, among: words) })
            }
        case .integer, .number:
            guard isNumber || isText && YAMLNode.isBare(value.text ?? "") else {
                throw value.error("\(name) needs a number.")
            }
        case .boolean:
            guard !isText, !isNumber, value.text != nil else {
                throw value.error("\(name) needs true or false, without quotes.")
            }
        case .instant:
            guard isText else { throw value.error("\(name) needs a date and time, in quotes.") }
        case .object(let known):
            for member in try value.members() {
                guard let key = member.key.text, let field = known.first(where: { $0.name == key })
                else {
                    let key = member.key.text ?? ""
                    throw member.key.error(
                        "\(name) has no field “\(key)”.",
                        suggestion: Suggestion.nearest(to: key, among: known.map(\.name)))
                }
                try check(member.value, field.kind, key)
            }
        case .open:
            guard value.isMapping else { throw value.error("\(name) needs an object.") }
        case .list(let element):
            guard let elements = value.elements else { throw value.error("\(name) needs a list.") }
            for node in elements { try check(node, element, name) }
        }
    }

    private func describe(_ kind: Field.Kind?) -> String {
        switch kind {
        case .text, nil: "a string"
        case .oneOf(let words): "one of " + words.joined(separator: ", ")
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .instant: "a date and time (as: datetime)"
        case .object, .open: "an object (fields: …)"
        case .list: "a list (each: row, or [ … ])"
        }
    }
}
