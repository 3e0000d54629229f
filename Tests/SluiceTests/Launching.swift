import Foundation

extension Process {
    /// Starts it, one process at a time.
    ///
    /// Foundation learns of a child's end by a socket that closes with it, and does not mark that socket as
    /// its own: a child that another thread starts at that moment inherits it, and as long as that one lives
    /// (a sandbox does so for minutes) this one never seems to end.
    func start() throws {
        Self.starting.lock()
        defer { Self.starting.unlock() }
        try run()
    }

    private static let starting = NSLock()
}
