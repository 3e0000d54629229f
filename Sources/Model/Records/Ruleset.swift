/// How strictly a run's input is read and checked.
///
/// Raised whenever rows are told apart in another way, or a check refuses what was sent before. A run keeps
/// the rules that it began with: a resume reads the same records from the same bytes, and a record that was
/// sent stays what it was.
package struct Ruleset: RawRepresentable, Comparable, Hashable, Sendable {
    /// As it is stored with a run.
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static func < (a: Ruleset, b: Ruleset) -> Bool { a.rawValue < b.rawValue }

    /// Of runs that began before rules were recorded.
    package static let first = Ruleset(rawValue: 0)
    /// Holes, damaged values and rows that a stray quote joins are refused.
    package static let strict = Ruleset(rawValue: 1)
    /// White space before a quote is no part of a CSV field.
    package static let spaced = Ruleset(rawValue: 2)
    /// White space around the cells of `group:`, and the formula that keeps one a text, tell no groups apart.
    package static let cleanKeys = Ruleset(rawValue: 3)
    /// Of runs that begin now.
    package static let current = cleanKeys
}
