import Catalog
import Ledger
import Model

/// A record that waits for another run's, as those after it need to know it.
struct Withheld {
    var record: Int64
    /// Who holds what it waits for, where that is known.
    var other: Int64?
}

// A record that waits for another run's holds back those that depend on it, as one in doubt does. It is
// in no lane: it may wait for days, and nothing here settles it. Its order keys are remembered instead.
extension Execution {
    /// Keys that are remembered, 32 bytes each. Where more wait, the other run has to end first.
    static let withheldLimit = 1_000_000

    /// A record before this one, with an order key in common, that waits for another run's.
    func withheld(before ticket: Ticket) -> Withheld? {
        guard !withheld.isEmpty else { return nil }
        for key in ticket.orderKeys {
            if let first = withheld[key], first.record < ticket.number { return first }
        }
        return nil
    }

    /// From now on, what comes after this record and depends on it waits as well.
    func withhold(behind ticket: Ticket, for other: Int64?) {
        if let other { waitsFor.insert(other) }
        for key in ticket.orderKeys
        where withheld[key].map({ $0.record > ticket.number }) ?? true {
            withheld[key] = Withheld(record: ticket.number, other: other)
        }
        guard withheld.count > Self.withheldLimit else { return }
        stop(StopReason(.timeLimit, "too many records wait: \(waitingWords)"))
    }

    /// What a record is told to wait for that depends on a withheld one.
    func waiting(behind first: Withheld) -> Admission {
        var words = "it depends on record \(first.record), which waits for "
        words += first.other.map { "run \(name(of: $0))" } ?? "another run"
        return .waits(
            Refusal(.waiting, message: words),
            other: first.other.map { Admission.Other(run: $0, record: -1) })
    }

    /// `run 20260203T141500-7k2m9qd4xz holds what they wait for; …`
    var waitingWords: String {
        let names = waitsFor.sorted().prefix(3).map { name(of: $0) }
        guard !names.isEmpty else { return "another run has the records they wait for" }
        let more = waitsFor.count > names.count ? " and \(waitsFor.count - names.count) more" : ""
        return
            "run \(names.joined(separator: ", run "))\(more) has the records they wait for: `sluice resume` "
            + "continues all unfinished runs, oldest first"
    }

    func name(of run: Int64) -> String { (try? ledger.name(of: run))?.text ?? "number \(run)" }

    /// Takes a record that its lanes have freed out of them: it follows one that waits.
    func setAside(_ ticket: Ticket) async throws {
        var held = Held()
        if let first = withheld(before: ticket) { hold(ticket, waiting(behind: first), &held) }
        try await store(held)
        delayed -= 1
        settled(ticket)
        advance()
    }
}
