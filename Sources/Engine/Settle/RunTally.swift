import Model
import Synchronization

/// The only counter of what thresholds divide, in one execution. Each record counts once, when it is judged:
/// here or by the server, by an answer or by a look-up, whatever its recovery rule. What failed on temporary
/// errors, is skipped or in doubt is not judged.
struct RunTally: Sendable, Equatable {
    enum Judgement: Sendable, CaseIterable {
        case accepted
        /// The server refused it.
        case rejected
        /// The server says that it has one of that key.
        case exists
        /// Refused here.
        case invalid
        /// It is in the server's queue of rejected transactions.
        case parked
    }

    private var counts = [Int](repeating: 0, count: Judgement.allCases.count)
    private var conflicts = 0

    subscript(_ judgement: Judgement) -> Int { counts[Self.place(judgement)] }

    /// The denominator of every threshold.
    var judged: Int { counts.reduce(0, +) }
    /// Rejected, invalid, or on the server with other content.
    var refused: Int { self[.rejected] + self[.invalid] + conflicts }
    /// Those that the server said it has.
    var existed: Int { self[.exists] }

    mutating func count(_ judgement: Judgement, _ number: Int = 1) {
        counts[Self.place(judgement)] += number
    }

    /// One that counted as ``Judgement/exists`` was compared: the server's has other content.
    mutating func conflict() { conflicts += 1 }

    /// Why a run with that threshold stops; nil where it continues.
    func breach(of threshold: StopSettings.Threshold?) -> EngineNote.Run? {
        switch threshold {
        case .count(let most) where refused > most: .tooManyRefused(most: most)
        case .share(let share, let after)
        where judged >= after && Double(refused) > share * Double(judged):
            .tooLargeShareRefused(refused, judged: judged)
        default: nil
        }
    }

    /// Most of a first thousand are on the server: they were imported before, by other means.
    var looksImportedBefore: Bool { existed * 2 > judged && (100...1000).contains(judged) }

    private static func place(_ judgement: Judgement) -> Int {
        switch judgement {
        case .accepted: 0
        case .rejected: 1
        case .exists: 2
        case .invalid: 3
        case .parked: 4
        }
    }
}

extension Execution {
    /// Counts records that were judged, for the thresholds and for who watches.
    func count(_ judgement: RunTally.Judgement, _ number: Int = 1) {
        tally.count(judgement, number)
        board.withLock { board in
            switch judgement {
            case .accepted: board.accepted += number
            case .rejected, .exists: board.rejected += number
            case .invalid: board.invalid += number
            case .parked: board.parked += number
            }
        }
    }
}
