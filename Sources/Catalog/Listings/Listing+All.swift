extension Listing {
    /// Every listing that may be exported.
    package static let all: [Listing] =
        organization + customers + transactions + points + coupons + cards + rewards + products
        + groups + requests + events
}
