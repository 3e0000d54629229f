/// A mapping compiled against the columns of one input: a flat list of steps, run once a record.
///
/// An object is written as `,"a":1,"b":2` and its first comma is overwritten with `{` at its end; so no
/// step has to know whether it is the first.
final class Program: Sendable {
    struct Step: Sendable {
        enum Code: UInt8, Sendable { case literal, cell, template, expression, object, list, each }
        var code: Code
        /// Of a CSV column: a text that needs nothing but quotes, such a text that is a code, a number in JSON's
        /// own spelling.
        enum Plain: UInt8, Sendable { case no, text, code, number }
        var plain = Plain.no
        /// Whether anything within reads a cell.
        var reads = false
        /// `literals[pre..<key]` is written always, `literals[key..<keyEnd]` with a value only.
        var pre: Int32 = 0
        var key: Int32 = 0
        var keyEnd: Int32 = 0
        /// The CSV column, the path of JSON, the template or the expression.
        var from: Int32 = 0
        var converter: Int32 = 0
        /// After the steps within; of an expression, the converter of numbers.
        var end: Int32 = 0
        var name: Int32 = 0
    }

    /// What every record runs through, to be held while a block is mapped.
    struct Code: Sendable {
        let literals: [UInt8]
        let steps: [Step]

        @inline(__always)
        func always(_ step: Step) -> Range<Int> { Int(step.pre)..<Int(step.key) }
        @inline(__always)
        func withValue(_ step: Step) -> Range<Int> { Int(step.key)..<Int(step.keyEnd) }
        @inline(__always)
        func all(_ step: Step) -> Range<Int> { Int(step.pre)..<Int(step.keyEnd) }
    }

    struct Template: Sendable {
        enum Part: Sendable, Equatable {
            case literal([UInt8])
            case cell(Int32)
            case count
        }
        var parts: [Part]
        /// Of the mapper's counters; -1: it counts nothing.
        var counter: Int
    }

    /// Steps of the records for which the condition is the first that holds; nil always does.
    struct Branch: Sendable {
        var condition: Int32?
        var steps: Range<Int>
    }

    /// A cell that all rows of a group have to agree in.
    struct Shared: Sendable, Equatable {
        var from: Int32
        var name: String
        /// Only in records of that branch; nil: in all.
        var branch: Int?
    }

    /// A column of `group:`, and how all that is made of it once a record sees its cells.
    struct Key: Sendable, Equatable {
        var from: Int32
        var name: String
        /// Without white space around them, characters that take no room, and the formula that keeps them a text.
        var trims, dropsMarks, unwraps: Bool
    }

    var isJSON: Bool { columnCount == nil }
    /// Fields of a row; nil for JSON.
    let columnCount: Int?
    let code: Code
    /// Dotted paths of JSON rows, split.
    let paths: [[String]]
    let converters: [Converter]
    let templates: [Template]
    let zones: [ZoneTable]
    /// Where the fields stand in the item; `[*]` is the element of a row.
    let names: [String]
    /// Columns that rows of one record agree in.
    let group: [Int32]
    let shared: [Shared]
    /// Those of `group`.
    let keys: [Key]
    /// Columns of `group` that no field looks at.
    let unseenKeys: [Shared]
    /// Texts that mean null, by column or path; none where nobody says so.
    let nulls: [Int32: [[UInt8]]]
    /// Nobody has said which texts mean null.
    let suspectsNulls: Bool
    let attribution: Int32?
    /// What is wrong with a row is said in it.
    let trouble: Int32?
    let counters: Int
    let expressions: [CompiledExpression]
    /// Rows for which that expression does not hold belong to no record.
    let filter: Int32?
    /// The steps of every record.
    let common: Range<Int>
    let branches: [Branch]

    init(
        columnCount: Int?, literals: [UInt8], steps: [Step], paths: [[String]], converters: [Converter],
        templates: [Template], zones: [ZoneTable], names: [String], group: [Int32], shared: [Shared],
        keys: [Key], unseenKeys: [Shared], nulls: [Int32: [[UInt8]]], suspectsNulls: Bool,
        attribution: Int32?, trouble: Int32?, counters: Int, expressions: [CompiledExpression],
        filter: Int32?, common: Range<Int>, branches: [Branch]
    ) {
        self.expressions = expressions
        self.filter = filter
        self.common = common
        self.branches = branches
        self.columnCount = columnCount
        code = Code(literals: literals, steps: steps)
        self.paths = paths
        self.converters = converters
        self.templates = templates
        self.zones = zones
        self.names = names
        self.group = group
        self.shared = shared
        self.keys = keys
        self.unseenKeys = unseenKeys
        self.nulls = nulls
        self.suspectsNulls = suspectsNulls
        self.attribution = attribution
        self.trouble = trouble
        self.counters = counters
    }
}
