package import Engine

extension EngineNote.Settling {
    var text: String {
        switch self {
        case .serverAnswers(let status): "the server answers \(status)"
        case .maintenancePage: "the server answers with a maintenance page"
        case .everythingRejected(let words): "the server rejects everything: \(words)"
        case .tooManyLost: "too many answers are lost"
        case .fruitless(let count, let words):
            "\(count) requests in a row got no answer" + (words.map { ": \($0)" } ?? "")
        case .asksForTime(let words): "the server keeps asking for more time: \(words)"
        case .gaveUp(let attempts, let words): "after \(attempts) attempts: \(words)"
        case .noneAnswered: "none of them was answered"
        case .requestIDUsed:
            "its request id was used before, and the API cannot tell by which request"
        case .badRequestWasDone:
            "a request was done although it was answered with 400: such answers are now checked"
        case .badRequestProved(let isRejected):
            "rejected as a whole (400), and not on the server: "
                + (isRejected ? "it is rejected" : "it is sent on its own")
        case .decided(let isAccepted, let reason):
            "a person decided: \(isAccepted ? "taken as accepted" : "to be sent again"). \(reason)"
        case .queueBooked(let id):
            "the server's queue has booked it" + (id.map { " as \($0)" } ?? "")
        case .retriggerRefused(let trouble): "refused: \(trouble.text)"
        case .retriggerFoundNone: "none of them is in the queue"
        }
    }
}

extension Retrigger.Trouble {
    /// Why the queue could not be read, or a call was refused.
    package var text: String {
        switch cause {
        case .said(let words): words
        case .interrupted: "interrupted"
        case .notMarked: "the server did not mark them, and does not say why"
        case .answerLost: "no answer; `sluice rejected list` shows whether they are marked"
        case .noQueue: "this org has no queue of rejected transactions (404)"
        }
    }
}

extension ManualResolution.Refused {
    /// Why nothing was decided.
    package var text: String {
        switch self {
        case .unknownEndpoint(let name):
            "this version of sluice does not know the endpoint \(name)"
        case .noRecord(let key, let run): "run \(run) has no record in doubt with the key \(key)"
        case .several(let key, let records):
            "several records in doubt have the key \(key): name one of "
                + records.map { "record:\($0)" }.joined(separator: ", ")
        case .namedTwice(let key): "\(key) is named twice"
        }
    }
}
