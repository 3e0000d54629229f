import NIOHTTP1

/// Who is let in. The port can be reached by every user of the machine, and by every page that a browser on it
/// shows, under a name that leads here (DNS rebinding).
enum AccessCheck {
    /// Why a request is not served; nil where it is. Takes the token out of its path.
    static func refusal(_ head: inout HTTPRequestHead, _ options: SandboxOptions) -> Answer? {
        let hosts = head.headers["host"]
        guard hosts.count == 1, isLoopback(hosts[0]) else {
            return .error(
                421, code: 421, "the sandbox is reached only as localhost")
        }
        if let token = options.token {
            let prefix = "/" + token
            guard head.uri.hasPrefix(prefix + "/") else {
                return .error(403, code: 403, "this sandbox belongs to one run")
            }
            head.uri.removeFirst(prefix.count)
        }
        guard options.controls || !head.uri.hasPrefix("/_sandbox") else {
            return .error(
                404, code: 404,
                "start the sandbox with --controls to read its data or set faults")
        }
        return nil
    }

    private static func isLoopback(_ host: String) -> Bool {
        var name = host.lowercased()
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return false }
            name = String(name[...end])
        } else if let colon = name.firstIndex(of: ":") {
            name = String(name[..<colon])
        }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name)
    }
}
