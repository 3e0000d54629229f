import Engine

extension EngineNote.Run {
    var text: String {
        switch self {
        case .processEnded: LedgerText.processEnded
        case .unreachable(let cause): "the server cannot be reached: \(cause)"
        case .unreachableForNow(let cause):
            "the server cannot be reached: \(cause); it is tried again"
        case .reachable: "the server answers again"
        case .settlingDoubts: "records in doubt are being settled"
        case .singlesUntilSettled: "single records are sent until the doubts are settled"
        case .deadlineReached: "the time set by stop.until is reached"
        case .doubtsHoldBack: "records in doubt cannot be settled and hold back the rest"
        case .importedBefore(let existed, let judged):
            "\(existed) of \(judged) records are on the server already: was this imported "
                + "before? `verify_existing: all` compares each one"
        case .tooManyRefused(let most): "more than \(most) records were rejected or invalid"
        case .tooLargeShareRefused(let refused, let judged):
            "\(refused) of \(judged) records were rejected or invalid, more than the allowed share"
        case .unbalanced(let differences):
            "the counts do not balance: " + BalanceDifference.text(differences)
        case .unsent(let count, let waiting): "\(count) records are unsent: \(waiting)"
        }
    }
}
