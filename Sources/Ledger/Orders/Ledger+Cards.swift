import Foundation
import GRDB
package import Model

/// Cards that are expected of one series.
package struct CardLine: Sendable, Codable, Equatable {
    package var series: Int
    package var count: Int
    package var label: String?

    package init(series: Int, count: Int, label: String?) {
        self.series = series
        self.count = count
        self.label = label
    }
}

/// An order of cards.
package struct CardOrder: Sendable, Equatable {
    package enum State: String, Sendable { case open, finished, abandoned }
    package var number: Int64
    package var org: String
    package var connection: String
    package var path: String
    package var lines: [CardLine]
    package var state: State
}

/// One call of it.
package struct CardCall: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Its intent is durable, and nothing is known of its answer.
        case pending
        /// The answer's numbers are here.
        case answered
        /// It certainly made nothing.
        case undone
        /// The same: the server says no.
        case refused
        /// The answer was lost, and its cards exist.
        case stranded
        /// Nobody can tell: a person decides.
        case held
    }
    package var number: Int64
    package var order: Int64
    package var line: Int
    package var series: Int
    package var count: Int
    package var state: State
    package var started: Timestamp
    /// Entries that the server's log had before it.
    package var known: Set<String>
    package var received: Int
    package var stranded: Int
    package var note: String?
}

/// How a call ended.
package struct CardCallEnd: Sendable {
    package var state: CardCall.State
    package var reply: [UInt8]?
    package var received = 0
    package var stranded = 0
    package var entry: String?
    package var note: String?

    package init(
        _ state: CardCall.State, reply: [UInt8]? = nil, received: Int = 0, stranded: Int = 0,
        entry: String? = nil, note: String? = nil
    ) {
        self.state = state
        self.reply = reply
        self.received = received
        self.stranded = stranded
        self.entry = entry
        self.note = note
    }
}

extension Ledger {
    /// The newest order for that file that was not given up.
    package func cardOrder(to path: String) throws -> CardOrder? {
        try pool.read { db in
            try Row.fetchOne(
                db,
                sql:
                    "SELECT * FROM card_order WHERE path = ? AND state != 'abandoned' ORDER BY id DESC",
                arguments: [path]
            ).flatMap(Self.order)
        }
    }

    package func beginCards(
        org: String, connection: String, path: String, lines: [CardLine], at: Timestamp
    ) async throws -> CardOrder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let wanted = String(decoding: try encoder.encode(lines), as: UTF8.self)
        return try await writer.write { context in
            try context.db.execute(
                sql: """
                    INSERT INTO card_order (org, connection, path, wanted, started, state)
                    VALUES (?, ?, ?, ?, ?, 'open')
                    """, arguments: [org, connection, path, wanted, at.milliseconds])
            return CardOrder(
                number: context.db.lastInsertedRowID, org: org, connection: connection, path: path,
                lines: lines, state: .open)
        }
    }

    /// The orders that are not ended, the oldest first.
    package func openCardOrders() throws -> [CardOrder] {
        try pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM card_order WHERE state = 'open' ORDER BY id")
                .compactMap(Self.order)
        }
    }

    package func endCards(_ order: Int64, _ state: CardOrder.State, at: Timestamp) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: "UPDATE card_order SET state = ?, ended = ? WHERE id = ?",
                arguments: [state.rawValue, at.milliseconds, order])
        }
    }

    /// Makes the intent of a call durable.
    ///
    /// - Returns: Its number; nil where another call for the series is pending, of whichever order.
    package func intendCards(
        _ order: CardOrder, line: Int, series: Int, count: Int, known: Set<String>, at: Timestamp
    ) async throws -> Int64? {
        let (call, counter) = try await writer.write { context -> (Int64?, Int64) in
            try context.db.execute(
                sql: """
                    INSERT INTO card_call (card_order, line, org, series, count, state, started, known)
                    VALUES (?, ?, ?, ?, ?, 'pending', ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    order.number, line, order.org, series, count, at.milliseconds,
                    known.sorted().joined(separator: " "),
                ])
            let call = context.db.changesCount > 0 ? context.db.lastInsertedRowID : nil
            return (call, try Self.raise(context.db).counter)
        }
        try note(counter)
        return call
    }

    /// Removes the answers of orders that ended before: the numbers are in their files.
    ///
    /// - Returns: Of how many calls.
    func pruneCards(endedBefore cutoff: Timestamp) async throws -> Int {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    UPDATE card_call SET reply = NULL WHERE reply IS NOT NULL AND card_order IN
                        (SELECT id FROM card_order WHERE state != 'open' AND ended < ?)
                    """, arguments: [cutoff.milliseconds])
            return context.db.changesCount
        }
    }

    /// Whether the answers of an order were removed.
    package func isPruned(cards order: Int64) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM card_call
                        WHERE card_order = ? AND state = 'answered' AND reply IS NULL)
                    """, arguments: [order]) ?? false
        }
    }

    package func settleCards(_ call: Int64, _ end: CardCallEnd, at: Timestamp) async throws {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    UPDATE card_call SET state = ?, ended = ?, reply = ?, received = ?, stranded = ?, entry = ?,
                        note = ? WHERE id = ?
                    """,
                arguments: [
                    end.state.rawValue, at.milliseconds, end.reply.map { Data($0) }, end.received,
                    end.stranded, end.entry, end.note, call,
                ])
        }
    }

    package func cardCalls(of order: Int64) throws -> [CardCall] {
        try calls("card_order = ?", [order])
    }

    /// The call whose answer has that number, and its order.
    package func cardCall(of number: String) throws -> (call: CardCall, order: CardOrder)? {
        let quoted = Data(("\"" + number + "\"").utf8)
        guard let call = try calls("state = 'answered' AND instr(reply, ?) > 0", [quoted]).first else {
            return nil
        }
        return try pool.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM card_order WHERE id = ?", arguments: [call.order]
            ).flatMap(Self.order)
        }.map { (call, $0) }
    }

    /// The call for a series that is in the way of another.
    package func pendingCards(org: String, series: Int) throws -> CardCall? {
        try calls("org = ? AND series = ? AND state IN ('pending', 'held')", [org, series]).first
    }

    /// The calls for a series whose answers came.
    package func answeredCards(org: String, series: Int) throws -> [CardCall] {
        try calls("org = ? AND series = ? AND state = 'answered'", [org, series])
    }

    /// How many calls there were for a series, and how many cards the last one requested.
    package func cardHistory(org: String, series: Int) throws -> (calls: Int, last: Int?) {
        try pool.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), max(id) FROM card_call WHERE org = ? AND series = ?",
                arguments: [org, series])
            let last = try Int.fetchOne(
                db, sql: "SELECT count FROM card_call WHERE id = ?", arguments: [row?[1] as Int64?])
            return (row?[0] ?? 0, last)
        }
    }

    /// The log's entries that calls of a series have been found to be.
    package func claimedEntries(org: String, series: Int) throws -> Set<String> {
        try pool.read { db in
            try String.fetchSet(
                db,
                sql: "SELECT entry FROM card_call WHERE org = ? AND series = ? AND entry IS NOT NULL",
                arguments: [org, series])
        }
    }

    /// Hands the answers with numbers over, in the order of their calls.
    package func eachCardReply(
        of order: Int64, _ body: (_ line: Int, _ reply: [UInt8]) throws -> Void
    ) throws {
        try pool.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT line, reply FROM card_call
                    WHERE card_order = ? AND state = 'answered' AND reply IS NOT NULL ORDER BY line, id
                    """, arguments: [order])
            while let row = try rows.next() { try body(row[0], Array(row[1] as Data)) }
        }
    }

    private func calls(_ clause: String, _ arguments: StatementArguments) throws -> [CardCall] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, card_order, line, series, count, state, started, known, received, stranded, note
                    FROM card_call WHERE \(clause) ORDER BY id
                    """, arguments: arguments
            ).compactMap { row in
                guard let state = CardCall.State(rawValue: row["state"]) else { return nil }
                let known = (row["known"] as String).split(separator: " ").map(String.init)
                return CardCall(
                    number: row["id"], order: row["card_order"], line: row["line"],
                    series: row["series"], count: row["count"], state: state,
                    started: Timestamp(milliseconds: row["started"]), known: Set(known),
                    received: row["received"], stranded: row["stranded"], note: row["note"])
            }
        }
    }

    private static func order(_ row: Row) throws -> CardOrder? {
        let wanted = Data((row["wanted"] as String).utf8)
        let lines = try JSONDecoder().decode([CardLine].self, from: wanted)
        return CardOrder.State(rawValue: row["state"]).map {
            CardOrder(
                number: row["id"], org: row["org"], connection: row["connection"], path: row["path"],
                lines: lines, state: $0)
        }
    }
}
