import Foundation
package import Model

/// What a run has cost, all its executions together; of one that was killed, up to seconds before.
package struct RunEffort: Sendable, Equatable {
    /// How long it was under way.
    package var active: Duration
    /// Requests that carried records.
    package var requests: Int
    package var pace: RunPace

    package init(active: Duration, requests: Int, pace: RunPace) {
        self.active = active
        self.requests = requests
        self.pace = pace
    }
}

/// How fast a run might have gone, and what it waited for.
package struct RunPace: Sendable, Equatable {
    /// Requests of any kind, also looks and tokens.
    package var requests = 0
    /// How many the connection's rate would have let through in that time; nil where nothing limits.
    package var allowed: Double?
    package var waited: [WaitCause: Duration] = [:]

    package init() {}

    /// Of what the rate allows, 0...; nil where nothing limits or nothing is known.
    package var share: Double? {
        allowed.flatMap { $0 >= 1 ? Double(requests) / $0 : nil }
    }

    /// The longest first; what is shorter than a tenth of a second is not told.
    package var waits: [(cause: WaitCause, time: Duration)] {
        waited.filter { $0.value >= .milliseconds(100) }.map { ($0.key, $0.value) }
            .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
    }

    package static func + (_ one: RunPace, _ other: RunPace) -> RunPace {
        var sum = one
        sum.requests += other.requests
        if let more = other.allowed { sum.allowed = (sum.allowed ?? 0) + more }
        sum.waited.merge(other.waited, uniquingKeysWith: +)
        return sum
    }

    // MARK: In the ledger

    private struct Stored: Codable {
        var requests: Int
        var allowed: Double?
        /// Milliseconds.
        var waited: [String: Int64]
    }

    /// Nil where nothing is stored, or nothing this version reads.
    init?(stored: String?) {
        guard let stored,
            let read = try? JSONDecoder().decode(Stored.self, from: Data(stored.utf8))
        else { return nil }
        requests = read.requests
        allowed = read.allowed
        for (name, milliseconds) in read.waited {
            if let cause = WaitCause(rawValue: name) { waited[cause] = .milliseconds(milliseconds) }
        }
    }

    var stored: String? {
        let stored = Stored(
            requests: requests, allowed: allowed,
            waited: Dictionary(
                uniqueKeysWithValues: waited.map { ($0.key.rawValue, $0.value.milliseconds) }))
        return (try? JSONEncoder().encode(stored)).map { String(decoding: $0, as: UTF8.self) }
    }
}
