extension Connection {
    /// Host and port of a base URL, so that one server has one name: in lower case, with the port that the
    /// scheme implies, and `loopback` for all names of this machine.
    package static func server(of url: String) -> String {
        let (host, port) = parts(of: url)
        return (isLoopback(host) ? "loopback" : host) + ":" + port
    }

    /// Whether what is sent to a URL can be read on the way.
    package static func isClear(_ url: String) -> Bool {
        url.lowercased().hasPrefix("http://") && !isLoopback(parts(of: url).host)
    }

    private static func parts(of url: String) -> (host: String, port: String) {
        let lower = url.lowercased()
        var port = lower.hasPrefix("http://") ? "80" : "443"
        var rest = lower[...]
        if let colon = lower.firstIndex(of: ":"), lower[colon...].hasPrefix("://") {
            rest = lower[colon...].dropFirst(3)
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        var host = String(rest)
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let behind = host[host.index(after: end)...]
            if behind.hasPrefix(":"), behind.count > 1 { port = String(behind.dropFirst()) }
            host = String(host[...end])
        } else if let colon = host.lastIndex(of: ":") {
            let behind = host[host.index(after: colon)...]
            if !behind.isEmpty { port = String(behind) }
            host = String(host[..<colon])
        }
        while host.hasSuffix(".") { host.removeLast() }
        return (host, port)
    }

    /// - Parameter host: In lower case, as it is in a URL.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
