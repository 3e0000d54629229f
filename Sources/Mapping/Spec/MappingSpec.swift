package import Model
package import Records

/// What a job's `record:` says, checked: how rows become items.
package struct MappingSpec: Sendable, Equatable {
    /// Columns in which the neighbouring rows of one record agree; empty: each row is a record.
    package var group: [String]
    /// The job says that the rows of one group stand together: nobody looks beforehand.
    package var isSorted = false
    /// A group that comes back is noticed while reading. False once the whole input was looked at.
    package var countsGroups = true
    /// The members of the item, in the order they are written.
    package var fields: [FieldRule]
    /// The most bytes of input that one group may have; a larger one is invalid. At most 256 MiB.
    package var groupLimit: Int {
        didSet { groupLimit = min(groupLimit, MappingSpec.mostOfGroup) }
    }
    /// Where `group:` is in the job file.
    package var groupLine: Int?
    /// A column that says what is wrong with a row, as a reason's code and words; empty where nothing is.
    package var trouble: String?
    /// Words that mean null, where the job says which.
    package var nulls: NullWords?
    /// Rows for which it is not true are no part of any record.
    package var filter: ExpressionRule?
    /// Values with a name that expressions use, each also in those after it.
    package var values: [NamedExpression] = []
    /// Members that depend on the record: those of the first one whose condition holds follow `fields`.
    package var branches: [Branch] = []
    /// How expressions read and write numbers: its decimal sign, separators, currencies.
    package var notation = Conversion()
    /// Of hashed texts: a secret, which is no part of the job.
    package var salt: [UInt8] = []

    package static let mostOfGroup = 256 << 20

    package init(
        group: [String] = [], fields: [FieldRule], groupLimit: Int = 8 << 20, groupLine: Int? = nil
    ) {
        self.group = group
        self.fields = fields
        self.groupLimit = min(groupLimit, MappingSpec.mostOfGroup)
        self.groupLine = groupLine
    }
}

extension MappingSpec {
    /// Whether any text is hashed with the salt.
    package var wantsSalt: Bool {
        (fields + branches.flatMap(\.fields)).contains { $0.rule.wantsSalt }
    }

    /// What is legal, but perhaps not meant.
    package func warnings(_ rules: Ruleset = .current) throws(MappingError) -> [String] {
        try Compiler.check(self, rules)
    }

    /// Looks for what is wrong whatever the input is: a date format, a zone, a template.
    ///
    /// - Throws: ``MappingError`` for the first of them.
    package func check(_ rules: Ruleset = .current) throws(MappingError) {
        _ = try Compiler.check(self, rules)
    }
}

extension MappingSpec {
    /// The column that a field is taken from as it is; nil where it has several, or is made otherwise.
    package func column(of field: String) -> String? {
        let rules = (fields + branches.flatMap(\.fields)).filter { $0.name == field }
        guard rules.count == 1, case .column(let name, _) = rules[0].rule else { return nil }
        return name
    }
}

/// A text of SQLite's expression language, over the columns of a row.
package struct ExpressionRule: Sendable, Equatable {
    package var text: String
    /// Where it is in the job file, for messages.
    package var line: Int?

    package init(_ text: String, line: Int? = nil) {
        self.text = text
        self.line = line
    }
}

/// One of a job's `let:`.
package struct NamedExpression: Sendable, Equatable {
    package var name: String
    package var rule: ExpressionRule

    package init(_ name: String, _ rule: ExpressionRule) {
        self.name = name
        self.rule = rule
    }
}

/// One of a job's `when:`.
package struct Branch: Sendable, Equatable {
    /// Nil: where none before it holds.
    package var condition: ExpressionRule?
    package var fields: [FieldRule]

    package init(if condition: ExpressionRule?, fields: [FieldRule]) {
        self.condition = condition
        self.fields = fields
    }
}

/// One member of an object.
package struct FieldRule: Sendable, Equatable {
    package var name: String
    package var rule: Rule
    /// Where it is in the job file, for messages.
    package var line: Int?

    package init(_ name: String, _ rule: Rule, line: Int? = nil) {
        self.name = name
        self.rule = rule
        self.line = line
    }
}

/// Where a value comes from.
///
/// An object that reads cells is left out where none of them had anything to give, whatever constants
/// it has; so is a list without elements. The item itself is always an object.
package indirect enum Rule: Sendable, Equatable {
    /// The same JSON text in every record.
    case constant(json: String)
    /// A CSV column, or a dotted path into the JSON row: `customer.phone`, `payments.0.mode`.
    case column(String, Conversion)
    /// A text with `{column}` in it. `{#}` counts how often what is before it has come up so far
    /// in the run, from 1; `{{` and `}}` are braces.
    case template(String, Conversion)
    /// What an expression gives for the row; of a group, for its first row.
    case expression(String, Conversion)
    case object([FieldRule])
    case list([Rule])
    /// A list with one element a row of the group.
    case eachRow(Rule)
}

extension Rule {
    fileprivate var wantsSalt: Bool {
        switch self {
        case .constant: false
        case .column(_, let conversion), .template(_, let conversion), .expression(_, let conversion):
            conversion.hash == .salted
        case .object(let fields): fields.contains { $0.rule.wantsSalt }
        case .list(let rules): rules.contains { $0.wantsSalt }
        case .eachRow(let rule): rule.wantsSalt
        }
    }
}

/// How one cell becomes a JSON value.
package struct Conversion: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case text, integer, number, boolean
        /// ISO 8601 with an offset.
        case datetime
        /// `2026-02-03`
        case date
        /// Seconds since 1970, as a number.
        case epoch
        /// Milliseconds since 1970, as a number.
        case epochMilliseconds = "epoch_ms"
        /// The cell holds JSON.
        case json
    }

    /// In the place of what `*` becomes: the value as it is.
    package static let sameValue = "{value}"

    /// What an empty cell means. Of JSON rows, also null and absent ones.
    package enum Empty: String, Sendable, CaseIterable {
        case omit, null, error
        /// An empty text, whatever the type.
        case text = ""
    }

    /// SHA-256, written as 64 digits in lower case.
    package enum Hash: Sendable {
        /// Of the salt's bytes and the text's, one after the other.
        case salted
        /// Of the text alone: whoever has a list of phone numbers finds out whose it is.
        case bare
    }

    /// What the field holds that takes the value.
    package enum Target: Sendable {
        case words
        /// An identifier or a code: what tells one thing from another.
        case code
        case number
    }

    /// Nil: text from CSV; from JSON, the value as it is.
    package var kind: Kind?
    package var target: Target
    /// A number goes into a text field: it is in quotes.
    package var quotesNumber = false
    /// Of dates: patterns such as `dd/MM/yyyy HH:mm`, or `iso`, `epoch`, `epoch_ms`; the first that
    /// fits. None is `iso`.
    package var formats: [String]
    /// Of dates: an IANA name or an offset, for values that have none.
    package var zone: String?
    /// White space around the value is dropped; always so unless the type is text.
    package var trim: Bool
    /// Everything but the digits 0 to 9 is dropped.
    package var digitsOnly: Bool
    /// Taken where the cell is empty.
    package var defaultValue: String?
    /// By value; `*` stands for any other, and `{value}` after it leaves it as it is; without it any other is
    /// invalid.
    package var map: [String: String]?
    package var decimal: String
    package var thousands: String?
    /// Of numbers: names of the one currency that may stand beside them, such as `€` and `EUR`.
    package var currencies: [String] = []
    /// Of numbers: `12-`, `(12)` and a typographic minus are negative.
    package var accounting = false
    /// Of dates: the language of the names of months, as `de`; nil is English.
    package var locale: String?
    /// Nil: omitted from CSV (in templates an error); from JSON, written as it is.
    package var empty: Empty?
    /// A text that a spreadsheet has damaged (`9.19876E+11`, `#N/A`) is passed on.
    package var keepsSpreadsheetDamage: Bool
    /// The text names a customer, whose number goes in its place.
    package var lookup: CustomerLookup?
    /// What is sent is a hash of the text.
    package var hash: Hash?

    package init(
        _ kind: Kind? = nil, target: Target = .words, formats: [String] = [], zone: String? = nil,
        trim: Bool = false,
        digitsOnly: Bool = false, defaultValue: String? = nil, map: [String: String]? = nil,
        decimal: String = ".", thousands: String? = nil, empty: Empty? = nil,
        keepsSpreadsheetDamage: Bool = false, lookup: CustomerLookup? = nil,
        hash: Hash? = nil
    ) {
        self.kind = kind
        self.target = target
        self.formats = formats
        self.zone = zone
        self.trim = trim
        self.digitsOnly = digitsOnly
        self.defaultValue = defaultValue
        self.map = map
        self.decimal = decimal
        self.thousands = thousands
        self.empty = empty
        self.keepsSpreadsheetDamage = keepsSpreadsheetDamage
        self.lookup = lookup
        self.hash = hash
    }
}
