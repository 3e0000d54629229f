package import Ledger
import Model

/// What came of an order of cards, and what to do about the rest.
package struct CardReport: Sendable {
    /// The file of numbers.
    package var file: String
    /// How many cards are ordered, how many numbers the file has, and how many calls were made.
    package var wanted: Int
    /// Numbers in the file.
    package var cards: Int
    /// Calls made.
    package var calls: Int
    /// Calls whose cards were made, and whose numbers no read gives.
    package var stranded: [CardCall]
    /// Calls of which nobody knows what they made.
    package var open: [CardCall]
    /// The last call of each line of which cards are missing.
    package var refused: [CardCall]

    package init(
        file: String, wanted: Int, cards: Int, calls: Int, stranded: [CardCall], open: [CardCall],
        refused: [CardCall]
    ) {
        self.file = file
        self.wanted = wanted
        self.cards = cards
        self.calls = calls
        self.stranded = stranded
        self.open = open
        self.refused = refused
    }

    /// The counts, then a line for each call that needs a person.
    package var text: String {
        var lines = [
            "\(file): \(Wording.count(cards)) of \(Wording.count(wanted, "card")); \(Wording.count(calls, "call"))"
        ]
        for call in stranded {
            lines.append(
                "  without numbers: \(Wording.count(call.stranded, "card")) of series \(call.series): \(call.note ?? ""). "
                    + "The answer was lost: find their numbers in the user interface within 30 days, or ask support."
            )
        }
        for call in refused {
            lines.append("  refused: series \(call.series): \(call.note ?? "")")
        }
        for call in open {
            let next =
                call.state == .held
                ? "Check the server's log, then run the same command with --held made or --held none."
                : "Run the same command again to settle it."
            lines.append(
                "  in doubt: \(Wording.count(call.count, "card")) of series \(call.series), requested at "
                    + "\(call.started.iso8601)\(call.note.map { ": " + $0 } ?? ""). \(next)")
        }
        return lines.joined(separator: "\n")
    }

    /// For programs.
    ///
    /// - Parameter ending: How it ended, by the code of a run's ending.
    package func document(ending: String, exitCode: Int32) -> [String: Any] {
        func facts(_ calls: [CardCall]) -> [[String: Any]] {
            calls.map {
                [
                    "call": $0.number, "series": $0.series, "count": $0.count, "stranded": $0.stranded,
                    "note": $0.note ?? "",
                ]
            }
        }
        return [
            "schema": 1, "file": file, "wanted": wanted, "cards": cards,
            "stranded": stranded.reduce(0) { $0 + $1.stranded }, "calls": calls,
            "stranded_calls": facts(stranded), "open_calls": facts(open),
            "refused_calls": facts(refused), "ending": ending, "exit_code": exitCode,
        ]
    }
}
