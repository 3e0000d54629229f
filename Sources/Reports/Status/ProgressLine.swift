/// A run under way, at one moment.
package struct ProgressSnapshot: Sendable, Equatable {
    /// Records read so far.
    package var read: Int
    /// Imported so far.
    package var accepted: Int
    /// Refused by the server.
    package var rejected: Int
    /// Refused before sending.
    package var invalid: Int
    /// Nothing to do for them.
    package var skipped: Int
    /// In the server's queue.
    package var parked: Int
    /// Given up after temporary errors.
    package var failed: Int
    /// Sent, outcome unknown.
    package var inDoubt: Int
    /// Requests on their way.
    package var inFlight: Int
    /// Records settled a second, lately; nil where not known yet.
    package var recordsPerSecond: Double?
    /// What it waits for, where it waits: `throttled by the server, 12 s`.
    package var waitsFor: String?
    /// Bytes whose records have an outcome, about.
    package var bytesRead: Int
    /// Nil where the input has no known end: a pipe.
    package var bytesTotal: Int?
    /// Since this process began with the run.
    package var elapsed: Duration

    package init(
        read: Int = 0, accepted: Int = 0, rejected: Int = 0, invalid: Int = 0, skipped: Int = 0,
        parked: Int = 0,
        failed: Int = 0, inDoubt: Int = 0, inFlight: Int = 0, recordsPerSecond: Double? = nil,
        waitsFor: String? = nil, bytesRead: Int = 0, bytesTotal: Int? = nil, elapsed: Duration = .zero
    ) {
        self.read = read
        self.accepted = accepted
        self.rejected = rejected
        self.invalid = invalid
        self.skipped = skipped
        self.parked = parked
        self.failed = failed
        self.inDoubt = inDoubt
        self.inFlight = inFlight
        self.recordsPerSecond = recordsPerSecond
        self.waitsFor = waitsFor
        self.bytesRead = bytesRead
        self.bytesTotal = bytesTotal
        self.elapsed = elapsed
    }

    /// Of the bytes, 0...1; nil where all is not known. It is 1 only at the end.
    package var share: Double? {
        guard let bytesTotal, bytesTotal > 0 else { return nil }
        return min(max(Double(bytesRead) / Double(bytesTotal), 0), 1)
    }

    /// How long it will take on, should it continue as since its start; nil where all is not known, and
    /// before the first half second and the first hundredth, when nobody can tell.
    package var remaining: Duration? {
        guard let share, share >= 0.01, elapsed >= .milliseconds(500) else { return nil }
        return .milliseconds(Int64(elapsed.reportSeconds * 1000 * (1 - share) / share))
    }
}

/// A snapshot in one line.
package enum ProgressLine {
    /// For a terminal: never longer than `width` characters, so that it can be painted over. What matters
    /// least goes first where there is no room; why it waits and what went wrong stay longest.
    package static func terminal(_ snapshot: ProgressSnapshot, width: Int) -> String {
        var parts = parts(snapshot)
        func line() -> String { parts.map(\.text).joined(separator: " · ") }
        while line().count > width,
            let last = parts.indices.max(by: { parts[$0].rank < parts[$1].rank }), parts.count > 1
        {
            parts.remove(at: last)
        }
        return Wording.cut(line(), to: width)
    }

    /// For a log: everything, whatever its length.
    package static func plain(_ snapshot: ProgressSnapshot) -> String {
        let read = "\(Wording.count(snapshot.read)) read"
        return ([read] + parts(snapshot).map(\.text)).joined(separator: ", ")
            + ", after \(Wording.duration(snapshot.elapsed))"
    }

    /// The parts in their order, with how soon each may go: the highest rank first.
    private static func parts(_ snapshot: ProgressSnapshot) -> [(text: String, rank: Int)] {
        var parts: [(text: String, rank: Int)] = []
        if let share = snapshot.share {
            // Cut, not rounded: 100 % is said of the whole alone.
            parts.append(("\(Int(share * 100)) %", 4))
        } else if snapshot.bytesRead > 0 {
            parts.append((Wording.bytes(snapshot.bytesRead), 8))
        }
        parts.append(("\(Wording.count(snapshot.accepted)) accepted", 0))
        let bad: [(Int, String)] = [
            (snapshot.rejected, "rejected"), (snapshot.invalid, "invalid"), (snapshot.parked, "parked"),
            (snapshot.failed, "failed"),
        ]
        for (count, word) in bad where count > 0 {
            parts.append(("\(Wording.count(count)) \(word)", 3))
        }
        if snapshot.inDoubt > 0 { parts.append(("\(Wording.count(snapshot.inDoubt)) in doubt", 2)) }
        if snapshot.skipped > 0 { parts.append(("\(Wording.count(snapshot.skipped)) skipped", 6)) }
        if let rate = snapshot.recordsPerSecond { parts.append(("\(Wording.rate(rate))/s", 5)) }
        if snapshot.inFlight > 0 { parts.append(("\(Wording.count(snapshot.inFlight)) in flight", 9)) }
        if let waitsFor = snapshot.waitsFor {
            parts.append(("waits: \(Wording.harmless(waitsFor))", 1))
        }
        if let remaining = snapshot.remaining {
            parts.append(("\(Wording.duration(remaining)) left", 7))
        }
        return parts
    }
}
