import Engine

extension EngineNote.Cards {
    var text: String {
        switch self {
        case .fewer(let count, let requested): "the answer had \(count) numbers of \(requested)"
        case .noneMade(let shortfall): "five calls in a row made no cards: \(shortfall)"
        case .refused(let words): "the server refuses to make cards: \(words)"
        case .logUnread(let words):
            "the server's log of generated cards cannot be read" + (words.map { ": \($0)" } ?? "")
        case .logLate(let call):
            "the server's log of generated cards is late: it does not show yet what was made before "
                + "call \(call)"
        case .onHold(let call, let count, let series, let note):
            "call \(call) for \(count) cards of series \(series) is on hold: \(note)"
        case .made(let date, let till, let entry):
            "made at \(date) by till \(till), log entry \(entry)"
        case .severalEntries(let count, let ids):
            "the log has several new entries of \(count) cards: \(ids.joined(separator: ", "))"
        case .fewerInEntry(let count, let id):
            "the log has a new entry with fewer cards, \(count), which may be this call: \(id)"
        case .provedUndone: "no answer and no log entry: no cards were made"
        case .entriesGone: "entries from before the call are no longer in the log"
        }
    }
}
