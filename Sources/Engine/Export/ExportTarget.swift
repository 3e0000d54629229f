import Foundation
package import Ledger

/// The files that an export writes: never over one that no export made.
package enum ExportTarget {
    /// The first of the files of an export to `path` that is there and is not ours to replace; nil where
    /// there is none.
    ///
    /// Ours is what an export of this ledger gave that name, as it was then; and the `.part` file of any export
    /// to that path.
    package static func foreign(at path: String, in ledger: Ledger) throws -> String? {
        let made = try ledger.madeExports(to: path)
        if let now = try? mark(of: path), !made.files.contains(where: { isSame($0, now) }) {
            return path
        }
        if !made.isKnown, FileManager.default.fileExists(atPath: path + ".part") {
            return path + ".part"
        }
        return nil
    }

    /// Which file it is: device and inode, size and time.
    package static func mark(of path: String) throws -> String {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw ExportFile.failure(path) }
        return
            "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// By size and time: a number of a file may be another's now.
    private static func isSame(_ made: String?, _ now: String) -> Bool {
        // One that an older version made.
        guard let made else { return true }
        return made.split(separator: " ").suffix(2) == now.split(separator: " ").suffix(2)
    }
}
