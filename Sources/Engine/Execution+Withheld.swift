import Catalog
import Ledger
import Model

// A record that waits for another run's holds back those that depend on it, as one in doubt does. It is
// in no lane: it may wait for days, and nothing here settles it. Its order keys are remembered instead.
extension Execution {
    /// Keys that are remembered, 16 bytes each. Where so many wait, the other run has to end first.
    static let withheldLimit = 1_000_000

    /// Whether a record before this one, with an order key in common, waits for another run's.
    func isWithheld(_ ticket: Ticket) -> Bool {
        guard !withheld.isEmpty else { return false }
        return ticket.record.orderKeys.contains { withheld[$0].map { $0 < ticket.number } ?? false }
    }

    /// From now on, what comes after this record and depends on it waits as well.
    func withhold(behind ticket: Ticket) {
        for key in ticket.record.orderKeys {
            withheld[key] = min(withheld[key] ?? ticket.number, ticket.number)
        }
        guard withheld.count > Self.withheldLimit else { return }
        stop(
            StopCause(
                .timeLimit,
                "too many records wait for those that another run has under way: end it first")
        )
    }

    /// What a withheld record is told to wait for.
    static let behindAnother = Admission.waits(
        Refusal(.waiting, message: "a record before it that it depends on waits for another run's"),
        other: nil)

    /// Takes a record that its lanes have freed out of them: it follows one that waits.
    func setAside(_ ticket: Ticket) async throws {
        var held = Held()
        hold(ticket, Self.behindAnother, &held)
        try await store(held)
        delayed -= 1
        settled(ticket)
        advance()
    }
}
