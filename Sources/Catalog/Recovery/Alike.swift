package import Model

/// A field that servers may show in another form than they were sent, with what was sent.
package struct FormField: Sendable, Equatable {
    /// How forms of it are compared.
    package enum Kind: Sendable { case text, amount, time }

    /// In words: `bill number`.
    package var name: String
    /// By which ``sent`` is read.
    package var kind: Kind
    /// The text, the number as it was written, or the time in ISO 8601.
    package var sent: String

    package init(_ name: String, _ kind: Kind, _ sent: String) {
        self.name = name
        self.kind = kind
        self.sent = sent
    }
}

/// An entry that a look-up shows and that may be the record in another form, or of which nothing tells that the
/// reply is about the record at all.
package struct Alike: Sendable, Equatable {
    /// A field that is shown in another form than it was sent in.
    package struct Difference: Sendable, Equatable {
        /// With what was sent.
        package var field: FormField
        /// As the reply has it.
        package var shown: String

        package init(_ field: FormField, shown: String) {
            self.field = field
            self.shown = shown
        }

        /// `bill number AB-1 where ab-1 was sent`
        package var words: String {
            "\(field.name) is \(quoted(shown)), but \(quoted(field.sent)) was sent"
        }

        /// A space at an end has to be seen.
        private func quoted(_ text: String) -> String {
            text.isEmpty || text.contains(where: \.isWhitespace) ? "'\(text)'" : text
        }
    }

    /// Nil where the entry shows none.
    package var id: ServerID?
    /// At least one.
    package var differences: [Difference]
    /// No server rewrites one into the other: the reply is about something else.
    package var isAnother: Bool

    package init(_ id: ServerID?, _ differences: [Difference], isAnother: Bool = false) {
        self.id = id
        self.differences = differences
        self.isAnother = isAnother
    }

    /// Both forms side by side, for a person.
    package var words: String {
        let forms = differences.map(\.words).joined(separator: ", ")
        let id = id.map { " (id \($0.text))" } ?? ""
        return isAnother
            ? "the reply is about something else: \(forms)\(id)"
            : "the server shows \(forms)\(id)"
    }
}

/// How a value that is shown is to the one that was sent.
enum FormMatch: Equatable {
    case equal
    /// The same in another form: case, zeros, spaces, rounding, resolution or zone of a time.
    case alike
    case different
}

/// How an entry is to a record, field by field.
struct FormComparison {
    private(set) var alike: [Alike.Difference] = []
    /// Names of fields that differ in what no server rewrites.
    private(set) var differing: [String] = []

    mutating func note(_ match: FormMatch, _ field: FormField, shown: String) {
        switch match {
        case .equal: break
        case .alike: alike.append(Alike.Difference(field, shown: shown))
        case .different: differing.append(field.name)
        }
    }

    mutating func compareText(_ name: String, sent: String, shown: String) {
        note(Form.text(shown, sent), FormField(name, .text, sent), shown: shown)
    }

    mutating func differs(_ name: String) { differing.append(name) }
}

extension SearchStep {
    /// The end of a search: with entries that may be the record, or without.
    static func read(ids: [ServerID], others: [String], alike: [Alike]) -> SearchStep {
        alike.isEmpty
            ? .done(ids: ids, others: others) : .alike(ids: ids, others: others, entries: alike)
    }

    /// The reply says nothing either way, for this reason.
    static func gap(_ words: String) -> SearchStep {
        .unclear(Refusal(.unboundAnswer, message: words))
    }
}
