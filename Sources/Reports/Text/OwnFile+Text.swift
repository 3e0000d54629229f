package import Model

extension OwnFile.Refused {
    /// What is wrong, with the path.
    package var message: String {
        switch problem {
        case .noFolder: "\(path) is not a folder"
        case .foreignFolder(let user), .foreignFile(let user), .foreignSettings(let user):
            "\(path) belongs to another user (\(user))"
        case .sharedFolder: "other users may write to \(path)"
        case .link: "\(path) is a symbolic link"
        case .noFile: "\(path) is not a file"
        case .readableFile: "other users may read \(path)"
        case .writableSettings: "\(path): every user may change this file"
        case .readableSecret: "\(path): other users may read this secret"
        }
    }

    /// What to do about it.
    package var next: String {
        switch problem {
        case .noFolder: "Choose another place."
        case .foreignFolder, .foreignFile: "Run as that user, or choose a folder of your own."
        case .sharedFolder: "Choose a folder of your own, or `chmod go-w` it."
        case .link, .noFile: "Put the file itself there; to store it elsewhere, name that folder."
        case .readableFile: "`chmod 600` it."
        case .writableSettings: "`chmod o-w` it."
        case .foreignSettings: "Use a file of your own."
        case .readableSecret:
            "`chmod 600` it; or set `insecure_secrets: allow` in the connection."
        }
    }

    /// Both sentences.
    package var text: String { "\(message). \(next)" }
}

extension OwnFile.Withdrawn {
    /// What others could do, and cannot any more.
    package var text: String {
        switch permission {
        case .read: "\(path): other users could read it; that permission was removed"
        case .write: "\(path): other users could write to it; that permission was removed"
        }
    }
}
