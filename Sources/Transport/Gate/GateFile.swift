import FoundationEssentials
import Glibc
import Hashing
import Model

/// Where the processes of a host find the gate of a connection.
enum GateFile {
    /// Opens the memory shared by all that use this server and credential.
    ///
    /// - Parameters:
    ///   - call: One with a limit of its own; its gate is another.
    ///   - directory: The same for all processes of a user, whatever ledger they use.
    static func open(
        for connection: Connection, call: String? = nil, in directory: String
    ) throws(TransportError) -> GateMemory {
        let folder = directory + "/gates"
        try make(directory)
        try make(folder)
        let path = "\(folder)/\(name(connection, call: call)).gate"
        do {
            _ = try OwnFile.check(folder: folder)
            _ = try OwnFile.check(private: path)
        } catch {
            throw TransportError(.gateFile, "the file of the rate limit", refused: error)
        }
        return try GateMemory.open(path, boot: .current)
    }

    /// A digest, so that no name of a user or key is in the file system.
    ///
    /// The key itself counts, not its file: two connections with copies of one key share its limit.
    static func name(_ connection: Connection, call: String? = nil) -> String {
        let who =
            switch connection.authentication {
            case .none: "none"
            case .basic(let username, _): "basic " + username
            case .oauth(let keyFile, _):
                "oauth "
                    + (FileBytes.read(keyFile, limit: 65_536).map {
                        String(decoding: $0.filter { $0 > 0x20 }, as: UTF8.self)
                    } ?? keyFile)
            }
        let text =
            Connection.server(of: connection.baseURL) + "\n" + who + (call.map { "\n" + $0 } ?? "")
        return SHA256.hash(Array(text.utf8)).prefix(16).hex
    }

    private static func make(_ folder: String) throws(TransportError) {
        var path = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
            path += part
            let made = unsafe path.isEmpty || mkdir(path, 0o700) == 0
            if !made && errno != EEXIST && errno != EISDIR {
                // A folder above may be there and closed to us; the last one decides.
                var about = stat()
                guard unsafe stat(path, &about) == 0 else {
                    throw TransportError(
                        .gateFile,
                        "\(path): the folder for the rate limit cannot be created (\(unsafe String(cString: strerror(errno))))"
                    )
                }
            }
            path += "/"
        }
    }
}
