import Foundation
import GRDB

/// Cards in three accounts: the files of numbers, the ledger's calls, and what the sandbox made.
struct CardAccount {
    private(set) var orders = 0
    /// Numbers in the files.
    private(set) var received = 0
    /// Made, and reported as such: their numbers came in no answer.
    private(set) var stranded = 0
    /// By the sandbox's books.
    private(set) var made = 0
    private(set) var lost = 0
    private(set) var doneTwice = 0
    private(set) var findings: [String] = []

    static func make(_ orders: [CardLane.Order], folder: String, stand: Stand) throws -> CardAccount {
        var account = CardAccount()
        account.orders = orders.count
        var numbers: Set<Substring> = []
        var known: [Int: Int] = [:]
        for order in orders {
            let text = try String(contentsOfFile: "\(folder)/\(order.file)", encoding: .utf8)
            let rows = text.split(separator: "\n").dropFirst()
            let calls = try calls(order, folder)
            let received = calls.reduce(0) { $0 + $1.received }
            let stranded = calls.reduce(0) { $0 + $1.stranded }
            for row in rows where !numbers.insert(row).inserted {
                account.findings.append("\(order.file): \(row) stands twice")
            }
            if rows.count != received {
                account.findings.append("\(order.file): \(rows.count) of \(received) numbers")
            }
            if received + stranded != order.count {
                account.findings.append(
                    "\(order.file): \(received) and \(stranded) cards of \(order.count)")
            }
            account.received += rows.count
            account.stranded += stranded
            known[order.series, default: 0] += received + stranded
        }
        for (series, count) in known {
            let made = try batches(of: series, stand).reduce(0) { $0 + $1.count * $1.times }
            account.made += made
            account.lost += max(0, count - made)
            account.doneTwice += max(0, made - count)
            if made != count {
                account.findings.append("series \(series): \(made) made, \(count) known")
            }
        }
        return account
    }

    /// What a person says who has looked at the server; nil where nothing is held.
    static func decision(_ order: CardLane.Order, _ shared: Lane.Shared) throws -> String? {
        let calls = try LedgerAccount.cardCalls(
            "series = ?", [order.series], in: shared.folder)
        guard let held = calls.last(where: { $0.state == "held" }) else { return nil }
        let made = try batches(of: order.series, shared.person.stand)
            .filter { $0.count == held.count }.reduce(0) { $0 + $1.times }
        let known = calls.count {
            $0.count == held.count && ($0.state == "answered" || $0.state == "stranded")
        }
        return made > known ? "made" : "none"
    }

    static func isFinished(_ order: CardLane.Order, _ folder: String) throws -> Bool {
        try LedgerAccount.number(
            "SELECT count(*) FROM card_order WHERE state = 'finished' AND path = ?",
            ["\(folder)/\(order.file)"], in: folder) > 0
    }

    private static func calls(_ order: CardLane.Order, _ folder: String) throws
        -> [LedgerAccount.CardCall]
    {
        try LedgerAccount.cardCalls(
            "card_order IN (SELECT id FROM card_order WHERE path = ?)", ["\(folder)/\(order.file)"],
            in: folder)
    }

    private static func batches(of series: Int, _ stand: Stand) throws -> [(count: Int, times: Int)] {
        var books = BooksAccount()
        var batches: [(count: Int, times: Int)] = []
        try books.eachThing(stand, on: "cardBatches") { deed in
            let parts = deed.key.split(separator: "/").compactMap { Int($0) }
            if parts.count == 2, parts[0] == series { batches.append((parts[1], deed.times)) }
        }
        return batches
    }
}
