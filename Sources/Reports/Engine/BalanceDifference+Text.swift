package import Engine
import Model

extension BalanceDifference {
    static func text(_ differences: [BalanceDifference]) -> String {
        differences.map(\.text).joined(separator: "; ")
    }

    private var text: String {
        switch self {
        case .notConsecutive(let from, let to): "records \(from) to \(to) are not consecutive"
        case .stateCount(let chunk, let states, let records):
            "the chunk at record \(chunk) has \(states) states for \(records)"
        case .unknownStates(let chunk): "the chunk at record \(chunk) has unknown states"
        case .openCount(let chunk, let open, let stored):
            "the chunk at record \(chunk) has \(open) open records but says \(stored)"
        case .doubts(let records, let stored):
            "\(records) records are in doubt, but \(stored) doubts are stored"
        case .inFlight(let records, let stored):
            "\(records) records are in flight, but open attempts have \(stored)"
        case .inNoRow(let name, let from, let to):
            "\(InputName.bare(name)): bytes \(from) to \(to) are in no row"
        case .doNotAddUp(let name, let from, let to):
            "\(InputName.bare(name)): bytes \(from) to \(to) do not add up"
        case .endNotReached(let name): "\(InputName.bare(name)): its end was not reached"
        case .accountedFor(let name, let bytes, let total):
            "\(InputName.bare(name)): \(bytes) of \(total) bytes are accounted for"
        case .readAndGrouped(let read, let grouped):
            "\(read) rows were read, but \(grouped) grouped"
        case .groupedAndRead(let grouped, let read):
            "\(grouped) rows were grouped, but \(read) read"
        case .account(let name, let read, let recorded):
            "\(InputName.bare(name)): read \(read.text), recorded \(recorded.text)"
        case .source(let words): words
        }
    }
}

extension BalanceDifference.Bytes {
    fileprivate var text: String {
        "\(rows) bytes in rows, \(blank) in blank lines, \(unreadable) unreadable"
    }
}

extension Unbalanced {
    /// What does not balance, and what the run broke off for.
    package var text: String {
        "the counts do not balance: \(BalanceDifference.text(differences)); the run ended early: \(cause)"
    }
}
