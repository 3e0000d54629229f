import Model

/// One thing that a server does to a field before it shows it. Which of them a server does is learnt from
/// records whose answers came: of those it is known what was sent and what is shown.
package enum Rewrite: Hashable, Sendable {
    case upper, lower, trimmed, unspaced, unzeroed
    /// Half up, to that number of decimal places.
    case rounded(Int)
    /// A time without its seconds.
    case minute
    /// A time by its clock, its offset dropped.
    case clock

    /// In the order in which they are applied.
    package static let all: [Rewrite] =
        [.trimmed, .unspaced, .unzeroed, .upper, .lower, .clock, .minute] + (0...3).map { .rounded($0) }

    /// As the ledger keeps it.
    package var code: String {
        switch self {
        case .upper: "upper"
        case .lower: "lower"
        case .trimmed: "trimmed"
        case .unspaced: "unspaced"
        case .unzeroed: "unzeroed"
        case .rounded(let places): "rounded-\(places)"
        case .minute: "minute"
        case .clock: "clock"
        }
    }

    /// Nil for what no version of the ledger has written.
    package init?(code: String) {
        guard let known = Self.all.first(where: { $0.code == code }) else { return nil }
        self = known
    }

    /// For a person.
    package var words: String {
        switch self {
        case .upper: "in upper case"
        case .lower: "in lower case"
        case .trimmed: "without spaces at its ends"
        case .unspaced: "without spaces"
        case .unzeroed: "without leading zeros"
        case .rounded(let places): "rounded half up to \(places) decimal places"
        case .minute: "without seconds"
        case .clock: "without its UTC offset"
        }
    }

    private var kind: FormField.Kind {
        switch self {
        case .upper, .lower, .trimmed, .unspaced, .unzeroed: .text
        case .rounded: .amount
        case .minute, .clock: .time
        }
    }

    private func text(_ text: String) -> String {
        switch self {
        case .upper: text.uppercased()
        case .lower: text.lowercased()
        case .trimmed: Form.trimmed(text)
        case .unspaced: Form.withoutSpaces(text)
        case .unzeroed: Form.withoutZeros(text)
        case .rounded, .minute, .clock: text
        }
    }

    // MARK: Learning

    /// What one record whose answer came says of one rewrite.
    package struct Observation: Hashable, Sendable {
        /// The name of ``FormField``.
        package var field: String
        /// What was seen, or not seen.
        package var rewrite: Rewrite
        /// It was done to this record's field; false: it would have changed the field, and was not done.
        package var agrees: Bool
    }

    /// What a record says whose entry is known by its id.
    ///
    /// - Parameters:
    ///   - fields: What was sent.
    ///   - differences: What is shown in another form; all else is shown as it was sent.
    package static func observations(
        _ fields: [FormField], _ differences: [Alike.Difference], _ org: OrgSettings
    ) -> [Observation] {
        fields.flatMap { field in
            let shown = differences.first { $0.field == field }?.shown
            return all.filter { $0.kind == field.kind }.compactMap { rewrite in
                rewrite.agrees(field.sent, shown, org).map {
                    Observation(field: field.name, rewrite: rewrite, agrees: $0)
                }
            }
        }
    }

    /// Nil where the record tells nothing of it.
    ///
    /// - Parameter shown: Nil: as it was sent.
    private func agrees(_ sent: String, _ shown: String?, _ org: OrgSettings) -> Bool? {
        switch self {
        case .upper, .lower, .trimmed, .unspaced, .unzeroed:
            let shown = shown ?? sent
            if !isSame(text(shown), shown) { return false }
            return isSame(text(sent), sent) ? nil : true
        case .rounded(let places):
            guard let ours = DecimalNumber(sent), let rounded = ours.roundedHalfUp(to: places) else {
                return nil
            }
            guard let shown else {
                // Cut off or as it was sent: nobody has told which.
                let isKept = ServerBill.amount(rounded.text, equals: sent, org) == true
                return isKept ? nil : false
            }
            guard let theirs = DecimalNumber(shown) else { return nil }
            return theirs == rounded
        case .minute:
            guard let ours = Instant(sent), ours.second != 0 else { return nil }
            guard let shown else { return false }
            return Instant(shown).map { $0.second == 0 }
        case .clock:
            guard let ours = Instant(sent), let offset = ours.offset, offset != 0 else { return nil }
            guard let shown else { return org.ignoresOffsets == false ? false : nil }
            guard let theirs = Instant(shown) else { return nil }
            return theirs.timestamp.minutes == ours.clock.minutes
        }
    }

    private func isSame(_ one: String, _ other: String) -> Bool { Array(one.utf8) == Array(other.utf8) }

    // MARK: Using what was learnt

    /// Whether a server that does just these shows this field so.
    ///
    /// - Parameter learnt: Of that field.
    package static func explain(_ difference: Alike.Difference, by learnt: Set<Rewrite>) -> Bool {
        let sent = difference.field.sent
        let steps = all.filter { learnt.contains($0) && $0.kind == difference.field.kind }
        guard !steps.isEmpty else { return false }
        switch difference.field.kind {
        case .text:
            let form = steps.reduce(sent) { $1.text($0) }
            return Array(form.utf8) == Array(difference.shown.utf8)
        case .amount:
            guard let ours = DecimalNumber(sent), let theirs = DecimalNumber(difference.shown) else {
                return false
            }
            return steps.contains {
                if case .rounded(let places) = $0 {
                    ours.roundedHalfUp(to: places) == theirs
                } else {
                    false
                }
            }
        case .time:
            guard let ours = Instant(sent), let theirs = Instant(difference.shown) else { return false }
            var seconds = steps.contains(.clock) ? ours.clock.wholeSeconds : ours.timestamp.wholeSeconds
            if steps.contains(.minute) { seconds = seconds.flooringDivided(by: 60) * 60 }
            return theirs.timestamp.wholeSeconds == seconds
        }
    }
}

extension Timestamp {
    fileprivate var wholeSeconds: Int64 { milliseconds.flooringDivided(by: 1000) }
    fileprivate var minutes: Int64 { milliseconds.flooringDivided(by: 60_000) }
}

extension Instant {
    fileprivate var second: Int64 {
        let seconds = clock.wholeSeconds
        return seconds - seconds.flooringDivided(by: 60) * 60
    }
}
