package import Ledger
import Model

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

    /// - Complexity: Reads the run's unclean requests and its chunks once; memory grows with the records that
    ///   were ever in doubt.
    package init(run: Int64, ledger: Ledger) throws {
        var lost = Set<Int64>()
        try ledger.eachUncleanAttempt(run: run) { attempt in
            for (index, member) in attempt.members.enumerated() {
                let event = index < attempt.results.count ? attempt.results[index] : .lostAnswer
                if event == .lostAnswer { lost.insert(member.record) }
            }
            return true
        }
        guard !lost.isEmpty else { return }
        var rest = lost.sorted()[...]
        try ledger.chunks(run: run) { chunk in
            while let record = rest.first, record < chunk.first + Int64(chunk.count) {
                rest = rest.dropFirst()
                if record >= chunk.first { add(chunk.states[Int(record - chunk.first)]) }
            }
            return !rest.isEmpty
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
