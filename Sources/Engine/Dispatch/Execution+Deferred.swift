import Ledger
import Model

// A record that waits for another run's holds back those that depend on it, as one in doubt does.
extension Execution {
    /// A record before this one, with an order key in common, that waits for another run's.
    func holder(before ticket: Ticket) -> DeferredKeys.Holder? {
        deferred.holder(before: ticket.number, keys: ticket.orderKeys)
    }

    /// From now on, what comes after this record and depends on it waits as well.
    func withhold(behind ticket: Ticket, for other: Int64?) {
        deferred.add(ticket.number, keys: ticket.orderKeys, for: other)
        guard deferred.isFull else { return }
        stop(StopReason(.timeLimit, words(.sending(.tooManyWait(waitingWords)))))
    }

    /// What a record is told to wait for that depends on a withheld one.
    func waiting(behind first: DeferredKeys.Holder) -> Refusal {
        let note = EngineNote.Sending.behind(
            record: first.record, run: first.other.map { name(of: $0) })
        return Refusal(.waiting, message: words(.sending(note)))
    }

    /// Which runs have what records wait for.
    var waitingWords: String {
        let names = deferred.runs.sorted().prefix(3).map { name(of: $0) }
        return words(.sending(.waitingFor(runs: names, more: deferred.runs.count - names.count)))
    }

    func name(of run: Int64) -> String { (try? ledger.name(of: run))?.text ?? "number \(run)" }

    /// Takes a record that its lanes have freed out of them: it follows one that waits.
    func setAside(_ ticket: Ticket) async throws {
        var held = Held()
        if let first = holder(before: ticket) { hold(ticket, behind: first, &held) }
        try await store(held)
        delayed -= 1
        settled(ticket)
        advance()
    }
}
