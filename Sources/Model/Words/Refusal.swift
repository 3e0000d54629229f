/// Why something did not happen: our reason, and the server's words where it gave any.
package struct Refusal: Hashable, Sendable {
    /// Ours, whatever the server's code is.
    package var reason: Reason
    /// The path of the field it concerns, as in `lineItemsV2[2].qty`.
    package var field: String?
    /// The server's own code.
    package var serverCode: Int?
    /// The server's words, or ours. May hold personal data.
    package var message: String

    package init(
        _ reason: Reason, field: String? = nil, serverCode: Int? = nil, message: String = ""
    ) {
        self.reason = reason
        self.field = field
        self.serverCode = serverCode
        self.message = message
    }

    /// The same for a request of one record, which cannot be divided.
    package var alone: Refusal {
        guard reason == .batchTooLarge else { return self }
        var refusal = self
        refusal.reason = .recordTooLarge
        return refusal
    }
}
