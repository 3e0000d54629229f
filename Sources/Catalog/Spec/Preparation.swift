package import Model

/// What has to be asked before each attempt of a request, again each time: the current state of what is to be
/// replaced, or whose an identifier is. Pure: it says which requests to make and reads the replies; the engine
/// sends them, before the request takes its own slot.
package struct Preparation: Sendable {
    /// The first step for a request with these members and items, in their order.
    package let start:
        @Sendable (
            _ members: [Evidence], _ items: [ArraySlice<UInt8>], _ settings: [String: String]
        ) -> PreparationStep
    /// In words, for `sluice endpoints NAME`.
    package let summary: String
}

/// A preparation on its way: the next request and how to read its reply, or what it comes to.
package indirect enum PreparationStep: Sendable {
    case ask(Request, then: @Sendable (Reply) -> PreparationStep)
    /// One a member, in their order.
    case done([Readiness])
    /// A reply that says nothing either way: the request does not go now.
    case unclear(Refusal)
}

/// Whether a record may go, and as what.
package enum Readiness: Sendable, Equatable {
    /// This is sent in place of its item.
    case go([UInt8])
    /// It is never sent as it is.
    case refuse(Refusal)
}
