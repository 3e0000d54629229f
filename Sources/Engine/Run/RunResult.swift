/// How an execution ended.
package struct RunResult: Sendable, Equatable {
    /// In the order in which they decide the exit status.
    package enum Condition: Int, Sendable, CaseIterable, Comparable {
        case defect, unbalanced, authentication, stopped, inDoubt, passing, timeLimit, interrupted,
            terminated
        case problems
        /// An input is larger than what was read of it.
        case grown
        case fine

        package static func < (a: Condition, b: Condition) -> Bool { a.rawValue < b.rawValue }

        package var exitCode: Int32 {
            switch self {
            case .defect: 70
            case .unbalanced: 9
            case .authentication: 8
            case .stopped: 3
            case .inDoubt: 4
            case .passing: 5
            case .timeLimit: 7
            case .interrupted: 130
            case .terminated: 143
            case .problems, .grown: 1
            case .fine: 0
            }
        }

        package var word: String {
            switch self {
            case .defect: "defect"
            case .unbalanced: "unbalanced"
            case .authentication: "authentication"
            case .stopped: "stopped"
            case .inDoubt: "in-doubt"
            case .passing: "passing-trouble"
            case .timeLimit: "unsent-remain"
            case .interrupted: "interrupted"
            case .terminated: "terminated"
            case .problems: "problems"
            case .grown: "input-grown"
            case .fine: "fine"
            }
        }
    }

    package var conditions: Set<Condition>
    /// Why it ended before its time, for a person; nil where it did not.
    package var reason: String?
    /// Everything that there is to do is done.
    package var isFinished: Bool

    package init(conditions: Set<Condition>, reason: String? = nil, isFinished: Bool) {
        self.conditions = conditions
        self.reason = reason
        self.isFinished = isFinished
    }

    package var exitCode: Int32 { (conditions.min() ?? .fine).exitCode }
}

/// Why a run stops before the end of its input.
package struct StopReason: Sendable, Equatable {
    package var condition: RunResult.Condition
    package var words: String
    /// The server is away. What that left in doubt is settled by the next `resume`, so that it does not decide
    /// the exit status.
    package var isOutage: Bool

    package init(_ condition: RunResult.Condition, _ words: String, isOutage: Bool = false) {
        self.condition = condition
        self.words = words
        self.isOutage = isOutage
    }
}
