package import Ledger
package import Model

/// What became of records whose answer was lost.
package struct SettledDoubts: Sendable, Equatable {
    /// Records that were in doubt at some time.
    package var records = 0
    /// Found on the server.
    package var found = 0
    /// Found not to be there, sent again, and accepted.
    package var resent = 0
    /// A person decided.
    package var decided = 0
    /// Sent again, and not accepted: rejected, failed or parked.
    package var refused = 0
    /// Still in doubt, or on their way again.
    package var open = 0

    /// The first of them.
    package var examples: [PastDoubt] = []
    private static let exampleLimit = 50

    /// - Complexity: Reads the run's unclean requests and its chunks once; memory grows with the records that
    ///   were ever in doubt.
    package init(run: Int64, ledger: Ledger) throws {
        var lost = Set<Int64>()
        var first: [Int64: Timestamp] = [:]
        try ledger.eachUncleanAttempt(run: run) { attempt in
            for (index, member) in attempt.members.enumerated() {
                let event = index < attempt.results.count ? attempt.results[index] : .lostAnswer
                guard event == .lostAnswer, lost.insert(member.record).inserted,
                    first.count < Self.exampleLimit
                else { continue }
                first[member.record] = attempt.ended ?? attempt.started
            }
            return true
        }
        guard !lost.isEmpty else { return }
        var rest = lost.sorted()[...]
        var named: [(record: Int64, since: Timestamp, state: StateByte)] = []
        try ledger.chunks(run: run) { chunk in
            while let record = rest.first, record < chunk.first + Int64(chunk.count) {
                rest = rest.dropFirst()
                guard record >= chunk.first else { continue }
                let state = chunk.states[Int(record - chunk.first)]
                add(state)
                if let since = first[record] { named.append((record, since, state)) }
            }
            return !rest.isEmpty
        }
        // Not while the chunks are being read: the ledger is read by one at a time.
        examples = try named.map {
            try PastDoubt(
                record: $0.record, run: run, since: $0.since, state: $0.state, ledger: ledger)
        }
    }

    private mutating func add(_ byte: StateByte) {
        records += 1
        switch (byte.state, byte.detail) {
        case (.accepted, .proved): found += 1
        case (.accepted, .decided): decided += 1
        case (.accepted, _), (.skipped, _): resent += 1
        case (.rejected, _), (.failed, _), (.parked, _), (.invalid, _): refused += 1
        case (.inDoubt, _), (.unsent, _), (.sent, _): open += 1
        }
    }
}

/// A record that was in doubt at some time.
package struct PastDoubt: Sendable, Equatable {
    /// How one record in doubt was settled.
    package struct Proof: Sendable, Equatable {
        /// When that was found.
        package var at: Timestamp
        /// What the look-up found.
        package var words: String
    }
    /// Its number in the run.
    package var record: Int64
    /// When the first attempt ended that left it in doubt.
    package var since: Timestamp
    /// What it is now.
    package var state: StateByte
    /// How often it was looked for in vain.
    package var looks: Int
    /// What settled it, where a look-up did.
    package var proof: Proof?

    init(record: Int64, run: Int64, since: Timestamp, state: StateByte, ledger: Ledger) throws {
        let events = try ledger.events(run: run, record: record)
        self.record = record
        self.since = since
        self.state = state
        looks = events.count { $0.kind == "look" }
        proof = events.last { $0.kind == "proof" }.map { Proof(at: $0.at, words: $0.message) }
    }
}
