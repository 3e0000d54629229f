package import Model
package import Records

/// Turns rows into records, one block after another.
///
/// Records come out in the order of their first rows, and their stretches of the input do not overlap.
/// A row in which nothing can be told is a record of its own, unless rows of one group stand before and
/// after it: then it is taken for one of them.
package struct Mapper: Sendable {
    let spec: MappingSpec?
    let attributionColumn: String?
    let attributionDefault: String?
    let rules: Ruleset
    /// The first column of the input is that of ``RecordMark``; nil for JSON.
    private var isMarked: Bool?
    /// Nil: JSON rows pass as they are.
    var program: Program?
    var cells = CellWriter(zones: [])

    /// The JSON row that was looked at last, by its index in the source at hand; -1: none.
    var tape: JSONTape
    var tapeRow = -1 {
        didSet { if tapeRow < 0 { evaluated.row = -1 } }
    }
    /// Nil where no expression is used.
    var engine: ExpressionEngine?
    var evaluated = Evaluated()
    /// The row before was left out.
    var isLeaving = false
    /// Unescaped texts and templates.
    var scratch: [UInt8] = []
    var problems: [Refusal] = []
    /// Their places counted from the first byte of the batch.
    var customers: [NamedCustomer] = []
    /// The rows of the record at hand, and the element of `each: row` at hand.
    var rows = 0..<0
    var element = 0

    var groups = GroupState()
    /// By template.
    var counters: [RepeatCounter] = []
    /// Of the groups' keys.
    var groupCounter = RepeatCounter()

    /// How many problems of one record are told.
    static let problemLimit = 20

    /// A mapper for the rows of one input.
    ///
    /// - Parameters:
    ///   - spec: Nil: JSON rows are the items; CSV rows become objects of texts.
    ///   - columns: The header's names; nil for JSON.
    ///   - attribution: Where a record's attribution comes from; only a column matters here.
    ///   - rules: What is refused.
    /// - Throws: ``MappingError`` for a column that is not there, or a rule that makes no sense.
    package init(
        spec: MappingSpec?, columns: [String]?, attribution: SendSettings.AttributionSource?,
        rules: Ruleset = .current
    ) throws(MappingError) {
        self.spec = spec
        self.rules = rules
        // As deep as the reader may have allowed.
        tape = JSONTape(depthLimit: 512)
        if case .column(_, let name, let code) = attribution {
            (attributionColumn, attributionDefault) = (name, code)
        } else {
            (attributionColumn, attributionDefault) = (nil, nil)
        }
        try start(columns: columns)
        counters = Array(repeating: RepeatCounter(), count: program?.counters ?? 0)
    }

    /// Continues with another input that has these columns, after ``finish(into:)``. The counters of
    /// templates continue counting.
    package mutating func start(columns: [String]?) throws(MappingError) {
        groups.reset()
        tapeRow = -1
        isLeaving = false
        isMarked = columns.map { $0.first == RecordMark.name }
        let spec = spec ?? columns.map(Mapper.textsOnly)
        // Without a mapping, a JSON row is only looked into for its attribution.
        guard let spec = spec ?? attributionColumn.map({ _ in MappingSpec(fields: []) }) else { return }
        let program: Program
        do throws(MappingError) {
            program = try Compiler.program(
                spec, columns: columns, attribution: attributionColumn, rules: rules)
        } catch {
            throw error.hidingData(columns, known: Compiler.names(in: spec, rules: rules))
        }
        self.program = program
        cells = CellWriter(zones: program.zones)
        engine =
            program.expressions.isEmpty
            ? nil : try Compiler.engine(of: program.expressions, spec.notation)
        evaluated = Evaluated(count: program.expressions.count)
    }

    /// Each column as a text under its own name.
    private static func textsOnly(_ columns: [String]) -> MappingSpec {
        let conversion = Conversion(.text, empty: .text, keepsSpreadsheetDamage: true)
        return MappingSpec(
            fields: columns.filter { $0 != RecordMark.name }.map {
                FieldRule($0, .column($0, conversion))
            })
    }

    /// Maps the rows of `block`, appending the records they finish to `batch`. An open group stays
    /// inside until the next call or ``finish(into:)``.
    ///
    /// - Complexity: Memory is that of the open group, at most the spec's limit, and of the counters: at
    ///   most some 36 MB a template with `{#}` and for all groups together.
    package mutating func map(_ block: borrowing RowBlock, into batch: inout RecordBatch) {
        var source = RowSource(block)
        tapeRow = -1
        if let program, let filter = program.filter {
            self.filter(&source, filter, program, into: &batch)
        }
        guard let program, spec != nil || !program.isJSON else {
            for index in source.rows.indices { passThrough(source, index, into: &batch) }
            return
        }
        if program.group.isEmpty {
            for index in source.rows.indices { emit(source, index..<index + 1, program, into: &batch) }
        } else {
            mapGroups(source, program, into: &batch)
        }
    }

    /// Ends an open group: no more rows follow in this input.
    ///
    /// - Parameter follower: The key of the group that the next input begins with, where a group that continues
    ///   there is to be refused.
    package mutating func finish(
        into batch: inout RecordBatch, before follower: [UInt8]? = nil
    ) {
        guard let program, !program.group.isEmpty else { return }
        finishGroups(program, before: follower, into: &batch)
    }

    private mutating func passThrough(
        _ source: RowSource, _ index: Int, into batch: inout RecordBatch
    ) {
        let item = batch.bytes.count
        let value = source.rows[index].value
        problems.removeAll()
        customers.removeAll()
        var attribution: String?
        if let problem = source.rows[index].problem {
            problems.append(problem)
        } else if value.isEmpty || source.text[value.lowerBound] != UInt8(ascii: "{") {
            problems.append(
                Refusal(.type, message: "Expected a JSON object: each record is one object."))
        } else {
            if let mark = RecordMark.json(source.text[value]) {
                batch.bytes.append(contentsOf: source.text[value.lowerBound..<mark.cut.lowerBound])
                batch.bytes.append(contentsOf: source.text[mark.cut.upperBound..<value.upperBound])
            } else {
                batch.bytes.append(contentsOf: source.text[value])
            }
            if let program { attribution = self.attribution(source, index, program) }
        }
        append(source, index..<index + 1, item: item, attribution: attribution, into: &batch)
    }

    /// Ends a record whose item, if it has one, has been written from `item` on.
    mutating func append(
        _ source: RowSource, _ rows: Range<Int>, item: Int, attribution: String?,
        into batch: inout RecordBatch
    ) {
        let stored = batch.stored.count
        let span = source.rows.span
        var rowBytes = 0
        var marks: [String] = []
        var known = Set<String>()
        for index in rows {
            let place = span[index].stored
            rowBytes += place.count
            guard let mark = mark(source, place) else {
                batch.stored.append(source.stored, place)
                continue
            }
            batch.stored.append(source.stored, place.lowerBound..<mark.cut.lowerBound)
            batch.stored.append(source.stored, mark.cut.upperBound..<place.upperBound)
            if !mark.text.isEmpty, known.insert(mark.text).inserted { marks.append(mark.text) }
        }
        var position = span[rows.lowerBound].position
        if rows.count > 1 {
            position.length = span[rows.upperBound - 1].position.end - position.offset
        }
        var origin = span[rows.lowerBound].origin
        if origin != nil, rows.count > 1 {
            origin?.length = rows.reduce(0) { $0 + (span[$1].origin?.length ?? 0) }
        }
        for index in customers.indices {
            let place = customers[index].place
            customers[index].place = place.lowerBound - item..<place.upperBound - item
        }
        batch.records.append(
            MappedRecord(
                position: position, origin: origin, rows: rows.count, item: item..<batch.bytes.count,
                stored: stored..<batch.stored.count, rowBytes: rowBytes, marks: marks,
                attribution: attribution, customers: customers, problems: problems))
    }

    /// The mark of the row at `place`, and which bytes of it are to be left out.
    private func mark(
        _ source: RowSource, _ place: Range<Int>
    ) -> (text: String, cut: Range<Int>)? {
        let bytes = source.stored
        switch isMarked {
        case false?: return nil
        case true?:
            let (text, length) = RecordMark.csv(bytes[place], separator: source.separatorLength)
            return (text, place.lowerBound..<place.lowerBound + length)
        case nil: return RecordMark.json(bytes[place])
        }
    }
}

// What is remembered from row to row.
extension Mapper {
    /// Whether what a row becomes depends on rows before it: `{#}`, or groups that come back. A run
    /// resumed in the middle then needs ``state``, or has the rows before mapped once more and thrown
    /// away, which is as good: what a mapper gives depends on nothing but its rows.
    package var remembersRows: Bool {
        !counters.isEmpty || program?.group.isEmpty == false && spec?.countsGroups ?? true
    }

    /// What the mapper remembers of the records given out so far; setting it makes this mapper continue as
    /// the other would have. An open group is no part of it.
    ///
    /// Some tens of bytes for each different text counted, so up to 36 MB: what asks often takes
    /// ``state(within:)``. A value that is not such a state changes nothing.
    package var state: [UInt8] {
        get { state(within: .max) ?? [] }
        set {
            guard newValue.count > 2, newValue[0] == 1, Int(newValue[1]) == counters.count else {
                return
            }
            var restored = counters
            var restoredGroups = groupCounter
            var at = 2
            for index in restored.indices {
                guard restored[index].restore(newValue, &at) else { return }
            }
            guard restoredGroups.restore(newValue, &at), at == newValue.count else { return }
            counters = restored
            groupCounter = restoredGroups
        }
    }

    /// The same, where it has at most `limit` bytes; nil, and at once, where it has more.
    package func state(within limit: Int) -> [UInt8]? {
        guard remembersRows else { return [] }
        let size = counters.reduce(2 + groupCounter.stateSize) { $0 + $1.stateSize }
        guard size <= limit else { return nil }
        var bytes: [UInt8] = [1, UInt8(truncatingIfNeeded: counters.count)]
        for counter in counters { bytes += counter.state }
        return bytes + groupCounter.state
    }
}
