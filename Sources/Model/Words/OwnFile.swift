import Glibc

/// The one check of files and folders that others must not be able to read, change or replace: state folders,
/// ledgers, rate gates, files of connections, secrets. What people read of it is in Reports, `OwnFile+Text.swift`.
package enum OwnFile {
    /// Why something is not used.
    package struct Refused: Error, Equatable {
        /// What is wrong.
        package enum Problem: Equatable, Sendable {
            case noFolder
            /// Of a folder: another user's, by id; writable by others.
            case foreignFolder(user: UInt32)
            case sharedFolder
            /// Of a file of ours: a link to one; no file at all; another user's; readable by others.
            case link, noFile
            case foreignFile(user: UInt32)
            case readableFile
            /// Of a file of settings: writable by everyone; another user's.
            case writableSettings
            case foreignSettings(user: UInt32)
            /// Of a file with a secret: readable by others.
            case readableSecret
        }
        /// Of the file or folder.
        package let path: String
        /// What is wrong with it.
        package let problem: Problem
    }

    /// What others could do to a file or folder, and cannot any more.
    package struct Withdrawn: Equatable, Sendable {
        /// What others could do.
        package enum Permission: Equatable, Sendable { case read, write }
        /// Of the file or folder.
        package let path: String
        /// Taken from everyone but its user.
        package let permission: Permission
    }

    /// Checks a folder that only its user may change. What it lets others do beyond that is taken back.
    ///
    /// - Returns: What was taken back; nil where nothing was, or the folder is not there.
    package static func check(folder path: String) throws(Refused) -> Withdrawn? {
        var about = stat()
        guard unsafe stat(path, &about) == 0 else { return nil }
        guard about.st_mode & S_IFMT == S_IFDIR else {
            throw Refused(path: path, problem: .noFolder)
        }
        guard about.st_uid == geteuid() else {
            throw Refused(path: path, problem: .foreignFolder(user: about.st_uid))
        }
        guard about.st_mode & 0o022 != 0 else { return nil }
        // A folder that all share is nobody's to close.
        guard about.st_mode & S_ISVTX == 0, unsafe chmod(path, about.st_mode & 0o7755) == 0 else {
            throw Refused(path: path, problem: .sharedFolder)
        }
        return Withdrawn(path: path, permission: .write)
    }

    /// Checks a file that only its user may read. A wider mode is taken back.
    ///
    /// - Returns: What was taken back; nil where nothing was, or the file is not there.
    package static func check(private path: String) throws(Refused) -> Withdrawn? {
        var about = stat()
        guard unsafe lstat(path, &about) == 0 else { return nil }
        guard about.st_mode & S_IFMT == S_IFREG else {
            throw Refused(path: path, problem: about.st_mode & S_IFMT == S_IFLNK ? .link : .noFile)
        }
        guard about.st_uid == geteuid() else {
            throw Refused(path: path, problem: .foreignFile(user: about.st_uid))
        }
        guard about.st_mode & 0o077 != 0 else { return nil }
        guard unsafe chmod(path, 0o600) == 0 else {
            throw Refused(path: path, problem: .readableFile)
        }
        return Withdrawn(path: path, permission: .read)
    }

    /// Checks a file of settings: others may read it, and must not be able to change it.
    package static func check(settings path: String) throws(Refused) {
        var about = stat()
        guard unsafe stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return }
        guard about.st_mode & 0o002 == 0 else {
            throw Refused(path: path, problem: .writableSettings)
        }
        guard [geteuid(), 0].contains(about.st_uid) else {
            throw Refused(path: path, problem: .foreignSettings(user: about.st_uid))
        }
    }

    /// Checks a file with a secret, which somebody else may have put there: a link to it is fine.
    package static func check(secret path: String) throws(Refused) {
        var about = stat()
        guard unsafe stat(path, &about) == 0 else { return }
        guard about.st_mode & 0o077 == 0 else {
            throw Refused(path: path, problem: .readableSecret)
        }
    }
}
