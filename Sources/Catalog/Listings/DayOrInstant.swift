package import Model

/// A day or an instant as a person writes it.
package enum DayOrInstant {
    /// A day begins at midnight in UTC; a time of day has to say its offset. Nil for anything else.
    package static func read(_ text: String) -> Timestamp? {
        guard let instant = Instant(text), instant.offset != nil || text.count == 10 else { return nil }
        return instant.timestamp
    }
}
