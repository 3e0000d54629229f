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
        return try GateMemory.open("\(folder)/\(name(connection, call: call)).gate", boot: .current)
    }

    /// A digest, so that no name of a user or key stands in the file system.
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
        let text = server(connection.baseURL) + "\n" + who + (call.map { "\n" + $0 } ?? "")
        return SHA256.hash(Array(text.utf8)).prefix(16).hex
    }

    /// Host and port of a base URL, so that one server has one name: in lower case, with the port that the
    /// scheme implies, and `loopback` for all names of this machine.
    static func server(_ url: String) -> String {
        let lower = url.lowercased()
        let isPlain = lower.hasPrefix("http://")
        var rest = lower[...]
        if let colon = lower.firstIndex(of: ":"), lower[colon...].hasPrefix("://") {
            rest = lower[colon...].dropFirst(3)
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        var host = String(rest)
        var port = isPlain ? "80" : "443"
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let behind = host[host.index(after: end)...]
            if behind.hasPrefix(":"), behind.count > 1 { port = String(behind.dropFirst()) }
            host = String(host[...end])
        } else if let colon = host.lastIndex(of: ":") {
            if colon != host.index(before: host.endIndex) {
                port = String(host[host.index(after: colon)...])
            }
            host = String(host[..<colon])
        }
        while host.hasSuffix(".") { host.removeLast() }
        return (isLoopback(host) ? "loopback" : host) + ":" + port
    }

    /// - Parameter host: In lower case, as it stands in a URL.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
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
                        "\(path): the folder of the rate gate cannot be made (\(unsafe String(cString: strerror(errno))))"
                    )
                }
            }
            path += "/"
        }
    }
}
