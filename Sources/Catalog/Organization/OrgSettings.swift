package import Model

/// The settings of an org that change what a reply, or a repeat, means.
///
/// Source: Organisation, Configuration; Transactions, Add bills: duplicates.
package struct OrgSettings: Sendable, Equatable {
    /// Where a bill number may be only once.
    package enum Uniqueness: Sendable, Equatable { case unknown, none, org, store, till }

    /// The org's number, as the server tells it.
    package var id: String?
    /// Within what a bill number is unique; unknown where it was not read.
    package var billNumbers: Uniqueness
    /// Within this number of days only; nil: not known, so that nothing is known to be refused.
    package var uniqueInDays: Int?
    /// When the settings were read: a window of days is counted from here.
    package var asOf: Timestamp?
    /// Return bill numbers are unique in the org; nil: not known.
    package var returnsUnique: Bool?
    /// Decimal places that amounts are floored to on the server.
    package var amountDecimals: Int
    /// The server stores the clock time and drops the offset; nil: not known.
    package var ignoresOffsets: Bool?

    package init(
        id: String? = nil, billNumbers: Uniqueness = .unknown, uniqueInDays: Int? = nil,
        returnsUnique: Bool? = nil, amountDecimals: Int = 0, ignoresOffsets: Bool? = nil,
        asOf: Timestamp? = nil
    ) {
        self.asOf = asOf
        self.id = id
        self.billNumbers = billNumbers
        self.uniqueInDays = uniqueInDays
        self.returnsUnique = returnsUnique
        self.amountDecimals = amountDecimals
        self.ignoresOffsets = ignoresOffsets
    }

    /// Whether a bill of that time lies in the window in which a second one of its number is refused, from
    /// whichever day the server counts: between the two bills, or back from now. Two days are left at both ends.
    func isInWindow(_ billed: Timestamp) -> Bool {
        guard let uniqueInDays, uniqueInDays > 2, let asOf else { return false }
        let day: Int64 = 86_400_000
        let age = asOf.milliseconds - billed.milliseconds
        return age >= -2 * day && age <= Int64(min(uniqueInDays, 100_000) - 2) * day
    }
}
