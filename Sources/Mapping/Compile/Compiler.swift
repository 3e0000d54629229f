import Model
import Records

/// Turns a ``MappingSpec`` into a ``Program``.
struct Compiler {
    let columns: [String]?
    private let salt: [UInt8]
    private let nulls: NullWords?
    private let rules: Ruleset
    /// Every name is taken for a column.
    var isCheck = false
    private var literals: [UInt8] = []
    /// Constants not yet part of a step.
    private var pending: [UInt8] = []
    var steps: [Program.Step] = []
    var paths: [[String]] = []
    var converters: [Converter] = []
    var templates: [Program.Template] = []
    var zones: [ZoneTable] = []
    private var zoneNames: [String] = []
    var names: [String] = []
    var shared: [Program.Shared] = []
    /// The columns that something is made of once a record, with its converter.
    var uses: [(from: Int32, converter: Int32)] = []
    private var counters = 0
    var expressions: [CompiledExpression] = []
    /// Of the intermediate values: which of the expressions they are.
    var values: [String: Int] = [:]
    var types = ExpressionTypes()
    var warnings: [String] = []
    private var isInEach = false
    /// Of the job's `when:`, while its fields are compiled.
    private var branch: Int?
    /// Of the field being compiled, for errors.
    var line: Int?

    private init(columns: [String]?, salt: [UInt8], nulls: NullWords?, rules: Ruleset) {
        self.columns = columns
        self.salt = salt
        self.nulls = nulls
        self.rules = rules
    }

    static func program(
        _ spec: MappingSpec, columns: [String]?, attribution: String?, rules: Ruleset
    ) throws(MappingError) -> Program {
        var compiler = Compiler(columns: columns, salt: spec.salt, nulls: spec.nulls, rules: rules)
        try compiler.values(spec)
        let filter = try compiler.condition(spec.filter, at: "record.where", allowsSums: false)
        let (common, branches) = try compiler.members(spec)
        compiler.line = spec.groupLine
        var group: [Int32] = []
        for name in spec.group { group.append(try compiler.source(name, at: "record.group")) }
        compiler.line = nil
        var from: Int32?
        if let attribution {
            let found = try compiler.source(attribution, at: "send.attribution")
            compiler.share(found, "the attribution")
            from = found
        }
        let trouble: Int32? =
            if let name = spec.trouble { try compiler.source(name, at: "input.join") } else { nil }
        let seen = compiler.seen
        let keys = zip(group, spec.group).filter { !seen.contains($0.0) && spec.trouble == nil }
        for name in (spec.nulls?.columns ?? [:]).keys.sorted() {
            _ = try compiler.source(name, at: "input.null")
        }
        return Program(
            columnCount: columns?.count, literals: compiler.literals, steps: compiler.steps,
            paths: compiler.paths, converters: compiler.converters, templates: compiler.templates,
            zones: compiler.zones, names: compiler.names, group: group,
            shared: compiler.shared.filter { !group.contains($0.from) },
            keys: zip(group, spec.group).map { compiler.key($0, $1, attribution: from) },
            unseenKeys: keys.map { Program.Shared(from: $0.0, name: $0.1) },
            nulls: compiler.nullsBySource, suspectsNulls: spec.nulls == nil && rules >= .strict,
            attribution: from,
            trouble: trouble, counters: compiler.counters, expressions: compiler.expressions,
            filter: filter, common: common, branches: branches)
    }

    /// The members of every record, and those of some.
    mutating func members(
        _ spec: MappingSpec
    ) throws(MappingError) -> (common: Range<Int>, branches: [Program.Branch]) {
        try fields(spec.fields, at: "")
        flush()
        let common = 0..<steps.count
        var branches: [Program.Branch] = []
        for (index, branch) in spec.branches.enumerated() {
            let place = "record.when[\(index)]"
            let condition = try condition(branch.condition, at: place + ".if", allowsSums: true)
            let known = Set(spec.fields.map(\.name))
            if let twice = branch.fields.first(where: { known.contains($0.name) }) {
                line = twice.line ?? line
                throw wrong(twice.name, "the field is also among `record.fields`.")
            }
            let start = steps.count
            self.branch = index
            defer { self.branch = nil }
            try fields(branch.fields, at: "")
            flush()
            branches.append(Program.Branch(condition: condition, steps: start..<steps.count))
        }
        return (common, branches)
    }

    /// Looks for mistakes that show without the input.
    ///
    /// - Returns: What is legal, but perhaps not meant.
    static func check(_ spec: MappingSpec, _ rules: Ruleset) throws(MappingError) -> [String] {
        var compiler = Compiler(columns: [], salt: [], nulls: nil, rules: rules)
        compiler.isCheck = true
        try compiler.values(spec)
        _ = try compiler.condition(spec.filter, at: "record.where", allowsSums: false)
        _ = try compiler.members(spec)
        if !compiler.expressions.isEmpty {
            _ = try engine(of: compiler.expressions, spec.notation)
        }
        return compiler.warnings
    }

    /// The columns or paths that a mapping reads; of each part those before its first mistake.
    static func names(in spec: MappingSpec, rules: Ruleset) -> [String] {
        var compiler = Compiler(columns: nil, salt: [], nulls: nil, rules: rules)
        try? compiler.values(spec)
        _ = try? compiler.condition(spec.filter, at: "record.where", allowsSums: false)
        _ = try? compiler.members(spec)
        return compiler.paths.map { $0.joined(separator: ".") } + spec.group
    }

    /// Columns or paths that fields read.
    private var seen: Set<Int32> {
        var seen: Set<Int32> = []
        for step in steps where step.code == .cell { seen.insert(step.from) }
        for template in templates {
            for case .cell(let from) in template.parts { seen.insert(from) }
        }
        return seen
    }

    /// How a column of `group:` is seen: as all that use it agree. One that nothing uses is seen as it is written.
    private func key(_ from: Int32, _ name: String, attribution: Int32?) -> Program.Key {
        let users = uses.filter { $0.from == from }.map { converters[Int($0.converter)] }
        let isUsed = !users.isEmpty || from == attribution
        return Program.Key(
            from: from, name: name, trims: isUsed && users.allSatisfy(\.trims),
            dropsMarks: !users.isEmpty && from != attribution
                && users.allSatisfy { $0.trims && $0.target == .code },
            unwraps: isUsed && users.allSatisfy { $0.target != .words && $0.checksDamage })
    }

    private var nullsBySource: [Int32: [[UInt8]]] {
        guard let nulls else { return [:] }
        var result: [Int32: [[UInt8]]] = [:]
        for (index, name) in (columns ?? paths.map { $0.joined(separator: ".") }).enumerated() {
            let words = nulls.words(of: name)
            if !words.isEmpty { result[Int32(index)] = words }
        }
        return result
    }

    // MARK: Rules

    mutating func fields(_ fields: [FieldRule], at path: String) throws(MappingError) {
        var seen: Set<String> = []
        for field in fields {
            line = field.line ?? line
            let place = path.isEmpty ? field.name : path + "." + field.name
            guard seen.insert(field.name).inserted else {
                throw wrong(place, "the field is listed twice.")
            }
            var key: [UInt8] = [UInt8(ascii: ",")]
            JSONWriter.appendString(field.name, to: &key)
            key.append(UInt8(ascii: ":"))
            try rule(field.rule, key: key, at: place)
        }
    }

    private mutating func rule(_ rule: Rule, key: [UInt8], at path: String) throws(MappingError) {
        switch rule {
        case .constant(let json):
            let text = Array(json.utf8)
            var tape = JSONTape()
            do throws(JSONError) {
                try tape.parse(text, in: 0..<text.count)
            } catch {
                throw wrong(path, "the value is not JSON: \(error).")
            }
            pending += key + text
        case .column(let name, let conversion):
            let from = try source(name, at: "record.fields." + path)
            if !isInEach { share(from, path) }
            var step = begin(.cell, key: key, at: path)
            step.from = from
            step.converter = try converter(conversion, at: path, of: name)
            if !isInEach { uses.append((from, step.converter)) }
            if columns != nil { step.plain = converters[Int(step.converter)].plain }
            step.reads = true
            steps.append(step)
        case .template(let text, let conversion):
            let template = try template(text, at: path)
            var step = begin(.template, key: key, at: path)
            step.from = Int32(templates.count)
            templates.append(template)
            // A text with a hole in it is no key.
            var strict = conversion
            strict.empty = conversion.empty ?? .error
            step.converter = try converter(strict, at: path)
            for case .cell(let from) in template.parts where !isInEach {
                uses.append((from, step.converter))
            }
            step.reads = template.parts.contains { if case .cell = $0 { true } else { false } }
            steps.append(step)
        case .expression(let text, let conversion):
            let place = "record.fields." + path
            let index = try expression(
                text, at: place, use: .value, allowsSums: !isInEach, sharedAs: isInEach ? nil : path)
            var step = begin(.expression, key: key, at: path)
            step.from = index
            step.converter = try converter(conversion, at: path)
            // Numbers of SQLite have a point, whatever the job's texts have.
            var plain = conversion
            plain.decimal = "."
            plain.thousands = nil
            step.end = try converter(plain, at: path)
            step.reads = true
            steps.append(step)
            let isNumber = conversion.kind == .number || conversion.kind == .integer
            if isNumber, expressions[Int(index)].isFloat {
                warnings.append(
                    "\(place)\(line.map { " (line \($0) of the job)" } ?? ""): `\(text)` computes in binary, "
                        + "where 0.1 + 0.2 is not quite 0.3. Use dec_add, dec_mul, … or round it with dec_round."
                )
            }
        case .object(let members):
            try nested(.object, key: key, at: path) { compiler throws(MappingError) in
                try compiler.fields(members, at: path)
            }
        case .list(let elements):
            try nested(.list, key: key, at: path) { compiler throws(MappingError) in
                for (index, element) in elements.enumerated() {
                    try compiler.rule(element, key: [UInt8(ascii: ",")], at: path + "[\(index)]")
                }
            }
        case .eachRow(let element):
            guard !isInEach else { throw wrong(path, "`each: row` cannot be inside `each: row`.") }
            isInEach = true
            defer { isInEach = false }
            try nested(.each, key: key, at: path) { compiler throws(MappingError) in
                try compiler.rule(element, key: [UInt8(ascii: ",")], at: path + "[*]")
            }
        }
    }

    private mutating func nested(
        _ code: Program.Step.Code, key: [UInt8], at path: String,
        _ body: (inout Compiler) throws(MappingError) -> Void
    ) throws(MappingError) {
        let index = steps.count
        steps.append(begin(code, key: key, at: path))
        try body(&self)
        flush()
        steps[index].end = Int32(steps.count)
        steps[index].reads = steps[(index + 1)...].contains { $0.reads }
    }

    private mutating func begin(
        _ code: Program.Step.Code, key: [UInt8], at path: String
    ) -> Program.Step {
        var step = Program.Step(code: code)
        step.pre = Int32(literals.count)
        literals += pending
        pending.removeAll()
        step.key = Int32(literals.count)
        literals += key
        step.keyEnd = Int32(literals.count)
        step.name = Int32(names.count)
        names.append(path)
        return step
    }

    private mutating func flush() {
        guard !pending.isEmpty else { return }
        steps.append(begin(.literal, key: [], at: ""))
    }

    // MARK: Cells

    mutating func share(_ from: Int32, _ name: String) {
        if !shared.contains(where: { $0.from == from && ($0.branch == nil || $0.branch == branch) }) {
            shared.append(Program.Shared(from: from, name: name, branch: branch))
        }
    }

    /// The column or path of that name.
    mutating func source(_ name: String, at place: String) throws(MappingError) -> Int32 {
        if isCheck { return 0 }
        guard let columns else {
            let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !path.contains("") else {
                throw MappingError(
                    .badRule, at: place, line: line,
                    message: "“\(name)” is not a path such as customer.phone.")
            }
            if let index = paths.firstIndex(of: path) { return Int32(index) }
            paths.append(path)
            return Int32(paths.count - 1)
        }
        if let index = columns.firstIndex(of: name) { return Int32(index) }
        if let index = HeaderLook.only(name, in: columns) { return Int32(index) }
        if HeaderLook.isData(columns) {
            throw MappingError(
                .unknownColumn, at: place, line: line,
                message: "the input has no column “\(name)”. \(HeaderLook.advice)")
        }
        let known = columns.prefix(40).joined(separator: ", ") + (columns.count > 40 ? ", …" : "")
        throw MappingError(
            .unknownColumn, at: place, line: line,
            message: "the input has no column “\(name)”. It has: \(known.showingInvisible).",
            suggestion: Suggestion.nearest(to: name, among: columns)?.showingInvisible)
    }

    private mutating func template(
        _ text: String, at path: String
    ) throws(MappingError) -> Program.Template {
        var parts: [Program.Template.Part] = []
        var literal: [UInt8] = []
        let bytes = Array(text.utf8)
        var counter = -1
        var at = 0
        func flush() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal.removeAll()
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
                if at + 1 < bytes.count, bytes[at + 1] == byte {
                    literal.append(byte)
                    at += 2
                    continue
                }
                guard byte == UInt8(ascii: "{"),
                    let close = bytes[at...].firstIndex(of: UInt8(ascii: "}"))
                else {
                    throw wrong(
                        path,
                        "the template “\(text)” has a single brace; write “{{” or “}}” for a brace.")
                }
                flush()
                let name = String(decoding: bytes[(at + 1)..<close], as: UTF8.self)
                if name == "#" {
                    guard counter < 0, !parts.isEmpty else {
                        throw wrong(
                            path,
                            "{#} counts records with the same text before it, and can be used once in a template."
                        )
                    }
                    counter = counters
                    counters += 1
                    parts.append(.count)
                } else {
                    let from = try source(name, at: "record.fields." + path)
                    if !isInEach { share(from, path) }
                    parts.append(.cell(from))
                }
                at = close + 1
            } else {
                literal.append(byte)
                at += 1
            }
        }
        flush()
        return Program.Template(parts: parts, counter: counter)
    }

    private mutating func converter(
        _ conversion: Conversion, at path: String, of column: String? = nil
    ) throws(MappingError) -> Int32 {
        let isDate =
            switch conversion.kind {
            case .datetime, .date, .epoch, .epochMilliseconds: true
            default: false
            }
        guard isDate || conversion.formats.isEmpty && conversion.zone == nil else {
            throw wrong(path, "`format` and `zone` need `as: datetime`, date, epoch or epoch_ms.")
        }
        var words = DateWords.english
        if isDate, let locale = conversion.locale {
            guard let known = DateWords.named(locale) else {
                throw MappingError(
                    .badRule, at: "record.fields." + path, line: line,
                    message: "the names of months are not known for the locale “\(locale)”. Known: "
                        + DateWords.known.joined(separator: ", ") + ".",
                    suggestion: Suggestion.nearest(to: locale, among: DateWords.known))
            }
            words = known
        }
        var patterns: [DatePattern] = []
        if isDate {
            for format in conversion.formats.isEmpty ? ["iso"] : conversion.formats {
                do throws(MappingError) {
                    patterns.append(try DatePattern(format, words: words))
                } catch {
                    throw wrong(path, error.message)
                }
            }
        }
        var zone = -1
        if let name = conversion.zone {
            if let known = zoneNames.firstIndex(of: name) {
                zone = known
            } else {
                if rules >= .strict, let candidates = ZoneTable.candidates(for: name) {
                    throw wrong(path, ZoneTable.ambiguity(of: name, candidates))
                }
                guard let table = ZoneTable(name) else {
                    throw MappingError(
                        .badRule, at: "record.fields." + path, line: line,
                        message: "there is no time zone “\(name)”.",
                        suggestion: ZoneTable.suggestion(for: name))
                }
                zone = zones.count
                zones.append(table)
                zoneNames.append(name)
            }
        } else if conversion.kind != .date, let pattern = patterns.first(where: { !$0.mayHaveOffset }) {
            throw wrong(
                path,
                "“\(pattern.text)” has no offset: set the time zone of the column, such as "
                    + "`zone: Asia/Kolkata`.")
        }
        let decimal = Array(conversion.decimal.utf8)
        let thousands = Array((conversion.thousands ?? "").utf8)
        guard decimal.count == 1, !isDigit(decimal[0]), !"+-eE".utf8.contains(decimal[0]) else {
            throw wrong(path, "`decimal` must be one character such as “.” or “,”.")
        }
        guard thousands != decimal,
            !thousands.contains(where: { isDigit($0) || "+-".utf8.contains($0) })
        else {
            throw wrong(
                path, "`thousands` must be a character other than `decimal`, such as “.” or “ ”.")
        }
        var number = NumberText(decimal: decimal[0], thousands: thousands)
        number.readsAccounting = conversion.accounting
        number.currencies = conversion.currencies.map { Array($0.utf8) }
        for currency in conversion.currencies {
            guard !currency.isEmpty, !currency.utf8.contains(where: { isDigit($0) || $0 == decimal[0] })
            else {
                throw wrong(path, "`currency` lists names such as \"€\" or EUR, without digits.")
            }
        }
        converters.append(
            Converter(
                conversion, isJSON: columns == nil, patterns: patterns, zone: zone,
                number: number, salt: salt,
                nulls: column.flatMap { nulls?.words(of: $0) } ?? [], suspectsNulls: nulls == nil,
                rules: rules))
        return Int32(converters.count - 1)
    }

    func wrong(_ path: String, _ message: String) -> MappingError {
        MappingError(.badRule, at: "record.fields." + path, line: line, message: message)
    }
}
