/// How sure a guess is.
package enum Confidence: String, Sendable, Comparable {
    /// It is taken for nothing: a person has to decide.
    case unsure
    /// It fits what was read, and something else might, too.
    case likely
    /// Nothing else fits what was read.
    case sure

    private var rank: Int { self == .unsure ? 0 : self == .likely ? 1 : 2 }
    package static func < (a: Confidence, b: Confidence) -> Bool { a.rank < b.rank }
}

/// What was found out about a file, for people and for `--json`.
package struct GuessFinding: Sendable, Equatable {
    /// `encoding`, `delimiter`, `column Betrag`, …
    package var subject: String
    /// Empty where nothing was found.
    package var value: String
    /// How sure it is.
    package var confidence: Confidence
    /// What tells; may be empty.
    package var why: String

    package init(_ subject: String, _ value: String, _ confidence: Confidence, _ why: String) {
        self.subject = subject
        self.value = value
        self.confidence = confidence
        self.why = why
    }
}
