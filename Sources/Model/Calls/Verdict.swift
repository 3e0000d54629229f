/// What one attempt's reply means for its request as a whole.
package enum Verdict: Equatable, Sendable {
    /// One a member, in their order.
    case each([Disposition])
    /// Nothing was done, and the envelope says why: again in parts; a single record is refused.
    indirect case split(Refusal)
    /// A 400 that does not say why. Whether nothing was done, the endpoint's facts or a look-up tell.
    indirect case bare(Refusal)
    /// Nothing was done: the whole may be sent again.
    case again(after: Duration?)
    /// The credentials were not accepted; nothing was done. Once more with a new token.
    indirect case unauthorized(Refusal)
    /// Nothing is done until someone acts: 403, 404, a second 401.
    indirect case refused(Refusal)
    /// The server has it and works on it: how that ends has to be asked.
    case taken
    /// Nobody knows what was done.
    indirect case inDoubt(Refusal)
}

/// What one attempt's reply means for one of its records.
package enum Disposition: Equatable, Sendable {
    case accepted(ServerID?, [Warning])
    indirect case rejected(Refusal)
    /// The server says that it has it already.
    indirect case exists(Refusal)
    /// It is in the server's own queue of rejected transactions.
    indirect case parked(Refusal)
    /// It certainly did nothing for this record: it may be sent again. The refusal says why.
    indirect case again(after: Duration?, Refusal)
    /// It may have acted. Only proof settles this, whatever later attempts say.
    indirect case inDoubt(Refusal)
    /// The reply does not say which item is this record's: in doubt, and next time alone.
    indirect case unbound(Refusal)
}

/// What the server calls a record once it has it: a number or a text, as it was written.
package struct ServerID: Hashable, Sendable, CustomStringConvertible {
    /// As the server writes it.
    package var text: String
    package init(_ text: String) { self.text = text }
    /// As the server writes it.
    package var description: String { text }
}

/// Something the server did not do or did differently for a record it accepted.
package struct Warning: Hashable, Sendable {
    /// The server's.
    package var code: Int
    /// The server's words. May hold personal data.
    package var message: String

    package init(code: Int, message: String) {
        self.code = code
        self.message = message
    }
}
