import Foundation

/// Where a user's own files are. One rule for state and settings: what XDG names, else below `$HOME`, else below the
/// home of the user's entry in passwd.
package enum UserFolders {
    /// The process's, with a `HOME` in any case.
    static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = home(environment)
        return environment
    }

    /// A folder of state: `$XDG_STATE_HOME/NAME`, else `~/.local/state/NAME`.
    ///
    /// Versions before went by passwd alone: what they have left there stays in use as long as nothing is below
    /// `$HOME`. A ledger that is not found any more would have everything sent again.
    package static func state(_ name: String) -> String {
        state(
            name, environment: ProcessInfo.processInfo.environment, passwd: NSHomeDirectory(),
            exists: FileManager.default.fileExists(atPath:))
    }

    /// The same of values.
    ///
    /// - Parameter passwd: The home of the user's entry.
    package static func state(
        _ name: String, environment: [String: String], passwd: String, exists: (String) -> Bool
    ) -> String {
        if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
            return folder + "/" + name
        }
        let path = home(environment, passwd: passwd) + "/.local/state/" + name
        let before = passwd + "/.local/state/" + name
        return !exists(path) && exists(before) ? before : path
    }

    private static func home(
        _ environment: [String: String], passwd: String = NSHomeDirectory()
    ) -> String {
        environment["HOME"].flatMap { $0.hasPrefix("/") && $0 != "/" ? $0 : nil } ?? passwd
    }
}
