import Foundation
package import Model
import Records

/// The file of connections.
package enum Connections {
    /// Reads all connections of a file.
    ///
    /// - Parameter file: Its path; relative names of secret files are relative to its folder.
    /// - Throws: ``JobError`` for the first thing in it that is wrong.
    package static func parse(yaml: String, file: String) throws(JobError) -> [Connection] {
        var result: [Connection] = []
        for (name, node) in try members(yaml, file) { result.append(try connection(name, node)) }
        return result
    }

    /// Reads one connection of a file; what is wrong with the others is not looked at.
    ///
    /// - Returns: Nil where the file has none of that name.
    /// - Throws: ``JobError`` where the file has no connections at all, or this one is wrong.
    package static func find(_ name: String, yaml: String, file: String) throws(JobError)
        -> Connection?
    {
        for (known, node) in try members(yaml, file) where known == name {
            return try connection(name, node)
        }
        return nil
    }

    /// The names of a file's connections, in its order.
    ///
    /// - Throws: ``JobError`` where the file has no connections at all.
    package static func names(yaml: String, file: String) throws(JobError) -> [String] {
        try members(yaml, file).map(\.name)
    }

    private static func members(_ yaml: String, _ file: String) throws(JobError)
        -> [(name: String, node: YAMLNode)]
    {
        let root = try YAMLNode.document(yaml, file: file)
        let connections = try root.members(["connections"]).required("connections")
        var result: [(name: String, node: YAMLNode)] = []
        for member in try connections.members() {
            result.append((try member.key.string(), member.value))
        }
        return result
    }

    /// The file to read: `--connections FILE`, else `$SLUICE_CONNECTIONS`, `./connections.yaml`, and
    /// `sluice/connections.yaml` in `$XDG_CONFIG_HOME` (or `~/.config`). Nil where there is none.
    ///
    /// - Throws: ``JobError`` where a file that was named does not exist.
    package static func locate(
        explicit: String?, environment: [String: String], currentDirectory: String
    ) throws(JobError) -> String? {
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : currentDirectory + "/" + path
        }
        func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        func named(_ path: String, by whom: String) throws(JobError) -> String {
            guard exists(absolute(path)) else {
                throw JobError(file: path, message: "there is no such file. \(whom) names it.")
            }
            return absolute(path)
        }
        if let explicit { return try named(explicit, by: "--connections") }
        if let path = environment["SLUICE_CONNECTIONS"], !path.isEmpty {
            return try named(path, by: "$SLUICE_CONNECTIONS")
        }
        var candidates = [absolute("connections.yaml")]
        if let home = environment["XDG_CONFIG_HOME"], !home.isEmpty {
            candidates.append(home + "/sluice/connections.yaml")
        } else if let home = environment["HOME"], !home.isEmpty {
            candidates.append(home + "/.config/sluice/connections.yaml")
        }
        return candidates.first(where: exists)
    }

    private static func connection(_ name: String, _ node: YAMLNode) throws(JobError) -> Connection {
        let keys = try node.members([
            "base_url", "coupon_url", "auth", "attribution", "rate", "headroom", "org", "certificate",
            "timeout", "connect_timeout", "salt_file", "headers", "insecure_secrets",
        ])
        var connection = Connection(name: name, baseURL: try url(try keys.required("base_url")))
        if let coupon = keys["coupon_url"] { connection.couponURL = try url(coupon) }
        if let auth = keys["auth"] { connection.authentication = try authentication(auth) }
        if let attribution = keys["attribution"] {
            let keys = try attribution.members(["type", "code"])
            connection.attribution = Attribution(
                kind: try attributionKind(try keys.required("type")),
                code: try keys.required("code").string())
        }
        if let headers = keys["headers"] { connection.headers = try JobHeaders.parse(headers) }
        if let rate = keys["rate"] {
            connection.rate = try rate.rate()
            connection.honorsCallLimits = connection.rate != nil
        }
        if let headroom = keys["headroom"] {
            connection.headroom = try headroom.share()
            guard connection.headroom < 1 else { throw headroom.error("expected less than 100%.") }
        }
        if let org = keys["org"] { connection.org = try org.string() }
        if let certificate = keys["certificate"] {
            connection.certificateFile = path(try certificate.string(), certificate.file)
        }
        if let salt = keys["salt_file"] {
            connection.saltFile = path(try salt.string(), salt.file)
        }
        if let insecure = keys["insecure_secrets"] {
            connection.allowsReadableSecrets = try insecure.choice([("refuse", false), ("allow", true)])
        }
        if let timeout = keys["timeout"] { connection.timeout = try positive(timeout) }
        if let timeout = keys["connect_timeout"] { connection.connectTimeout = try positive(timeout) }
        if connection.authentication != .none {
            for url in [connection.baseURL, connection.couponURL ?? ""] where Connection.isClear(url) {
                throw try keys.required("base_url").error(
                    "credentials would travel unencrypted to \(url): write https://.")
            }
        }
        return connection
    }

    private static func positive(_ node: YAMLNode) throws(JobError) -> Duration {
        let duration = try node.duration()
        guard duration > .zero else { throw node.error("expected a duration above zero.") }
        return duration
    }

    static func attributionKind(_ node: YAMLNode) throws(JobError) -> Attribution.Kind {
        try node.choice(Attribution.Kind.allCases.map { ($0.rawValue, $0) })
    }

    private static func authentication(_ node: YAMLNode) throws(JobError) -> Connection.Authentication {
        if node.text == "none" { return .none }
        let keys = try node.members(["oauth", "basic"])
        switch (keys["oauth"], keys["basic"]) {
        case (let oauth?, nil):
            let keys = try oauth.members(["key_file", "secret_file"])
            return .oauth(
                keyFile: path(try keys.required("key_file").string(), node.file),
                secretFile: path(try keys.required("secret_file").string(), node.file))
        case (nil, let basic?):
            let keys = try basic.members(["username", "password_file"])
            return .basic(
                username: try keys.required("username").string(),
                passwordFile: path(try keys.required("password_file").string(), node.file))
        default: throw node.error("expected `oauth`, `basic`, or none.")
        }
    }

    /// Relative to the folder of the file that names it; what came through a pipe is nowhere.
    private static func path(_ path: String, _ file: String) -> String {
        guard !path.hasPrefix("/"), !Spool.isOnceOnly(file), let slash = file.lastIndex(of: "/") else {
            return path
        }
        return file[...slash] + path
    }

    private static func url(_ node: YAMLNode) throws(JobError) -> String {
        var text = try node.string()
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.scheme == "https" || parts.scheme == "http", parts.query == nil, parts.fragment == nil
        else {
            throw node.error("expected a URL such as https://eu.api.example.com.")
        }
        guard parts.user == nil, parts.password == nil else {
            throw node.error("a URL must not contain a user or password: set them in `auth`, in files.")
        }
        return text
    }
}
