import Model

/// Headers as a job, a connection or a described call sets them: names and values, never those that sluice
/// sets itself.
enum JobHeaders {
    /// What sluice, or the transport below it, sets for each request.
    private static let own: Set<String> = [
        "authorization", "proxy-authorization", "x-cap-api-oauth-token", "host", "user-agent", "accept",
        "accept-encoding", "content-type", "content-length", "content-encoding", "transfer-encoding",
        "connection", "expect", "te", "trailer", "upgrade",
    ]
    private static let ownPrefix = "x-cap-api-attribution-"

    static func parse(_ node: YAMLNode) throws(JobError) -> [Header] {
        var headers: [Header] = []
        for member in try node.members() {
            let name = try member.key.string()
            guard name.utf8.allSatisfy(isNameByte) else {
                throw member.key.error(
                    "\(name) is not a header name: expected letters, digits and hyphens.")
            }
            let lower = name.lowercased()
            guard !lower.hasPrefix(ownPrefix) else {
                throw member.key.error("\(name) is set by `attribution`.")
            }
            guard !own.contains(lower) else {
                throw member.key.error("\(name) is set by sluice itself: leave it out.")
            }
            guard !headers.contains(where: { $0.name.lowercased() == lower }) else {
                throw member.key.error("the header is listed twice.")
            }
            let value = try member.value.string()
            guard value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), value.utf8.count <= 4096,
                value.first != " ", value.last != " "
            else {
                throw member.value.error(
                    "the value of a header must be one line of ASCII, without spaces at either end.")
            }
            headers.append(Header(name, value))
        }
        return headers
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
            || byte == 0x5F
    }
}
