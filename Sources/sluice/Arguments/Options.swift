import App
import ArgumentParser
import Foundation

/// Where things are kept. Every option may also stand in the environment, under its name in capitals
/// behind `SLUICE_`.
struct StateOptions: ParsableArguments {
    @Option(
        help:
            "The folder of the ledger. By default $SLUICE_STATE, $XDG_STATE_HOME/sluice or ~/.local/state/sluice.",
        completion: .directory
    )
    var state: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only warnings and errors.")
    var quiet = false

    @Flag(
        name: .customShort("v"),
        help: "Log requests and decisions to stderr; -vv: also look-ups and waits.")
    var verbosity: Int

    /// - Parameter connections: Nil for a command that sends nothing.
    func app(_ connections: ConnectionOptions? = nil) -> AppOptions {
        AppOptions(
            directory: directory, connections: connections?.connections, json: json, quiet: quiet,
            verbosity: verbosity)
    }

    var directory: String { Self.directory(state) }

    /// The folder of the ledger, absolute.
    ///
    /// - Parameter named: What `--state` says.
    static func directory(_ named: String?) -> String {
        let environment = ProcessInfo.processInfo.environment
        // XDG ignores a relative folder; a ledger that is in one already has to be found there.
        let relative = environment["XDG_STATE_HOME"].flatMap {
            $0.isEmpty || $0.hasPrefix("/") ? nil : $0 + "/sluice"
        }
        let path = named ?? environment["SLUICE_STATE"] ?? relative ?? UserFolders.state("sluice")
        return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

extension ExitCode {
    init(_ status: ExitStatus) { self.init(status.rawValue) }
}

/// Where the API is.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help:
            "The connections file. By default $SLUICE_CONNECTIONS, ./connections.yaml or ~/.config/sluice/connections.yaml.",
        completion: .jobFiles
    )
    var connections: String?
}
