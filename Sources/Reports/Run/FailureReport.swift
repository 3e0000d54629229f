package import Ledger
package import Model

/// What is open over all runs of some jobs: who must act, for how long, and what was repaired.
package struct FailureReport: Sendable, Equatable {
    /// Open failures of one reason.
    package struct Group: Sendable, Equatable {
        /// Why they are open.
        package var reason: Reason
        /// The server's code, where it gave one.
        package var serverCode: Int?
        /// How many records.
        package var count = 0
        /// Of these, sent again at least once, and refused again.
        package var stuck = 0
        /// Since when the oldest is open.
        package var oldest: Timestamp
        /// By age: see ``ages``.
        package var byAge = [Int](repeating: 0, count: FailureReport.ages.count)
        /// The record that has been open for longest.
        package var first: RecordID
    }

    /// The words for an age, and the days below which it is.
    package static let ages: [(words: String, days: Int)] = [
        ("today", 1), ("this week", 7), ("this month", 30), ("older", .max),
    ]

    /// The largest first.
    package var groups: [Group] = []
    /// Accepted by a later run.
    package var repaired = 0
    /// Sent again, without an outcome yet.
    package var underWay = 0
    /// Closed by a person.
    package var closed = 0
    /// What ages are counted to.
    package var now: Timestamp

    /// Neither repaired nor closed.
    package var open: Int { groups.reduce(0) { $0 + $1.count } }
    /// Open ones that were sent again and refused again.
    package var stuck: Int { groups.reduce(0) { $0 + $1.stuck } }

    private struct Key: Hashable {
        var reason: String
        var code: Int?
    }

    /// This many are kept apart; the server's code of any further one is left out.
    static let groupLimit = 1000

    /// - Parameter runs: All runs of the jobs.
    /// - Complexity: Reads the troubles of these runs once; memory does not grow with them.
    package init(runs: [RunRow], ledger: Ledger, now: Timestamp = .current) throws {
        self.now = now
        var groups: [Key: Group] = [:]
        try ledger.openFailures(of: runs.map(\.number)) { failure in
            let refusal = failure.row.trouble.refusal
            var key = Key(reason: refusal.reason.code, code: refusal.serverCode)
            if groups[key] == nil, groups.count >= Self.groupLimit { key.code = nil }
            var group =
                groups[key]
                ?? Group(
                    reason: refusal.reason, serverCode: key.code, oldest: failure.since,
                    first: failure.id)
            group.count += 1
            if failure.root != RecordPlace(run: failure.run.number, record: failure.row.record) {
                group.stuck += 1
            }
            if failure.since < group.oldest {
                group.oldest = failure.since
                group.first = failure.id
            }
            let days = Int(max(.zero, now.since(failure.since)) / .seconds(86_400))
            group.byAge[Self.ages.firstIndex { days < $0.days } ?? Self.ages.count - 1] += 1
            groups[key] = group
            return true
        }
        self.groups = groups.values.sorted {
            ($1.count, $0.reason.code, $0.serverCode ?? 0)
                < ($0.count, $1.reason.code, $1.serverCode ?? 0)
        }
        for run in runs {
            let repairs = try ledger.repairs(of: run.number)
            repaired += repairs.repaired
            underWay += repairs.underWay
            closed += repairs.closed
        }
    }

    /// Open failures by who must act, in the order of ``Reason/Turn``.
    var byOwner: [(owner: String, count: Int)] {
        byTurn.reduce(into: []) { owners, one in
            if let index = owners.firstIndex(where: { $0.owner == one.turn.owner }) {
                owners[index].count += one.count
            } else {
                owners.append((one.turn.owner, one.count))
            }
        }
    }

    /// Open failures by the class of their reason, in the order of ``Reason/Turn``.
    package var byTurn: [(turn: Reason.Turn, count: Int)] {
        Reason.Turn.allCases.compactMap { turn in
            let count = groups.filter { $0.reason.turn == turn }.reduce(0) { $0 + $1.count }
            return count > 0 ? (turn, count) : nil
        }
    }
}
