import Foundation
import Ledger
import Model

/// Where a user's processes on this host keep what belongs to no ledger: the rate gates, one for each server
/// and credential, and a copy of each ledger's counter. Outside every state folder, so that a backup of one that
/// is put back does not put these back with it.
struct HostFolder {
    let path: String
    /// What is worth saying once.
    let note: String?

    /// `sluice-host` among the user's folders (``UserFolders``). Where a user has no home that can be written, below
    /// the state folder.
    ///
    /// - Throws: ``Failure`` where it is there and cannot be written: what it knows must not be passed over.
    static func find(for options: AppOptions) throws -> HostFolder {
        let path = UserFolders.state("sluice-host")
        let base = (path as NSString).deletingLastPathComponent
        _ = try OwnFile.check(folder: path)
        let isThere = FileManager.default.fileExists(atPath: path)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if unsafe access(path, W_OK | X_OK) == 0 { return HostFolder(path: path, note: nil) }
        } catch {
            // Told below.
        }
        guard !isThere else {
            throw Failure(
                .usage,
                "\(path): this user cannot write there. The folder holds the shared rate limits and the ledgers' counters: make it "
                    + "writable, or set XDG_STATE_HOME to a writable folder.")
        }
        return HostFolder(
            path: options.directory + "/host",
            note:
                "\(base) cannot be written. The rate is shared only with processes that use \(options.directory), and "
                + "a restored backup of that folder is noticed only by its run folders. Set XDG_STATE_HOME to "
                + "a writable folder.")
    }
}
