extension EngineNote {
    /// What is worth telling of an export, and why it stops.
    package enum Export: Sendable, Equatable {
        // Of a page.
        case totalChanged(from: Int, to: Int)
        case repeats(Int)
        case shorter(String)
        case cut
        // Of the listing.
        case filterIgnored(name: String, value: String)
        case detailsMissing
        /// Its reply, and the paths that were tried.
        case refused(String, paths: [String])
        case unread(String)
        // Of keys.
        case keysRefused(String)
        case keysFruitless(Int64, subject: String?, by: String?)
    }
}
