/// A job that is proposed for a file, before it is written as YAML.
package struct JobDraft: Sendable {
    /// How a field gets its value.
    package indirect enum Rule: Sendable {
        /// The same in every record.
        case constant(String)
        /// A column, with the keys beside `from`.
        case column(String, [Option])
        case template(String, [Option])
        case expression(String, [Option])
        case object([Field])
        case list([Rule])
        case eachRow([Field])
    }

    /// A key of a field beside its source, and its value.
    package struct Option: Sendable {
        /// `as`, `format`, …
        package var key: String
        /// Without the quotes of YAML.
        package var value: String
        init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// One member of an object.
    package struct Field: Sendable {
        /// Of the field, or of the job.
        package var name: String
        /// Nil: nobody knows yet; only its gap is written.
        package var rule: Rule?
        /// After it, on its line.
        package var comment = ""
        /// What is missing, and what may be meant.
        package var gap = ""

        init(_ name: String, _ rule: Rule?, comment: String = "", gap: String = "") {
            self.name = name
            self.rule = rule
            self.comment = comment
            self.gap = gap
        }
    }

    /// What is sent of the records for which a condition holds.
    package struct Branch: Sendable {
        /// Nil: of all others.
        package var condition: String?
        /// Beside those of all records.
        package var fields: [Field]
        /// Above it.
        package var comment = ""
    }

    /// What only a person knows, or knows better.
    package enum Question: Sendable, Equatable {
        case country
        case dateFormat([String])
        /// The first is the one that is taken if nobody answers, where `isGuessed`.
        case zone([String], isGuessed: Bool)
        /// The column of a field, perhaps one of these.
        case column(field: String, [String])
    }

    /// Of the field, or of the job.
    package var name: String
    /// Nil: nobody knows yet.
    package var endpoint: String?
    /// As in `connection:`.
    package var connection: String
    /// As in `input.files`.
    package var files: [String]
    /// As in `parameters:`.
    package var parameters: [(key: String, value: String)] = []

    /// Nil where it is detected, as the next one.
    package var encoding: String?
    /// A word such as `semicolon`, or a character.
    package var delimiter: String?
    /// As in `input.header`.
    package var hasHeader = true
    /// Lines above the header.
    package var skip = 0
    /// Rows at the end.
    package var footer = 0
    /// By column, the words that mean that there is no value.
    package var nulls: [(column: String, words: [String])] = []
    /// What keeps the file from being read.
    package var inputGaps: [String] = []

    /// Columns whose values rows of one record share.
    package var group: [String] = []
    package var groupGap = ""
    /// As in `record.where`.
    package var filter: String?
    /// Nil: a point.
    package var decimal: String?
    /// Nil: nothing groups digits.
    package var thousands: String?
    package var isAccounting = false
    /// Names that are beside numbers.
    package var currencies: [String] = []
    package var numberGap = ""
    /// Of every record.
    package var fields: [Field] = []
    /// As in `record.when`.
    package var branches: [Branch] = []
    /// The rows have the form of the call already.
    package var hasRecord = true

    /// Where records are booked; nil: as the connection says.
    package var attribution: (type: String, column: String)?
    /// What a person should know, at the top of the file.
    package var notes: [String] = []
    /// What was guessed, in the order of the file, then of the fields.
    package var findings: [GuessFinding] = []
    /// What to ask a person, in that order.
    package var questions: [Question] = []

    package init(name: String, files: [String], connection: String) {
        self.name = name
        self.files = files
        self.connection = connection
    }

    /// Everything that a person has to decide, as the file says it.
    package var gaps: [String] {
        var gaps = inputGaps
        if endpoint == nil { gaps.append("endpoint: which call: `sluice endpoints` lists them") }
        for gap in [groupGap, numberGap] where !gap.isEmpty { gaps.append(gap) }
        for field in fields + branches.flatMap(\.fields) { Self.add(field, to: &gaps) }
        return gaps.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func add(_ field: Field, to gaps: inout [String]) {
        if !field.gap.isEmpty { gaps.append("\(field.name): \(field.gap)") }
        if let rule = field.rule { add(rule, to: &gaps) }
    }

    private static func add(_ rule: Rule, to gaps: inout [String]) {
        switch rule {
        case .object(let fields), .eachRow(let fields): for field in fields { add(field, to: &gaps) }
        case .list(let rules): for rule in rules { add(rule, to: &gaps) }
        case .constant, .column, .template, .expression: break
        }
    }
}
