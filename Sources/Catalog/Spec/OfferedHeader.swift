package import Model

/// A header that a call takes, for jobs that set it in `send.headers`.
package struct OfferedHeader: Sendable, Equatable {
    /// In any case.
    package let name: String
    /// As it is set.
    package let value: String
    /// What it does, in one or two sentences.
    package let note: String
    /// With it a bill or a customer of the past is stored without what a new one sets off.
    package let isForImports: Bool
}

extension OfferedHeader {
    /// Source: Access, Request headers; Customers, Add a customer.
    static let skipDownstream = OfferedHeader(
        name: "SKIP-DOWNSTREAM", value: "true",
        note:
            "Only stores the data: no points, messages, events or other side effects. For imports of history.",
        isForImports: true)
    /// Source: Access, Request headers. From the 2022 manual; absent from the page of 2026.
    static let directReplay = OfferedHeader(
        name: "X-CAP-DIRECT-REPLAY", value: "true",
        note:
            "Stores the data now and queues the loyalty events: points and messages come later. `false` runs them in the "
            + "call. From the manual of 2022; unconfirmed whether it still works.",
        isForImports: true)
}

extension Endpoint {
    /// Whether one of these keeps records of the past from setting off what new ones do.
    package func isQuiet(_ headers: [Header]) -> Bool {
        offeredHeaders.contains { offered in
            offered.isForImports
                && headers.contains {
                    $0.name.lowercased() == offered.name.lowercased()
                        && $0.value.lowercased() == offered.value
                }
        }
    }
}
