import Ledger

/// What every command takes: where its state is, and how it prints.
package struct AppOptions: Sendable {
    /// The state folder, which holds the ledger. Absolute.
    package var directory: String
    /// The file of connections that was named, as it was written; nil: the usual places are searched.
    package var connections: String?
    /// Results are printed as one JSON document.
    package var json: Bool
    /// Only results, warnings and errors are printed.
    package var quiet: Bool
    /// What the log on stderr holds: 0 warnings; 1 requests and decisions; 2 and above look-ups and waits, too.
    package var verbosity: Int

    package init(
        directory: String, connections: String? = nil, json: Bool = false, quiet: Bool = false,
        verbosity: Int = 0
    ) {
        self.directory = directory
        self.connections = connections
        self.json = json
        self.quiet = quiet
        self.verbosity = verbosity
    }
}

extension AppOptions {
    /// Whether a process is at that job.
    func isHeld(_ job: String) -> Bool { (try? JobLock.take(job: job, in: directory)) == nil }

    /// Whether a process writes that file as an export.
    func isWriting(_ path: String) -> Bool { isHeld(ExportController.lockName(path)) }
}
