package import Ledger

/// An order of cards that is not finished.
package struct CardStatus: Sendable, Equatable {
    /// The order as the ledger has it.
    package var order: CardOrder
    /// Cards ordered.
    package var wanted: Int
    /// Cards whose numbers came.
    package var received: Int
    /// Cards that were made and whose numbers no read gives.
    package var stranded: Int
    /// Calls of which nobody knows what they made: settled by the next go, or held for a person.
    package var pending: Int
    /// Calls that wait for a person.
    package var held: Int
    /// What to do now.
    package var next: NextStep

    /// The oldest first.
    static func open(in ledger: Ledger) throws -> [CardStatus] {
        try ledger.openCardOrders().map { try CardStatus($0, ledger) }
    }

    private init(_ order: CardOrder, _ ledger: Ledger) throws {
        let calls = try ledger.cardCalls(of: order.number)
        self.order = order
        wanted = order.lines.reduce(0) { $0 + $1.count }
        received = calls.reduce(0) { $0 + $1.received }
        stranded = calls.reduce(0) { $0 + $1.stranded }
        pending = calls.count { $0.state == .pending }
        held = calls.count { $0.state == .held }
        next = NextStep(
            held > 0
                ? "Check the server's log of generated cards, then run the same command with `--held made` or "
                    + "`--held none`"
                : "Run the same command again to continue")
    }

    func lines(width: Int) -> [String] {
        var words = "\(Wording.count(received)) of \(Wording.count(wanted, "card")) made"
        if stranded > 0 { words += ", \(Wording.count(stranded)) stranded" }
        if pending > 0 { words += ", \(Wording.count(pending, "call")) in doubt" }
        if held > 0 { words += ", \(Wording.count(held, "call")) held" }
        return [Wording.harmless(order.path) + ": cards, unfinished"]
            + Wording.wrap(
                "order \(order.number), cards.generate to org \(Wording.harmless(order.org)) over \(Wording.harmless(order.connection))",
                width: width, indent: "  ")
            + Wording.wrap(words, width: width, indent: "  ")
            + next.lines(width: width - 2).map { "  " + $0 }
    }
}

/// `{order, file, org, connection, wanted, received, stranded, pending, held, next}`.
struct CardStatusJSON: Encodable {
    var order: Int64
    var file, org, connection: String
    var wanted, received, stranded, pending, held: Int
    var next: NextJSON

    init(_ status: CardStatus) {
        order = status.order.number
        file = status.order.path
        org = status.order.org
        connection = status.order.connection
        wanted = status.wanted
        received = status.received
        stranded = status.stranded
        pending = status.pending
        held = status.held
        next = NextJSON(status.next)
    }
}
