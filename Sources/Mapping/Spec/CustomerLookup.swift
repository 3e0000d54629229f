/// Which customer a cell names, where the server wants its own number of the customer: who finds it takes
/// the cell's text out of the item and puts the number in.
package struct CustomerLookup: Hashable, Sendable {
    /// `mobile`, `email`, `externalId`, …, as the server calls it.
    package var by: String
    /// Of the profile that has the identifier.
    package var source: String
    /// For sources with several accounts.
    package var account: String?
    /// The field is a text: the number is in quotes.
    package var isText: Bool
    /// How old a number that was found before may be.
    package var maxAge: Duration

    package init(
        by: String, source: String, account: String? = nil, isText: Bool = false,
        maxAge: Duration = .seconds(7 * 86_400)
    ) {
        self.by = by
        self.source = source
        self.account = account
        self.isText = isText
        self.maxAge = maxAge
    }
}

/// A place in a mapped item where a customer is named otherwise than by the server's number.
package struct NamedCustomer: Sendable, Equatable {
    /// The JSON text, counted from the item's first byte.
    package var place: Range<Int>
    /// The field's path, for messages.
    package var field: String
    package var lookup: CustomerLookup
}
