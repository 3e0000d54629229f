/// What the process tells its caller. A status not listed is a failure.
enum ExitStatus: Int32, CaseIterable {
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
}
