extension EngineNote {
    /// What came of calls that make cards.
    package enum Cards: Sendable, Equatable {
        case fewer(Int, of: Int)
        case noneMade(String)
        case refused(String)
        // Of the server's log of generated cards.
        case logUnread(String?)
        case logLate(call: Int64)
        case onHold(call: Int64, count: Int, series: Int, note: String)
        case made(date: String, till: String, entry: String)
        case severalEntries(count: Int, ids: [String])
        case fewerInEntry(Int, id: String)
        case provedUndone
        case entriesGone
    }
}
