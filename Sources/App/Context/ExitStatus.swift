/// What the process tells its caller. A status not listed is a failure.
package enum ExitStatus: Int32, CaseIterable {
    /// Every record accepted or skipped, or nothing to do.
    case fine = 0
    /// Finished; some records were rejected, invalid, parked or failed, or bad rows were found.
    case problems = 1
    /// Usage or configuration; before any run.
    case usage = 2
    /// Stopped by the error threshold, or by a refusal of everything.
    case stopped = 3
    case inDoubt = 4
    /// Server, network, or no room on a disk; safe to resume later.
    case passing = 5
    /// Another run holds the job.
    case held = 6
    /// Stopped at the time limit, or unsent remain.
    case timeLimit = 7
    case authentication = 8
    /// The count does not balance, or the ledger is damaged.
    case unbalanced = 9
    /// A defect in sluice.
    case defect = 70
    case interrupted = 130
    case terminated = 143

    /// - Parameter code: That of a run's ending.
    init(ending code: Int32) { self = ExitStatus(rawValue: code) ?? .defect }

    /// The one that counts where several hold. The two that stand alone, of usage and of a job that is
    /// running, count here where one of several commands ends with them.
    static func worst(of statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let order: [ExitStatus] = [
            .defect, .unbalanced, .authentication, .usage, .stopped, .inDoubt, .passing, .held,
            .timeLimit, .interrupted, .terminated, .problems,
        ]
        let all = Set(statuses)
        return order.first { all.contains($0) } ?? .fine
    }

    /// After what an unfinished run may end with so that the next of its job may begin.
    var letsTheNextBegin: Bool {
        switch self {
        case .fine, .problems, .inDoubt, .passing, .timeLimit: true
        case .usage, .stopped, .held, .authentication, .unbalanced, .defect, .interrupted,
            .terminated:
            false
        }
    }

    /// Nothing more is started: a person has stopped it, or has to look first.
    var endsAll: Bool {
        switch self {
        case .unbalanced, .defect, .interrupted, .terminated: true
        default: false
        }
    }
}
