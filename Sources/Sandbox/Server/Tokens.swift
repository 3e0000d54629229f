/// Gives out access tokens and recognizes them, also after a restart: all it needs to know is
/// in the token, with a checksum. A stand-in's token protects nothing.
struct Tokens {
    private var lastSerial: Int64 = 0
    private var oldestValid: Int64 = 0
    private var latest: [String: (token: String, issued: Int64)] = [:]

    /// A token of that client, good until `expiry`, or the last one if that is younger than `reuse`,
    /// whether it is still good or not. Times are milliseconds since 1970.
    mutating func issue(client: String, now: Int64, expiry: Int64, reuse: Int64 = 0) -> String {
        if let last = latest[client], now - last.issued < reuse { return last.token }
        lastSerial = max(lastSerial + 1, now * 1000)
        let content = "\(lastSerial).\(expiry).\(Tokens.digest(client))"
        let token = "sandbox.\(content).\(Tokens.digest(content))"
        latest[client] = (token, now)
        return token
    }

    /// The client's digest if the token is good at `now`.
    func client(of token: String, now: Int64) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "sandbox", let serial = Int64(parts[1]),
            let expiry = Int64(parts[2]),
            Tokens.digest("\(parts[1]).\(parts[2]).\(parts[3])") == parts[4]
        else { return nil }
        guard serial >= oldestValid, now < expiry else { return nil }
        return String(parts[3])
    }

    /// Every token given out so far is void.
    mutating func voidAll(now: Int64) {
        lastSerial = max(lastSerial + 1, now * 1000)
        oldestValid = lastSerial
    }

    static func digest(_ text: String) -> String {
        var digest = Digest()
        let bytes = Array(text.utf8)
        digest.add(bytes, bytes.indices)
        return String(digest.final, radix: 36)
    }
}
