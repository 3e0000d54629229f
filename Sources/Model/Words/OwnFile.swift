import Glibc

/// The one check of files and folders that others must not be able to read, change or replace: state folders,
/// ledgers, rate gates, files of connections, secrets.
package enum OwnFile {
    /// Why something is not used.
    package struct Refused: Error, Equatable, CustomStringConvertible {
        /// What is wrong, with the path.
        package let message: String
        /// What to do about it.
        package let next: String
        /// Both sentences.
        package var description: String { "\(message). \(next)" }
    }

    /// Checks a folder that only its user may change. What it lets others do beyond that is taken back.
    ///
    /// - Returns: What was taken back, in words; nil where nothing was, or the folder is not there.
    package static func check(folder path: String) throws(Refused) -> String? {
        var about = stat()
        guard unsafe stat(path, &about) == 0 else { return nil }
        guard about.st_mode & S_IFMT == S_IFDIR else {
            throw Refused(message: "\(path) is not a folder", next: "Choose another place.")
        }
        guard about.st_uid == geteuid() else {
            throw Refused(
                message: "\(path) belongs to another user (\(about.st_uid))",
                next: "Run as that user, or choose a folder of your own.")
        }
        guard about.st_mode & 0o022 != 0 else { return nil }
        // A folder that all share is nobody's to close.
        guard about.st_mode & S_ISVTX == 0, unsafe chmod(path, about.st_mode & 0o7755) == 0 else {
            throw Refused(
                message: "other users may write to \(path)",
                next: "Choose a folder of your own, or `chmod go-w` it.")
        }
        return "\(path): other users could write to it; that permission was removed"
    }

    /// Checks a file that only its user may read. A wider mode is taken back.
    ///
    /// - Returns: What was taken back, in words; nil where nothing was, or the file is not there.
    package static func check(private path: String) throws(Refused) -> String? {
        var about = stat()
        guard unsafe lstat(path, &about) == 0 else { return nil }
        guard about.st_mode & S_IFMT == S_IFREG else {
            let what = about.st_mode & S_IFMT == S_IFLNK ? "a symbolic link" : "not a file"
            throw Refused(
                message: "\(path) is \(what)",
                next: "Put the file itself there; to store it elsewhere, name that folder.")
        }
        guard about.st_uid == geteuid() else {
            throw Refused(
                message: "\(path) belongs to another user (\(about.st_uid))",
                next: "Run as that user, or choose a folder of your own.")
        }
        guard about.st_mode & 0o077 != 0 else { return nil }
        guard unsafe chmod(path, 0o600) == 0 else {
            throw Refused(message: "other users may read \(path)", next: "`chmod 600` it.")
        }
        return "\(path): other users could read it; that permission was removed"
    }

    /// Checks a file of settings: others may read it, and must not be able to change it.
    package static func check(settings path: String) throws(Refused) {
        var about = stat()
        guard unsafe stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return }
        guard about.st_mode & 0o002 == 0 else {
            throw Refused(message: "\(path): every user may change this file", next: "`chmod o-w` it.")
        }
        guard [geteuid(), 0].contains(about.st_uid) else {
            throw Refused(
                message: "\(path) belongs to another user (\(about.st_uid))",
                next: "Use a file of your own.")
        }
    }

    /// Checks a file with a secret, which somebody else may have put there: a link to it is fine.
    package static func check(secret path: String) throws(Refused) {
        var about = stat()
        guard unsafe stat(path, &about) == 0 else { return }
        guard about.st_mode & 0o077 == 0 else {
            throw Refused(
                message: "\(path): other users may read this secret",
                next: "`chmod 600` it; or set `insecure_secrets: allow` in the connection.")
        }
    }
}
