extension Listing {
    /// Every listing that may be exported.
    package static let all: [Listing] = organization
}
