/// What a 400 for a whole request, without items and perhaps without a body, says of the work.
package enum BadRequest: Sendable, Equatable {
    /// Nothing was done: its records can be sent again.
    case doesNothing(source: String)
    /// No source tells: it is treated as a lost answer.
    case unknown

    /// Source: Errors, Request status codes; Errors, Reply handling; Replies, Call families.
    static let statusPage =
        "API status codes, 2026-03-04: 400 is bad input for the whole request; replies about items have 200, 201, 207 or 500."
    static let noneDone = "Products (v2), Labels (v2): 400 is a total failure, 207 a partial one."
    static let badges =
        "Pages of badges and promotions: 4xx is a total failure; its body may be `{}`."
    static let files = "Upload Coupons (Batch): the file is refused; its body may be `{}` or empty."

    /// What is known of the call under this path.
    static func known(_ path: String) -> BadRequest {
        let source =
            if path.hasPrefix("/v2/product") || path.hasPrefix("/v2/labels") {
                noneDone
            } else if path.contains("/badges/") || path.hasPrefix("/api_gateway/v1/promotions") {
                badges
            } else if path.hasPrefix("/coupon/api/") {
                files
            } else {
                statusPage
            }
        return .doesNothing(source: source)
    }

    /// What is known, for a person.
    package var words: String {
        switch self {
        case .doesNothing(let source): "nothing was done (\(source))"
        case .unknown: "not known: treated as a lost answer"
        }
    }
}
