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
        stop(StopReason(.timeLimit, "too many records wait: \(waitingWords)"))
    }

    /// What a record is told to wait for that depends on a withheld one.
    func waiting(behind first: DeferredKeys.Holder) -> Refusal {
        var words = "it depends on record \(first.record), which waits for "
        words += first.other.map { "run \(name(of: $0))" } ?? "another run"
        return Refusal(.waiting, message: words)
    }

    /// `run 20260203T141500-7k2m9qd4xz holds what they wait for; …`
    var waitingWords: String {
        let names = deferred.runs.sorted().prefix(3).map { name(of: $0) }
        guard !names.isEmpty else { return "another run has the records they wait for" }
        let more =
            deferred.runs.count > names.count ? " and \(deferred.runs.count - names.count) more" : ""
        return
            "run \(names.joined(separator: ", run "))\(more) has the records they wait for: `sluice resume` "
            + "continues all unfinished runs, oldest first"
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
