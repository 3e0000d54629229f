import Catalog
import Ledger

/// What the server's log says of a call whose answer was lost.
struct LogReading {
    /// Where the call before, whose answer came, is in the log.
    enum Witness { case wasThere, isThere, isMissing }

    /// New entries of as many cards as it requested.
    var exact: [CardsGenerate.LogEntry]
    /// New entries of fewer: the log may count what was made, and not what was requested.
    var fewer: [CardsGenerate.LogEntry]
    /// Before the call was sent, since then, or not yet. `wasThere` where no call came before.
    var witness: Witness
    /// A log that lost what it had proves nothing.
    var isWhole: Bool

    /// - Parameters:
    ///   - entries: Of the series.
    ///   - claimed: Those that are known to be other calls whose answers were lost.
    ///   - answered: The calls for the series whose answers came, in their order.
    init(
        of call: CardCall, in entries: [CardsGenerate.LogEntry], claimed: Set<String>,
        answered: [CardCall]
    ) {
        isWhole = call.known.isSubset(of: Set(entries.map(\.id)))
        let entries = entries.filter { !claimed.contains($0.id) }
        var fresh = entries.filter { !call.known.contains($0.id) }
        witness = .wasThere
        for before in answered {
            func isIt(_ entry: CardsGenerate.LogEntry) -> Bool {
                !before.known.contains(entry.id)
                    && (entry.count == before.count || entry.count == before.received)
            }
            if entries.contains(where: { call.known.contains($0.id) && isIt($0) }) {
                witness = .wasThere
            } else if let place = fresh.firstIndex(where: isIt) {
                // It came late into the log, and is not the one that is looked for.
                fresh.remove(at: place)
                witness = .isThere
            } else {
                witness = .isMissing
            }
        }
        exact = fresh.filter { $0.count == call.count }
        fewer = fresh.filter { 0 < $0.count && $0.count < call.count }
    }
}
