import Mapping
import Records

/// Which columns the fields of an item come from, as the job's `record:` says.
struct FieldOrigins {
    struct Origin {
        var columns: [String] = []
        /// Of the record's rows, from 0; nil: the first.
        var row: Int?
        /// The same in every record.
        var isConstant = false
        /// How the customer is named whose number takes this place: `mobile`.
        var lookup: String?
    }

    private let spec: MappingSpec?
    /// Those of the input.
    private let columns: [String]
    /// The columns that the job's `let` values use.
    private var named: [String: [String]] = [:]

    init(_ spec: MappingSpec?, columns: [String]?) {
        self.spec = spec
        self.columns = columns ?? []
        for value in spec?.values ?? [] { named[value.name] = names(in: value.rule.text) }
    }

    /// Where a value comes from; nil where that cannot be told.
    func origin(of path: [PathStep]) -> Origin? {
        guard let spec else { return nil }
        if let found = find(path[...], in: spec.fields, row: nil) { return found }
        for branch in spec.branches {
            guard var found = find(path[...], in: branch.fields, row: nil) else { continue }
            // It depends on the record, which of them it is.
            found.isConstant = false
            return found
        }
        return nil
    }

    /// The fields made of columns, whether a record has them or not; none within lists.
    var fields: [(path: [PathStep], origin: Origin)] {
        guard let spec else { return [] }
        var result: [(path: [PathStep], origin: Origin)] = []
        for rule in spec.fields { add(rule.rule, [.name(rule.name)], to: &result) }
        return result
    }

    private func add(
        _ rule: Rule, _ path: [PathStep], to result: inout [(path: [PathStep], origin: Origin)]
    ) {
        switch rule {
        case .object(let fields):
            for field in fields { add(field.rule, path + [.name(field.name)], to: &result) }
        case .column, .template, .expression: result.append((path, origin(rule, nil)))
        case .constant, .list, .eachRow: break
        }
    }

    /// All columns that the job uses, for whatever.
    var used: Set<String> {
        guard let spec else { return [] }
        var used = Set(spec.group)
        for rule in spec.fields + spec.branches.flatMap(\.fields) { add(rule.rule, to: &used) }
        let expressions = [spec.filter?.text] + spec.branches.map(\.condition?.text)
        for case let text? in expressions { used.formUnion(names(in: text)) }
        return used
    }

    private func add(_ rule: Rule, to used: inout Set<String>) {
        switch rule {
        case .constant: break
        case .column, .template, .expression: used.formUnion(origin(rule, nil).columns)
        case .object(let fields): for field in fields { add(field.rule, to: &used) }
        case .list(let rules): for rule in rules { add(rule, to: &used) }
        case .eachRow(let rule): add(rule, to: &used)
        }
    }

    private func find(_ path: ArraySlice<PathStep>, in fields: [FieldRule], row: Int?) -> Origin? {
        guard case .name(let name)? = path.first, let field = fields.first(where: { $0.name == name })
        else { return nil }
        return find(path.dropFirst(), field.rule, row)
    }

    private func find(_ path: ArraySlice<PathStep>, _ rule: Rule, _ row: Int?) -> Origin? {
        switch (rule, path.first) {
        case (.object(let fields), .name?): return find(path, in: fields, row: row)
        case (.eachRow(let rule), .index(let index)?): return find(path.dropFirst(), rule, index)
        // Elements without a value are left out: only one of one element is certain.
        case (.list(let rules), .index(0)?) where rules.count == 1:
            return find(path.dropFirst(), rules[0], row)
        case (.list, _), (.object, _), (.eachRow, _): return nil
        default: return origin(rule, row)
        }
    }

    private func origin(_ rule: Rule, _ row: Int?) -> Origin {
        var origin = Origin(row: row)
        switch rule {
        case .constant: origin.isConstant = true
        case .column(let name, let conversion):
            origin.columns = [HeaderColumns.name(name, among: columns)]
            origin.lookup = conversion.lookup?.by
        case .template(let text, _):
            origin.columns = columns.filter { text.contains("{" + $0 + "}") }
        case .expression(let text, _): origin.columns = names(in: text)
        case .object, .list, .eachRow: break
        }
        return origin
    }

    /// The columns that an expression names, in the order they are written.
    private func names(in text: String) -> [String] {
        var found: [String] = []
        func note(_ word: String) {
            for name in named[word] ?? (columns.contains(word) ? [word] : [])
            where !found.contains(name) {
                found.append(name)
            }
        }
        var word = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open {
                    if open == "\"" { note(word) }
                    word = ""
                    quote = nil
                } else {
                    word.append(character)
                }
            } else if character == "\"" || character == "'" {
                note(word)
                word = ""
                quote = character
            } else if character.isLetter || character.isNumber || character == "_" || character == "." {
                word.append(character)
            } else {
                note(word)
                word = ""
            }
        }
        note(word)
        return found
    }
}

/// Names of columns as a job may write them.
enum HeaderColumns {
    /// The column's own name where a job's differs from it in case or white space.
    static func name(_ name: String, among columns: [String]) -> String {
        guard !columns.contains(name), let index = HeaderLook.only(name, in: columns) else {
            return name
        }
        return columns[index]
    }
}
