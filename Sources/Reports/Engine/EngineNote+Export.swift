import Engine

extension EngineNote.Export {
    var text: String {
        switch self {
        case .totalChanged(let from, let to):
            "the total went from \(from) to \(to) while it was read"
        case .repeats(let count):
            "\(count) of the items of a page were on an earlier page: the listing shifted"
        case .shorter(let what): "the listing is shorter than it says: \(what)"
        case .cut: "a reply was full, and the rest cannot be requested"
        case .filterIgnored(let name, let value):
            "the server also returned items other than \(name) \(value): it may not know this filter"
        case .detailsMissing:
            "some items are incomplete: the call for their details does not find them"
        case .refused(let words, let paths):
            "the server refuses this listing: \(words)"
                + (paths.isEmpty ? "" : " (asked at \(paths.joined(separator: " and ")))")
        case .unread(let name): "\(name) cannot be read"
        case .keysRefused(let words): "ten keys in a row were refused: \(words)"
        case .keysFruitless(let count, let subject, let by):
            "the first \(count) keys found nothing: are they keys\(subject.map { " of \($0)" } ?? ""), and is \(by ?? "them") "
                + "the right kind of key (--by)?"
        }
    }
}
