package import Model

/// How long a reply asks to wait.
enum RetryAfter {
    /// Longer than this is a slip of the server: an instant in seconds, or milliseconds.
    static let longest = Duration.seconds(24 * 3600)

    /// The wait that `reply` names, at least a second; nil where it names none or an absurd one.
    ///
    /// A date is taken by the server's own clock where the reply tells it.
    ///
    /// Source: RFC 9110, 10.2.3; the API's pages name no such header.
    static func wait(_ reply: Reply, now: Timestamp) -> Duration? {
        guard
            let text = reply.header("Retry-After")?.utf8.split(separator: 0x20).joined(separator: [0x20]
            )
        else { return nil }
        let value = String(decoding: Array(text), as: UTF8.self)
        let wait: Duration
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let seconds = Int64(value), seconds <= longest.components.seconds else { return nil }
            wait = .seconds(seconds)
        } else if let date = HTTPDate.parse(value) {
            wait = date.since(reply.header("Date").flatMap(HTTPDate.parse) ?? now)
        } else {
            return nil
        }
        return wait > longest ? nil : max(wait, .seconds(1))
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`. The two older forms of RFC 9110 are not read.
package enum HTTPDate {
    package static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT" || parts[5] == "UTC", let day = Int(parts[1]),
            let month = months.firstIndex(of: parts[2].lowercased()), let year = Int(parts[3]),
            (1970...9999).contains(year), let date = CivilDay(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]),
            (0...60).contains(clock[2])
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
}
