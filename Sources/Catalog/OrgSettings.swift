/// The settings of an org that change what a reply, or a repeat, means.
///
/// Source: API reference, "Setup Transactions"; v1.1 manual, "organization/configs".
package struct OrgSettings: Sendable, Equatable {
    /// Where a bill number may stand only once.
    package enum Uniqueness: Sendable, Equatable { case unknown, none, org, store, till }

    /// The org's number, as the server tells it.
    package var id: String?
    package var billNumbers: Uniqueness
    /// Within so many days only; nil: for all time.
    package var uniqueInDays: Int?
    /// Return bill numbers are unique in the org; nil: not known.
    package var returnsUnique: Bool?
    /// Decimal places that amounts are floored to on the server.
    package var amountDecimals: Int
    /// The server stores the clock time and drops the offset; nil: not known.
    package var ignoresOffsets: Bool?

    package init(
        id: String? = nil, billNumbers: Uniqueness = .unknown, uniqueInDays: Int? = nil,
        returnsUnique: Bool? = nil, amountDecimals: Int = 0, ignoresOffsets: Bool? = nil
    ) {
        self.id = id
        self.billNumbers = billNumbers
        self.uniqueInDays = uniqueInDays
        self.returnsUnique = returnsUnique
        self.amountDecimals = amountDecimals
        self.ignoresOffsets = ignoresOffsets
    }
}
